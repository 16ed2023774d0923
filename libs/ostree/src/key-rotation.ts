import { sign, verify } from "node:crypto";
import { KeyFormatError, parsePublicKey, privateKeyObject, publicKeyObject, publicKeyOf } from "./signature.ts";
import type { TrustedKey } from "./trusted-key.ts";

/**
 * The key rotation document: JSON that says which keys sign releases from now on and which never again, with ed25519 signatures by keys that are trusted
 * already. Pure.
 *
 * What is signed are the canonical bytes of everything but the signatures: JSON without white space, names in alphabetical order, instants as
 * `2026-01-31T00:00:00.000Z`. All text in it is ASCII, so this is also its form under RFC 8785. It begins with the document's kind, which no commit does.
 *
 * The form is strict: whoever does not know a field cannot know what it was signed to mean. Another `apiVersion` is an error of its own
 * (`unknown-version`), so that an older program can pass such a document over.
 */

const apiVersion = "treeline/v1";
const kind = "KeyRotation";

/** How large a document may be, in bytes and entries: it comes from outside, is stored for ever and is sent to every host at every connect. */
export const rotationLimits = { bytes: 16_384, trust: 16, retire: 64, signatures: 8 } as const;

export interface KeyRotation {
  /** From 1; a host follows only higher ones than it has followed. */
  readonly serial: number;
  /** When it was made, milliseconds since the epoch. */
  readonly issuedAt: number;
  /** Keys to trust, each with its window; for one that is trusted already, its new window. */
  readonly trust: readonly TrustedKey[];
  /** Keys that are never to be trusted again. */
  readonly retire: readonly string[];
}

export interface RotationSignature {
  readonly key: string;
  /** 64 bytes, base64. */
  readonly signature: string;
}

export interface SignedRotation {
  readonly rotation: KeyRotation;
  readonly signatures: readonly RotationSignature[];
}

/** A document that is not a key rotation, or not one this program understands. `subject` is the field. */
export class RotationError extends Error {
  override readonly name = "RotationError";
  readonly code: "malformed" | "unknown-version" | "too-large";
  readonly phase = "read key rotation";
  readonly subject: string;

  constructor(code: RotationError["code"], subject: string, reason: string, remedy = "Make it with `treeline release rotate-keys`.") {
    super(`key rotation: ${subject} ${reason}. ${remedy}`);
    this.code = code;
    this.subject = subject;
  }
}

/** The bytes that signatures are over. @throws RotationError when `rotation` cannot be such a document */
export function rotationBytes(rotation: KeyRotation): Uint8Array {
  return Buffer.from(JSON.stringify(canonical(checkedRotation(rotation))));
}

/** @throws RotationError, KeyFormatError */
export function signRotation(rotation: KeyRotation, secretKey: string): RotationSignature {
  const signature = sign(null, rotationBytes(rotation), privateKeyObject(secretKey)).toString("base64");
  return { key: publicKeyOf(secretKey), signature };
}

/** Those of `keys` that signed it. Never throws for what `readRotation` returned. */
export function rotationSigners({ rotation, signatures }: SignedRotation, keys: readonly string[]): readonly string[] {
  const bytes = rotationBytes(rotation);
  return keys.filter((key) => {
    const publicKey = publicKeyObject(key);
    return (
      publicKey !== null &&
      signatures.some((made) => made.key === key && verify(null, bytes, publicKey, Buffer.from(made.signature, "base64")))
    );
  });
}

/** The document as text, with a line break at its end. @throws RotationError */
export function writeRotation({ rotation, signatures }: SignedRotation): string {
  const document = { ...canonical(checkedRotation(rotation)), signatures: checkedSignatures(signatures) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** @throws RotationError */
export function readRotation(document: Uint8Array): SignedRotation {
  if (document.length > rotationLimits.bytes)
    throw new RotationError("too-large", "document", `has ${document.length} bytes, and at most ${rotationLimits.bytes} are allowed`);
  const fields = record(parsed(document), "document");
  if (fields["kind"] !== kind) throw malformed("kind", `must be ${kind}`);
  if (fields["apiVersion"] !== apiVersion)
    throw new RotationError("unknown-version", "apiVersion", `must be ${apiVersion}`, "A newer version of this program may understand it.");
  requireOnly(fields, "document", ["apiVersion", "kind", "serial", "issuedAt", "trust", "retire", "signatures"]);
  const rotation = checkedRotation({
    serial: fields["serial"] as number,
    issuedAt: instant(fields["issuedAt"], "issuedAt"),
    trust: list(fields["trust"], "trust", rotationLimits.trust).map((entry, i) => readTrust(entry, `trust[${i}]`)),
    retire: list(fields["retire"], "retire", rotationLimits.retire).map((entry, i) => text(entry, `retire[${i}]`)),
  });
  const signatures = list(fields["signatures"], "signatures", rotationLimits.signatures).map((entry, i) => {
    const signature = record(entry, `signatures[${i}]`);
    requireOnly(signature, `signatures[${i}]`, ["key", "signature"]);
    return { key: text(signature["key"], `signatures[${i}].key`), signature: text(signature["signature"], `signatures[${i}].signature`) };
  });
  return { rotation, signatures: checkedSignatures(signatures) };
}

function canonical({ serial, issuedAt, trust, retire }: KeyRotation): object {
  return {
    apiVersion,
    issuedAt: new Date(issuedAt).toISOString(),
    kind,
    retire,
    serial,
    trust: trust.map(({ key, notAfter, notBefore }) => ({
      key,
      ...(notAfter === undefined ? {} : { notAfter: new Date(notAfter).toISOString() }),
      ...(notBefore === undefined ? {} : { notBefore: new Date(notBefore).toISOString() }),
    })),
  };
}

/** What both directions hold to: nothing is signed that could not be read. */
function checkedRotation(rotation: KeyRotation): KeyRotation {
  const { serial, issuedAt, trust, retire } = rotation;
  if (!Number.isSafeInteger(serial) || serial < 1) throw malformed("serial", `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}`);
  requireInstant(issuedAt, "issuedAt");
  if (trust.length > rotationLimits.trust)
    throw malformed("trust", `has ${trust.length} keys; at most ${rotationLimits.trust} are allowed`);
  if (retire.length > rotationLimits.retire)
    throw malformed("retire", `has ${retire.length} keys; at most ${rotationLimits.retire} are allowed`);
  for (const [i, { key, notBefore, notAfter }] of trust.entries()) {
    requireKey(key, `trust[${i}].key`);
    if (notBefore !== undefined) requireInstant(notBefore, `trust[${i}].notBefore`);
    if (notAfter !== undefined) requireInstant(notAfter, `trust[${i}].notAfter`);
    if (notBefore !== undefined && notAfter !== undefined && notBefore > notAfter)
      throw malformed(`trust[${i}].notAfter`, "lies before its notBefore");
  }
  for (const [i, key] of retire.entries()) requireKey(key, `retire[${i}]`);
  const named = [...trust.map(({ key }) => key), ...retire];
  const twice = named.find((key, i) => named.indexOf(key) !== i);
  if (twice !== undefined) throw malformed("document", `names the key ${twice} twice`);
  return rotation;
}

function checkedSignatures(signatures: readonly RotationSignature[]): readonly RotationSignature[] {
  if (signatures.length === 0 || signatures.length > rotationLimits.signatures)
    throw malformed("signatures", `must be 1 to ${rotationLimits.signatures}`);
  for (const [i, { key, signature }] of signatures.entries()) {
    requireKey(key, `signatures[${i}].key`);
    const bytes = Buffer.from(signature, "base64");
    if (bytes.length !== 64 || bytes.toString("base64") !== signature)
      throw malformed(`signatures[${i}].signature`, "must be base64 of 64 bytes");
  }
  return signatures;
}

function readTrust(entry: unknown, at: string): TrustedKey {
  const fields = record(entry, at);
  requireOnly(fields, at, ["key", "notBefore", "notAfter"]);
  return {
    key: text(fields["key"], `${at}.key`),
    ...(fields["notBefore"] === undefined ? {} : { notBefore: instant(fields["notBefore"], `${at}.notBefore`) }),
    ...(fields["notAfter"] === undefined ? {} : { notAfter: instant(fields["notAfter"], `${at}.notAfter`) }),
  };
}

/** One spelling for each instant, as for each key: two texts must not mean the same. */
function instant(value: unknown, at: string): number {
  const millis = typeof value === "string" && value.length <= 32 ? Date.parse(value) : Number.NaN;
  if (!Number.isFinite(millis) || new Date(millis).toISOString() !== value)
    throw malformed(at, "must be an instant such as 2026-01-31T00:00:00.000Z");
  return millis;
}

/** Years of four digits: beyond them the text has another form. */
function requireInstant(millis: number, at: string): void {
  if (!Number.isSafeInteger(millis) || millis < 0 || millis >= Date.UTC(10_000, 0))
    throw malformed(at, "must be an instant from 1970 to 9999");
}

function requireKey(key: string, at: string): void {
  try {
    if (parsePublicKey(key) === key) return;
  } catch (error) {
    if (!(error instanceof KeyFormatError)) throw error;
  }
  throw malformed(at, "must be a public key: base64 of 32 bytes");
}

function parsed(document: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(document));
  } catch {
    throw malformed("document", "is not JSON");
  }
}

function record(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(at, "must be an object");
  return value as Record<string, unknown>;
}

function requireOnly(fields: Readonly<Record<string, unknown>>, at: string, known: readonly string[]): void {
  const strange = Object.keys(fields).find((name) => !known.includes(name));
  if (strange !== undefined) throw malformed(at, `has a field ${JSON.stringify(strange.slice(0, 64))} that is not known here`);
}

function list(value: unknown, at: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(at, "must be a list");
  if (value.length > max) throw malformed(at, `has ${value.length} entries; at most ${max} are allowed`);
  return value;
}

function text(value: unknown, at: string): string {
  if (typeof value !== "string") throw malformed(at, "must be text");
  return value;
}

function malformed(subject: string, reason: string): RotationError {
  return new RotationError("malformed", subject, reason);
}
