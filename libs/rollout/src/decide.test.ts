import { describe, expect, it } from "vitest";
import { decideAll } from "./decide.ts";
import { explainNode } from "./explain.ts";
import { targetCommit, type SimulatedAgent } from "./simulated-agent.ts";
import { fleetOf, SimulatedFleet } from "./simulated-fleet.ts";

function comeBack(fleet: SimulatedFleet, agent: SimulatedAgent): void {
  fleet.connect(agent);
  fleet.tick();
}

const retries = (limit: number) => ({ limit, backoffMillis: 0 });
const actions = (fleet: SimulatedFleet): readonly string[] => fleet.decisions.map(({ action }) => action);
const agentOf = (fleet: SimulatedFleet, index = 0): SimulatedAgent => fleet.agents[index]!;
const phaseOf = (fleet: SimulatedFleet, index = 0): string => fleet.assignment(agentOf(fleet, index).id).phase;
const reasonOf = (fleet: SimulatedFleet, index = 0): string => fleet.assignment(agentOf(fleet, index).id).reason;

describe("a node's way through a rollout", () => {
  it("ends Updated with the proof of its boot, its slot back and the intent to stay", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Finalizing");
    const previousBootId = agent.bootId;
    expect(fleet.settle()).toBe(true);
    expect(fleet.assignment(agent.id)).toMatchObject({
      phase: "Updated",
      proof: { bootId: agent.bootId, previousBootId, checksum: targetCommit, soakedMillis: 30_000 },
    });
    expect(fleet.snapshot.slots.size).toBe(0);
    expect(fleet.snapshot.intents.get(agent.id)).toMatchObject({ target: { checksum: targetCommit, ref: "sim/stable" } });
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    expect(fleet.rollout).toMatchObject({ state: "completed", settled: true, endedAt: fleet.now });
  });

  it("does nothing while held", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {}, hold: true });
    agentOf(fleet).green = false;
    fleet.report(agentOf(fleet));
    expect(fleet.tick()).toEqual([]);
    expect(fleet.codes(agentOf(fleet).id)).toEqual(["held", "red"]);
  });

  it("does nothing once it is settled", () => {
    const fleet = fleetOf();
    fleet.runUntil(() => fleet.rollout.settled);
    agentOf(fleet).green = false;
    fleet.report(agentOf(fleet));
    expect(decideAll(fleet.snapshot, fleet.now).decisions).toEqual([]);
  });

  it("counts a node that runs the release already, without an attempt and without a slot", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: { retries: retries(0) } });
    agentOf(fleet).booted = targetCommit;
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect(fleet.assignment(agentOf(fleet).id)).toMatchObject({ phase: "Updated", attempt: 0, reason: "already ran it" });
    expect(actions(fleet)).toEqual(["open-wave", "node-updated", "complete-rollout", "settle-rollout"]);
  });

  it("does not count one that runs the release with red checks", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: { retries: retries(0) } });
    Object.assign(agentOf(fleet), { booted: targetCommit, green: false });
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect([phaseOf(fleet), reasonOf(fleet)]).toEqual([
      "NotEligible",
      "it runs the release already, but its required checks are not green",
    ]);
    agentOf(fleet).green = true;
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Updated");
  });

  it("counts a node that came to run the release by other means after it was ordered", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    agent.booted = targetCommit;
    fleet.turn(agent);
    expect([phaseOf(fleet), reasonOf(fleet)]).toEqual(["Updated", "already ran it"]);
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
  });

  it("waits for a red node with the reason, and begins once it is green", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: { retries: retries(0) } });
    agentOf(fleet).green = false;
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect([phaseOf(fleet), reasonOf(fleet)]).toEqual(["NotEligible", "its required checks are red before the update"]);
    agentOf(fleet).green = true;
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Staging");
  });

  it("calls the attempt off when the node turns red before it began, and orders a new one once it is green", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    agent.green = false;
    fleet.turn(agent);
    expect(phaseOf(fleet)).toBe("NotEligible");
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    agent.green = true;
    fleet.turn(agent);
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Staging", attempt: 2, retried: 0 });
  });

  it("gives no slot to a staged node that has turned red", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    fleet.advance(agent, "good");
    agent.green = false;
    fleet.report(agent);
    fleet.tick();
    expect(fleet.snapshot.slots.size).toBe(0);
    expect(fleet.codes(agent.id)).toEqual(["red", "under-way", "red"]);
  });

  it("names the budget a staged node waits for", () => {
    const fleet = fleetOf({}, { nodes: 2 });
    fleet.runTo(agentOf(fleet, 0), "Finalizing");
    fleet.runTo(agentOf(fleet, 1), "Staged");
    expect(explainNode(fleet.snapshot, agentOf(fleet, 1).id, fleet.now)[0]).toMatchObject({
      code: "budget",
      reason: "it is staged and waits for a slot: 1 of at most 1 are unavailable in budget rollout r",
    });
  });

  it("waits while something else holds the node's slot", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    const holder = { kind: "repair" as const, id: "r-17" };
    fleet.change({ kind: "slot", value: { id: "other", nodeId: agent.id, holder, epoch: 1, grantedAt: 0, budgets: [] } });
    for (let turn = 0; turn < 4; turn++) fleet.turn(agent);
    expect(phaseOf(fleet)).toBe("Staged");
    expect(fleet.codes(agent.id)).toEqual(["slot-of-another", "under-way"]);
    expect(fleet.snapshot.slots.get(agent.id)?.id).toBe("other");
  });

  it("ends Failed at once on a node that denies the commit", () => {
    const denied = new SimulatedFleet({ nodes: 1, policy: { retries: retries(2) } });
    const node = denied.node(agentOf(denied).id);
    denied.change({ kind: "denied", value: { nodeId: node.id, checksum: targetCommit, reason: "red", at: 0 } });
    denied.tick();
    expect(denied.assignment(node.id)).toMatchObject({ phase: "Failed", failure: "release", attempt: 0 });
    expect(denied.rollout.state).toBe("halted");
  });

  it("says that it waits for a silent node, and takes it back when the node speaks", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    fleet.disconnect(agentOf(fleet));
    fleet.tick();
    expect([phaseOf(fleet), ...fleet.codes(agentOf(fleet).id)]).toEqual(["pending", "silent", "silent"]);
    comeBack(fleet, agentOf(fleet));
    expect(phaseOf(fleet)).toBe("Staging");
  });

  it("passes on why an open attempt stands, in the agent's words", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    fleet.report(agent);
    fleet.tick();
    agent.reason = "no route to the content";
    fleet.report(agent);
    fleet.tick();
    expect([phaseOf(fleet), reasonOf(fleet)]).toEqual(["Staging", "no route to the content"]);
  });
});

describe("waves", () => {
  it("open one after the other, each only when every node before it is updated", () => {
    const fleet = fleetOf({ waves: [{ size: { count: 1 } }, { size: { count: 1 } }, { size: { rest: true } }] }, { nodes: 3 });
    expect([0, 1, 2].map((index) => phaseOf(fleet, index))).toEqual(["Staging", "pending", "pending"]);
    fleet.runTo(agentOf(fleet, 0), "Soaking");
    fleet.turn(agentOf(fleet, 0));
    expect([0, 1, 2].map((index) => phaseOf(fleet, index))).toEqual(["Updated", "Staging", "pending"]);
    expect(fleet.rollout.openWave).toBe(1);
  });
});
