import type { Intent, Observation } from "@treeline/fleet";
import { beforeEach, describe, expect, it } from "vitest";
import { ControlError } from "./error.ts";
import type { AgentMessage } from "@treeline/fleet";
import { maxEpochJump } from "./server-run.ts";
import { baseCommit, node, startTestServer, TestAgent, type TestServer } from "./test-server.ts";

let server: TestServer;

beforeEach(async () => {
  server = await startTestServer();
  await server.put({ kind: "node", value: node("n") });
});

const code = (agent: TestAgent): string | undefined => {
  expect(agent.ends).toHaveLength(1);
  const [reason] = agent.ends;
  return reason instanceof ControlError ? reason.code : undefined;
};
const intent = (number: number): Intent => ({
  generation: { epoch: 1, number },
  target: { checksum: baseCommit, ref: "os/stable", version: "1" },
});
const order = (number: number): Promise<void> => server.put({ kind: "intent", value: { nodeId: "n", intent: intent(number) } });

describe("hello", () => {
  const others: readonly AgentMessage[] = [
    { kind: "heartbeat", sequence: 1 },
    { kind: "progress", attempt: { rollout: "r", number: 1 }, bytesDone: 1, objectsDone: 1, bytesTotal: 2 },
    { kind: "observation", sequence: 1, full: true, delta: {} },
  ];
  it.each(others)("must come before $kind", async (message) => {
    const agent = new TestAgent(server, "n");
    await agent.conversation.receive(message);
    expect([code(agent), agent.received]).toEqual(["session-protocol", []]);
  });

  it("is answered with the epoch, and comes once", async () => {
    const agent = new TestAgent(server, "n");
    await agent.hello();
    expect(agent.received).toEqual([{ kind: "welcome", welcome: { epoch: 1, heartbeatMillis: 1_000, leaseMillis: 4_000 } }]);
    await agent.hello();
    expect(code(agent)).toBe("session-protocol");
  });

  it("of an agent that has seen more epochs is answered with one above, once that is durable", async () => {
    const open = server.store.close();
    const agent = new TestAgent(server, "n");
    const answered = agent.hello({ epoch: 41, number: 7 });
    await server.settle();
    expect(agent.received).toEqual([]);
    open();
    await answered;
    expect(agent.received).toMatchObject([{ welcome: { epoch: 42 } }]);
  });

  it("of an agent whose epoch is beyond all reason is refused, and the epoch stays", async () => {
    const agent = new TestAgent(server, "n");
    await agent.hello({ epoch: maxEpochJump + 10, number: 1 });
    expect([code(agent), server.run.epoch, agent.received]).toEqual(["epoch-too-high", 1, []]);
  });

  it("of a node whose revocation is decided but not durable yet is refused", async () => {
    const agent = new TestAgent(server, "n");
    const open = server.store.close();
    const revoked = server.put({ kind: "node", value: { ...node("n"), revokedAt: 1 } });
    await agent.hello();
    expect([code(agent), agent.received]).toEqual(["node-refused", []]);
    open();
    await revoked;
  });
});

describe("an observation", () => {
  it("is acknowledged and makes the node connected only once it is durable", async () => {
    const agent = new TestAgent(server, "n");
    await agent.hello();
    const open = server.store.close();
    const observed = agent.observe();
    await server.settle();
    expect([agent.kinds, agent.shownConnected, agent.conversation.observed]).toEqual([["welcome"], false, false]);
    open();
    await observed;
    expect([agent.kinds, agent.shownConnected]).toEqual([["welcome", "acknowledgement"], true]);
    expect(server.fleet.durable.observations.get("n")).toMatchObject({
      agentVersion: "test",
      at: server.clock.now(),
      observation: agent.observation(),
    });
  });

  it("that comes right behind the hello is acknowledged after the welcome", async () => {
    const agent = new TestAgent(server, "n");
    await Promise.all([agent.hello(), agent.observe()]);
    expect(agent.kinds).toEqual(["welcome", "acknowledgement"]);
  });

  it("and a hello that makes the server go above its epoch keep this order, too", async () => {
    const agent = new TestAgent(server, "n");
    const open = server.store.close();
    const both = [agent.hello({ epoch: 41, number: 1 }), agent.observe()];
    await server.settle();
    open();
    await Promise.all(both);
    expect(agent.kinds).toEqual(["welcome", "acknowledgement"]);
  });

  it("may come as often as one likes when each waits for its acknowledgement", async () => {
    const agent = await TestAgent.connected(server, "n");
    for (let count = 0; count < 40; count++) await agent.observe();
    expect([agent.ends, agent.kinds.length]).toEqual([[], 42]);
  });

  it("later carries only what changed, and a full one replaces everything", async () => {
    const agent = await TestAgent.connected(server, "n");
    const shown = (): Observation | undefined => server.fleet.durable.observations.get("n")?.observation;
    const whole = agent.observation();
    const red = { ...whole.health, state: "red" as const };
    await agent.conversation.observation({ sequence: 2, full: false, delta: { health: red, extendedResources: { "example.com/gpu": 4 } } });
    expect(shown()).toEqual({ ...whole, health: red, extendedResources: { "example.com/gpu": 4 } });
    await agent.conversation.observation({ sequence: 3, full: true, delta: whole });
    expect(shown()).toEqual(whole);
  });

  it.each([
    ["that is the first and not full", 0, { sequence: 1, full: false }],
    ["with a repeated number", 1, { sequence: 1, full: true }],
    ["after a gap", 1, { sequence: 3, full: true }],
  ])("%s ends the session", async (_what, before, message) => {
    const agent = new TestAgent(server, "n");
    await agent.hello();
    for (let count = 0; count < before; count++) await agent.observe();
    await agent.conversation.observation({ ...message, delta: agent.observation() });
    expect([code(agent), agent.shownConnected]).toEqual(["session-protocol", false]);
  });

  it("that is not whole ends the session, and is not kept", async () => {
    const agent = new TestAgent(server, "n");
    await agent.hello();
    await agent.conversation.observation({ sequence: 1, full: true, delta: { health: agent.observation().health } });
    expect([code(agent), server.fleet.working.observations.size]).toEqual(["session-protocol", 0]);
  });

  it("that names a higher epoch than hello did ends the session", async () => {
    const agent = new TestAgent(server, "n");
    await agent.hello();
    await agent.observe({ update: { ...agent.observation().update, highest: { epoch: 9, number: 1 } } });
    expect([code(agent), server.fleet.working.observations.size]).toEqual(["session-protocol", 0]);
  });

  it("too many, without waiting for acknowledgements, end the session; none of them is acknowledged later", async () => {
    const agent = new TestAgent(server, "n");
    await agent.hello();
    const open = server.store.close();
    const flood = Array.from({ length: 33 }, () => agent.observe());
    await server.settle();
    expect(code(agent)).toBe("session-protocol");
    open();
    await Promise.all(flood);
    expect([agent.kinds, agent.shownConnected]).toEqual([["welcome"], false]);
  });

  it("that cannot be stored ends the session with the store's own error, for the log", async () => {
    const agent = await TestAgent.connected(server, "n");
    const disk = new Error("the disk is gone");
    server.store.fate = () => {
      throw disk;
    };
    await agent.observe();
    expect([agent.ends, agent.kinds]).toEqual([[disk], ["welcome", "acknowledgement"]]);
  });

  it("of a node that has seen a higher generation than the server knows makes an intent above it", async () => {
    await order(3);
    const agent = new TestAgent(server, "n");
    await agent.hello({ epoch: 1, number: 12 });
    await agent.observe({ update: { ...agent.observation().update, highest: { epoch: 1, number: 12 } } });
    expect(agent.intents).toEqual([intent(13)]);
  });
});

describe("an intent", () => {
  it("is sent when the node has shown itself, each generation once, and only when it is durable", async () => {
    await order(1);
    const agent = new TestAgent(server, "n");
    await agent.hello();
    agent.conversation.sendIntent();
    expect(agent.kinds).toEqual(["welcome"]);
    await agent.observe();
    await agent.observe();
    const open = server.store.close();
    const next = order(2);
    agent.conversation.sendIntent();
    await server.settle();
    expect(agent.intents).toEqual([intent(1)]);
    open();
    await next;
    agent.conversation.sendIntent();
    expect(agent.intents).toEqual([intent(1), intent(2)]);
  });

  it("is sent again on a new session", async () => {
    await order(1);
    await TestAgent.connected(server, "n");
    expect((await TestAgent.connected(server, "n")).kinds).toEqual(["welcome", "acknowledgement", "intent"]);
  });
});

describe("the end of a session", () => {
  it("makes the node silent, is told once, and nothing is said after it", async () => {
    const agent = await TestAgent.connected(server, "n");
    const open = server.store.close();
    const observed = agent.observe();
    agent.conversation.end();
    agent.conversation.end(new Error("again"));
    expect([agent.ends, agent.shownConnected]).toEqual([[undefined], false]);
    open();
    await observed;
    await order(1);
    const before = server.store.batches.length;
    await agent.hello();
    await agent.observe();
    expect([agent.kinds, agent.ends.length, agent.shownConnected, server.store.batches.length]).toEqual([
      ["welcome", "acknowledgement"],
      1,
      false,
      before,
    ]);
  });

  it("of one in which the node has not shown itself changes nothing", async () => {
    const agent = new TestAgent(server, "n");
    await agent.hello();
    agent.conversation.end();
    expect([agent.ends, server.fleet.durable.contacts.size]).toEqual([[undefined], 0]);
  });

  it("from within a send leaves no node that counts as connected without a session", async () => {
    const agent: TestAgent = new TestAgent(server, "n", {
      send: ({ kind }) => void (kind === "acknowledgement" && agent.conversation.end("it does not read")),
    });
    await agent.hello();
    await agent.observe();
    expect([agent.ends, agent.shownConnected]).toEqual([["it does not read"], false]);
  });

  it("comes with the fleet's: a stopped server acknowledges nothing", async () => {
    const agent = await TestAgent.connected(server, "n");
    const observed = agent.observe();
    server.fleet.stop();
    await observed;
    expect([code(agent), agent.kinds]).toEqual(["server-stopping", ["welcome", "acknowledgement"]]);
  });
});

it("heartbeats are answered as they came, and progress is handed on", async () => {
  const progress: unknown[] = [];
  const agent = new TestAgent(server, "n", { onProgress: (pulled) => progress.push(pulled.bytesDone) });
  await agent.hello();
  await agent.conversation.receive({ kind: "heartbeat", sequence: 4711 });
  await agent.conversation.receive({ kind: "progress", attempt: { rollout: "r", number: 1 }, bytesDone: 5, objectsDone: 1, bytesTotal: 0 });
  expect([agent.received.at(-1), progress]).toEqual([{ kind: "heartbeat", sequence: 4711 }, [5]]);
});
