import { describe, expect, it } from "vitest";
import { SimulatedFleet } from "./simulated-fleet.ts";
import {
  apply,
  applyAll,
  currentEpoch,
  emptySnapshot,
  isCleared,
  isDenied,
  keptRuns,
  nextGeneration,
  serverWasAway,
  silentSince,
  type Snapshot,
} from "./snapshot.ts";
import { isUnavailable } from "./standing.ts";
import type { Change } from "./change.ts";

const equal = (a: Snapshot, b: Snapshot): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A fleet half through its rollout, and every change that led there. */
function recorded(): { readonly fleet: SimulatedFleet; readonly changes: readonly Change[] } {
  const fleet = new SimulatedFleet({ nodes: 4, policy: { waves: [{ size: { count: 1 } }, { size: { rest: true } }] } });
  const before = fleet.snapshot;
  for (let turn = 0; turn < 12; turn++) {
    fleet.tick();
    for (const agent of fleet.agents) {
      if (!agent.connected) fleet.connect(agent);
      fleet.deliver(agent);
      fleet.advance(agent, "good");
      fleet.confirm(agent, true);
      fleet.report(agent);
    }
  }
  expect(before).not.toBe(fleet.snapshot);
  return { fleet, changes: fleet.decisions.flatMap(({ changes }) => changes) };
}

describe("apply", () => {
  it("gives the same snapshot when each change is applied twice", () => {
    const { changes } = recorded();
    expect(changes.length).toBeGreaterThan(20);
    const once = applyAll(emptySnapshot, changes);
    const twice = applyAll(
      emptySnapshot,
      changes.flatMap((change) => [change, change]),
    );
    expect(equal(once, twice)).toBe(true);
    expect(equal(once, emptySnapshot)).toBe(false);
  });

  it("leaves the snapshot it was given as it was", () => {
    const { fleet } = recorded();
    const kept = JSON.stringify(fleet.snapshot);
    apply(fleet.snapshot, { kind: "contact", nodeId: "node-00", connected: false, at: 1 });
    apply(fleet.snapshot, { kind: "slot-released", nodeId: "node-01", id: "r/node-01/1" });
    expect(JSON.stringify(fleet.snapshot)).toBe(kept);
  });

  it("does not release a slot by the name of another", () => {
    const slot = {
      id: "new",
      nodeId: "n",
      holder: { kind: "rollout" as const, rollout: "r", number: 2 },
      epoch: 1,
      grantedAt: 0,
      budgets: [],
    };
    const snapshot = apply(emptySnapshot, { kind: "slot", value: slot });
    expect(apply(snapshot, { kind: "slot-released", nodeId: "n", id: "old" })).toBe(snapshot);
    expect(apply(snapshot, { kind: "slot-released", nodeId: "n", id: "new" }).slots.size).toBe(0);
  });

  it("keeps a denial that was cleared, and denies nothing by it", () => {
    const denial = { nodeId: "n", checksum: "c", reason: "", at: 0 };
    const snapshot = apply(emptySnapshot, { kind: "denied", value: denial });
    expect([isDenied(snapshot, "n", "c"), isCleared(snapshot, "n", "c")]).toEqual([true, false]);
    const cleared = apply(snapshot, { kind: "denied", value: { ...denial, cleared: { at: 1, by: "op", reason: "" } } });
    expect([isDenied(cleared, "n", "c"), isCleared(cleared, "n", "c")]).toEqual([false, true]);
  });

  it("keeps since when a contact is so when it is said again", () => {
    const down = (at: number): Change => ({ kind: "contact", nodeId: "n", connected: false, at });
    expect(silentSince(applyAll(emptySnapshot, [down(5), down(9)]), "n")).toBe(5);
  });
});

describe("questions to a snapshot", () => {
  const run = (epoch: number, startedAt: number, aliveAt: number): Change => ({ kind: "server-run", value: { epoch, startedAt, aliveAt } });

  it("knows when the server was away, from the gaps between its runs", () => {
    const snapshot = applyAll(emptySnapshot, [run(2, 200, 300), run(1, 0, 100)]);
    expect(serverWasAway(snapshot, 50, 150)).toBe(true);
    expect(serverWasAway(snapshot, 120, 180)).toBe(true);
    expect(serverWasAway(snapshot, 0, 100)).toBe(false);
    expect(serverWasAway(snapshot, 200, 300)).toBe(false);
  });

  it("remembers the newest runs only, whatever the order they come in, and still knows that it was away", () => {
    const runs = Array.from({ length: 40 }, (_, index) => run(index + 1, index * 100, index * 100 + 50));
    const snapshot = applyAll(emptySnapshot, runs);
    expect([...snapshot.runs.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: keptRuns }, (_, index) => 41 - keptRuns + index));
    expect(applyAll(emptySnapshot, runs.toReversed()).runs.equals(snapshot.runs)).toBe(true);
    expect(currentEpoch(snapshot)).toBe(40);
    expect(serverWasAway(snapshot, 20, 4000)).toBe(true);
    expect(serverWasAway(snapshot, 3900, 4000)).toBe(false);
  });

  it("does not take a jump to a higher epoch in the same life for an absence", () => {
    const snapshot = applyAll(emptySnapshot, [run(1, 0, 100), run(2, 200, 300), run(9, 200, 400)]);
    expect(serverWasAway(snapshot, 250, 500)).toBe(false);
    expect(serverWasAway(snapshot, 150, 500)).toBe(true);
  });

  it("counts silence of a node never heard from the start of the newest run", () => {
    expect(silentSince(applyAll(emptySnapshot, [run(1, 0, 100), run(2, 200, 300)]), "n")).toBe(200);
  });

  it("counts a revoked node as unavailable", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    const node = fleet.snapshot.nodes.get("node-00")!;
    expect(isUnavailable(fleet.snapshot, node.id)).toBe(false);
    expect(isUnavailable(apply(fleet.snapshot, { kind: "node", value: { ...node, revokedAt: 1 } }), node.id)).toBe(true);
  });

  it("makes a generation above everything sent and everything seen, in the epoch of now", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    const agent = fleet.agents[0]!;
    fleet.tick();
    expect(nextGeneration(fleet.snapshot, agent.id)).toEqual({ epoch: 1, number: 2 });
    agent.receive({ generation: { epoch: 1, number: 7 }, target: { checksum: "", ref: "", version: "" } });
    fleet.restartServer(1_000);
    fleet.connect(agent);
    expect(nextGeneration(fleet.snapshot, agent.id)).toEqual({ epoch: 2, number: 8 });
  });
});
