import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { Agent } from "node:https";
import path from "node:path";
import { status } from "@grpc/grpc-js";
import { createKeyAndRequest, encodeEnrollmentToken, newSecret, openAuthority, parseEnrollmentToken } from "@treeline/pki";
import { RpcError } from "@treeline/rpc";
import type { Machine, Release } from "@treeline/testkit";
import { expect, test } from "vitest";
import { askContent, credentialsOf, enroll, sessionClient, type PaperNode } from "./paper-node.ts";
import { deploymentsOf } from "./readings.ts";
import { publish, sharedFleet, showLogs } from "./test-fleet.ts";

let first: Release;
let machine: Machine;
let node: PaperNode;

const shared = sharedFleet(async (fleet) => {
  first = await publish(fleet, "1.0");
  [machine] = (await fleet.addMachines(["host"], first)) as [Machine];
  node = await enroll(fleet, await fleet.token(), "paper");
});

const question = {
  attempt: { rollout: "none", number: 1 },
  permission: { slot: "none", epoch: "1" },
  bootId: randomUUID(),
  checksum: "0".repeat(64),
  nonce: randomUUID(),
};

async function rejection(promise: Promise<unknown>): Promise<RpcError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RpcError)) throw new Error(`not refused by the server: ${String(error)}`);
  return error;
}

test("a machine enrolls by itself and reports its deployments, its health and its inventory", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const seen = await fleet.operator.node("host");
  expect(seen).toMatchObject({
    connected: true,
    revoked: false,
    labels: { site: "demo", "kubernetes.io/hostname": "host" },
    health: { state: "HEALTH_STATE_GREEN" },
  });
  expect(seen.os?.bootId).toBe(machine.bootId());
  const told = seen.os?.deployments.map(({ checksum, booted, version, osname }) => ({ checksum, booted, version, osname }));
  expect(told).toEqual([{ checksum: first.checksum, booted: true, version: "1.0", osname: "fleetos" }]);
  expect(await deploymentsOf(machine)).toEqual([{ booted: true, checksum: first.checksum, mark: "" }]);
  const { inventory } = seen;
  expect(inventory).toMatchObject({
    hostname: "host",
    osName: "FleetOS",
    osVersion: "1.0",
    kernel: (await machine.exec(["uname", "-r"])).stdout.trim(),
  });
  expect(Number(inventory?.memoryBytes)).toBeGreaterThan(0);
  expect(inventory?.cpuCores).toBe(Number((await machine.exec(["nproc", "--all"])).stdout));
});

test("tokens that are expired, revoked, used up, forged or of another server are refused with their reason, and the agent stays up for the next one", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const { operator } = fleet;
  const good = await fleet.createToken();
  const [expired, revoked, usedUp] = [
    await fleet.createToken({ name: "expired", ttl: "1s" }),
    await fleet.createToken({ name: "revoked" }),
    await fleet.createToken({ name: "used", uses: 1 }),
  ];
  const tokens = await operator.clients.enrollment.listTokens({});
  await operator.treeline("token", "revoke", tokens.tokens.find(({ name }) => name === "revoked")!.id);
  await enroll(fleet, usedUp, "faster");
  const parsed = parseEnrollmentToken(good);
  await operator.until(
    "the token has expired",
    async () => tokens.tokens.find(({ name }) => name === "expired")!.expiresAtMillis,
    (at) => Date.now() > Number(at),
  );
  const refused = [
    { token: expired, because: "the token has expired" },
    { token: revoked, because: "the token was revoked" },
    { token: usedUp, because: "the token has no uses left" },
    { token: encodeEnrollmentToken({ ...parsed, secret: newSecret() }), because: "the token is not known here" },
    {
      token: encodeEnrollmentToken({ ...parsed, caSha256: "0".repeat(64) }),
      because: "is not the server this host's enrollment token was made for",
    },
    { token: "tlt1_garbage", because: "/etc/treeline/token: enrollment token" },
  ];

  const joiner = await fleet.addMachine("joiner", first, { token: refused[0]!.token });
  for (const [index, { token, because }] of refused.entries()) {
    await writeFile(joiner.pathOutside("/etc/treeline/token"), token);
    if (index === 0) await joiner.powerOn();
    else await joiner.startAgent();
    const console = await operator.until(
      because,
      () => readFile(joiner.consolePath, "utf8"),
      (text) => text.includes(because),
    );
    expect(console).not.toContain(token.slice(-40));
    expect(joiner.agentPid(), because).toBeDefined();
    expect(joiner.agentStarts, because).toBe(index + 1);
    await joiner.stopAgent();
  }
  expect((await operator.nodes()).map(({ name }) => name)).not.toContain("joiner");

  await writeFile(joiner.pathOutside("/etc/treeline/token"), good);
  await joiner.startAgent();
  await fleet.connected(["joiner"]);
});

test("the same token with the same key is the same node; another key is another node", async () => {
  const { fleet } = shared;
  const token = await fleet.createToken({ uses: 2 });
  const once = await enroll(fleet, token, "twice");
  const again = await enroll(fleet, token, "twice", once);
  expect(again).toEqual(once);
  const sideBySide = await Promise.all([1, 2, 3].map(() => enroll(fleet, token, "twice", once)));
  expect(new Set(sideBySide.map(({ nodeId }) => nodeId))).toEqual(new Set([once.nodeId]));
  const other = await enroll(fleet, token, "twice");
  expect(other.nodeId).not.toBe(once.nodeId);
  expect((await rejection(enroll(fleet, token, "third"))).reason).toBe("TOKEN_USED_UP");
});

test("the sessions listener takes only certificates of its own authority that name an enrolled node", async () => {
  const { fleet } = shared;
  const foreign = await openAuthority(path.join(fleet.directory, "foreign-pki"));
  const own = await openAuthority(path.join(fleet.server.data, "pki"));
  const keys = await createKeyAndRequest();
  const as = async (certPem: string): Promise<RpcError | string> => {
    const client = sessionClient(fleet, { caPem: node.caPem, certPem, keyPem: keys.keyPem });
    try {
      return (await client.agent.confirm(question)).reason;
    } catch (error) {
      return error as RpcError;
    } finally {
      client.close();
    }
  };
  // Ends in the handshake: the server tells a stranger nothing.
  expect(await as((await foreign.issueNode({ csrPem: keys.csrPem, nodeId: node.nodeId })).certPem)).toMatchObject({
    status: status.UNAVAILABLE,
  });
  expect(await as((await own.issueNode({ csrPem: keys.csrPem, nodeId: randomUUID() })).certPem)).toMatchObject({
    reason: "NODE_REFUSED",
    message: "the node is not enrolled here",
  });
  // Another certificate of an enrolled node is heard, and its invented permission refused.
  expect(await as((await own.issueNode({ csrPem: keys.csrPem, nodeId: node.nodeId })).certPem)).toBe(
    "there is no rollout none with this node",
  );
});

test("content is given to node certificates only, and a refusal says why", async () => {
  const { fleet } = shared;
  const foreign = await openAuthority(path.join(fleet.directory, "foreign-pki"));
  const { keyPem, csrPem } = await createKeyAndRequest();
  const stranger = { keyPem, certPem: (await foreign.issueNode({ csrPem, nodeId: node.nodeId })).certPem };
  const ask = async (as?: typeof stranger): Promise<readonly [number, string]> => {
    const answer = await askContent(fleet, { path: "/ostree/config", caPem: node.caPem, ...(as ? { as } : {}) });
    return [answer.status, answer.body.toString()];
  };
  expect(await ask()).toEqual([403, "a node certificate is required here\n"]);
  expect(await ask(stranger)).toEqual([403, expect.stringContaining("the client certificate is not accepted")]);
  expect(await ask(node)).toEqual([200, expect.stringContaining("mode=archive")]);
});

test("content is served as a cache wants it: ranges, validators, immutable objects, summaries that are looked at again", async () => {
  const { fleet } = shared;
  const get = (wanted: string, headers: Readonly<Record<string, string>> = {}) =>
    askContent(fleet, { path: wanted, headers, caPem: node.caPem, as: node });
  const object = `/ostree/objects/${first.checksum.slice(0, 2)}/${first.checksum.slice(2)}.commit`;
  const whole = await get(object);
  expect(whole).toMatchObject({
    status: 200,
    headers: { "cache-control": "public, max-age=31536000, immutable", "accept-ranges": "bytes" },
  });
  const part = await get(object, { range: "bytes=10-19" });
  expect(part).toMatchObject({ status: 206, headers: { "content-range": `bytes 10-19/${whole.body.length}` } });
  expect(part.body).toEqual(whole.body.subarray(10, 20));
  const validator = String(whole.headers["etag"]);
  expect(await get(object, { "if-none-match": validator })).toMatchObject({ status: 304, body: Buffer.alloc(0) });
  expect(await get("/ostree/summary")).toMatchObject({ status: 200, headers: { "cache-control": "no-cache" } });
  // A new signature makes another answer under the same name.
  expect(await get(`${object}meta`)).toMatchObject({ status: 200, headers: { "cache-control": "no-cache" } });
});

test.each([
  ["GET", "/ostree/", 404],
  ["GET", "/ostree/objects/", 404],
  ["GET", "/ostree/refs/heads/", 404],
  ["GET", "/ostree/../treeline.db", 404],
  ["GET", "/ostree/refs/../../treeline.db", 404],
  ["GET", "/ostree/%2e%2e/treeline.db", 404],
  ["GET", "/ostree/refs/..%2f..%2ftreeline.db", 404],
  ["GET", "/ostree/.lock", 404],
  ["GET", "/ostree/state/x", 404],
  ["GET", `/ostree/objects/00/${"0".repeat(62)}.filez`, 404],
  ["POST", "/ostree/config", 405],
  ["DELETE", "/ostree/config", 405],
  ["GET", "/anything", 404],
  ["GET", "/metrics", 401],
])("%s %s is refused even to a node", async (method, wanted, expected) => {
  const { fleet } = shared;
  const answer = await askContent(fleet, { method, path: wanted, caPem: node.caPem, as: node });
  expect(answer.status).toBe(expected);
  expect(answer.body.length).toBeLessThan(200);
});

test("a revoked node loses its session and its content at once, on connections it already has", async () => {
  const { fleet } = shared;
  showLogs(fleet);
  const credentials = await credentialsOf(machine);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const client = sessionClient(fleet, credentials);
  try {
    const content = () => askContent(fleet, { path: "/ostree/config", caPem: credentials.caPem, as: credentials, agent });
    expect((await content()).status).toBe(200);
    expect((await client.agent.confirm(question)).granted).toBe(false);

    await fleet.operator.treeline("node", "revoke", "host", "--reason", "stolen");
    const refused = await content();
    expect([refused.status, refused.body.toString()]).toEqual([403, "the node was revoked: stolen\n"]);
    expect(await rejection(client.agent.confirm(question))).toMatchObject({
      status: status.PERMISSION_DENIED,
      message: "the node was revoked: stolen",
    });
    expect(await fleet.operator.node("host")).toMatchObject({ revoked: true, connected: false });
    await fleet.operator.until(
      "the agent was told",
      () => readFile(machine.consolePath, "utf8"),
      (text) => text.includes("the node was revoked"),
    );
    expect(machine.agentPid()).toBeDefined();
  } finally {
    agent.destroy();
    client.close();
  }
  // Its old token does not bring it back either, while it has its key.
  expect(machine.agentStarts).toBe(1);
});
