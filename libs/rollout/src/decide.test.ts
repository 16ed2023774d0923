import { describe, expect, it } from "vitest";
import { decide, lostAfterMillis, nextWake } from "./decide.ts";
import { SimulatedFleet, baseCommit, targetCommit, type Fate, type SimulatedAgent, type SimulatedFleetOptions } from "./simulated-fleet.ts";

function fleetOf(options: Partial<SimulatedFleetOptions> = {}): SimulatedFleet {
  const fleet = new SimulatedFleet({ nodes: 1, waves: [{ rest: true }], maxUnavailable: "1", retries: 2, ...options });
  fleet.tick();
  return fleet;
}

/** Turns of one agent until it is in `phase`; every turn takes `fate`. */
function runTo(fleet: SimulatedFleet, agent: SimulatedAgent, phase: string, fate: Fate = "good"): void {
  for (let turn = 0; turn < 30; turn++) {
    if (agent.open?.phase === phase) return;
    turnOf(fleet, agent, fate);
  }
  throw new Error(`${agent.id} never came to ${phase}`);
}

function turnOf(fleet: SimulatedFleet, agent: SimulatedAgent, fate: Fate = "good", answerArrives = true): void {
  if (!agent.connected) fleet.connect(agent);
  fleet.deliver(agent);
  fleet.advance(agent, fate);
  fleet.confirm(agent, answerArrives);
  fleet.report(agent);
  fleet.tick();
}

function comeBack(fleet: SimulatedFleet, agent: SimulatedAgent): void {
  fleet.connect(agent);
  fleet.tick();
}

const actions = (fleet: SimulatedFleet): readonly string[] => fleet.decisions.map(({ action }) => action);
const agentOf = (fleet: SimulatedFleet, index = 0): SimulatedAgent => fleet.agents[index]!;
const phaseOf = (fleet: SimulatedFleet, index = 0): string => fleet.assignment(agentOf(fleet, index).id).phase;
const reasonOf = (fleet: SimulatedFleet, index = 0): string => fleet.assignment(agentOf(fleet, index).id).reason;

describe("a node's way through a rollout", () => {
  it("ends Updated with the proof of its boot, its slot back and the intent to stay", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Finalizing");
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

  it("does nothing while held or settled", () => {
    const fleet = fleetOf();
    fleet.change({ kind: "rollout", value: { ...fleet.rollout, state: "held" } });
    agentOf(fleet).green = false;
    fleet.report(agentOf(fleet));
    expect(decide(fleet.snapshot, fleet.now)).toEqual([]);
  });

  it("counts a node that runs the release already, without an attempt and without a slot", () => {
    const fleet = new SimulatedFleet({ nodes: 1, waves: [{ rest: true }], maxUnavailable: "1", retries: 0 });
    agentOf(fleet).booted = targetCommit;
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect(fleet.assignment(agentOf(fleet).id)).toMatchObject({ phase: "Updated", attempt: 0, reason: "already ran it" });
    expect(actions(fleet)).toEqual(["node-updated", "complete-rollout", "settle-rollout"]);
  });

  it("does not count one that runs the release with red checks", () => {
    const fleet = new SimulatedFleet({ nodes: 1, waves: [{ rest: true }], maxUnavailable: "1", retries: 0 });
    Object.assign(agentOf(fleet), { booted: targetCommit, green: false });
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect([phaseOf(fleet), reasonOf(fleet)]).toEqual(["NotEligible", "it runs the release already, but its required checks are not green"]);
    agentOf(fleet).green = true;
    fleet.report(agentOf(fleet));
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Updated");
  });

  it("counts a node that came to run the release by other means after it was ordered", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    agent.booted = targetCommit;
    turnOf(fleet, agent);
    expect([phaseOf(fleet), reasonOf(fleet)]).toEqual(["Updated", "already ran it"]);
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
  });

  it("waits for a red node with the reason, and begins once it is green", () => {
    const fleet = new SimulatedFleet({ nodes: 1, waves: [{ rest: true }], maxUnavailable: "1", retries: 0 });
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
    turnOf(fleet, agent);
    expect(phaseOf(fleet)).toBe("NotEligible");
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    agent.green = true;
    turnOf(fleet, agent);
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
    expect(reasonOf(fleet)).toBe("waiting: its required checks are red before the update");
  });

  it("names the budget a staged node waits for", () => {
    const fleet = fleetOf({ nodes: 2 });
    runTo(fleet, agentOf(fleet, 0), "Finalizing");
    runTo(fleet, agentOf(fleet, 1), "Staged");
    expect(reasonOf(fleet, 1)).toBe("waiting for a slot: 1 of 1 unavailable in budget rollout r");
  });

  it("leaves the reason of a staged node to the ledger, whatever the agent says", () => {
    const fleet = fleetOf({ nodes: 2 });
    runTo(fleet, agentOf(fleet, 0), "Finalizing");
    agentOf(fleet, 1).reason = "the slot was taken back";
    runTo(fleet, agentOf(fleet, 1), "Staged");
    expect(reasonOf(fleet, 1)).toBe("waiting for a slot: 1 of 1 unavailable in budget rollout r");
  });

  it("waits while something else holds the node's slot", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    const holder = { kind: "rollout" as const, rollout: "other", number: 1 };
    fleet.change({ kind: "slot", value: { id: "other", nodeId: agent.id, holder, epoch: 1, grantedAt: 0, budgets: [] } });
    runTo(fleet, agent, "Staged");
    expect(reasonOf(fleet)).toBe("waiting: rollout other holds this node's slot");
    expect(fleet.snapshot.slots.get(agent.id)?.id).toBe("other");
  });

  it("ends Failed at once on a node that was revoked or that denies the commit", () => {
    const revoked = new SimulatedFleet({ nodes: 1, waves: [{ rest: true }], maxUnavailable: "1", retries: 2 });
    const node = revoked.snapshot.nodes.get(agentOf(revoked).id)!;
    revoked.change({ kind: "node", value: { ...node, revokedAt: revoked.now } });
    revoked.tick();
    expect(revoked.assignment(node.id)).toMatchObject({ phase: "Failed", failure: "operator", attempt: 0 });

    const denied = new SimulatedFleet({ nodes: 1, waves: [{ rest: true }], maxUnavailable: "1", retries: 2 });
    denied.change({ kind: "denied", value: { nodeId: node.id, checksum: targetCommit, reason: "red", at: 0 } });
    denied.tick();
    expect(denied.assignment(node.id)).toMatchObject({ phase: "Failed", failure: "release", attempt: 0 });
    expect(denied.rollout.state).toBe("halted");
  });

  it("says that it waits for a silent node, and takes it back when the node speaks", () => {
    const fleet = fleetOf();
    fleet.disconnect(agentOf(fleet));
    fleet.tick();
    expect(reasonOf(fleet)).toBe("waiting for the node, which is silent");
    comeBack(fleet, agentOf(fleet));
    expect(reasonOf(fleet)).toBe("");
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

describe("failures", () => {
  it("tries a retryable failure again with a new attempt, then fails and halts", () => {
    const fleet = fleetOf({ retries: 2 });
    const agent = agentOf(fleet);
    for (const attempt of [1, 2]) {
      runTo(fleet, agent, "Staging");
      turnOf(fleet, agent, "transient");
      expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Staging", attempt: attempt + 1, retried: attempt, reason: `attempt ${attempt} failed: transient` });
    }
    runTo(fleet, agent, "Staging");
    turnOf(fleet, agent, "transient");
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Failed", failure: "transient", attempt: 3, retried: 2 });
    expect(fleet.rollout).toMatchObject({ state: "halted", reason: "node-00 is Failed(transient): transient" });
  });

  it("does not retry what is not retryable", () => {
    const fleet = fleetOf();
    runTo(fleet, agentOf(fleet), "Staging");
    turnOf(fleet, agentOf(fleet), "node-fault");
    expect(fleet.assignment(agentOf(fleet).id)).toMatchObject({ phase: "Failed", failure: "node", attempt: 1 });
  });

  it("retries never-booted only once the node is proved back, and denies nothing", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Finalizing");
    agent.green = false;
    fleet.boot(agent, "power-cut");
    comeBack(fleet, agent);
    expect(reasonOf(fleet)).toBe("the power went before it was finalized; its slot waits for evidence");
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
    agent.green = true;
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id)).toMatchObject({ attempt: 2, retried: 1 });
    expect(fleet.snapshot.slots.size).toBe(0);
    expect(fleet.snapshot.denied.size).toBe(0);
  });

  it("gives the slot back while paused, and begins the next attempt only when the rollout runs", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Finalizing");
    fleet.pause(true);
    fleet.boot(agent, "power-cut");
    comeBack(fleet, agent);
    expect([phaseOf(fleet), fleet.snapshot.slots.size]).toEqual(["pending", 0]);
    fleet.pause(false);
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Staging");
  });

  it("is RolledBack, denied and halted when a node was brought back; the slot returns with the evidence", () => {
    const fleet = fleetOf({ nodes: 2, waves: [{ count: 1 }, { rest: true }] });
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Soaking");
    fleet.advance(agent, "red");
    comeBack(fleet, agent);
    expect([phaseOf(fleet, 0), phaseOf(fleet, 1)]).toEqual(["RolledBack", "pending"]);
    expect(fleet.snapshot.denied.get(agent.id)?.has(targetCommit)).toBe(true);
    expect(fleet.rollout).toMatchObject({ state: "halted", settled: true });
    expect(fleet.snapshot.slots.size).toBe(0);
    expect(fleet.snapshot.intents.get(agent.id)).toMatchObject({ target: { checksum: baseCommit } });
  });

  it("keeps the slot of a node that is red on its previous commit, although its end is decided and its intent is to stay", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Soaking");
    fleet.advance(agent, "red-both");
    comeBack(fleet, agent);
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Failed", failure: "needs-operator" });
    expect(fleet.snapshot.denied.get(agent.id)?.has(targetCommit)).toBe(true);
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    expect([fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual([1, false]);
    agent.green = true;
    fleet.report(agent);
    fleet.tick();
    expect([fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual([0, true]);
  });

  it("is Failed(unreachable), retried without using up a retry and without a denial, when this server was away", () => {
    const fleet = fleetOf({ retries: 0 });
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Rebooting");
    fleet.advance(agent, "good");
    fleet.restartServer(3_600_000);
    fleet.advance(agent, "no-session");
    comeBack(fleet, agent);
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Staging", attempt: 2, retried: 0, clearDenied: true });
    expect(fleet.snapshot.denied.size).toBe(0);
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toMatchObject({ clearDenied: true });
    expect(fleet.settle()).toBe(true);
    expect(fleet.rollout.state).toBe("completed");
  });

  it("is RolledBack when the session did not come back although this server was there", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Rebooting");
    fleet.advance(agent, "good");
    fleet.now += 600_000;
    fleet.advance(agent, "no-session");
    comeBack(fleet, agent);
    expect(phaseOf(fleet)).toBe("RolledBack");
  });

  it("is proved by its newest boot when the node booted the target again before it could say that it is updated", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Soaking");
    fleet.disconnect(agent);
    fleet.advance(agent, "good");
    fleet.boot(agent, "power-cut");
    comeBack(fleet, agent);
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Updated", proof: { bootId: agent.bootId } });
  });

  it("is RolledBack when a later boot brought the previous commit back before the update was proved", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Soaking");
    fleet.disconnect(agent);
    fleet.advance(agent, "good");
    fleet.boot(agent, "fall-back");
    comeBack(fleet, agent);
    expect(phaseOf(fleet)).toBe("RolledBack");
    expect(fleet.snapshot.denied.get(agent.id)?.has(targetCommit)).toBe(true);
  });

  it("counts an attempt that the agent no longer knows as closed", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Staged");
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
    agent.loseJournal();
    fleet.deliver(agent);
    fleet.report(agent);
    fleet.tick();
    expect(fleet.decisions.at(-1)).toMatchObject({ action: "begin-attempt" });
    expect(fleet.assignment(agent.id)).toMatchObject({ attempt: 2, retried: 1, reason: "attempt 1 failed: the node no longer knows the attempt and runs its previous commit" });
  });
});

describe("an old report", () => {
  it("from before the grant does not count as an attempt that the agent no longer knows", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Staged");
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
    agent.loseJournal();
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id)).toMatchObject({ attempt: 1, phase: "Staged" });
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
  });
});

describe("a halt", () => {
  function halted(prepare: (fleet: SimulatedFleet, second: SimulatedAgent) => void): SimulatedFleet {
    const fleet = fleetOf({ nodes: 2, maxUnavailable: "2", retries: 0 });
    prepare(fleet, agentOf(fleet, 1));
    const other = agentOf(fleet, 0);
    runTo(fleet, other, "Staging");
    turnOf(fleet, other, "node-fault");
    expect(fleet.rollout.state).toBe("halted");
    return fleet;
  }

  it("calls back an attempt that the agent has not even seen", () => {
    const fleet = halted(() => {});
    const second = agentOf(fleet, 1);
    expect(fleet.snapshot.intents.get(second.id)?.attempt).toBeUndefined();
    turnOf(fleet, second);
    expect([phaseOf(fleet, 1), reasonOf(fleet, 1), fleet.rollout.settled]).toEqual(["pending", "called off before the point of no return", true]);
  });

  it("calls back a granted attempt and takes its slot by evidence", () => {
    const fleet = halted((before, second) => {
      runTo(before, second, "Staged");
      before.tick();
      expect(before.snapshot.slots.has(second.id)).toBe(true);
    });
    expect(fleet.snapshot.slots.size).toBe(1);
    turnOf(fleet, agentOf(fleet, 1));
    expect([phaseOf(fleet, 1), fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["pending", 0, true]);
  });

  it("calls back a confirmed attempt whose answer never arrived: the agent abandons it", () => {
    const fleet = halted((before, second) => {
      runTo(before, second, "Staged");
      before.deliver(second);
      before.advance(second, "good");
      before.confirm(second, false);
      before.report(second);
      before.tick();
      expect(before.snapshot.slots.get(second.id)?.confirmed).toBeDefined();
    });
    turnOf(fleet, agentOf(fleet, 1));
    expect(agentOf(fleet, 1).closed).toMatchObject([{ outcome: { kind: "abandoned" } }]);
    expect([phaseOf(fleet, 1), fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["pending", 0, true]);
  });

  it("calls back an attempt that a node without its journal began again after it was given up", () => {
    const fleet = fleetOf({ retries: 0 });
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Soaking");
    fleet.advance(agent, "red");
    agent.loseJournal();
    fleet.now += lostAfterMillis;
    fleet.tick();
    expect([phaseOf(fleet), fleet.rollout.state]).toEqual(["Lost", "halted"]);
    for (let turn = 0; turn < 4; turn++) turnOf(fleet, agent);
    expect([phaseOf(fleet), fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["pending", 0, true]);
  });

  it("lets a node that is past its confirmation finish, and only then settles", () => {
    const fleet = halted((before, second) => runTo(before, second, "Finalizing"));
    expect(fleet.snapshot.intents.get(agentOf(fleet, 1).id)?.attempt).toBeDefined();
    expect(fleet.rollout.settled).toBe(false);
    expect(fleet.settle()).toBe(true);
    expect(phaseOf(fleet, 1)).toBe("Updated");
    expect(fleet.rollout.state).toBe("halted");
  });
});

describe("waves", () => {
  it("open one after the other, each only when every node before it is updated", () => {
    const fleet = fleetOf({ nodes: 3, waves: [{ count: 1 }, { count: 1 }, { rest: true }] });
    expect([0, 1, 2].map((index) => phaseOf(fleet, index))).toEqual(["Staging", "pending", "pending"]);
    runTo(fleet, agentOf(fleet, 0), "Soaking");
    turnOf(fleet, agentOf(fleet, 0));
    expect([0, 1, 2].map((index) => phaseOf(fleet, index))).toEqual(["Updated", "Staging", "pending"]);
    expect(fleet.rollout.openWave).toBe(1);
  });
});

describe("a silent node after its confirmation", () => {
  it("is Lost after twenty minutes of silence, keeps its slot, halts the rollout, and stays Lost", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Rebooting");
    fleet.now += 1_000;
    fleet.disconnect(agent);
    fleet.tick();
    expect(nextWake(fleet.snapshot)).toBe(fleet.now + lostAfterMillis);
    fleet.now += lostAfterMillis - 1;
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Rebooting");
    fleet.now += 1;
    fleet.tick();
    expect([phaseOf(fleet), fleet.rollout.state, fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["Lost", "halted", 1, false]);
    expect(nextWake(fleet.snapshot)).toBeUndefined();
    expect(decide(fleet.snapshot, fleet.now + 1)).toEqual([]);
  });

  it("is taken up again when it speaks", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Rebooting");
    fleet.disconnect(agent);
    fleet.now += lostAfterMillis;
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Lost");
    fleet.advance(agent, "good");
    comeBack(fleet, agent);
    expect(phaseOf(fleet)).toBe("Verifying");
    expect(fleet.settle()).toBe(true);
    expect(phaseOf(fleet)).toBe("Updated");
  });

  it("is not Lost for a moment's silence in a long soak, nor for this server's own restart; and nothing is due while it speaks", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    runTo(fleet, agent, "Soaking");
    fleet.now += 2 * lostAfterMillis;
    expect(nextWake(fleet.snapshot)).toBeUndefined();
    fleet.disconnect(agent);
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Soaking");
    comeBack(fleet, agent);
    fleet.restartServer(2 * lostAfterMillis);
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Soaking");
    expect(nextWake(fleet.snapshot)).toBe(fleet.now + lostAfterMillis);
  });
});
