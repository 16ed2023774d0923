import { lstat, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import type { OsState } from "@treeline/fleet";
import { kernelOf, resolveInTree } from "@treeline/ostree";
import { targetFindings, type Finding, type StartPath } from "@treeline/upgrade";
import { readSpaceFacts } from "./preflight.ts";

export interface TargetCheckOptions {
  readonly repo: string;
  readonly sysroot?: string | undefined;
  readonly os: OsState;
  readonly checksum: string;
  readonly stateDirectory: string;
  readonly mustStart: readonly StartPath[];
  /** Where the host's own files are looked for; for tests. */
  readonly root?: string | undefined;
  readonly signal: AbortSignal;
}

/** What can be said against a release only once it lies in the repository, and must be before `staged`. @throws OstreeError */
export async function checkTarget(options: TargetCheckOptions): Promise<readonly Finding[]> {
  const absent: StartPath[] = [];
  for (const start of options.mustStart) if (!(await isThereAfterBoot(start.path, options))) absent.push(start);
  return targetFindings({ absent, space: await readSpaceFacts(options), kernelBytes: await kernelBytes(options) });
}

/**
 * Whether a file will be there after the boot into a commit. /usr comes from the commit. /etc is merged: what is local stays, what the commit has comes, and what
 * only the deployment that runs has had, unchanged, goes. Everything else, /var above all, stays as it is. Links are followed as they are in the commit: where
 * its /usr/local leads to /var, that is where the file must be.
 */
async function isThereAfterBoot(path: string, { repo, checksum, root = "/", signal }: TargetCheckOptions): Promise<boolean> {
  const inTree = async (at: string) => await resolveInTree({ repo, checksum, path: at, signal });
  const found = await inTree(path);
  if (found.entry?.kind === "file") return true;
  if (found.path.startsWith("/etc/")) return (await inTree(`/usr${found.path}`)).entry?.kind === "file" || (await isLocal(found.path, root));
  if (found.path.startsWith("/usr/")) return false;
  return await stat(join(root, found.path)).then(
    (file) => file.isFile(),
    () => false,
  );
}

/** Whether a file in /etc is somebody's own: not as the deployment that runs had it. */
async function isLocal(path: string, root: string): Promise<boolean> {
  const here = await contentOf(join(root, path));
  return here !== null && here !== (await contentOf(join(root, "usr", path)));
}

/** Larger than any unit or program text in /etc; above it a file counts as changed. */
const mostCompared = 1024 * 1024;

async function contentOf(path: string): Promise<string | null> {
  try {
    const file = await lstat(path);
    if (file.isSymbolicLink()) return `link ${await readlink(path)}`;
    return file.size > mostCompared ? `${path} ${file.size}` : `file ${await readFile(path, "latin1")}`;
  } catch {
    return null;
  }
}

/** What the commit's kernel will take on /boot; 0: a deployment here has the same. */
async function kernelBytes({ repo, checksum, os, signal }: TargetCheckOptions): Promise<number | undefined> {
  const kernel = await kernelOf({ repo, checksum, signal });
  if (kernel === undefined) return undefined;
  const deployed = new Set(os.deployments.filter(({ staged }) => !staged).map((deployment) => deployment.checksum));
  for (const other of deployed) if ((await kernelOf({ repo, checksum: other, signal }))?.id === kernel.id) return 0;
  return kernel.bytes;
}
