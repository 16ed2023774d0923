import { X509Certificate } from "node:crypto";
import { generateKeyPair } from "@treeline/ostree";
import { createKeyAndRequest, identityOf, parseEnrollmentToken } from "@treeline/pki";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const tokenOf = async (id: string) => (await server.front.enrollment.listTokens({})).tokens.find((token) => token.id === id);

describe("enrollment", () => {
  it("gives a node a certificate for the key of its request, and the token's labels", async () => {
    const node = await server.enroll({ hostname: "atlas.example.org", labels: { site: "berlin" } });
    const certificate = new X509Certificate(node.tls.certPem);
    expect(identityOf({ raw: certificate.raw })).toEqual({ kind: "node", nodeId: node.nodeId });
    expect(certificate.checkIssued(new X509Certificate(node.tls.caPem))).toBe(true);
    expect((await server.front.nodes.getNode({ node: node.nodeId })).node).toMatchObject({
      name: "atlas.example.org",
      labels: { site: "berlin", "kubernetes.io/hostname": "atlas.example.org" },
      connected: false,
    });
  });

  it("of the same token and key is the same node, one after the other and at once", async () => {
    const { id, secret } = await server.token({ uses: 2 });
    const { csrPem } = await createKeyAndRequest();
    const ask = () => server.anonymous.enrollment.enroll({ secret, csrPem, hostname: "twice" });
    const [first, ...others] = await Promise.all(Array.from({ length: 8 }, ask));
    expect(new Set([...others, await ask()].map(({ nodeId, certificatePem }) => `${nodeId} ${certificatePem}`))).toEqual(new Set([`${first!.nodeId} ${first!.certificatePem}`]));
    expect((await server.front.nodes.listNodes({ selector: "kubernetes.io/hostname=twice" })).nodes).toHaveLength(1);
    expect(await tokenOf(id)).toMatchObject({ usesLeft: 1, nodesEnrolled: 1 });
  });

  it("never uses a token more often than it may be, however many ask at once", async () => {
    const { id, secret } = await server.token({ uses: 3 });
    const requests = await Promise.all(Array.from({ length: 8 }, createKeyAndRequest));
    const answers = await Promise.allSettled(requests.map(({ csrPem }) => server.anonymous.enrollment.enroll({ secret, csrPem, hostname: "many" })));
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason as unknown] : []));
    expect(refused).toHaveLength(5);
    for (const reason of refused) expect(reason).toMatchObject({ status: 7, reason: "TOKEN_USED_UP" });
    expect(await tokenOf(id)).toMatchObject({ usesLeft: 0, nodesEnrolled: 3 });
    // The lost answer of one that got in is given again.
    const known = requests[answers.findIndex(({ status }) => status === "fulfilled")]!;
    await expect(server.anonymous.enrollment.enroll({ secret, csrPem: known.csrPem, hostname: "many" })).resolves.toBeDefined();
  });

  it.each([
    ["unknown", async () => "made-up", "TOKEN_UNKNOWN"],
    ["empty", async () => "", "TOKEN_UNKNOWN"],
    [
      "revoked",
      async () => {
        const { id, secret } = await server.token();
        await server.front.enrollment.revokeToken({ tokenId: id });
        await server.front.enrollment.revokeToken({ tokenId: id });
        return secret;
      },
      "TOKEN_REVOKED",
    ],
  ])("with an %s token is refused", async (_what, secretOf, reason) => {
    const { csrPem } = await createKeyAndRequest();
    await expect(server.anonymous.enrollment.enroll({ secret: await secretOf(), csrPem, hostname: "n" })).rejects.toMatchObject({ status: 7, reason, remedy: expect.stringMatching(/./) });
  });

  it("with a token that has expired is refused, also for a key that it enrolled before", async () => {
    const { secret } = await server.token({ ttlSeconds: 60 });
    const keys = await createKeyAndRequest();
    await server.enroll({ secret, keys });
    server.clock.ahead += 60_001;
    await expect(server.enroll({ secret, keys })).rejects.toMatchObject({ reason: "TOKEN_EXPIRED" });
  });

  it("does not bring a revoked node back", async () => {
    const { secret } = await server.token();
    const keys = await createKeyAndRequest();
    const node = await server.enroll({ secret, keys });
    await server.front.nodes.revokeNode({ node: node.nodeId, reason: "" });
    await expect(server.enroll({ secret, keys })).rejects.toMatchObject({ reason: "NODE_REVOKED" });
  });

  it.each([
    ["csr_pem", "nothing", { csrPem: "" }],
    ["csr_pem", "no request", { csrPem: "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n" }],
    ["csr_pem", "far too much", { csrPem: "-----BEGIN CERTIFICATE REQUEST-----\n".repeat(50_000) }],
    ["hostname", "a path", { hostname: "../../etc" }],
    ["hostname", "nothing", { hostname: "" }],
  ])("names the field: %s is %s", async (field, _what, wrong) => {
    const { secret } = await server.token();
    const { csrPem } = await createKeyAndRequest();
    await expect(server.anonymous.enrollment.enroll({ secret, csrPem, hostname: "n", ...wrong })).rejects.toMatchObject({ status: 3, violations: [{ field }] });
  });

  it("does not take a request that its key has not signed", async () => {
    const { secret } = await server.token();
    const { csrPem } = await createKeyAndRequest();
    const der = Buffer.from(csrPem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64");
    der[der.length - 1]! ^= 1;
    const spoilt = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
    await expect(server.anonymous.enrollment.enroll({ secret, csrPem: spoilt, hostname: "n" })).rejects.toMatchObject({ status: 3, violations: [{ field: "csr_pem" }] });
  });
});

describe("tokens", () => {
  it("say where the server is and whom to trust, and are never shown again", async () => {
    const { publicKey } = generateKeyPair();
    const { tokenId, token } = await server.front.enrollment.createToken({ name: "rack 7", uses: 5, labels: { rack: "7" }, releaseKeys: [publicKey] });
    const parsed = parseEnrollmentToken(token);
    expect(parsed.endpoints).toEqual(server.running.endpoints);
    expect(parsed.releaseKeys).toEqual([publicKey]);
    const listed = await server.front.enrollment.listTokens({});
    expect(listed.tokens.find(({ id }) => id === tokenId)).toMatchObject({ name: "rack 7", usesLeft: 5, unlimited: false, revoked: false, labels: { rack: "7" }, nodesEnrolled: 0 });
    expect(JSON.stringify(listed)).not.toContain(parsed.secret);
    expect(server.logs.join("")).not.toContain(parsed.secret);
  });

  it.each([
    ["ttl_seconds", { ttlSeconds: 400 * 24 * 3600 }],
    ["uses", { uses: 2_000_000 }],
    ["name", { name: "x".repeat(101) }],
    ["labels[a b]", { labels: { "a b": "c" } }],
    ["labels", { labels: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`l${index}`, "x"])) }],
    ["release_keys[0]", { releaseKeys: ["not a key"] }],
    ["release_keys", { releaseKeys: Array.from({ length: 17 }, () => "x") }],
  ])("with a wrong %s are not made", async (field, request) => {
    await expect(server.front.enrollment.createToken(request)).rejects.toMatchObject({ status: 3, reason: "INVALID", violations: [{ field }] });
  });

  it("that do not exist cannot be revoked", async () => {
    await expect(server.front.enrollment.revokeToken({ tokenId: "tok-nothing" })).rejects.toMatchObject({ status: 5, reason: "TOKEN_UNKNOWN" });
  });
});
