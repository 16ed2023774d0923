import type { Intent } from "@treeline/fleet";
import type { Confirmation } from "@treeline/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hello, type TestNode, type TestStream } from "../test-node.ts";
import { everything, publish, Publisher } from "../test-release.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";

let server: TestServer;
let rollouts = 0;

beforeAll(async () => {
  server = await startTestServer();
  const publisher = await Publisher.create(await temporaryData());
  await publish(server.front, await everything(await publisher.compose("2.0")));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

interface Granted {
  readonly rollout: string;
  readonly node: TestNode;
  readonly stream: TestStream;
  readonly intent: Intent;
}

/** A rollout over nodes of its own, the first of which was granted its slot. */
async function granted(nodes = 1): Promise<Granted & { readonly others: readonly TestNode[] }> {
  const rollout = `rollout-${++rollouts}`;
  const { secret } = await server.token({ labels: { rollout } });
  const enrolled: TestNode[] = [];
  for (let index = 0; index < nodes; index++) enrolled.push(await server.enroll({ secret, hostname: `node-${index}` }));
  const [node, ...others] = enrolled;
  const stream = await node!.connect();
  for (const other of others) await other.connect();
  const waves = nodes > 1 ? [{ count: 1 }, { rest: true }] : [{ rest: true }];
  await server.front.rollouts.createRollout({ name: rollout, policy: { release: "2.0", selector: `rollout=${rollout}`, waves, maxUnavailable: "1" } });
  return { rollout, node: node!, others, stream, intent: await node!.stage(stream) };
}

const shownNode = async (rollout: string) => (await server.front.rollouts.listRolloutNodes({ name: rollout })).nodes[0]!;

describe("Confirm", () => {
  it("is granted to the holder of the slot, recorded before it is answered, and asked afresh each time", async () => {
    const { rollout, node, intent } = await granted();
    const question = node.question(intent);
    expect(await node.confirm(question)).toEqual({ granted: true, ttlMillis: 30_000, reason: "", nonce: question.nonce });
    expect(await shownNode(rollout)).toMatchObject({ confirmed: true, holdsSlot: true });
    await server.front.rollouts.pauseRollout({ name: rollout, reason: "lunch" });
    expect(await node.confirm(question)).toMatchObject({ granted: false, ttlMillis: 0, reason: expect.stringContaining("paused") });
    await server.front.rollouts.resumeRollout({ name: rollout });
    expect(await node.confirm(question)).toMatchObject({ granted: true });
  });

  it("is refused for anything that is not this node's newest permission", async () => {
    const { rollout, node, intent } = await granted();
    const honest = node.question(intent);
    const lies: readonly (readonly [Partial<Confirmation>, RegExp])[] = [
      [{ attempt: { rollout: "other", number: 1 } }, /no rollout other/],
      [{ attempt: { ...honest.attempt, number: 2 } }, /attempt 2 is over/],
      [{ permission: { ...honest.permission, slot: "made-up" } }, /permission/],
      [{ permission: { ...honest.permission, epoch: 2 } }, /permission/],
      [{ checksum: "c".repeat(64) }, /not this attempt's target/],
      [{ bootId: "0b5c0a4e-4a5c-4f1e-8d0a-2f1f6a1f9b3c" }, /has booted since/],
    ];
    for (const [lie, reason] of lies) expect(await node.confirm({ ...honest, ...lie }), JSON.stringify(lie)).toMatchObject({ granted: false, reason: expect.stringMatching(reason) });
    expect(await shownNode(rollout)).toMatchObject({ confirmed: false, holdsSlot: true });
    expect(await node.confirm(honest)).toMatchObject({ granted: true });
  });

  it("takes the node's identity from its certificate: another node's permission is worth nothing", async () => {
    const { node, others, intent } = await granted(2);
    expect(await others[0]!.confirm(node.question(intent))).toMatchObject({ granted: false, reason: expect.stringContaining("wave 2 is not open") });
    const stranger = await server.enroll();
    await stranger.connect();
    expect(await stranger.confirm(node.question(intent))).toMatchObject({ granted: false, reason: expect.stringContaining("no rollout") });
  });

  it("is refused while the node is silent, and again after it came back red", async () => {
    const { node, stream, intent } = await granted();
    stream.call.end();
    await stream.ended;
    expect(await node.confirm(node.question(intent))).toMatchObject({ granted: false, reason: expect.stringContaining("no session") });
    const red = { state: "red", bootId: node.bootId, checks: [] } as const;
    await node.connect({ ...node.working(intent, "Staged"), health: red });
    expect(await node.confirm(node.question(intent))).toMatchObject({ granted: false, reason: expect.stringContaining("red") });
  });

  it("is refused when other nodes of the rollout went down meanwhile", async () => {
    const { rollout, node, others, intent } = await granted(2);
    const [other] = others;
    await other!.connect({ health: { state: "red", bootId: other!.bootId, checks: [] } });
    expect(await node.confirm(node.question(intent))).toMatchObject({ granted: false, reason: expect.stringContaining(`budget rollout ${rollout}`) });
  });

  it("is not even judged for a revoked node", async () => {
    const { node, intent } = await granted();
    await server.front.nodes.revokeNode({ node: node.nodeId, reason: "stolen" });
    await expect(node.confirm(node.question(intent))).rejects.toMatchObject({ status: 7, reason: "NODE_REFUSED" });
  });

  it.each([
    ["nothing", {}],
    ["a checksum that is none", { attempt: { rollout: "r", number: 1 }, permission: { slot: "s", epoch: "1" }, checksum: "../etc" }],
  ])("with %s names the wrong fields", async (_what, question) => {
    const node = await server.enroll();
    await expect(node.client.agent.confirm(question)).rejects.toMatchObject({ status: 3, reason: "MESSAGE_INVALID" });
  });
});

describe("intents", () => {
  it("come after the node has shown itself, each generation once, and again on a new session", async () => {
    const rollout = `rollout-${++rollouts}`;
    const node = await server.enroll({ labels: { rollout } });
    const first = await node.connect();
    await server.front.rollouts.createRollout({ name: rollout, policy: { release: "2.0", selector: `rollout=${rollout}`, waves: [{ rest: true }] } });
    const { intent } = await first.next("intent");
    await node.observe(first);
    await node.observe(first);
    await first.settled();
    expect(first.received.filter(({ kind }) => kind === "intent")).toHaveLength(1);

    const second = await node.connect();
    expect(await second.next("intent")).toEqual({ kind: "intent", intent });
    expect(second.received.map(({ kind }) => kind)).toEqual(["welcome", "acknowledgement", "intent"]);
  });

  it("call every attempt back that is not confirmed when a rollout halts, but not before the node has shown itself", async () => {
    const rollout = `rollout-${++rollouts}`;
    const { secret } = await server.token({ labels: { rollout } });
    const [good, bad] = [await server.enroll({ secret, hostname: "good" }), await server.enroll({ secret, hostname: "bad" })];
    const [goodStream, badStream] = [await good.connect(), await bad.connect()];
    await server.front.rollouts.createRollout({ name: rollout, policy: { release: "2.0", selector: `rollout=${rollout}`, waves: [{ rest: true }], maxUnavailable: "2" } });
    const ordered = await good.stage(goodStream);
    const { intent } = await badStream.next("intent");

    const again = good.open();
    again.send(hello(good.bootId, ordered.generation));
    await again.next("welcome");
    const outcome = { kind: "failed", failure: "release", reason: "it does not fit this hardware", bootId: bad.bootId } as const;
    const closed = [{ attempt: intent.attempt!.ref, target: intent.target, outcome }];
    await bad.observe(badStream, { update: { phase: "Failed", reason: "", closed, denied: [], highest: intent.generation } });
    await expect.poll(async () => (await server.front.nodes.getNode({ node: good.nodeId })).node!.intent, { timeout: 15_000, interval: 10 }).toMatchObject({ attempt: null });
    await again.settled();
    expect(again.received.map(({ kind }) => kind)).toEqual(["welcome", "heartbeat"]);

    await good.observe(again, good.working(ordered, "Staged"));
    const recalled = (await again.next("intent")).intent;
    expect([recalled.attempt, recalled.generation.number]).toEqual([undefined, ordered.generation.number + 1]);
    expect(await good.confirm(good.question(ordered))).toMatchObject({ granted: false, reason: expect.stringContaining("halted") });
  });
});
