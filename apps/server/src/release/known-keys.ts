import { applyRotation, keysValidAt, readRotation, trustedKeysOf, trustInstant, untouchedTrust } from "@treeline/ostree";
import type { KeyRotationRecord } from "@treeline/fleet";

export interface KnownTrust {
  /** The keys that may sign now. */
  readonly valid: readonly string[];
  /** The keys that never may again. */
  readonly retired: readonly string[];
}

/**
 * The release keys that this server knows to be trusted by hosts: those of its configuration and of enrollment tokens, and what the stored rotations made
 * of them, judged as a host would. It saves people from publishing what no host would take; no host relies on it.
 */
export function knownTrust(options: { readonly configured: readonly string[]; readonly rotations: Iterable<KeyRotationRecord>; readonly now: number }): KnownTrust {
  const base = options.configured.map((key) => ({ key }));
  const state = [...options.rotations]
    .sort((a, b) => a.serial - b.serial)
    .reduce((before, { document }) => {
      // It was true when it was published: what has expired since has made room for what it named.
      const signed = readRotation(Buffer.from(document));
      const result = applyRotation({ base, state: before, signed, at: signed.rotation.issuedAt });
      return result.ok ? result.state : before;
    }, untouchedTrust);
  const at = trustInstant({ wallClock: options.now, bootedCommit: undefined, state });
  return { valid: keysValidAt(trustedKeysOf(base, state), at), retired: state.retired };
}
