import { type webcrypto, X509Certificate } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, openAuthority } from "./authority.ts";
import { createKeyAndRequest, maxRequestLength, publicKeyFingerprint } from "./certificate-request.ts";
import { pemBlocks, pemOf } from "./pem.ts";
import * as x509 from "./x509.ts";

const nodeId = "0f9a6a52-7c1e-4a0b-9a53-0d6c5f0b7a11";
const requestLabel = "CERTIFICATE REQUEST";

let dir: string;
let authority: Authority;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "treeline-csr-"));
  authority = await openAuthority(path.join(dir, "pki"));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

const issue = (csrPem: string) => authority.issueNode({ csrPem, nodeId });

interface RequestOptions {
  readonly key: { readonly name: string; readonly namedCurve?: string } | webcrypto.RsaHashedKeyGenParams;
  readonly hash?: string;
  readonly extensions?: x509.Extension[];
}

async function requestWith({ key, hash = "SHA-256", extensions = [] }: RequestOptions): Promise<string> {
  const keys = (await crypto.subtle.generateKey(key, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=admin, O=Somebody else",
    keys,
    signingAlgorithm: { ...key, hash },
    extensions,
  });
  return request.toString("pem");
}

const rsa = (modulusLength: number) => ({
  name: "RSASSA-PKCS1-v1_5",
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
});

describe("issuing on a certificate request", () => {
  it("takes the public key and nothing else", async () => {
    const wishes = [
      new x509.BasicConstraintsExtension(true),
      new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "server.example" }]),
    ];
    const csrPem = await requestWith({ key: { name: "ECDSA", namedCurve: "P-256" }, extensions: wishes });
    const certificate = new X509Certificate((await issue(csrPem)).certPem);
    expect(certificate.subject).toBe(`CN=${nodeId}`);
    expect(certificate.subjectAltName).toBe(`URI:treeline://node/${nodeId}`);
    expect(certificate.ca).toBe(false);
    expect(publicKeyFingerprint(certificate.toString())).toBe(publicKeyFingerprint(csrPem));
  });

  it.each([
    ["EC P-384", { name: "ECDSA", namedCurve: "P-384" }, "ec"],
    ["Ed25519", { name: "Ed25519" }, "ed25519"],
  ])("accepts %s", async (_title, key, type) => {
    const { certPem } = await issue(await requestWith({ key }));
    const certificate = new X509Certificate(certPem);
    expect(certificate.publicKey.asymmetricKeyType).toBe(type);
    expect(certificate.verify(new X509Certificate(authority.caPem).publicKey)).toBe(true);
  });

  it.each([
    ["RSA 1024", rsa(1024)],
    ["RSA 2048", rsa(2048)],
    ["EC P-521", { name: "ECDSA", namedCurve: "P-521" }],
  ])("refuses a key of type %s", async (_title, key) => {
    await expect(issue(await requestWith({ key }))).rejects.toMatchObject({
      code: "request-key-refused",
      message: expect.stringContaining("use an EC P-256") as string,
    });
  });

  it("refuses a curve that WebCrypto does not know", async () => {
    await expect(issue(secp256k1Request)).rejects.toMatchObject({ code: "request-key-refused" });
  });

  it("refuses a request signed with SHA-1", async () => {
    const csrPem = await requestWith({ key: { name: "ECDSA", namedCurve: "P-256" }, hash: "SHA-1" });
    await expect(issue(csrPem)).rejects.toMatchObject({ code: "request-signature-invalid" });
  });

  it("refuses a broken signature", async () => {
    const { csrPem } = await createKeyAndRequest();
    const der = pemBlocks(csrPem)[0]?.der ?? Buffer.alloc(0);
    der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
    await expect(issue(pemOf(requestLabel, der))).rejects.toMatchObject({ code: "request-signature-invalid" });
  });

  it("refuses somebody else's public key: no proof of possession", async () => {
    await expect(issue(await withForeignKey())).rejects.toMatchObject({ code: "request-signature-invalid" });
  });

  it.each([
    ["nothing", ""],
    ["words", "hello"],
    ["a block of noise", pemOf(requestLabel, Buffer.from("30820100deadbeef", "hex"))],
    ["an empty sequence", pemOf(requestLabel, Buffer.from("3000", "hex"))],
    ["deep nesting", pemOf(requestLabel, Buffer.alloc(4000, 0x30))],
  ])("refuses %s", async (_title, csrPem) => {
    await expect(issue(csrPem)).rejects.toMatchObject({ code: "request-malformed", phase: "issue-node" });
  });

  it("refuses two requests at once, and a certificate in place of a request", async () => {
    const { csrPem } = await createKeyAndRequest();
    await expect(issue(csrPem + csrPem)).rejects.toMatchObject({ code: "request-malformed" });
    await expect(issue(authority.caPem)).rejects.toMatchObject({ code: "request-malformed" });
  });

  it("refuses what is too large before it parses it", async () => {
    const { csrPem } = await createKeyAndRequest();
    await expect(issue(csrPem + "\n".repeat(maxRequestLength))).rejects.toMatchObject({ code: "request-too-large" });
  });

  it("never shortens a request by a byte without a typed refusal", async () => {
    const { csrPem } = await createKeyAndRequest();
    const der = pemBlocks(csrPem)[0]?.der ?? Buffer.alloc(0);
    for (let length = 0; length < der.length; length++) {
      await expect(issue(pemOf(requestLabel, der.subarray(0, length)))).rejects.toMatchObject({ name: "PkiError" });
    }
  });
});

describe("publicKeyFingerprint", () => {
  it("is another one for another key, and refuses what has no key", async () => {
    const [a, b] = [await createKeyAndRequest(), await createKeyAndRequest()];
    expect(publicKeyFingerprint(a.csrPem)).toMatch(/^[0-9a-f]{64}$/);
    expect(publicKeyFingerprint(a.csrPem)).not.toBe(publicKeyFingerprint(b.csrPem));
    expect(() => publicKeyFingerprint("hello")).toThrow(expect.objectContaining({ code: "certificate-malformed" }) as Error);
    expect(() => publicKeyFingerprint(a.keyPem)).toThrow(expect.objectContaining({ code: "certificate-malformed" }) as Error);
  });
});

/** A request that names a key its sender does not hold: the key bytes of a valid request are replaced. */
async function withForeignKey(): Promise<string> {
  const [request, foreign] = [await createKeyAndRequest(), await createKeyAndRequest()];
  const [own = Buffer.alloc(0), other = Buffer.alloc(0)] = [request, foreign].map(({ csrPem }) =>
    Buffer.from(new x509.Pkcs10CertificateRequest(csrPem).publicKey.rawData),
  );
  const der = pemBlocks(request.csrPem)[0]?.der ?? Buffer.alloc(0);
  other.copy(der, der.indexOf(own));
  return pemOf(requestLabel, der);
}

/** Made by `openssl ecparam -name secp256k1 -genkey -noout | openssl req -new -key /dev/stdin -subj /CN=x`. */
const secp256k1Request = `-----BEGIN CERTIFICATE REQUEST-----
MIHCMGsCAQAwDDEKMAgGA1UEAwwBeDBWMBAGByqGSM49AgEGBSuBBAAKA0IABBsV
nh5AYQITVj6MiNYciBMB1irE7v1lOZKC7ffJfWryEEpD4SQ+5jvJVtTAxtg6sR0J
dWl8yzTzHBa2hoaMoWqgADAKBggqhkjOPQQDAgNHADBEAiBgpuSGJPGPmynhb95k
8N6Sal3cQcgcbjOFvigbn6gMFAIgQpTw+7LKU6K5JKQuJ2KIcZtp44bNctQV2hLI
a2ly1qc=
-----END CERTIFICATE REQUEST-----
`;
