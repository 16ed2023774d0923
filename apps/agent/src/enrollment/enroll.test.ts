import { execFileSync } from "node:child_process";
import { randomUUID, X509Certificate } from "node:crypto";
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Server, status } from "@grpc/grpc-js";
import { createKeyAndRequest, encodeEnrollmentToken, newSecret, publicKeyFingerprint } from "@treeline/pki";
import { jitteredBackoff, silentLogger } from "@treeline/process";
import { listenerCredentials, RpcError, services, unary, type wire } from "@treeline/rpc";
import { afterAll, beforeAll, expect, it } from "vitest";
import { recordingLogger } from "../checks/test-programs.ts";
import { temporaryDirectory, testFleet, type TestFleet } from "../test-fleet.ts";
import { awaitIdentity } from "./await-identity.ts";
import { enroll } from "./enroll.ts";
import { identityPaths, readIdentity } from "./identity-file.ts";

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await testFleet();
});
afterAll(() => fleet[Symbol.asyncDispose]());

const releaseKey = Buffer.alloc(32, 7).toString("base64");
type Handler = (request: wire.EnrollRequest__Output) => Promise<wire.EnrollResponse>;

/** A front that enrolls whoever asks; `before` may refuse, and `after` may spoil the answer. */
async function front(options: { readonly before?: (request: wire.EnrollRequest__Output) => void; readonly after?: (answer: wire.EnrollResponse) => wire.EnrollResponse } = {}) {
  const requests: wire.EnrollRequest__Output[] = [];
  const handler: Handler = async (request) => {
    requests.push(request);
    options.before?.(request);
    const nodeId = randomUUID();
    const { certPem } = await fleet.authority.issueNode({ csrPem: request.csrPem, nodeId });
    const answer = { nodeId, certificatePem: certPem, caPem: "not looked at" };
    return options.after?.(answer) ?? answer;
  };
  const server = new Server();
  server.addService(services.enrollment, { Enroll: unary(handler, () => {}) });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", listenerCredentials(fleet.server), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { endpoint: `127.0.0.1:${port}`, requests, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

async function host(endpoints: readonly string[], more: { readonly caSha256?: string } = {}) {
  const directory = await temporaryDirectory();
  const tokenFile = join(directory.path, "token");
  const secret = newSecret();
  const token = encodeEnrollmentToken({
    endpoints: { front: endpoints, sessions: ["server:7441"], content: ["server:7443"] },
    caSha256: more.caSha256 ?? fleet.authority.caSha256,
    releaseKeys: [releaseKey],
    secret,
  });
  await writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
  const options = { stateDirectory: join(directory.path, "state"), tokenFile, signal: new AbortController().signal, logger: silentLogger };
  return { options, secret, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

it("joins: key made here, authority pinned, everything kept durably and the key for root alone", async () => {
  await using server = await front();
  await using node = await host([server.endpoint]);
  const identity = await enroll(node.options);
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]).toMatchObject({ secret: node.secret });
  expect(identity).toMatchObject({ endpoints: { sessions: ["server:7441"], content: ["server:7443"] }, releaseKeys: [releaseKey], caPem: fleet.authority.caPem });
  expect(await readIdentity(node.options.stateDirectory)).toEqual(identity);
  const paths = identityPaths(node.options.stateDirectory);
  expect((await stat(paths.key)).mode & 0o777).toBe(0o600);
  expect((await stat(paths.directory)).mode & 0o777).toBe(0o700);
  expect(new X509Certificate(identity.certPem).checkPrivateKey((await import("node:crypto")).createPrivateKey(identity.keyPem))).toBe(true);
  expect(await readFile(paths.identity, "utf8")).not.toContain(node.secret);
});

it("warns of a token that others can read, and does not wait for a pipe in its place", async () => {
  await using server = await front();
  await using node = await host([server.endpoint]);
  const { logger, warnings } = recordingLogger();
  const { tokenFile, stateDirectory } = node.options;
  await chmod(tokenFile, 0o644);
  await enroll({ ...node.options, logger });
  expect(warnings().map(({ msg }) => msg)).toEqual([expect.stringMatching(/has mode 0644.*: chmod 600 \/.*token revoke/)]);
  await chmod(tokenFile, 0o600);
  await enroll({ ...node.options, logger });
  expect(warnings()).toHaveLength(1);
  execFileSync("mkfifo", [join(stateDirectory, "pipe")]);
  await expect(enroll({ ...node.options, tokenFile: join(stateDirectory, "pipe") })).rejects.toMatchObject({ code: "token-missing", message: expect.stringMatching(/is a pipe.*: write an enrollment token/) });
  await expect(enroll({ ...node.options, tokenFile: stateDirectory })).rejects.toThrow(/is a directory: write an enrollment token/);
});

it("asks again with the same key when the answer was lost", async () => {
  let lost = true;
  await using server = await front({
    after: (answer) => {
      if (!lost) return answer;
      lost = false;
      throw new RpcError("gone", { status: status.UNAVAILABLE, reason: "GONE" });
    },
  });
  await using node = await host([server.endpoint]);
  await expect(enroll(node.options)).rejects.toMatchObject({ code: "unreachable", mayPass: true });
  await enroll(node.options);
  const [first, second] = server.requests.map(({ csrPem }) => publicKeyFingerprint(csrPem));
  expect(first).toBe(second);
});

it("sends its secret to nobody but the pinned authority's servers", async () => {
  await using server = await front();
  await using node = await host([server.endpoint], { caSha256: "0".repeat(64) });
  await expect(enroll(node.options)).rejects.toMatchObject({ code: "wrong-server", mayPass: false });
  expect(server.requests).toEqual([]);
});

it("tries every endpoint, and a refusal tells more than a silence", async () => {
  await using good = await front();
  await using node = await host(["127.0.0.1:1", good.endpoint]);
  await enroll(node.options);
  await using refusing = await front({
    before: () => {
      throw new RpcError("the token has expired", { status: status.PERMISSION_DENIED, reason: "TOKEN_EXPIRED", remedy: "make a new one" });
    },
  });
  await using late = await host(["127.0.0.1:1", refusing.endpoint, "127.0.0.1:1"]);
  await expect(enroll(late.options)).rejects.toMatchObject({ code: "refused", mayPass: false, message: expect.stringMatching(/has expired; make a new one/) });
  expect(await readIdentity(late.options.stateDirectory)).toBeUndefined();
});

it.each([
  ["another key", async (answer: wire.EnrollResponse) => ({ ...answer, certificatePem: (await fleet.authority.issueNode({ csrPem: (await createKeyAndRequest()).csrPem, nodeId: answer.nodeId! })).certPem }), /another key/],
  ["another node id", async (answer: wire.EnrollResponse) => ({ ...answer, nodeId: randomUUID() }), /node id/],
  ["no certificate", async (answer: wire.EnrollResponse) => ({ ...answer, certificatePem: "nonsense" }), /cannot be read/],
])("keeps nothing of an answer with %s", async (_, spoil, message) => {
  await using server = await front();
  const handler = server.requests;
  await using node = await host([server.endpoint]);
  // The spoilt answer is made ahead of time: one for the key this host will use.
  const { keyAndRequest } = await import("./identity-file.ts");
  const { csrPem } = await keyAndRequest(node.options.stateDirectory, createKeyAndRequest);
  const nodeId = randomUUID();
  const spoilt = await spoil({ nodeId, certificatePem: (await fleet.authority.issueNode({ csrPem, nodeId })).certPem, caPem: "" });
  await using liar = await front({ after: () => spoilt });
  await using other = await host([liar.endpoint]);
  await expect(enroll({ ...node.options, tokenFile: other.options.tokenFile })).rejects.toThrow(message);
  expect(await readIdentity(node.options.stateDirectory)).toBeUndefined();
  expect(handler).toEqual([]);
});

it("names the token file, and never its content", async () => {
  await using node = await host(["127.0.0.1:1"]);
  await rm(node.options.tokenFile);
  await expect(enroll(node.options)).rejects.toMatchObject({ code: "token-missing", message: expect.stringContaining(node.options.tokenFile) });
  await writeFile(node.options.tokenFile, `tlt1_${"secretsecret".repeat(5)}`);
  const error = await enroll(node.options).catch((caught: unknown) => caught as Error);
  expect(error).toMatchObject({ code: "token-invalid" });
  expect((error as Error).message).not.toContain("secretsecret");
});

it("says what to do about a damaged identity", async () => {
  await using server = await front();
  await using node = await host([server.endpoint]);
  await enroll(node.options);
  await writeFile(identityPaths(node.options.stateDirectory).identity, "{");
  await expect(readIdentity(node.options.stateDirectory)).rejects.toMatchObject({ code: "identity-damaged", message: expect.stringContaining("remove") });
});

it("a daemon goes on trying until it has joined, and reads what is there at the next start", async () => {
  let refusals = 3;
  await using server = await front({
    before: () => {
      if (refusals-- > 0) throw new RpcError("starting", { status: status.UNAVAILABLE, reason: "STARTING" });
    },
  });
  await using node = await host([server.endpoint]);
  const options = { ...node.options, backoff: jitteredBackoff({ baseMs: 1, maxMs: 5, random: Math.random }) };
  const identity = await awaitIdentity(options);
  expect(server.requests).toHaveLength(4);
  expect(await awaitIdentity(options)).toEqual(identity);
  expect(server.requests).toHaveLength(4);
});
