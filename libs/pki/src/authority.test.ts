import { spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAuthority } from "./authority.ts";
import { createKeyAndRequest, publicKeyFingerprint } from "./certificate-request.ts";
import { meet } from "./test-tls.ts";

const nodeId = "0f9a6a52-7c1e-4a0b-9a53-0d6c5f0b7a11";
const loopback = { dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] };
const dayMs = 86_400_000;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "treeline-pki-"));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const pki = (name = "pki"): string => path.join(dir, name);

async function enrolled(authority: Awaited<ReturnType<typeof openAuthority>>, lifetimeMs?: number) {
  const { keyPem, csrPem } = await createKeyAndRequest();
  return { keyPem, csrPem, ...(await authority.issueNode({ csrPem, nodeId, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) })) };
}

describe("the authority's directory", () => {
  it("is created closed to others and gives the same authority again", async () => {
    const first = await openAuthority(pki());
    const again = await openAuthority(pki());
    expect(again.caSha256).toBe(first.caSha256);
    expect(again.caPem).toBe(first.caPem);
    expect((await stat(pki())).mode & 0o777).toBe(0o700);
    expect(await readdir(pki())).toEqual(["authority.pem"]);
    expect((await stat(path.join(pki(), "authority.pem"))).mode & 0o777).toBe(0o600);
  });

  it("gives two first starts at once one and the same authority", async () => {
    const opened = await Promise.all([openAuthority(pki()), openAuthority(pki()), openAuthority(pki())]);
    expect(new Set(opened.map((authority) => authority.caSha256)).size).toBe(1);
    expect(await readdir(pki())).toEqual(["authority.pem"]);
  });

  it("ignores what a killed first start left half-written", async () => {
    await mkdir(pki(), { mode: 0o700 });
    const halfWritten = path.join(pki(), ".authority.pem.0123456789ab.tmp");
    await writeFile(halfWritten, "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGBy", { mode: 0o600 });
    const authority = await openAuthority(pki());
    const { certPem } = await enrolled(authority);
    expect(new X509Certificate(certPem).checkIssued(new X509Certificate(authority.caPem))).toBe(true);
    expect((await openAuthority(pki())).caSha256).toBe(authority.caSha256);
  });

  it("holds nothing or a whole authority after SIGKILL", { timeout: 60_000 }, async () => {
    const script = `
      import { openAuthority } from ${JSON.stringify(path.join(import.meta.dirname, "authority.ts"))};
      for (let n = 0; ; n++) { await openAuthority(${JSON.stringify(dir)} + "/" + n); process.stdout.write("."); }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
    child.kill("SIGKILL");
    expect(await ended).toBe("SIGKILL");
    const dirs = await readdir(dir);
    expect(dirs.length).toBeGreaterThan(0);
    for (const name of dirs) {
      const files = await readdir(pki(name));
      const authority = await openAuthority(pki(name));
      if (files.includes("authority.pem")) expect((await openAuthority(pki(name))).caSha256).toBe(authority.caSha256);
    }
  });

  it("is refused when others could read the key", async () => {
    await openAuthority(pki());
    await chmod(path.join(pki(), "authority.pem"), 0o640);
    await expect(openAuthority(pki())).rejects.toMatchObject({
      code: "authority-exposed",
      message: expect.stringContaining("chmod 600") as string,
    });
  });

  it("is refused when damaged, never replaced", async () => {
    await openAuthority(pki());
    const file = path.join(pki(), "authority.pem");
    const whole = await readFile(file, "utf8");
    await truncate(file, whole.length - 40);
    await expect(openAuthority(pki())).rejects.toMatchObject({ code: "authority-damaged" });
    await truncate(file, 0);
    await expect(openAuthority(pki())).rejects.toMatchObject({ code: "authority-damaged" });
    expect((await stat(file)).size).toBe(0);
  });

  it("is refused when the key belongs to another certificate", async () => {
    await openAuthority(pki("a"));
    await openAuthority(pki("b"));
    const [a, b] = await Promise.all(["a", "b"].map((name) => readFile(path.join(pki(name), "authority.pem"), "utf8")));
    const certificateOf = (text = ""): string => text.slice(text.indexOf("-----BEGIN CERT"));
    await writeFile(path.join(pki("a"), "authority.pem"), (a ?? "").replace(certificateOf(a), certificateOf(b)));
    await expect(openAuthority(pki("a"))).rejects.toMatchObject({
      code: "authority-damaged",
      message: expect.stringContaining("not the certificate's key") as string,
    });
  });

  it("is refused once expired", async () => {
    await openAuthority(pki(), { now: () => new Date(Date.now() - 3651 * dayMs) });
    await expect(openAuthority(pki())).rejects.toMatchObject({ code: "authority-expired" });
  });

  it("says what is wrong when the path is a file", async () => {
    await writeFile(pki(), "");
    await expect(openAuthority(pki())).rejects.toMatchObject({ code: "authority-unavailable", subject: path.join(pki(), "authority.pem") });
  });
});

describe("the authority's certificates", () => {
  it("has a certificate of its own that may only sign", async () => {
    const { caPem, caSha256, notAfter } = await openAuthority(pki());
    const ca = new X509Certificate(caPem);
    expect(ca.subject).toMatch(/^CN=Treeline CA [0-9a-f]{8}$/);
    expect(ca.ca).toBe(true);
    expect(ca.fingerprint256.replaceAll(":", "").toLowerCase()).toBe(caSha256);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(notAfter.getTime() - Date.now()).toBeGreaterThan(3649 * dayMs);
    expect(Date.parse(ca.validFrom)).toBeLessThanOrEqual(Date.now() - 3_500_000);
  });

  it("gives a node a client certificate with its id and nothing the request wished for", async () => {
    const authority = await openAuthority(pki());
    const { csrPem, certPem, notAfter, publicKeySha256 } = await enrolled(authority, 3_600_000);
    const certificate = new X509Certificate(certPem);
    expect(certificate.subjectAltName).toBe(`URI:treeline://node/${nodeId}`);
    expect(certificate.subject).toBe(`CN=${nodeId}`);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.ca).toBe(false);
    expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(Math.abs(Date.parse(certificate.validTo) - notAfter.getTime())).toBeLessThan(1000);
    expect(publicKeySha256).toBe(publicKeyFingerprint(csrPem));
    expect(publicKeySha256).toBe(publicKeyFingerprint(certPem));
  });

  it("never gives a certificate that outlives the authority", async () => {
    const nearItsEnd = await openAuthority(pki(), { now: () => new Date(Date.now() - 3649 * dayMs) });
    const today = await openAuthority(pki());
    const { notAfter } = await enrolled(today, 30 * dayMs);
    expect(notAfter).toEqual(nearItsEnd.notAfter);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 4000 * dayMs])("refuses a lifetime of %d ms", async (lifetimeMs) => {
    await expect(enrolled(await openAuthority(pki()), lifetimeMs)).rejects.toMatchObject({ code: "lifetime-invalid" });
  });

  it.each(["", "0F9A6A52-7C1E-4A0B-9A53-0D6C5F0B7A11", `${nodeId}\n`, `${nodeId}, DNS:other`])("refuses the node id %j", async (bad) => {
    const { csrPem } = await createKeyAndRequest();
    const authority = await openAuthority(pki());
    await expect(authority.issueNode({ csrPem, nodeId: bad })).rejects.toMatchObject({ code: "node-id-invalid" });
  });

  it.each([
    { dnsNames: [], ipAddresses: [] },
    { dnsNames: ["*.example.org"], ipAddresses: [] },
    { dnsNames: ["a b"], ipAddresses: [] },
    { dnsNames: ["10.0.0.1"], ipAddresses: [] },
    { dnsNames: [], ipAddresses: ["10.0.0.256"] },
    { dnsNames: [], ipAddresses: ["fe80::1%eth0"] },
  ])("refuses the server names %j", async (names) => {
    const authority = await openAuthority(pki());
    await expect(authority.issueServer(names)).rejects.toMatchObject({ code: "name-invalid", phase: "issue-server" });
  });
});

describe("a TLS server that asks for certificates", () => {
  it("accepts a node of this authority and reads its id", async () => {
    const authority = await openAuthority(pki());
    const server = await authority.issueServer(loopback);
    const seen = await meet({ server, clientCa: authority.caPem, serverCa: authority.caPem, client: await enrolled(authority) });
    expect(seen).toEqual({ authorized: true, reason: undefined, identity: { kind: "node", nodeId } });
  });

  it("does not authorize a node of another authority", async () => {
    const [ours, other] = [await openAuthority(pki("ours")), await openAuthority(pki("other"))];
    const seen = await meet({
      server: await ours.issueServer(loopback),
      clientCa: ours.caPem,
      serverCa: ours.caPem,
      client: await enrolled(other),
    });
    expect(seen).toMatchObject({ authorized: false, reason: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  });

  it("does not authorize a node whose certificate expired", async () => {
    const past = await openAuthority(pki(), { now: () => new Date(Date.now() - 8 * dayMs) });
    const authority = await openAuthority(pki());
    const seen = await meet({
      server: await authority.issueServer(loopback),
      clientCa: authority.caPem,
      serverCa: authority.caPem,
      client: await enrolled(past),
    });
    expect(seen).toMatchObject({ authorized: false, reason: "CERT_HAS_EXPIRED" });
  });

  it("does not authorize a server's certificate used as a client's", async () => {
    const authority = await openAuthority(pki());
    const server = await authority.issueServer(loopback);
    const seen = await meet({ server, clientCa: authority.caPem, serverCa: authority.caPem, client: server });
    expect(seen).toMatchObject({ authorized: false, reason: "INVALID_PURPOSE", identity: undefined });
  });

  it("sees nobody when a client has no certificate", async () => {
    const authority = await openAuthority(pki());
    const seen = await meet({
      server: await authority.issueServer(loopback),
      clientCa: authority.caPem,
      serverCa: authority.caPem,
      client: undefined,
    });
    expect(seen).toMatchObject({ authorized: false, identity: undefined });
  });

  it("is refused by a client that trusts another authority, and under a name it was not issued for", async () => {
    const [ours, other] = [await openAuthority(pki("ours")), await openAuthority(pki("other"))];
    const server = await ours.issueServer(loopback);
    await expect(meet({ server, clientCa: ours.caPem, serverCa: other.caPem, client: undefined })).rejects.toThrow();
    const elsewhere = await ours.issueServer({ dnsNames: ["elsewhere.example"], ipAddresses: [] });
    await expect(meet({ server: elsewhere, clientCa: ours.caPem, serverCa: ours.caPem, client: undefined })).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });
});
