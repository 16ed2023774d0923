import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readByteArrays, readVardict, writeByteArrays, writeVardict } from "./gvariant.ts";

/**
 * ostree's own ed25519 signatures, made and checked without ostree: distributions build it without libsodium, and release keys must work on a laptop
 * that has no ostree at all. Format: a plain Ed25519 signature over the bytes of the `.commit` file, kept in the detached metadata (`.commitmeta`)
 * under `ostree.sign.ed25519` as an array of byte strings. Hosts whose ostree has `sign-ed25519` accept what is written here, and the other way round.
 *
 * Keys are text, as `ostree sign` takes them: public = base64 of 32 bytes; secret = base64 of 64 bytes (seed, then public key).
 */

const signatureKey = "ostree.sign.ed25519";
const signatureType = "aay";
const signatureSize = 64;
/** More signatures than anyone has keys: each costs a check per trusted key, so a hostile file must not choose the number. */
const maxSignatures = 64;

const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

/** A key text that is not a key. The message never holds the text itself. */
export class KeyFormatError extends Error {
  override readonly name = "KeyFormatError";
  readonly code = "key-format";
  readonly phase = "read key";
  readonly subject: "public key" | "secret key";

  constructor(subject: "public key" | "secret key", reason: string) {
    super(
      `${subject}: ${reason}. Give a key as \`ostree sign\` takes it: base64 of ${subject === "public key" ? 32 : 64} bytes on one line.`,
    );
    this.subject = subject;
  }
}

/** A commit's detached metadata that nothing could be added to. */
export class CommitMetaError extends Error {
  override readonly name = "CommitMetaError";
  readonly code = "malformed";
  readonly phase = "read commitmeta";
  readonly subject: string;

  constructor(subject: string) {
    super(`commitmeta: ${subject}. Delete the .commitmeta file of this commit and sign the release again.`);
    this.subject = subject;
  }
}

export interface KeyPair {
  readonly publicKey: string;
  /** Never log it, never put it on a command line. */
  readonly secretKey: string;
}

/** A fresh Ed25519 key pair in ostree's text form. */
export function generateKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync("ed25519");
  const seed = privateKey.export({ format: "der", type: "pkcs8" }).subarray(pkcs8Prefix.length);
  const publicKey = rawPublicKey(privateKey);
  return { publicKey: publicKey.toString("base64"), secretKey: Buffer.concat([seed, publicKey]).toString("base64") };
}

/** Checks a public key text and returns it without white space around it. Use it where configuration is read. @throws KeyFormatError */
export function parsePublicKey(text: string): string {
  const bytes = decodeBase64(text.trim());
  if (bytes?.length !== 32) throw new KeyFormatError("public key", bytes ? `has ${bytes.length} bytes, not 32` : "is not base64");
  return text.trim();
}

/** The public half of a secret key text. @throws KeyFormatError */
export function publicKeyOf(secretKey: string): string {
  return rawPublicKey(privateKeyObject(secretKey)).toString("base64");
}

/** The signature (64 bytes) over the bytes of a `.commit` file. @throws KeyFormatError */
export function signCommit(commit: Uint8Array, secretKey: string): Uint8Array {
  return sign(null, commit, privateKeyObject(secretKey));
}

/**
 * The detached metadata `commitmeta` (null: there is none yet) with `signature` added. Other entries and other signatures stay as they are;
 * a signature that is already there is not added again. @throws CommitMetaError when `commitmeta` cannot be read
 */
export function addSignature(commitmeta: Uint8Array | null, signature: Uint8Array): Uint8Array {
  if (signature.length !== signatureSize)
    throw new RangeError(`signature: ${signature.length} bytes, not ${signatureSize}. Give what signCommit returned.`);
  const entries = commitmeta === null || commitmeta.length === 0 ? [] : readVardict(commitmeta);
  const signatures = commitmeta === null ? [] : signaturesOf(commitmeta);
  if (entries === null || signatures === null) throw new CommitMetaError("cannot be read");
  if (signatures.some((known) => Buffer.compare(known, signature) === 0)) return writeVardict(entries);
  if (signatures.length >= maxSignatures) throw new CommitMetaError(`already holds ${maxSignatures} signatures`);
  const entry = { key: signatureKey, type: signatureType, value: writeByteArrays([...signatures, signature]) };
  const known = entries.some(({ key }) => key === signatureKey);
  return writeVardict(known ? entries.map((old) => (old.key === signatureKey ? entry : old)) : [...entries, entry]);
}

/** The ed25519 signatures in a `.commitmeta`; null when the bytes are not detached metadata, or hold something else where signatures belong. */
export function signaturesOf(commitmeta: Uint8Array): readonly Uint8Array[] | null {
  const entries = readVardict(commitmeta);
  if (!entries) return null;
  const entry = entries.find(({ key }) => key === signatureKey);
  if (!entry) return [];
  if (entry.type !== signatureType) return null;
  const signatures = readByteArrays(entry.value);
  return signatures && signatures.length <= maxSignatures && signatures.every(({ length }) => length === signatureSize) ? signatures : null;
}

export type Verification =
  | { readonly ok: true; /** The trusted key that signed. */ readonly key: string }
  | { readonly ok: false; readonly reason: "checksum-mismatch" | "malformed" | "unsigned" | "untrusted-key" };

/**
 * Whether a commit is the one named and signed by a trusted key. The order of reasons: `checksum-mismatch` (the bytes are not that commit), `malformed`
 * (commitmeta is not what ostree writes), `unsigned`, `untrusted-key` (no signature fits any trusted key; a spoilt signature looks the same).
 * Trusted keys that are not keys never match: check them with parsePublicKey where they are configured. Never throws.
 */
export function verifyCommit(options: {
  readonly commit: Uint8Array;
  readonly commitmeta: Uint8Array | null;
  readonly checksum: string;
  readonly trustedKeys: readonly string[];
}): Verification {
  const { commit, commitmeta, checksum, trustedKeys } = options;
  if (createHash("sha256").update(commit).digest("hex") !== checksum) return { ok: false, reason: "checksum-mismatch" };
  const signatures = commitmeta === null ? [] : signaturesOf(commitmeta);
  if (!signatures) return { ok: false, reason: "malformed" };
  if (signatures.length === 0) return { ok: false, reason: "unsigned" };
  for (const key of trustedKeys) {
    const publicKey = publicKeyObject(key);
    if (publicKey && signatures.some((signature) => verify(null, commit, publicKey, signature))) return { ok: true, key };
  }
  return { ok: false, reason: "untrusted-key" };
}

/** Strict base64: Node's decoder skips what it does not know, and two texts must not be the same key. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : null;
}

const rawPublicKey = (key: KeyObject): Buffer => createPublicKey(key).export({ format: "der", type: "spki" }).subarray(spkiPrefix.length);

/** Null for a text that is no public key. */
export function publicKeyObject(text: string): KeyObject | null {
  const bytes = decodeBase64(text.trim());
  return bytes?.length === 32 ? createPublicKey({ key: Buffer.concat([spkiPrefix, bytes]), format: "der", type: "spki" }) : null;
}

/** @throws KeyFormatError */
export function privateKeyObject(text: string): KeyObject {
  const bytes = decodeBase64(text.trim());
  if (bytes?.length !== 64) throw new KeyFormatError("secret key", bytes ? `has ${bytes.length} bytes, not 64` : "is not base64");
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, bytes.subarray(0, 32)]), format: "der", type: "pkcs8" });
  if (!rawPublicKey(key).equals(bytes.subarray(32)))
    throw new KeyFormatError("secret key", "its second half is not the public key of its first half");
  return key;
}
