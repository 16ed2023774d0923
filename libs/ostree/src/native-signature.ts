import { requireChecksum } from "./argument.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/** The features that `ostree --version` lists, such as `gpgme` and `sign-ed25519`. Pure. */
export function parseFeatures(text: string): readonly string[] {
  const features = text.split(/^\s*Features:$/m)[1] ?? "";
  return [...features.matchAll(/^\s*-\s*(\S+)$/gm)].map(([, name]) => name ?? "");
}

/** Whether this host's ostree can check ed25519 signatures itself. Debian's cannot, Fedora's can. @throws OstreeError */
export async function verifiesNatively(options: Cancellable = {}): Promise<boolean> {
  const { stdout } = await ostree({ args: ["--version"], phase: "read features", subject: "ostree", signal: options.signal });
  return parseFeatures(stdout).includes("sign-ed25519");
}

/**
 * Has ostree itself check that one of `keys` signed the commit in `repo`. Without keys ostree would take those of its own directories
 * (/etc/ostree/trusted.ed25519.d), which are not ours: so none are an error here. @throws OstreeError `signature` when none signed it; RangeError
 */
export async function verifyNatively(
  options: { readonly repo: string; readonly checksum: string; readonly keys: readonly string[] } & Cancellable,
): Promise<void> {
  const { repo, keys, signal } = options;
  if (keys.length === 0) throw new RangeError("keys: none. Without a key to check against nothing is signed; do not ask ostree.");
  const checksum = requireChecksum(options.checksum, "verify natively");
  await ostree({
    args: ["sign", `--repo=${repo}`, "--verify", "--sign-type=ed25519", checksum, ...keys],
    phase: "verify natively",
    subject: checksum,
    signal,
  });
}
