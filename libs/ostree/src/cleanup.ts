import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ostree, sysrootArgs, sysrootPath } from "./ostree.ts";
import { hasCommit } from "./read-commit.ts";
import { underSysrootLock } from "./sysroot-lock.ts";
import type { Lockable } from "./sysroot-lock.ts";

/**
 * Frees what nothing holds: objects that no ref and no deployment reaches, what is left of pulls and deploys that were cut off (measured: those of this boot, too),
 * kernels of deployments that are gone. ostree walks through everything that is held for it, so it is asked for with a reason. @throws OstreeError locked, and whatever ostree says
 */
export async function cleanup(options: { readonly sysroot?: string | undefined } & Lockable): Promise<void> {
  const { sysroot, lockFile, held, signal } = options;
  const subject = { phase: "cleanup", subject: sysrootPath(sysroot) };
  const args = ["admin", "cleanup", ...sysrootArgs(sysroot)];
  await underSysrootLock({ lockFile, held, signal, ...subject }, (descriptor) => ostree({ args, descriptor, signal, ...subject }));
}

/** Whether a pull that did not end left something in a repository: objects not yet in their place, or a commit that ostree knows to be incomplete. */
export async function hasLeftovers(repo: string): Promise<boolean> {
  const names = async (folder: string): Promise<readonly string[]> =>
    await readdir(join(repo, folder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw error;
    });
  if ((await names("tmp")).some((name) => name.startsWith("staging-"))) return true;
  const marked = (await names("state")).flatMap((name) => /^([0-9a-f]{64})\.commitpartial$/.exec(name)?.[1] ?? []);
  for (const checksum of marked) {
    // A mark whose commit is gone is an empty file that ostree leaves for ever: no reason to look for more.
    if (await hasCommit(repo, checksum)) return true;
  }
  return false;
}
