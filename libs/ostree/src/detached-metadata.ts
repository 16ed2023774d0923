import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { objectPath, requireChecksum } from "./argument.ts";
import { readVardict } from "./gvariant.ts";
import { OstreeError } from "./ostree-error.ts";
import { runTool } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";
import { python } from "./python.ts";
import { readCommit } from "./read-commit.ts";

export interface WriteDetached extends Cancellable {
  readonly repo: string;
  readonly checksum: string;
  /** As addSignature returns it. */
  readonly commitmeta: Uint8Array;
}

/**
 * Puts detached metadata beside a commit, in place of what is there. Through libostree where its bindings are installed, which is the rule: we do not
 * write into repositories. The one exception is the laptop of somebody who signs releases: stock `ostree` has no command for it (`ostree sign`
 * is compiled out in Debian, and takes the secret key on its command line), and the bindings are not everywhere. There the file is written
 * the way libostree does it: a temporary file, fsync, rename.
 * Returns which way it went. @throws OstreeError bad-input, missing-object
 */
export async function writeDetached(options: WriteDetached): Promise<"libostree" | "file"> {
  const checksum = requireChecksum(options.checksum, "write commitmeta");
  if (readVardict(options.commitmeta) === null) {
    throw new OstreeError({
      code: "bad-input",
      phase: "write commitmeta",
      subject: checksum,
      reason: "commitmeta: not a serialised a{sv} in normal form",
      remedy: "Give what addSignature returned.",
    });
  }
  await readCommit({ repo: options.repo, checksum });
  try {
    await runTool({
      ...python("detached-metadata.py", [options.repo, checksum], options.commitmeta),
      phase: "write commitmeta",
      subject: checksum,
      signal: options.signal,
    });
    return "libostree";
  } catch (error) {
    if (!(error instanceof OstreeError) || error.code !== "tool-missing") throw error;
    await writeDetachedFile({ ...options, checksum });
    return "file";
  }
}

/** The way without libostree; use writeDetached. */
export async function writeDetachedFile(options: Omit<WriteDetached, "signal">): Promise<void> {
  const path = join(options.repo, objectPath(options.checksum, "commitmeta"));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      await file.writeFile(options.commitmeta);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(dirname(path));
  await folder.sync().finally(() => folder.close());
}
