import { createPrivateKey, createPublicKey, type KeyObject, type webcrypto } from "node:crypto";

/** How this library signs: ECDSA over P-256 with SHA-256. Every TLS stack we meet speaks it and a signature is small. */
export const ecdsaP256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** A new P-256 key pair. Extractable, because its private half goes into a PEM file. */
export async function generateSigningKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ecdsaP256, true, ["sign", "verify"]);
}

/** The private key as PKCS#8 PEM, unencrypted: the mode of its file is its protection. */
export async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await crypto.subtle.exportKey("pkcs8", key));
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" }).export({ format: "pem", type: "pkcs8" }).toString();
}

/**
 * The key pair of a PKCS#8 PEM.
 * @throws Error when it is not a P-256 private key.
 */
export async function signingKeysFrom(pem: string): Promise<webcrypto.CryptoKeyPair> {
  const key = createPrivateKey(pem);
  const pkcs8 = key.export({ format: "der", type: "pkcs8" });
  const spki = spkiDer(createPublicKey(key));
  return {
    privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, ecdsaP256, false, ["sign"]),
    publicKey: await crypto.subtle.importKey("spki", spki, ecdsaP256, true, ["verify"]),
  };
}

/** The SubjectPublicKeyInfo of a public key in DER. */
export function spkiDer(key: KeyObject): Buffer {
  return key.export({ format: "der", type: "spki" });
}
