import { rotationSigners } from "./key-rotation.ts";
import type { SignedRotation } from "./key-rotation.ts";

/**
 * Which keys a host trusts for releases, at which instant, and what a key rotation makes of that. Pure. Instants are milliseconds since the epoch.
 *
 * A host's trust has two sources. Its *base* is what an image, an administrator or the enrollment token put there; it may change with every boot, also
 * back to what it was years ago. Its *state* is what signed rotations made of it; it is kept where a way back does not reach it.
 *
 * INVARIANTS
 * - A key that was retired is never trusted again, whatever the base holds and whatever a later rotation says.
 * - The serial of the state only grows, and so does its set of retired keys.
 * - The state changes only by a rotation that was signed by a key which is trusted and inside its window, at the instant of judging and at the instant
 *   the rotation says it was issued at.
 * - Where base and state speak of the same key, the state's window holds: a base must not widen what a rotation narrowed.
 */

/** A public key (base64 of 32 bytes) and when it may sign. Both ends belong to the window; an end that is absent is open. */
export interface TrustedKey {
  readonly key: string;
  readonly notBefore?: number;
  readonly notAfter?: number;
}

/** What rotations made of a host's trust. */
export interface TrustState {
  /** Of the newest rotation that was followed; 0: of none. */
  readonly serial: number;
  /** The latest instant that a followed rotation was issued at: a clock that a signature vouches for. */
  readonly issuedAt: number;
  readonly keys: readonly TrustedKey[];
  readonly retired: readonly string[];
}

/** The trust of a host that has followed no rotation. */
export const untouchedTrust: TrustState = { serial: 0, issuedAt: 0, keys: [], retired: [] };

/** Far more keys than anyone has: a rotation beyond them is refused, because the state is written at each one and read at each verification. */
export const trustLimits = { keys: 64, retired: 1024 } as const;

/**
 * What time it is as far as the windows of keys are concerned: never before what signatures say has passed. `bootedCommit` is when the commit that
 * this host booted was made, if that is known. docs/keys.md has the reasoning.
 */
export function trustInstant(options: {
  readonly wallClock: number;
  readonly bootedCommit: number | undefined;
  readonly state: TrustState;
}): number {
  return Math.max(options.wallClock, options.bootedCommit ?? 0, options.state.issuedAt);
}

/** All keys of a host with their windows, retired ones left out. A key that stands twice in the base has only the time that both windows give it. */
export function trustedKeysOf(base: readonly TrustedKey[], state: TrustState): readonly TrustedKey[] {
  const retired = new Set(state.retired);
  const byKey = new Map<string, TrustedKey>();
  for (const entry of base) {
    const known = byKey.get(entry.key);
    byKey.set(entry.key, known === undefined ? entry : narrower(known, entry));
  }
  for (const entry of state.keys) byKey.set(entry.key, entry);
  return [...byKey.values()].filter(({ key }) => !retired.has(key));
}

/** Those of `keys` whose window holds `at`. */
export function keysValidAt(keys: readonly TrustedKey[], at: number): readonly string[] {
  return keys.filter((entry) => begun(entry, at) && !ended(entry, at)).map(({ key }) => key);
}

/**
 * Why a rotation is not followed. `stale`: its serial is not above the one reached (what every rotation is that was followed before).
 * Of those who signed it none counts: `bad-signature`: nobody signed what it says. `untrusted-signer`: strangers alone. `signer-retired`: a key
 * that was. `signer-ended`, `signer-not-begun`: a trusted key outside its window at the instant of judging. `issued-outside-window`: a trusted key
 * whose window does not hold the instant that the rotation gives itself.
 * `retired-key`: it would trust a retired key again. `leaves-none`: no key would be left that is or ever becomes valid, and nothing could mend that
 * from afar. `too-many`: see `trustLimits`.
 */
export type RotationRefusal = "stale" | SignerRefusal | "retired-key" | "leaves-none" | "too-many";
type SignerRefusal =
  | "bad-signature"
  | "untrusted-signer"
  | "signer-retired"
  | "signer-ended"
  | "signer-not-begun"
  | "issued-outside-window";

export type RotationResult =
  | { readonly ok: true; readonly state: TrustState; /** The trusted key that signed it. */ readonly signer: string }
  | { readonly ok: false; readonly reason: RotationRefusal };

/** What following `signed` makes of `state`. `at` is what `trustInstant` says. */
export function applyRotation(options: {
  readonly base: readonly TrustedKey[];
  readonly state: TrustState;
  readonly signed: SignedRotation;
  readonly at: number;
}): RotationResult {
  const { base, state, signed, at } = options;
  const { serial, issuedAt, trust, retire } = signed.rotation;
  const refused = (reason: RotationRefusal): RotationResult => ({ ok: false, reason });
  if (serial <= state.serial) return refused("stale");

  const trusted = trustedKeysOf(base, state);
  const then = new Set(keysValidAt(trusted, issuedAt));
  const [signer] = rotationSigners(
    signed,
    keysValidAt(trusted, at).filter((key) => then.has(key)),
  );
  if (signer === undefined) return refused(signerRefusal({ signed, trusted, retired: state.retired, at }));

  if (trust.some(({ key }) => state.retired.includes(key))) return refused("retired-key");
  const retired = [...new Set([...state.retired, ...retire])];
  const named = new Set([...trust.map(({ key }) => key), ...retire]);
  const keys = [...state.keys.filter(({ key }) => !named.has(key)), ...trust];
  if (keys.length > trustLimits.keys || retired.length > trustLimits.retired) return refused("too-many");
  const next: TrustState = { serial, issuedAt: Math.max(state.issuedAt, issuedAt), keys, retired };
  const left = trustedKeysOf(base, next).some((entry) => !ended(entry, Math.max(at, issuedAt)));
  return left ? { ok: true, state: next, signer } : refused("leaves-none");
}

/** Of a rotation that is signed by nobody who counts: what came nearest to counting, which is what a person has to mend. */
function signerRefusal(options: {
  readonly signed: SignedRotation;
  readonly trusted: readonly TrustedKey[];
  readonly retired: readonly string[];
  readonly at: number;
}): SignerRefusal {
  const { signed, trusted, retired, at } = options;
  const claimed = new Set(signed.signatures.map(({ key }) => key));
  const signers = new Set(rotationSigners(signed, [...claimed]));
  const known = trusted.filter(({ key }) => signers.has(key));
  if (keysValidAt(known, at).length > 0) return "issued-outside-window";
  if (known.some((entry) => !begun(entry, at))) return "signer-not-begun";
  if (known.length > 0) return "signer-ended";
  if (retired.some((key) => signers.has(key))) return "signer-retired";
  return signers.size > 0 ? "untrusted-signer" : "bad-signature";
}

const begun = ({ notBefore }: TrustedKey, at: number): boolean => notBefore === undefined || at >= notBefore;
const ended = ({ notAfter }: TrustedKey, at: number): boolean => notAfter !== undefined && at > notAfter;

function narrower(a: TrustedKey, b: TrustedKey): TrustedKey {
  const notBefore = bound(Math.max, a.notBefore, b.notBefore);
  const notAfter = bound(Math.min, a.notAfter, b.notAfter);
  return { key: a.key, ...(notBefore === undefined ? {} : { notBefore }), ...(notAfter === undefined ? {} : { notAfter }) };
}

function bound(pick: (a: number, b: number) => number, a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : pick(a, b);
}
