import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { requireName } from "./argument.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/** The real one (the content proxy, new for each pull) is given with every pull; a plain `ostree admin upgrade` by hand fails instead of going around us. */
const nowhere = "http://content.invalid";

/**
 * Makes sure the remote exists. Its URL leads nowhere. No GPG of its own: the ed25519 signature is checked by verifyCommit before anything is pulled, and
 * GPG has a remote of its own (ensureGpgRemote). INVARIANT: one that exists stays as it is; an operator who set `gpg-verify=true` on it keeps that.
 *
 * On a booted host ostree keeps this in /etc/ostree/remotes.d, which belongs to the deployment: after going back to an older one it may be missing
 * again, so call this before every pull. It needs no writable /sysroot. @throws OstreeError
 */
export async function ensureRemote(options: { readonly repo: string; readonly remote: string } & Cancellable): Promise<void> {
  await addRemote(options, ["--if-not-exists", "--no-gpg-verify"]);
}

/**
 * Makes the remote by which ostree checks GPG signatures, as the keyrings (NAME.asc, NAME.gpg) in `directories` are now; false, and nothing is made, where
 * there is none. Pull the metadata of a commit from it (pullMetadata): ostree refuses what no key of the keyrings signed. The content, which the checksum
 * covers, then comes from the other remote.
 *
 * Not on the remote that stands in the origin of deployments: with `gpg-verify=true` on that one `ostree admin status` (2022.7) checks every deployment of
 * it, and fails as a whole when one of them, such as the one a host was installed with, has no GPG signature. @throws OstreeError
 */
export async function ensureGpgRemote(
  options: { readonly repo: string; readonly remote: string; readonly directories: readonly string[] } & Cancellable,
): Promise<boolean> {
  const keyrings = (await Promise.all(options.directories.map(keyringsIn))).flat();
  if (keyrings.length === 0) return false;
  // Made anew each time: a keyring that was taken away must not count any more.
  await addRemote(options, ["--force", "--set=gpg-verify=true", `--set=gpgkeypath=${keyrings.join(";")}`]);
  return true;
}

async function addRemote(
  { repo, remote, signal }: { readonly repo: string; readonly remote: string } & Cancellable,
  flags: readonly string[],
): Promise<void> {
  const args = ["remote", "add", `--repo=${repo}`, ...flags, requireName(remote, "remote", "add remote"), nowhere];
  await ostree({ args, phase: "add remote", subject: remote, signal });
}

/** Whether a file of this name is a keyring. ostree takes a list of paths: a name with its separators in it would be several. */
export const isKeyring = (name: string): boolean => /^[^;,]+\.(?:asc|gpg)$/.test(name);

/** The GPG keyrings in a directory, which may be missing. */
export async function keyringsIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  });
  return names
    .filter(isKeyring)
    .toSorted()
    .map((name) => join(directory, name));
}
