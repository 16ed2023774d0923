import { requireName } from "./argument.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/**
 * Makes sure the remote exists. Its URL leads nowhere, because the real one (the content proxy, new for each pull) is given with every pull, and a plain
 * `ostree admin upgrade` by hand then fails instead of going around us. No GPG: the signature is checked by verifyCommit before anything is pulled.
 *
 * On a booted host ostree keeps this in /etc/ostree/remotes.d, which belongs to the deployment: after going back to an older one it may be missing
 * again, so call this before every pull. It needs no writable /sysroot. @throws OstreeError
 */
export async function ensureRemote(options: { readonly repo: string; readonly remote: string } & Cancellable): Promise<void> {
  const { repo, remote, signal } = options;
  await ostree({
    args: [
      "remote",
      "add",
      `--repo=${repo}`,
      "--if-not-exists",
      "--no-gpg-verify",
      requireName(remote, "remote", "add remote"),
      "http://content.invalid",
    ],
    phase: "add remote",
    subject: remote,
    signal,
  });
}
