import { describe, expect, it } from "vitest";
import { newerCommit, targetCommit } from "./simulated-agent.ts";
import { fleetOf, SimulatedFleet } from "./simulated-fleet.ts";

const all = { maxUnavailable: "100%" };
const s = { ...all, release: "3" };

describe("two rollouts over one node", () => {
  it("the one of higher priority goes first, whenever it was created; the other waits, told why, and is superseded", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: all });
    fleet.create("s", { ...s, priority: 10 });
    fleet.tick();
    expect([fleet.assignment("node-00").phase, fleet.assignment("node-00", "s").phase]).toEqual(["pending", "Staging"]);
    expect(fleet.codes("node-00")).toEqual(["under-way", "other-rollout"]);
    expect(fleet.settle()).toBe(true);
    expect(fleet.assignment("node-00")).toMatchObject({ phase: "Superseded", reason: "rollout s (priority 10) has updated the node to 3" });
    expect(fleet.agents[0]!.booted).toBe(newerCommit);
  });

  it("of equal priority the older goes first, and the newer follows", () => {
    const fleet = fleetOf(all);
    fleet.now += 1;
    fleet.create("s", s);
    expect(fleet.settle()).toBe(true);
    expect(fleet.agents[0]!.pulled).toEqual([targetCommit, newerCommit]);
    expect([fleet.assignment("node-00").phase, fleet.assignment("node-00", "s").phase]).toEqual(["Updated", "Updated"]);
  });

  it("an attempt that is not confirmed is called off for a higher priority, its slot given back by evidence", () => {
    const fleet = fleetOf(all);
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staged");
    expect(fleet.snapshot.slots.size).toBe(1);
    fleet.create("s", { ...s, priority: 10 });
    fleet.tick();
    expect([fleet.assignment(agent.id).phase, fleet.assignment(agent.id, "s").phase, fleet.snapshot.slots.size]).toEqual([
      "Staged",
      "pending",
      1,
    ]);
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    fleet.turn(agent);
    expect([fleet.assignment(agent.id).phase, fleet.assignment(agent.id, "s").phase, fleet.snapshot.slots.size]).toEqual([
      "pending",
      "Staging",
      0,
    ]);
    expect(fleet.settle()).toBe(true);
    expect([fleet.assignment(agent.id).phase, agent.booted]).toEqual(["Superseded", newerCommit]);
  });

  it("an attempt that is confirmed finishes first", () => {
    const fleet = fleetOf(all);
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Finalizing");
    fleet.create("s", { ...s, priority: 10 });
    fleet.tick();
    expect(fleet.snapshot.intents.get(agent.id)?.attempt?.ref).toEqual({ rollout: "r", number: 1 });
    expect(fleet.codes(agent.id)).toContain("other-rollout");
    expect(fleet.settle()).toBe(true);
    expect(agent.pulled).toEqual([targetCommit, newerCommit]);
  });

  it("a wave that is not open calls nothing off, and its node is not begun by a lower one any more", () => {
    const fleet = fleetOf(all, { nodes: 2 });
    fleet.runTo(fleet.agents[0]!, "Staged");
    fleet.create("s", { ...s, priority: 10, waves: [{ size: { rest: true }, approval: true }] });
    fleet.tick();
    expect(fleet.snapshot.intents.get("node-00")?.attempt?.ref.rollout).toBe("r");
    const third = fleet.enroll();
    fleet.tick();
    expect([fleet.assignment(third.id).phase, fleet.assignment(third.id, "s").phase]).toEqual(["pending", "pending"]);
    expect(fleet.codes(third.id)).toEqual(["wave", "other-rollout"]);
  });

  it("when the higher one ends without the node, the lower one goes on", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: all });
    fleet.create("s", { ...s, priority: 10 });
    fleet.tick();
    fleet.abort("s");
    fleet.tick();
    expect(fleet.settle()).toBe(true);
    expect([fleet.assignment("node-00", "s").phase, fleet.assignment("node-00").phase, fleet.agents[0]!.booted]).toEqual([
      "pending",
      "Updated",
      targetCommit,
    ]);
  });

  it("a rollback leaves a node of an earlier wave to the rollout that has updated it since, too", () => {
    const fleet = fleetOf({ ...all, waves: [{ size: { count: 1 } }, { size: { rest: true } }] }, { nodes: 2 });
    fleet.runUntil(() => fleet.rollout.openWave === 1);
    fleet.create("s", {
      ...s,
      selector: undefined,
      nodes: ["node-00"],
      priority: 10,
      waves: [{ size: { rest: true }, bakeMillis: 3_600_000 }],
    });
    for (let turn = 0; turn < 9; turn++) fleet.turn(fleet.agents[0]!);
    expect([fleet.assignment("node-00").phase, fleet.assignment("node-00", "s").phase]).toEqual(["Superseded", "Updated"]);
    fleet.rollback();
    fleet.tick();
    expect(fleet.assignment("node-00").phase).toBe("Superseded");
    expect(fleet.agents[0]!.booted).toBe(newerCommit);
  });

  it("a rollback leaves a node to the rollout that has updated it since", () => {
    const fleet = fleetOf({ ...all, waves: [{ size: { count: 1 } }, { size: { rest: true }, approval: true }] }, { nodes: 2 });
    fleet.runUntil(() => fleet.assignment("node-00").phase === "Updated");
    fleet.create("s", { ...s, priority: 10, waves: [{ size: { count: 1 } }, { size: { rest: true }, approval: true }] });
    fleet.runUntil(() => fleet.assignment("node-00", "s").phase === "Updated");
    expect(fleet.assignment("node-00").phase).toBe("Superseded");
    fleet.rollback();
    fleet.tick();
    expect(fleet.rollout.state).toBe("rolled-back");
    fleet.rollback("s");
    expect(fleet.runUntil(() => fleet.rolloutOf("s").state === "rolled-back")).toBe(true);
    expect(fleet.agents.map(({ booted }) => booted)).toEqual([targetCommit, "b".repeat(64)]);
  });

  it("a node that the other rollout's own rollback brought back to the release is taken back with this one, too", () => {
    const fleet = fleetOf({ ...all, waves: [{ size: { count: 1 } }, { size: { rest: true }, approval: true }] }, { nodes: 2 });
    fleet.runUntil(() => fleet.assignment("node-00").phase === "Updated");
    fleet.create("s", { ...s, priority: 10, waves: [{ size: { count: 1 } }, { size: { rest: true }, approval: true }] });
    fleet.runUntil(() => fleet.assignment("node-00", "s").phase === "Updated");
    expect(fleet.assignment("node-00").phase).toBe("Superseded");
    fleet.rollback("s");
    expect(fleet.runUntil(() => fleet.rolloutOf("s").state === "rolled-back")).toBe(true);
    expect(fleet.agents[0]!.booted).toBe(targetCommit);
    fleet.rollback();
    expect(fleet.runUntil(() => fleet.rollout.state === "rolled-back")).toBe(true);
    expect([fleet.assignment("node-00").phase, fleet.agents[0]!.booted]).toEqual(["Reverted", "b".repeat(64)]);
  });
});
