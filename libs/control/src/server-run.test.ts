import { describe, expect, it } from "vitest";
import { aliveEveryMillis } from "./server-run.ts";
import { node, startTestServer } from "./test-server.ts";

describe("a server run", () => {
  it("takes the epoch above every earlier one, and it is durable before it is used", async () => {
    const first = await startTestServer();
    first.fleet.stop();
    const second = await startTestServer({ store: first.store });
    expect([first.run.epoch, second.run.epoch, second.store.batches.map(({ epoch }) => epoch)]).toEqual([1, 2, [1, 2]]);
  });

  it("reads nothing before the server it replaces can write nothing", async () => {
    const old = await startTestServer();
    const { store } = old;
    const load = store.load.bind(store);
    const late: string[] = [];
    // What the old one sends off while the new one opens.
    store.load = async () => {
      const fate = await old.put({ kind: "node", value: node("late") }).then(
        () => "durable",
        () => "refused",
      );
      late.push(fate);
      return load();
    };
    const second = await startTestServer({ store });
    expect(
      late.every((fate) => fate === "refused"),
      late.join(),
    ).toBe(true);
    expect(late.length).toBeGreaterThan(0);
    expect(second.fleet.working.nodes.has("late")).toBe(false);
  });

  it("notes that it lives, until it ends, and says when that was", async () => {
    const server = await startTestServer();
    const startedAt = server.clock.now();
    await server.clock.pass(2 * aliveEveryMillis + 10);
    expect(server.fleet.durable.runs.get(1)).toEqual({ epoch: 1, startedAt, aliveAt: startedAt + 2 * aliveEveryMillis });
    await server.run.end();
    expect([server.fleet.durable.runs.get(1)?.aliveAt, server.clock.timers]).toEqual([startedAt + 2 * aliveEveryMillis + 10, 0]);
  });

  it("goes above what an agent has seen, in the same life, and only then", async () => {
    const server = await startTestServer();
    const { startedAt } = server.fleet.durable.runs.get(1)!;
    await server.clock.pass(10);
    expect(await Promise.all([server.run.above(1), server.run.above(41), server.run.above(40)])).toEqual([1, 42, 42]);
    expect([server.run.epoch, server.fleet.durable.runs.get(42)?.startedAt, server.store.actions]).toEqual([
      42,
      startedAt,
      ["start", "epoch-jump"],
    ]);
  });

  it("whose fleet was stopped beats no more", async () => {
    const server = await startTestServer();
    server.fleet.stop();
    await server.clock.pass(10 * aliveEveryMillis);
    expect([server.store.batches.length, server.clock.timers]).toEqual([1, 0]);
  });
});
