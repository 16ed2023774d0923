import { createHash, randomBytes, type webcrypto, X509Certificate as TlsCertificate } from "node:crypto";
import { type AuthorityPems, publishAuthorityFile, readAuthorityFile } from "./authority-file.ts";
import { provenPublicKey } from "./certificate-request.ts";
import { isNodeId, nodeUri } from "./node-id.ts";
import { PkiError } from "./pki-error.ts";
import { type ServerNames, subjectAlternativeNames } from "./server-name.ts";
import { ecdsaP256, generateSigningKeys, privateKeyPem, signingKeysFrom } from "./signing-key.ts";
import * as x509 from "./x509.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const authorityLifetimeMs = 3650 * dayMs;

/** How long a node's certificate lives unless the caller says otherwise, in milliseconds: 7 days. */
export const defaultNodeLifetimeMs = 7 * dayMs;
/** How long a server's certificate lives unless the caller says otherwise, in milliseconds: 1 year. */
export const defaultServerLifetimeMs = 365 * dayMs;
/** How far back a certificate's validity starts, in milliseconds: hosts whose clocks run up to an hour late still accept it. */
export const clockAllowanceMs = hourMs;

export interface ServerCertificateRequest extends ServerNames {
  /** Milliseconds; default one year. Never longer than the authority itself lives. */
  readonly lifetimeMs?: number;
}

export interface NodeCertificateRequest {
  /** What the agent sent. Only its public key is used, and only after its signature was verified. */
  readonly csrPem: string;
  /** The UUID that the server gave this node, in lower case. */
  readonly nodeId: string;
  /** Milliseconds; default 7 days. Never longer than the authority itself lives. */
  readonly lifetimeMs?: number;
}

export interface ServerCertificate {
  /** Leaf, then the authority: an agent that has only the authority's hash finds it in the handshake. */
  readonly certPem: string;
  readonly keyPem: string;
  readonly notAfter: Date;
}

export interface NodeCertificate {
  /** The leaf alone: the server already has the authority. */
  readonly certPem: string;
  readonly notAfter: Date;
  /** SHA-256 of the public key, hex, as `publicKeyFingerprint` gives it. */
  readonly publicKeySha256: string;
}

/** The certificate authority of one server. It never gives out its key. */
export interface Authority {
  readonly caPem: string;
  /** SHA-256 of the certificate's DER, 64 hex digits: what an enrollment token pins. */
  readonly caSha256: string;
  readonly notAfter: Date;
  /** @throws PkiError name-invalid, lifetime-invalid */
  issueServer(request: ServerCertificateRequest): Promise<ServerCertificate>;
  /** @throws PkiError request-too-large, request-malformed, request-key-refused, request-signature-invalid, node-id-invalid, lifetime-invalid */
  issueNode(request: NodeCertificateRequest): Promise<NodeCertificate>;
}

export interface AuthorityOptions {
  /** The wall clock that validity periods are counted from. */
  readonly now?: () => Date;
}

/**
 * Loads the certificate authority of a directory, or creates it on the first start (ECDSA P-256, ten years, path length 0).
 * @throws PkiError authority-damaged, authority-exposed, authority-expired, authority-unavailable
 */
export async function openAuthority(dir: string, options: AuthorityOptions = {}): Promise<Authority> {
  const now = options.now ?? (() => new Date());
  let pems = await readAuthorityFile(dir);
  if (pems === undefined) {
    await publishAuthorityFile(dir, await newAuthority(now()));
    pems = await readAuthorityFile(dir);
  }
  if (pems === undefined) throw damaged(dir, new Error("it vanished right after it was written"));
  return authorityFrom(dir, pems, now);
}

async function newAuthority(now: Date): Promise<AuthorityPems> {
  const keys = await generateSigningKeys();
  const spki = Buffer.from(await crypto.subtle.exportKey("spki", keys.publicKey));
  const shortId = createHash("sha256").update(spki).digest("hex").slice(0, 8);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=Treeline CA ${shortId}`,
    notBefore: new Date(now.getTime() - clockAllowanceMs),
    notAfter: new Date(now.getTime() + authorityLifetimeMs),
    signingAlgorithm: ecdsaP256,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keyPem: await privateKeyPem(keys.privateKey), caPem: `${certificate.toString("pem")}\n` };
}

async function authorityFrom(dir: string, pems: AuthorityPems, now: () => Date): Promise<Authority> {
  const { keys, ca } = await loadedAuthority(dir, pems);
  if (ca.notAfter <= now()) {
    const message = `the certificate authority in ${dir} expired on ${ca.notAfter.toISOString()}: move the directory away and enroll the nodes again`;
    throw new PkiError(message, { code: "authority-expired", phase: "open-authority", subject: dir });
  }
  const caPem = pems.caPem;

  /** A leaf is never valid for longer than what vouches for it. */
  const validity = (lifetimeMs: number, phase: "issue-server" | "issue-node"): { notBefore: Date; notAfter: Date } => {
    if (!(lifetimeMs > 0 && lifetimeMs <= authorityLifetimeMs)) {
      const message = `lifetimeMs must be more than 0 and at most ${authorityLifetimeMs} (ten years), not ${lifetimeMs}`;
      throw new PkiError(message, { code: "lifetime-invalid", phase, subject: "lifetimeMs" });
    }
    const at = now().getTime();
    return { notBefore: new Date(at - clockAllowanceMs), notAfter: new Date(Math.min(at + lifetimeMs, ca.notAfter.getTime())) };
  };

  const issue = async (leaf: Leaf): Promise<string> => {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [{ CN: [leaf.commonName] }],
      issuer: ca.subjectName,
      ...leaf.validity,
      signingAlgorithm: ecdsaP256,
      signingKey: keys.privateKey,
      publicKey: leaf.publicKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([leaf.usage], true),
        new x509.SubjectAlternativeNameExtension([...leaf.names]),
        await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return `${certificate.toString("pem")}\n`;
  };

  return {
    caPem,
    caSha256: createHash("sha256").update(Buffer.from(ca.rawData)).digest("hex"),
    notAfter: ca.notAfter,

    async issueServer({ lifetimeMs = defaultServerLifetimeMs, ...request }) {
      const names = subjectAlternativeNames(request);
      const leafKeys = await generateSigningKeys();
      const period = validity(lifetimeMs, "issue-server");
      const certPem = await issue({
        commonName: "Treeline server",
        publicKey: new x509.PublicKey(await crypto.subtle.exportKey("spki", leafKeys.publicKey)),
        validity: period,
        usage: x509.ExtendedKeyUsage.serverAuth,
        names,
      });
      return { certPem: certPem + caPem, keyPem: await privateKeyPem(leafKeys.privateKey), notAfter: period.notAfter };
    },

    async issueNode({ csrPem, nodeId, lifetimeMs = defaultNodeLifetimeMs }) {
      if (!isNodeId(nodeId)) {
        const message = "a node id must be a UUID in lower case, as the server gives it";
        throw new PkiError(message, { code: "node-id-invalid", phase: "issue-node", subject: "nodeId" });
      }
      const period = validity(lifetimeMs, "issue-node");
      const spki = await provenPublicKey(csrPem);
      const certPem = await issue({
        commonName: nodeId,
        publicKey: new x509.PublicKey(spki),
        validity: period,
        usage: x509.ExtendedKeyUsage.clientAuth,
        names: [{ type: "url", value: nodeUri(nodeId) }],
      });
      return { certPem, notAfter: period.notAfter, publicKeySha256: createHash("sha256").update(spki).digest("hex") };
    },
  };
}

interface Leaf {
  readonly commonName: string;
  readonly publicKey: x509.PublicKey;
  readonly validity: { readonly notBefore: Date; readonly notAfter: Date };
  readonly usage: x509.ExtendedKeyUsage;
  readonly names: x509.JsonGeneralNames;
}

async function loadedAuthority(dir: string, pems: AuthorityPems): Promise<{ keys: webcrypto.CryptoKeyPair; ca: x509.X509Certificate }> {
  try {
    const keys = await signingKeysFrom(pems.keyPem);
    const ca = new x509.X509Certificate(pems.caPem);
    const certified = new TlsCertificate(pems.caPem);
    const spki = Buffer.from(await crypto.subtle.exportKey("spki", keys.publicKey));
    if (!certified.publicKey.export({ format: "der", type: "spki" }).equals(spki)) throw new Error("the key is not the certificate's key");
    if (!certified.ca || !certified.verify(certified.publicKey)) throw new Error("the certificate is not a self-signed authority");
    return { keys, ca };
  } catch (cause) {
    throw damaged(dir, cause);
  }
}

function damaged(dir: string, cause: unknown): PkiError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `the certificate authority in ${dir} cannot be used (${reason}): restore it from a backup; a new one means enrolling every node again`;
  return new PkiError(message, { code: "authority-damaged", phase: "open-authority", subject: dir, cause });
}

/** 128 random bits: positive and never shortened by DER, because the first byte lies in 0x40..0x7f (RFC 5280, 4.1.2.2). */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString("hex");
}
