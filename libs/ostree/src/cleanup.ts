import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ostree, sysrootArgs, sysrootPath } from "./ostree.ts";
import { hasCommit } from "./read-commit.ts";
import type { Cancellable } from "./ostree.ts";

/**
 * Frees what nothing holds: objects that no ref and no deployment reaches, what is left of pulls and deploys that were cut off (measured: those of this boot, too),
 * kernels of deployments that are gone. ostree walks through everything that is held for it, so it is asked for with a reason. @throws OstreeError
 */
export async function cleanup(options: { readonly sysroot?: string | undefined } & Cancellable): Promise<void> {
  const { sysroot, signal } = options;
  await ostree({ args: ["admin", "cleanup", ...sysrootArgs(sysroot)], phase: "cleanup", subject: sysrootPath(sysroot), signal });
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
