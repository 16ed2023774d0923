import { describe, expect, it } from "vitest";
import type { PolicyDraft } from "./policy-draft.ts";
import { baseCommit, newerCommit, targetCommit, type SimulatedAgent } from "./simulated-agent.ts";
import { fleetOf, SimulatedFleet } from "./simulated-fleet.ts";

const all = { maxUnavailable: "100%" };
const never = { limit: 0, backoffMillis: 0 };
const agentOf = (fleet: SimulatedFleet, index = 0): SimulatedAgent => fleet.agents[index]!;
const phases = (fleet: SimulatedFleet): readonly string[] => fleet.agents.map(({ id }) => fleet.assignment(id).phase);
const booted = (fleet: SimulatedFleet): readonly string[] => fleet.agents.map((agent) => agent.booted);

function update(fleet: SimulatedFleet, ...indexes: readonly number[]): void {
  expect(fleet.runUntil(() => indexes.every((index) => fleet.assignment(agentOf(fleet, index).id).phase === "Updated"))).toBe(true);
}

function fleetWithResources(policy: Partial<PolicyDraft>, nodes: number): SimulatedFleet {
  const fleet = new SimulatedFleet({ nodes });
  for (const agent of fleet.agents) {
    agent.resources = { "vendor.com/gpu": 4 };
    fleet.report(agent);
  }
  fleet.create("r", { ...policy, retries: never });
  fleet.tick();
  return fleet;
}

describe("a rollback of the whole rollout", () => {
  it("takes every updated node back to what it ran, with proof and without downloading, and denies nothing", () => {
    const fleet = fleetOf(all, { nodes: 3 });
    expect(fleet.settle()).toBe(true);
    fleet.rollback();
    expect(fleet.rollout).toMatchObject({ state: "rolling-back", way: "back", settled: false });
    expect(fleet.settle()).toBe(true);
    expect([fleet.rollout.state, ...phases(fleet)]).toEqual(["rolled-back", "Reverted", "Reverted", "Reverted"]);
    expect(booted(fleet)).toEqual([baseCommit, baseCommit, baseCommit]);
    expect(fleet.agents.map(({ pulled }) => pulled)).toEqual([[targetCommit], [targetCommit], [targetCommit]]);
    expect(fleet.assignment("node-00").proof).toMatchObject({ checksum: baseCommit });
    expect(fleet.snapshot.denied.size).toBe(0);
  });

  it("orders the way back as such, to the commit that the node had kept until then", () => {
    const fleet = fleetOf({ ...all, waves: [{ size: { count: 1 } }, { size: { rest: true }, approval: true }] }, { nodes: 2 });
    update(fleet, 0);
    expect(fleet.snapshot.intents.get("node-00")).toMatchObject({ keep: baseCommit });
    expect(agentOf(fleet).kept).toBe(baseCommit);
    fleet.rollback();
    fleet.tick();
    const intent = fleet.snapshot.intents.get("node-00");
    expect(intent).toMatchObject({
      target: { checksum: baseCommit, version: "1" },
      attempt: { ref: { rollout: "r", number: 2 }, back: true },
    });
    expect(intent?.keep).toBeUndefined();
  });

  it("lets the base go only when the rollout has ended", () => {
    const fleet = fleetOf(all, { nodes: 1 });
    update(fleet, 0);
    expect(fleet.rollout.state).toBe("completed");
    expect(fleet.snapshot.intents.get("node-00")?.keep).toBeUndefined();
    expect(fleet.decisions.map(({ action }) => action)).toContain("release-base");
  });

  it("does not touch a node that never changed, nor one that was brought back", () => {
    const fleet = fleetOf(
      { ...all, retries: never, gate: { maxFailures: 9 }, waves: [{ size: { count: 3 } }, { size: { rest: true } }] },
      { nodes: 4 },
    );
    agentOf(fleet, 3).green = false;
    fleet.runTo(agentOf(fleet, 0), "Soaking");
    fleet.turn(agentOf(fleet, 0), "red");
    fleet.runTo(agentOf(fleet, 1), "Staging");
    fleet.turn(agentOf(fleet, 1), "node-fault");
    fleet.connect(agentOf(fleet, 0));
    update(fleet, 2);
    fleet.rollback();
    expect(fleet.settle()).toBe(true);
    expect(phases(fleet)).toEqual(["RolledBack", "Failed", "Reverted", "NotEligible"]);
    expect(fleet.agents.map(({ id }) => fleet.assignment(id).attempt)).toEqual([1, 1, 2, 0]);
  });

  it("takes failed nodes back first, under the same budgets", () => {
    const fleet = fleetWithResources({ maxUnavailable: "2", gate: { maxFailures: 9 } }, 3);
    fleet.runTo(agentOf(fleet, 2), "Rebooting");
    fleet.turn(agentOf(fleet, 2), "lose-resource");
    fleet.runUntil(() => fleet.assignment("node-02").phase === "Failed");
    update(fleet, 0, 1);
    fleet.rollback();
    const grants = (): readonly string[] =>
      fleet.decisions.filter(({ action }) => action === "grant-slot").map(({ subject }) => subject.slice(-2));
    const before = grants().length;
    // The judge of the simulation counts budgets at every grant.
    expect(fleet.settle()).toBe(true);
    expect(grants().slice(before)).toEqual(["02", "00", "01"]);
    expect(phases(fleet)).toEqual(["Reverted", "Reverted", "Reverted"]);
  });

  it("lets what is confirmed finish before it is taken back, and calls off what is not", () => {
    const fleet = fleetOf(all, { nodes: 2 });
    fleet.runTo(agentOf(fleet, 0), "Rebooting");
    fleet.runTo(agentOf(fleet, 1), "Staged");
    fleet.rollback();
    fleet.tick();
    expect(phases(fleet)).toEqual(["Rebooting", "Staged"]);
    expect(fleet.settle()).toBe(true);
    expect(phases(fleet)).toEqual(["Reverted", "pending"]);
    expect(booted(fleet)).toEqual([baseCommit, baseCommit]);
  });

  it("counts a node as taken back that came back by other means while its own way back waited, and gives its slot back", () => {
    const fleet = fleetOf(all, { nodes: 1 });
    update(fleet, 0);
    fleet.rollback();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Staged");
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    fleet.report(agent);
    fleet.tick();
    expect([phases(fleet), fleet.snapshot.slots.size]).toEqual([["Draining"], 1]);
    const { ref: attempt, target } = agent.open!;
    const outcome = { kind: "abandoned", reason: "it came back by other means", bootId: agent.bootId } as const;
    agent.closed = [...agent.closed, { attempt, target, outcome }];
    agent.open = undefined;
    fleet.boot(agent, "fall-back");
    agent.green = false;
    fleet.connect(agent);
    fleet.tick();
    expect([phases(fleet), fleet.snapshot.slots.size]).toEqual([["Draining"], 1]);
    agent.green = true;
    fleet.report(agent);
    fleet.tick();
    expect([phases(fleet), fleet.snapshot.slots.size]).toEqual([["Reverted"], 0]);
    expect(fleet.rollout).toMatchObject({ state: "rolled-back", settled: true });
  });

  it("takes back a red node, which a forward attempt would not touch", () => {
    const fleet = fleetOf(all);
    update(fleet, 0);
    agentOf(fleet).green = false;
    fleet.report(agentOf(fleet));
    fleet.rollback();
    for (let turn = 0; turn < 12; turn++) fleet.turn(agentOf(fleet));
    expect(phases(fleet)).toEqual(["Reverted"]);
  });

  it("waits for a Lost node by name, and ends when it speaks or is given up", () => {
    const fleet = fleetOf({ ...all, gate: { maxFailures: 9 } }, { nodes: 2 });
    fleet.runTo(agentOf(fleet, 0), "Rebooting");
    fleet.disconnect(agentOf(fleet, 0));
    fleet.now += 20 * 60_000;
    fleet.tick();
    fleet.rollback();
    fleet.tick();
    expect([fleet.rollout.state, fleet.codes("node-00")[0]]).toEqual(["rolling-back", "lost"]);
    fleet.writeOff(agentOf(fleet, 0));
    fleet.tick();
    expect(fleet.rollout).toMatchObject({ state: "rolled-back", settled: true });
  });

  it("counts a node that somebody took back by hand, and fails one that somebody took elsewhere", () => {
    const fleet = fleetOf(all, { nodes: 2 });
    expect(fleet.settle()).toBe(true);
    agentOf(fleet, 0).booted = baseCommit;
    agentOf(fleet, 1).booted = newerCommit;
    for (const agent of fleet.agents) fleet.report(agent);
    fleet.rollback();
    fleet.tick();
    expect(phases(fleet)).toEqual(["Reverted", "Failed"]);
    expect(fleet.assignment("node-01")).toMatchObject({ failure: "operator" });
    expect(fleet.rollout.state).toBe("rolled-back");
  });

  it("gives up a node that was revoked or written off after its update", () => {
    const fleet = fleetOf(all, { nodes: 2 });
    expect(fleet.settle()).toBe(true);
    fleet.revoke(agentOf(fleet, 0));
    fleet.disconnect(agentOf(fleet, 1));
    fleet.writeOff(agentOf(fleet, 1));
    fleet.rollback();
    fleet.tick();
    expect(phases(fleet)).toEqual(["Failed", "Failed"]);
    expect(fleet.rollout).toMatchObject({ state: "rolled-back", settled: true });
  });

  it("pauses, goes on, and can be aborted and taken up again", () => {
    const fleet = fleetOf({}, { nodes: 3 });
    expect(fleet.settle()).toBe(true);
    fleet.rollback();
    fleet.runUntil(() => fleet.assignment("node-00").phase === "Reverted");
    fleet.pause(true);
    fleet.tick();
    expect(fleet.rollout).toMatchObject({ state: "paused", way: "back" });
    fleet.pause(false);
    expect(fleet.rollout.state).toBe("rolling-back");
    fleet.runUntil(() => fleet.assignment("node-01").phase === "Reverted");
    fleet.abort();
    expect(fleet.settle()).toBe(true);
    expect([fleet.rollout.state, booted(fleet)[2]]).toEqual(["aborted", targetCommit]);
    fleet.rollback();
    expect(fleet.settle()).toBe(true);
    expect([fleet.rollout.state, booted(fleet)[2]]).toEqual(["rolled-back", baseCommit]);
  });

  it("retries a retryable failure of a way back, and fails without denying when the commit it leads to is red", () => {
    const fleet = fleetOf(all, { nodes: 2 });
    expect(fleet.settle()).toBe(true);
    fleet.rollback();
    fleet.runTo(agentOf(fleet, 0), "Staging");
    fleet.turn(agentOf(fleet, 0), "transient");
    expect(fleet.assignment("node-00")).toMatchObject({ way: "back", attempt: 3, retried: 1, phase: "Staging" });
    fleet.runTo(agentOf(fleet, 1), "Soaking");
    fleet.turn(agentOf(fleet, 1), "red");
    expect(fleet.assignment("node-01")).toMatchObject({ phase: "Failed", failure: "needs-operator", way: "back" });
    expect([fleet.snapshot.denied.size, fleet.snapshot.slots.has("node-01")]).toEqual([0, true]);
    expect(fleet.settle()).toBe(true);
    expect(phases(fleet)).toEqual(["Reverted", "Failed"]);
    expect(fleet.snapshot.slots.size).toBe(0);
  });

  it("takes back a node that failed after it had booted the release, also while it waits to be tried again", () => {
    const fleet = fleetWithResources(all, 1);
    fleet.runTo(agentOf(fleet), "Rebooting");
    fleet.turn(agentOf(fleet), "lose-resource");
    fleet.runUntil(() => fleet.assignment("node-00").phase === "Failed");
    expect(fleet.assignment("node-00")).toMatchObject({ failure: "release", booted: true });
    fleet.rollback();
    expect(fleet.settle()).toBe(true);
    expect([fleet.rollout.state, ...phases(fleet)]).toEqual(["rolled-back", "Reverted"]);
    expect(fleet.snapshot.slots.size).toBe(0);
  });
});
