import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkpointText, isSignedBy, keyIdOf, type Checkpoint, type CheckpointClaim, type SealHead } from "@treeline/audit";
import { readFileIfExists, syncDirectory, writeFileDurably } from "@treeline/process";

export type SealKeyErrorCode = "seal-key-missing" | "seal-key-exposed" | "seal-key-damaged" | "seal-key-unavailable";

/** The key that signs the audit log's checkpoints cannot be used. */
export class SealKeyError extends Error {
  override readonly name = "SealKeyError";
  readonly code: SealKeyErrorCode;
  readonly phase = "open";
  readonly subject: string;

  constructor(code: SealKeyErrorCode, file: string, message: string, cause?: unknown) {
    super(`${file} ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.subject = file;
  }
}

/** Signs checkpoints. The private key stays in here and in its file. */
export class SealKey {
  /** 32 bytes, base64. */
  readonly publicKey: string;
  readonly id: string;
  readonly #privateKey: KeyObject;

  constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
    this.publicKey = Buffer.from(createPublicKey(privateKey).export({ format: "jwk" }).x ?? "", "base64url").toString("base64");
    this.id = keyIdOf(this.publicKey);
  }

  sign({ sequence, hash }: SealHead, at: number): Checkpoint {
    const claim: CheckpointClaim = { sequence, hash, at, keyId: this.id };
    return { ...claim, signature: sign(null, Buffer.from(checkpointText(claim)), this.#privateKey).toString("base64") };
  }

  hasSigned(checkpoint: Checkpoint): boolean {
    return isSignedBy(checkpoint, this.publicKey);
  }
}

/**
 * The key in DATA/audit/seal.key (PEM, 0600). It is made when there is none and nothing was signed yet: a new key beside old checkpoints would make
 * every one of them look forged.
 * @throws SealKeyError
 */
export async function openSealKey(data: string, { signed }: { readonly signed: boolean }): Promise<SealKey> {
  const directory = join(data, "audit");
  const file = join(directory, "seal.key");
  try {
    const pem = await readFileIfExists(file);
    if (pem !== undefined) return await keyOf(file, pem);
    if (signed)
      throw new SealKeyError(
        "seal-key-missing",
        file,
        "is missing, and the audit log has checkpoints signed by it: restore it from a backup; with another data directory a new log begins",
      );
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await syncDirectory(data);
    const { privateKey } = generateKeyPairSync("ed25519");
    // On the disk before anything is signed with it.
    await writeFileDurably(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
    return new SealKey(privateKey);
  } catch (error) {
    if (error instanceof SealKeyError) throw error;
    throw new SealKeyError("seal-key-unavailable", file, `cannot be read or made (${error instanceof Error ? error.message : String(error)}): check owner and disk`, error);
  }
}

async function keyOf(file: string, pem: Buffer): Promise<SealKey> {
  if (((await stat(file)).mode & 0o077) !== 0)
    throw new SealKeyError("seal-key-exposed", file, "is open to other users: chmod 600 it; whoever copied it can sign a forged audit log");
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return new SealKey(key);
  } catch {
    // What stands there is not repeated: it may be most of a key.
  }
  throw new SealKeyError("seal-key-damaged", file, "does not hold an ed25519 private key: restore it from a backup");
}
