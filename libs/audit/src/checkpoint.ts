import { createPublicKey, hash, verify, type KeyObject } from "node:crypto";
import type { SealHead } from "./row.ts";

/**
 * So many sealed rows follow the newest checkpoint at most, and so many lie between two. The store seals no further without one: a log in which more
 * are unsigned is one whose checkpoints were taken away.
 */
export const maxRowsPerCheckpoint = 1_000;

/** What is signed: up to this row, the log was this. */
export interface CheckpointClaim extends SealHead {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Names the key: `keyIdOf`. */
  readonly keyId: string;
}

/** A signed place of the chain. Keep one elsewhere, and nothing before it can be changed or cut off unseen. */
export interface Checkpoint extends CheckpointClaim {
  /** ed25519 (RFC 8032) over `checkpointText`, base64. */
  readonly signature: string;
}

/** What is signed, byte by byte. INVARIANT: injective, and it begins with a purpose that nothing else signed by Treeline begins with. */
export function checkpointText({ sequence, hash, at, keyId }: CheckpointClaim): string {
  return JSON.stringify(["treeline-audit-checkpoint-1", sequence, hash, at, keyId]);
}

/** SHA-256 over the raw public key, its first 16 hex characters. */
export function keyIdOf(publicKey: string): string {
  return hash("sha256", bytesOf(publicKey), "hex").slice(0, 16);
}

/** Is the checkpoint signed by this key (32 bytes, base64)? False for whatever is malformed. */
export function isSignedBy(checkpoint: Checkpoint, publicKey: string): boolean {
  const key = publicKeyOf(publicKey);
  const signature = bytesOf(checkpoint.signature);
  return key !== undefined && verify(null, new TextEncoder().encode(checkpointText(checkpoint)), key, signature);
}

/** The key (32 bytes, base64) ready for use, or undefined when it is none. */
function publicKeyOf(publicKey: string): KeyObject | undefined {
  const bytes = bytesOf(publicKey);
  if (bytes.length !== 32) return undefined;
  const base64url = publicKey.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: base64url }, format: "jwk" });
}

/** Is this an ed25519 public key as Treeline writes them: 32 bytes in base64? */
export function isAuditKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(text);
}

/** Nothing for text that is not base64. */
function bytesOf(base64: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) return new Uint8Array();
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
