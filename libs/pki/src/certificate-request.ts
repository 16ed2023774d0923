import { createHash, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { pemBlocks } from "./pem.ts";
import { PkiError, type PkiErrorCode } from "./pki-error.ts";
import { ecdsaP256, generateSigningKeys, privateKeyPem, spkiDer } from "./signing-key.ts";
import * as x509 from "./x509.ts";

/** The largest certificate request that is looked at, in characters. A P-384 request has about 700. */
export const maxRequestLength = 8192;

const acceptedCurves: readonly string[] = ["prime256v1", "secp384r1"];
const acceptedHashes: readonly string[] = ["SHA-256", "SHA-384", "SHA-512"];

export interface KeyAndRequest {
  /** PKCS#8. It stays on this host, in a file of mode 0600. */
  readonly keyPem: string;
  /** PKCS#10, signed with that key: proof that the sender holds it. */
  readonly csrPem: string;
}

/** A new P-256 key and a certificate request for it. The subject says nothing: the server alone decides what a node is called. */
export async function createKeyAndRequest(): Promise<KeyAndRequest> {
  const keys = await generateSigningKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: "CN=treeline-node", keys, signingAlgorithm: ecdsaP256 });
  return { keyPem: await privateKeyPem(keys.privateKey), csrPem: `${request.toString("pem")}\n` };
}

/**
 * The public key of a request, as canonical SubjectPublicKeyInfo DER, after the request has proven possession of the private key.
 * Nothing else of the request is looked at: its subject and extensions are the sender's wishes.
 * @throws PkiError request-too-large, request-malformed, request-key-refused, request-signature-invalid
 */
export async function provenPublicKey(csrPem: string): Promise<Buffer> {
  const request = parsedRequest(csrPem);
  const key = acceptedKey(request);
  let proven: boolean;
  try {
    const hash = (request.signatureAlgorithm as { readonly hash?: { readonly name: string } }).hash?.name;
    proven = (key.asymmetricKeyType === "ed25519" || (hash !== undefined && acceptedHashes.includes(hash))) && (await request.verify());
  } catch (cause) {
    throw refused(
      "request-signature-invalid",
      "the request's signature cannot be checked: create the request again with SHA-256 or better",
      cause,
    );
  }
  if (!proven) throw refused("request-signature-invalid", "the request is not signed by the key it names: create key and request again");
  return spkiDer(key);
}

/**
 * SHA-256 of the public key (SubjectPublicKeyInfo DER) of a certificate or certificate request, 64 hex digits.
 * The same for a request and for the certificate issued on it. Proves nothing about who holds the private key.
 * @throws PkiError certificate-malformed
 */
export function publicKeyFingerprint(pem: string): string {
  try {
    const [first] = pemBlocks(pem);
    if (first === undefined) throw new Error("no PEM block");
    const key =
      first.label === "CERTIFICATE" ? new X509Certificate(first.der).publicKey : publicKeyOf(new x509.Pkcs10CertificateRequest(first.der));
    return createHash("sha256").update(spkiDer(key)).digest("hex");
  } catch (cause) {
    const message = "not a certificate or certificate request in PEM: pass the file that begins with -----BEGIN CERTIFICATE";
    throw new PkiError(message, { code: "certificate-malformed", phase: "fingerprint", subject: "pem", cause });
  }
}

function parsedRequest(csrPem: string): x509.Pkcs10CertificateRequest {
  if (csrPem.length > maxRequestLength) {
    throw refused(
      "request-too-large",
      `the request has ${csrPem.length} characters, the limit is ${maxRequestLength}: send one request for one EC or Ed25519 key`,
    );
  }
  const blocks = pemBlocks(csrPem);
  const [only] = blocks;
  if (only === undefined || blocks.length !== 1 || only.label !== "CERTIFICATE REQUEST") {
    throw refused("request-malformed", "the request must be exactly one PEM block labelled CERTIFICATE REQUEST (PKCS#10)");
  }
  try {
    return new x509.Pkcs10CertificateRequest(only.der);
  } catch (cause) {
    throw refused("request-malformed", "the request's PEM block is not PKCS#10: create key and request again", cause);
  }
}

/** The kind of key is decided before any signature is checked: what a stranger sends must not make us compute with a huge RSA key. */
function acceptedKey(request: x509.Pkcs10CertificateRequest): KeyObject {
  let key: KeyObject;
  try {
    key = publicKeyOf(request);
  } catch (cause) {
    throw refused("request-key-refused", "the request's public key cannot be read: use an EC P-256, EC P-384 or Ed25519 key", cause);
  }
  const curve = key.asymmetricKeyDetails?.namedCurve;
  const accepted =
    key.asymmetricKeyType === "ed25519" || (key.asymmetricKeyType === "ec" && curve !== undefined && acceptedCurves.includes(curve));
  if (!accepted) {
    const found = [key.asymmetricKeyType, curve].filter((part) => part !== undefined).join(" ");
    throw refused("request-key-refused", `the request has a key of type ${found}: use an EC P-256, EC P-384 or Ed25519 key`);
  }
  return key;
}

function publicKeyOf(request: x509.Pkcs10CertificateRequest): KeyObject {
  return createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: "der", type: "spki" });
}

function refused(code: PkiErrorCode, message: string, cause?: unknown): PkiError {
  return new PkiError(message, { code, phase: "issue-node", subject: "csrPem", cause });
}
