import { OstreeError, readCommit, verifiesNatively, verifyCommit, verifyNatively } from "@treeline/ostree";

/** The host's own ostree as a second judge, where it was built with ed25519. */
export interface NativeVerification {
  /** Whether this host's ostree can check ed25519 signatures. */
  available(options: { readonly signal?: AbortSignal | undefined }): Promise<boolean>;
  /** @throws OstreeError `signature` when none of the keys signed the commit */
  verify(options: { readonly repo: string; readonly checksum: string; readonly keys: readonly string[]; readonly signal?: AbortSignal | undefined }): Promise<void>;
}

export const hostOstree: NativeVerification = { available: verifiesNatively, verify: verifyNatively };

/**
 * Requires that a key which this host trusts now has signed the commit in its own repository: by OpenSSL, and by ostree itself where it can. Both must
 * say so, since either may have a fault of its own.
 * @throws OstreeError `signature` when it is not signed so
 */
export async function requireSignature(
  checksum: string,
  options: {
    readonly repo: string;
    /** The keys that may sign now. */
    readonly trustedKeys: () => Promise<readonly string[]>;
    readonly native?: NativeVerification;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<void> {
  const { repo, trustedKeys, native = hostOstree, signal } = options;
  const keys = await trustedKeys();
  const verification = verifyCommit({ ...(await readCommit({ repo, checksum })), checksum, trustedKeys: keys });
  if (!verification.ok) {
    const { reason, remedy } = refusals[verification.reason];
    const noKeys = keys.length === 0 ? " (this host trusts no release key now)" : "";
    throw new OstreeError({ code: "signature", phase: "verify", subject: checksum, reason: `${reason}${noKeys}`, remedy });
  }
  if (await native.available({ signal })) await native.verify({ repo, checksum, keys, signal });
}

const signAgain =
  "Sign the release with a key this host trusts now (none that is retired or outside its window), or give the host the key: by a key rotation, in its image, or with its enrollment token.";
const refusals = {
  unsigned: { reason: "the commit is not signed", remedy: signAgain },
  "untrusted-key": { reason: "the commit is not signed by any key this host trusts", remedy: signAgain },
  malformed: { reason: "the commit's signatures cannot be read", remedy: "Sign the release again." },
  "checksum-mismatch": { reason: "the commit's bytes are not the commit that was named", remedy: "Run `ostree fsck` on this host and on the content server." },
} as const;
