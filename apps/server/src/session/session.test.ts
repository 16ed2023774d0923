import { get } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { DatabaseSync } from "node:sqlite";
import { maxEpochJump } from "@treeline/control";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { baseChecksum, hello, type TestNode } from "../test-node.ts";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";

let server: TestServer;
let node: TestNode;

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  node = await server.enroll();
});
afterEach(() => node.close());
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const view = async (name = node.nodeId) => (await server.front.nodes.getNode({ node: name })).node!;
/** Open connections of the sessions listener, as the server counts them. */
const connections = async (): Promise<number> => {
  const { contentEndpoint, ca, token } = server.credential;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  get(`${contentEndpoint}/metrics`, { ca, agent: false, headers: { authorization: `Bearer ${token}` } }, (response) => text(response).then(resolve, reject)).on("error", reject);
  return Number(/^treeline_connections\{listener="sessions"\} (\d+)$/m.exec(await promise)![1]);
};
const wait = { timeout: 15_000, interval: 10 };

describe("hello", () => {
  it.each([
    ["a heartbeat", { heartbeat: { sequence: "1" } }],
    ["progress", { progress: { attempt: { rollout: "r", number: 1 } } }],
    ["an empty message", {}],
    ["a hello without its fields", { hello: {} }],
  ])("must come first: %s ends the session", async (_what, message) => {
    const stream = node.open();
    stream.raw(message);
    expect(await stream.ended).toMatchObject({ status: 3 });
    expect(stream.received).toEqual([]);
  });

  it("is answered with the epoch and how often to beat, and comes once", async () => {
    const stream = node.open();
    stream.send(hello(node.bootId));
    expect((await stream.next("welcome")).welcome).toEqual({ epoch: 1, heartbeatMillis: 1000, leaseMillis: 60_000 });
    stream.send(hello(node.bootId));
    expect(await stream.ended).toMatchObject({ status: 3, reason: "SESSION_PROTOCOL" });
  });

  it("of an agent that has seen more epochs makes the server go above it, and further ones do not", async () => {
    await using own = await startTestServer();
    const [ahead, behind] = [await own.enroll(), await own.enroll()];
    const first = ahead.open();
    first.send(hello(ahead.bootId, { epoch: 41, number: 7 }));
    expect((await first.next("welcome")).welcome.epoch).toBe(42);
    const second = behind.open();
    second.send(hello(behind.bootId, { epoch: 40, number: 7 }));
    expect((await second.next("welcome")).welcome.epoch).toBe(42);
  });

  it("of an agent whose epoch is beyond all reason is refused, and the server's epoch stays", async () => {
    const stream = node.open();
    stream.send(hello(node.bootId, { epoch: maxEpochJump + 10, number: 1 }));
    expect(await stream.ended).toMatchObject({ status: 9, reason: "EPOCH_TOO_HIGH", subject: node.nodeId });
    expect((await view()).connected).toBe(false);
    const again = node.open();
    again.send(hello(node.bootId));
    expect((await again.next("welcome")).welcome.epoch).toBe(1);
  });
});

describe("observations", () => {
  it("make the node connected once the first, full one is acknowledged, and not before", async () => {
    const stream = node.open();
    stream.send(hello(node.bootId));
    await stream.next("welcome");
    expect((await view()).connected).toBe(false);
    await node.observe(stream);
    expect(await view()).toMatchObject({ connected: true, agentVersion: "test", inventory: { hostname: "node" } });
  });

  it("must begin with a full one", async () => {
    const stream = node.open();
    stream.send(hello(node.bootId));
    stream.send({ kind: "observation", sequence: 1, full: false, delta: { health: node.observation().health } });
    expect(await stream.ended).toMatchObject({ reason: "SESSION_PROTOCOL" });
    expect((await view()).connected).toBe(false);
  });

  it("are acknowledged in order, and a later one carries only what changed", async () => {
    const stream = await node.connect();
    for (let sequence = 2; sequence <= 20; sequence++)
      stream.send({ kind: "observation", sequence, full: false, delta: { health: { state: sequence === 20 ? "red" : "green", bootId: node.bootId, checks: [] } } });
    await stream.next("acknowledgement", (message) => message.sequence === 20);
    const acknowledged = stream.received.flatMap((message) => (message.kind === "acknowledgement" ? [message.sequence] : []));
    expect(acknowledged).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(await view()).toMatchObject({ health: { state: "HEALTH_STATE_RED" }, inventory: { hostname: "node" } });
  });

  it.each([
    ["a repeated number", [1]],
    ["a gap", [3]],
  ])("with %s end the session", async (_what, [sequence]) => {
    const stream = await node.connect();
    stream.send({ kind: "observation", sequence: sequence!, full: true, delta: node.observation() });
    expect(await stream.ended).toMatchObject({ reason: "SESSION_PROTOCOL" });
    await expect.poll(async () => (await view()).connected, wait).toBe(false);
  });

  it("that come in a flood without waiting for acknowledgements end the session", async () => {
    const stream = node.open();
    // While somebody else writes, no commit of the server ends, and so none of these is acknowledged.
    using database = new DatabaseSync(join(server.data, "treeline.db"));
    database.exec("BEGIN IMMEDIATE");
    stream.send(hello(node.bootId));
    for (let sequence = 1; sequence <= 40; sequence++) stream.send({ kind: "observation", sequence, full: true, delta: node.observation() });
    expect(await stream.ended).toMatchObject({ reason: "SESSION_PROTOCOL" });
    database.exec("ROLLBACK");
  });

  it.each([
    ["no section", {}],
    ["a boot id that is none", { os: { bootId: "x", deployments: [] } }],
  ])("with %s are refused with the field's name", async (_what, sections) => {
    const stream = await node.connect();
    stream.raw({ observation: { sequence: "2", full: true, ...sections } });
    expect(await stream.ended).toMatchObject({ status: 3, reason: "MESSAGE_INVALID", violations: expect.arrayContaining([expect.objectContaining({ field: expect.stringMatching(/observation/) })]) });
  });

  it("that name a higher epoch than hello did end the session", async () => {
    const stream = node.open();
    stream.send(hello(node.bootId));
    const { update } = node.observation();
    stream.send({ kind: "observation", sequence: 1, full: true, delta: { ...node.observation(), update: { ...update, highest: { epoch: 9, number: 1 } } } });
    expect(await stream.ended).toMatchObject({ reason: "SESSION_PROTOCOL" });
  });
});

describe("a node that has seen a higher generation than a restored server knows", () => {
  it("is told to stay, above what it has seen, so that it calls off what this server does not know of", async () => {
    const stream = await node.connect({ update: { ...node.observation().update, highest: { epoch: 1, number: 12 } } });
    const { intent } = await stream.next("intent");
    expect(intent).toEqual({ generation: { epoch: 1, number: 13 }, target: { checksum: baseChecksum, ref: "os/stable", version: "1" } });
  });
});

describe("a session", () => {
  it("echoes heartbeats", async () => {
    const stream = await node.connect();
    stream.send({ kind: "heartbeat", sequence: 4711 });
    expect(await stream.next("heartbeat")).toEqual({ kind: "heartbeat", sequence: 4711 });
  });

  it("ends when a newer one of the same node begins, and the node counts as connected only when that one has observed", async () => {
    const older = await node.connect();
    const newer = node.open();
    newer.send(hello(node.bootId));
    expect(await older.ended).toMatchObject({ status: 10, reason: "SESSION_REPLACED" });
    await newer.next("welcome");
    expect((await view()).connected).toBe(false);
    await node.observe(newer);
    expect((await view()).connected).toBe(true);
    // It is the newer one that the server knows now.
    await server.front.nodes.revokeNode({ node: node.nodeId, reason: "" });
    expect(await newer.ended).toBeDefined();
  });

  it("that an older one's end does not touch goes on", async () => {
    const older = await node.connect();
    const newer = await node.connect();
    older.call.cancel();
    await older.ended;
    await newer.settled();
    expect((await view()).connected).toBe(true);
  });

  it("ends when its node is revoked, and no other begins", async () => {
    const stream = await node.connect();
    await server.front.nodes.revokeNode({ node: node.nodeId, reason: "stolen" });
    // Its connection is cut: why, it hears when it comes again.
    expect(await stream.ended).toMatchObject({ status: 14 });
    expect(await node.open().ended).toMatchObject({ status: 7, reason: "NODE_REFUSED", message: expect.stringContaining("stolen") });
    expect(await view()).toMatchObject({ revoked: true, connected: false });
  });

  it("takes its whole connection with it when its node is revoked, streams that say nothing included", async () => {
    const before = await connections();
    const stream = await node.connect();
    const silent = node.open();
    expect(await connections()).toBe(before + 1);
    await server.front.nodes.revokeNode({ node: node.nodeId, reason: "stolen" });
    await stream.ended;
    await silent.ended;
    await expect.poll(connections, wait).toBe(before);
  });

  it("ends when the agent closes it, and the node counts as silent", async () => {
    const stream = await node.connect();
    stream.call.end();
    expect(await stream.ended).toBeUndefined();
    await expect.poll(async () => (await view()).connected, wait).toBe(false);
  });

  it("is cut when its agent does not read", async () => {
    const stream = await node.connect();
    stream.call.pause();
    await expect
      .poll(async () => {
        for (let sequence = 0; sequence < 5000; sequence++) stream.send({ kind: "heartbeat", sequence: 2 ** 50 + sequence });
        return (await view()).connected;
      }, { timeout: 30_000, interval: 50 })
      .toBe(false);
    stream.call.cancel();
  });
});

it("a node from which nothing is heard for a lease is silent, and one that beats is not", async () => {
  await using own = await startTestServer({ settings: { session: { heartbeatMillis: 100, leaseMillis: 400 } } });
  const [mute, alive] = [await own.enroll({ hostname: "mute" }), await own.enroll({ hostname: "alive" })];
  const beating = await alive.connect();
  const beat = setInterval(() => beating.send({ kind: "heartbeat", sequence: 1 }), 50);
  const stream = await mute.connect();
  expect(await stream.ended).toMatchObject({ status: 4, reason: "LEASE_EXPIRED" });
  const { nodes } = await own.front.nodes.listNodes({});
  clearInterval(beat);
  expect(nodes.map(({ name, connected }) => [name, connected])).toEqual([
    ["alive", true],
    ["mute", false],
  ]);
});

it("a certificate that names no enrolled node opens no session", async () => {
  await using other = await startTestServer();
  const stranger = await other.enroll();
  await other.front.nodes.revokeNode({ node: stranger.nodeId, reason: "" });
  expect(await stranger.open().ended).toMatchObject({ reason: "NODE_REFUSED" });
});
