/**
 * On a booted host /sysroot is read-only for everyone. ostree's own commands that change it remount it in a mount namespace of their own; the few
 * things that are done without an `ostree` command need the same.
 */

/** `command args` in a private mount namespace, where it may remount what it likes without anybody else seeing it. */
export function inPrivateNamespace(
  command: string,
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  return { command: "unshare", args: ["--mount", "--propagation", "private", command, ...args] };
}
