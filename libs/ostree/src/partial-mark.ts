import { open } from "node:fs/promises";
import { join } from "node:path";
import { requireChecksum } from "./argument.ts";
import { inPrivateNamespace } from "./mount-namespace.ts";
import { runTool } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/** Marks the file at $1, creating it where needed, after making the mount at $2 writable in this namespace only. */
const markScript = 'mount -o remount,bind,rw "$2" && : >> "$1"';

/**
 * Marks a commit as not complete, which makes the next pull of it look at every object it refers to and fetch what lacks. ostree has no command for
 * this, and it is the one file in a repository that we write: without the mark a pull trusts a commit that is there, holes and all.
 * `mount` is where the repository's file system is mounted when it is read-only (a booted host). @throws OstreeError
 */
export async function markPartial(
  options: { readonly repo: string; readonly checksum: string; readonly mount?: string } & Cancellable,
): Promise<void> {
  const checksum = requireChecksum(options.checksum, "mark partial");
  const path = join(options.repo, "state", `${checksum}.commitpartial`);
  try {
    await (await open(path, "a")).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EROFS") throw error;
    const shell = inPrivateNamespace("/bin/sh", ["-c", markScript, "mark", path, options.mount ?? "/sysroot"]);
    await runTool({ ...shell, phase: "mark partial", subject: checksum, signal: options.signal });
  }
}
