import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { objectPath, requireChecksum } from "./argument.ts";
import { maxMetadataSize } from "./gvariant.ts";
import { OstreeError } from "./ostree-error.ts";

/** Whether a repository has the `.commit` of a commit. It says nothing about the content. */
export const hasCommit = (repo: string, checksum: string): Promise<boolean> =>
  access(join(repo, objectPath(checksum, "commit"))).then(
    () => true,
    () => false,
  );

/**
 * Whether a repository has a commit and ostree does not know it to be incomplete: of a commit whose metadata alone was fetched, or whose pull was interrupted,
 * ostree keeps a mark. It does not look at the content itself; `ostree fsck` does.
 */
export const hasWholeCommit = async (repo: string, checksum: string): Promise<boolean> =>
  (await hasCommit(repo, requireChecksum(checksum, "read commit"))) &&
  access(join(repo, "state", `${checksum}.commitpartial`)).then(
    () => false,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return true;
      throw error;
    },
  );

export const missingCommit = (options: { readonly repo: string; readonly checksum: string; readonly phase: string }): OstreeError =>
  new OstreeError({
    code: "missing-object",
    phase: options.phase,
    subject: options.checksum,
    reason: `the commit is not in ${options.repo}`,
    remedy: "Pull or publish it first.",
    retryable: true,
  });

export interface CommitFiles {
  /** The bytes of the `.commit` file; their SHA-256 is the checksum of the commit (verifyCommit checks that). */
  readonly commit: Uint8Array;
  /** The bytes of the `.commitmeta` file, null when the commit has none. */
  readonly commitmeta: Uint8Array | null;
}

/** Reads a commit as it lies in a repository; metadata objects look the same in bare and in archive repositories. @throws OstreeError missing-object */
export async function readCommit(options: { readonly repo: string; readonly checksum: string }): Promise<CommitFiles> {
  const checksum = requireChecksum(options.checksum, "read commit");
  const commit = await readObject(join(options.repo, objectPath(checksum, "commit")), checksum);
  if (commit === null) {
    throw missingCommit({ repo: options.repo, checksum, phase: "read commit" });
  }
  return { commit, commitmeta: await readObject(join(options.repo, objectPath(checksum, "commitmeta")), checksum) };
}

async function readObject(path: string, subject: string): Promise<Uint8Array | null> {
  try {
    const { size } = await stat(path);
    if (size > maxMetadataSize) {
      throw new OstreeError({
        code: "corrupt-object",
        phase: "read commit",
        subject,
        reason: `${path} has ${size} bytes, and ostree allows ${maxMetadataSize}`,
        remedy: "Run `ostree fsck` on this repository.",
      });
    }
    return await readFile(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cause;
  }
}
