import { createServer, type AddressInfo } from "node:net";
import { createBootClock, silentLogger } from "@treeline/process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testFleet, type TestFleet } from "../test-fleet.ts";
import { testBootId, testObservation } from "../test-observation.ts";
import { Session } from "./session.ts";
import { heard, intentOf, testServer } from "./test-server.ts";

let fleet: TestFleet;
beforeAll(async () => {
  fleet = await testFleet();
});
afterAll(() => fleet[Symbol.asyncDispose]());

const wait = { timeout: 15_000, interval: 10 };

/** A session that runs until it is disposed. */
function begin(endpoints: readonly string[], more: { readonly welcomeMillis?: number } = {}) {
  let changes = 0;
  const rotations: (readonly string[])[] = [];
  const stop = new AbortController();
  const session = new Session({
    agentVersion: "1.2.3",
    bootId: testBootId,
    standing: () => ({ highest: { epoch: 3, number: 4 }, openAttempts: [{ rollout: "r1", number: 2 }] }),
    clock: createBootClock(),
    backoff: { baseMs: 5, maxMs: 50 },
    onChange: () => changes++,
    onKeyRotations: (documents) => rotations.push(documents),
    logger: silentLogger,
    ...more,
  });
  const running = session.run({ endpoints, tls: fleet.tls }, stop.signal);
  return {
    session,
    changes: () => changes,
    rotations,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

describe("session", () => {
  it("passes on the key rotations that the server sends, unread", async () => {
    await using server = await testServer(fleet);
    await using agent = begin([server.endpoint]);
    await expect.poll(() => agent.session.up, wait).toBe(true);
    server.sessions[0]!.send({ kind: "key-rotations", documents: ["one", "two"] });
    await expect.poll(() => agent.rotations, wait).toEqual([["one", "two"]]);
    expect(agent.session.up).toBe(true);
  });

  it("says Hello, then everything once, then only what changed", async () => {
    await using server = await testServer(fleet);
    await using agent = begin([server.endpoint]);
    agent.session.publish(testObservation());
    await expect.poll(() => heard(server.sessions[0]?.received ?? []).sequences, wait).toEqual([1]);
    agent.session.publish(testObservation());
    agent.session.publish(testObservation({ health: { state: "red", bootId: testBootId, checks: [] } }));
    await expect.poll(() => heard(server.sessions[0]?.received ?? []).sequences, wait).toEqual([1, 2]);
    const { received } = server.sessions[0]!;
    expect(received[0]).toMatchObject({
      kind: "hello",
      hello: { agentVersion: "1.2.3", bootId: testBootId, highest: { epoch: 3, number: 4 }, openAttempts: [{ rollout: "r1", number: 2 }], followsKeyRotations: true },
    });
    const observations = received.filter((message) => message.kind === "observation");
    expect(observations.map(({ full, delta }) => [full, Object.keys(delta)])).toEqual([
      [true, ["os", "update", "health", "inventory"]],
      [false, ["health"]],
    ]);
    expect(agent.session.up && agent.session.seen).toBe(true);
  });

  it("is up, and beats, before there is anything to observe", async () => {
    await using server = await testServer(fleet);
    await using agent = begin([server.endpoint]);
    await expect.poll(() => server.sessions[0]?.received.filter(({ kind }) => kind === "heartbeat").length ?? 0, wait).toBeGreaterThan(2);
    expect(agent.session.up).toBe(true);
    expect(heard(server.sessions[0]!.received).sequences).toEqual([]);
  });

  it("comes back after the server was killed, with the same nonce and a full observation", async () => {
    const first = await testServer(fleet);
    await using agent = begin([first.endpoint]);
    agent.session.publish(testObservation());
    await expect.poll(() => heard(first.sessions[0]?.received ?? []).sequences, wait).toEqual([1]);
    await first[Symbol.asyncDispose]();
    await expect.poll(() => agent.session.up, wait).toBe(false);
    agent.session.publish(testObservation({ health: { state: "red", bootId: testBootId, checks: [] } }));
    await using second = await testServer(fleet, { port: first.port });
    await expect.poll(() => heard(second.sessions.at(-1)?.received ?? []).full, wait).toEqual([true]);
    expect(heard(second.sessions.at(-1)!.received).observation.health?.state).toBe("red");
    const nonces = [first, second].map(({ sessions }) => sessions.at(-1)!.received[0]).map((message) => message?.kind === "hello" && message.hello.instanceNonce);
    expect(nonces[0]).toBe(nonces[1]);
    expect(nonces[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("goes to another endpoint when one is gone", async () => {
    await using server = await testServer(fleet);
    await using agent = begin(["127.0.0.1:1", server.endpoint, "127.0.0.1:1"]);
    await expect.poll(() => agent.session.up, wait).toBe(true);
  });

  it("hands over the newest intent and never an older one", async () => {
    await using server = await testServer(fleet);
    await using agent = begin([server.endpoint]);
    await expect.poll(() => agent.session.up, wait).toBe(true);
    const [peer] = server.sessions;
    peer!.send({ kind: "intent", intent: intentOf(5) });
    peer!.send({ kind: "intent", intent: intentOf(4) });
    peer!.send({ kind: "intent", intent: intentOf(6, { attempt: { ref: { rollout: "r", number: 1 }, soakMillis: 10, clearDenied: false } }) });
    peer!.send({ kind: "intent", intent: { ...intentOf(99), generation: { epoch: 0, number: 99 } } });
    await expect.poll(() => agent.session.intent?.generation.number, wait).toBe(6);
    const beats = () => peer!.received.filter(({ kind }) => kind === "heartbeat").length;
    const then = beats();
    await expect.poll(beats, wait).toBeGreaterThan(then + 1);
    expect(agent.session.intent).toEqual(intentOf(6, { attempt: { ref: { rollout: "r", number: 1 }, soakMillis: 10, clearDenied: false } }));
  });

  it("keeps its intent when the stream is lost", async () => {
    await using server = await testServer(fleet);
    await using agent = begin([server.endpoint]);
    await expect.poll(() => agent.session.up, wait).toBe(true);
    server.sessions[0]!.send({ kind: "intent", intent: intentOf(5) });
    await expect.poll(() => agent.session.intent?.generation.number, wait).toBe(5);
    server.sessions[0]!.end();
    await expect.poll(() => server.sessions.length, wait).toBe(2);
    expect(agent.session.intent?.generation.number).toBe(5);
  });

  it("gives up a stream on which nothing is heard for the lease, and tries again", async () => {
    await using server = await testServer(fleet, { answers: false, welcome: { heartbeatMillis: 100, leaseMillis: 400 } });
    await using agent = begin([server.endpoint]);
    await expect.poll(() => server.sessions.length, wait).toBeGreaterThan(1);
    await expect.poll(() => server.sessions[0]!.ended(), wait).toBe(true);
    // A server that answers keeps the next one.
    server.state.answers = true;
    await expect.poll(() => agent.session.up && server.sessions.at(-1)!.received.length > 8, wait).toBe(true);
  });

  it("gives up a server that does not say welcome, and tries again", async () => {
    let connections = 0;
    const silent = createServer(() => connections++);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    {
      await using agent = begin([`127.0.0.1:${(silent.address() as AddressInfo).port}`], { welcomeMillis: 200 });
      await expect.poll(() => connections, wait).toBeGreaterThan(1);
      expect(agent.session.seen).toBe(false);
    }
    silent.close();
  });

  it("asks for confirmation on its own connection, and refuses an answer to another question", async () => {
    const nonces: string[] = [];
    await using server = await testServer(fleet, {
      confirm: async ({ nonce, permission }) => {
        nonces.push(nonce);
        return { granted: true, ttlMillis: 30_000, reason: "", nonce: permission.slot === "forged" ? "other" : nonce };
      },
    });
    await using agent = begin([server.endpoint]);
    const question = { attempt: { rollout: "r", number: 1 }, permission: { slot: "s", epoch: 1 }, bootId: testBootId, checksum: "a".repeat(64) };
    const options = { deadlineMillis: 5000, signal: new AbortController().signal };
    await expect.poll(() => agent.session.up, wait).toBe(true);
    expect(await agent.session.confirm(question, options)).toMatchObject({ granted: true, ttlMillis: 30_000 });
    await expect(agent.session.confirm({ ...question, permission: { slot: "forged", epoch: 1 } }, options)).rejects.toThrow(/another question/);
    await agent.session.confirm(question, options);
    expect(new Set(nonces).size).toBe(3);
  });

  it("does not reach a server of another authority", async () => {
    await using other = await testFleet();
    await using server = await testServer(other);
    await using agent = begin([server.endpoint]);
    await expect.poll(agent.changes, wait).toBeGreaterThan(2);
    expect(server.sessions).toEqual([]);
    expect(agent.session.up).toBe(false);
  });
});
