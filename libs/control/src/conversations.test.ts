import type { DurableChange } from "@treeline/rollout";
import { beforeEach, describe, expect, it } from "vitest";
import { NodeRefusedError, ServerStoppingError, SessionReplacedError } from "./error.ts";
import { baseCommit, node, startTestServer, TestAgent, type TestServer } from "./test-server.ts";

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
});

describe("the conversations", () => {
  it("are one per node: a newer one ends the older, and the node is in contact only when the newer has observed", async () => {
    const older = await TestAgent.connected(server, "n");
    const newer = new TestAgent(server, "n");
    expect([older.ends, newer.shownConnected, server.conversations.size]).toEqual([[expect.any(SessionReplacedError)], false, 1]);
    await newer.hello();
    expect(newer.shownConnected).toBe(false);
    await newer.observe();
    older.conversation.end();
    expect([newer.shownConnected, server.conversations.get("n") === newer.conversation]).toEqual([true, true]);
    newer.conversation.end();
    expect([newer.shownConnected, server.conversations.size]).toEqual([false, 0]);
  });

  it("an observation of the older one that becomes durable after the newer began connects nothing", async () => {
    await server.put({ kind: "node", value: node("n") });
    const older = new TestAgent(server, "n");
    await older.hello();
    const open = server.store.close();
    const observed = older.observe();
    const newer = new TestAgent(server, "n");
    open();
    await observed;
    expect([older.kinds, newer.shownConnected]).toEqual([["welcome"], false]);
  });

  it("carry new intents to their node alone, once they are durable", async () => {
    const [one, other] = [await TestAgent.connected(server, "one"), await TestAgent.connected(server, "other")];
    const open = server.store.close();
    const target = { checksum: baseCommit, ref: "r", version: "1" };
    const change = server.put({ kind: "intent", value: { nodeId: "one", intent: { generation: { epoch: 1, number: 1 }, target } } });
    await server.settle();
    expect(one.intents).toEqual([]);
    open();
    await change;
    expect([one.intents.length, other.intents.length]).toEqual([1, 0]);
  });

  it("carry all key rotations after the welcome and whenever there is a new one, once that is durable; none to an agent that knows none", async () => {
    const rotation = (serial: number): DurableChange => ({
      kind: "key-rotation",
      value: { serial, document: `rotation ${serial}`, publishedAt: 1, publishedBy: "ada" },
    });
    await server.put(rotation(10), rotation(9));
    const newer = await TestAgent.connected(server, "newer");
    expect(newer.received.slice(0, 2)).toMatchObject([
      { kind: "welcome" },
      { kind: "key-rotations", documents: ["rotation 9", "rotation 10"] },
    ]);
    await server.put({ kind: "node", value: node("older") }, { kind: "node", value: node("silent") });
    const older = new TestAgent(server, "older");
    await older.hello(undefined, { followsKeyRotations: false });
    await older.observe();
    const silent = new TestAgent(server, "silent");
    const open = server.store.close();
    const published = server.put(rotation(11));
    await server.settle();
    expect(newer.kinds.filter((kind) => kind === "key-rotations")).toHaveLength(1);
    open();
    await published;
    expect(newer.received.at(-1)).toEqual({ kind: "key-rotations", documents: ["rotation 9", "rotation 10", "rotation 11"] });
    expect([older.kinds, silent.kinds]).toEqual([["welcome", "acknowledgement"], []]);
  });

  it("end when their node is revoked, and none begins for it or for a stranger", async () => {
    const agent = await TestAgent.connected(server, "n");
    await server.put({ kind: "node", value: { ...node("n"), revokedAt: 1, revokedBecause: "stolen" } });
    expect([agent.ends, agent.shownConnected]).toEqual([[expect.any(NodeRefusedError)], false]);
    expect(() => new TestAgent(server, "n")).toThrow(/stolen/);
    expect(() => new TestAgent(server, "stranger")).toThrow(NodeRefusedError);
    expect(server.conversations.size).toBe(0);
  });

  it("all end when they are closed, with the reason", async () => {
    const agents = [await TestAgent.connected(server, "one"), await TestAgent.connected(server, "other")];
    const reason = new ServerStoppingError();
    server.conversations.close(reason);
    expect([agents.map(({ ends }) => ends), server.conversations.size]).toEqual([[[reason], [reason]], 0]);
  });
});
