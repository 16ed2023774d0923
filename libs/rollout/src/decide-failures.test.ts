import { describe, expect, it } from "vitest";
import { decideAll } from "./decide.ts";
import { baseCommit, targetCommit, type SimulatedAgent } from "./simulated-agent.ts";
import { fleetOf, type SimulatedFleet } from "./simulated-fleet.ts";

function comeBack(fleet: SimulatedFleet, agent: SimulatedAgent): void {
  fleet.connect(agent);
  fleet.tick();
}

const retries = (limit: number) => ({ limit, backoffMillis: 0 });
const lostAfterMillis = 20 * 60_000;
const tooLong = 3_600_000;
const agentOf = (fleet: SimulatedFleet, index = 0): SimulatedAgent => fleet.agents[index]!;
const phaseOf = (fleet: SimulatedFleet, index = 0): string => fleet.assignment(agentOf(fleet, index).id).phase;
const reasonOf = (fleet: SimulatedFleet, index = 0): string => fleet.assignment(agentOf(fleet, index).id).reason;

describe("failures", () => {
  it("tries a retryable failure again with a new attempt, then fails and halts", () => {
    const fleet = fleetOf({ retries: retries(2) });
    const agent = agentOf(fleet);
    for (const attempt of [1, 2]) {
      fleet.runTo(agent, "Staging");
      fleet.turn(agent, "transient");
      expect(fleet.assignment(agent.id)).toMatchObject({
        phase: "Staging",
        attempt: attempt + 1,
        retried: attempt,
        reason: `attempt ${attempt} failed: transient`,
      });
    }
    fleet.runTo(agent, "Staging");
    fleet.turn(agent, "transient");
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Failed", failure: "transient", attempt: 3, retried: 2 });
    expect(fleet.rollout).toMatchObject({
      state: "halted",
      reason: "1 of 1 node failed, more than the 0 that may; node-00 is Failed(transient): transient",
    });
  });

  it("does not retry what is not retryable", () => {
    const fleet = fleetOf();
    fleet.runTo(agentOf(fleet), "Staging");
    fleet.turn(agentOf(fleet), "node-fault");
    expect(fleet.assignment(agentOf(fleet).id)).toMatchObject({ phase: "Failed", failure: "node", attempt: 1 });
  });

  it("retries never-booted only once the node is proved back, and denies nothing", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Finalizing");
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
    fleet.runTo(agent, "Finalizing");
    fleet.pause(true);
    fleet.boot(agent, "power-cut");
    comeBack(fleet, agent);
    expect([phaseOf(fleet), fleet.snapshot.slots.size]).toEqual(["pending", 0]);
    fleet.pause(false);
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Staging");
  });

  it("is RolledBack, denied and halted when a node was brought back; the slot returns with the evidence", () => {
    const fleet = fleetOf({ waves: [{ size: { count: 1 } }, { size: { rest: true } }] }, { nodes: 2 });
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Soaking");
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
    fleet.runTo(agent, "Soaking");
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
    const fleet = fleetOf({ retries: retries(0) });
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Rebooting");
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
    fleet.runTo(agent, "Rebooting");
    fleet.advance(agent, "good");
    fleet.now += 600_000;
    fleet.advance(agent, "no-session");
    comeBack(fleet, agent);
    expect(phaseOf(fleet)).toBe("RolledBack");
  });

  it("is proved by its newest boot when the node booted the target again before it could say that it is updated", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Soaking");
    fleet.disconnect(agent);
    fleet.advance(agent, "good");
    fleet.boot(agent, "power-cut");
    comeBack(fleet, agent);
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Updated", proof: { bootId: agent.bootId } });
  });

  it("is RolledBack when a later boot brought the previous commit back before the update was proved", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Soaking");
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
    fleet.runTo(agent, "Staged");
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
    agent.loseJournal();
    fleet.deliver(agent);
    fleet.report(agent);
    fleet.tick();
    expect(fleet.decisions.at(-1)).toMatchObject({ action: "begin-attempt" });
    expect(fleet.assignment(agent.id)).toMatchObject({
      attempt: 2,
      retried: 1,
      reason: "attempt 1 failed: the node no longer knows the attempt and runs its previous commit",
    });
  });

  describe("an attempt that was called off too late, and that the agent no longer knows", () => {
    /** The agent acts on its confirmation, and its reports are lost: here it looks as if it still drained, until that took too long. */
    const actedUnseen = (): { readonly fleet: SimulatedFleet; readonly agent: SimulatedAgent } => {
      const fleet = fleetOf();
      const agent = agentOf(fleet);
      fleet.runTo(agent, "Staged");
      fleet.deliver(agent);
      fleet.advance(agent, "good");
      fleet.report(agent);
      fleet.tick();
      expect(fleet.confirm(agent, true)).toBe(true);
      fleet.now += tooLong;
      fleet.tick();
      expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
      return { fleet, agent };
    };
    const forgets = (fleet: SimulatedFleet, agent: SimulatedAgent): void => {
      agent.loseJournal();
      fleet.connect(agent);
      fleet.report(agent);
      fleet.tick();
    };

    it("is over when the node shows that it runs its previous commit", () => {
      const { fleet, agent } = actedUnseen();
      fleet.boot(agent, "power-cut");
      forgets(fleet, agent);
      expect(fleet.assignment(agent.id)).toMatchObject({ attempt: 2, retried: 1 });
    });

    it("is Lost when the node shows neither", () => {
      const { fleet, agent } = actedUnseen();
      fleet.boot(agent, "power-cut");
      agent.green = false;
      forgets(fleet, agent);
      expect(fleet.assignment(agent.id)).toMatchObject({ attempt: 1 });
      fleet.now += tooLong;
      fleet.tick();
      expect(fleet.assignment(agent.id)).toMatchObject({ attempt: 1, phase: "Lost" });
      expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
    });
  });
});

describe("an old report", () => {
  it("from before the grant does not count as an attempt that the agent no longer knows", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Staged");
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
    const fleet = fleetOf({ maxUnavailable: "2", retries: retries(0) }, { nodes: 2 });
    prepare(fleet, agentOf(fleet, 1));
    const other = agentOf(fleet, 0);
    fleet.runTo(other, "Staging");
    fleet.turn(other, "node-fault");
    expect(fleet.rollout.state).toBe("halted");
    return fleet;
  }

  it("calls back an attempt that the agent has not even seen", () => {
    const fleet = halted(() => {});
    const second = agentOf(fleet, 1);
    expect(fleet.snapshot.intents.get(second.id)?.attempt).toBeUndefined();
    fleet.turn(second);
    expect([phaseOf(fleet, 1), reasonOf(fleet, 1), fleet.rollout.settled]).toEqual(["pending", "rollout r is halted", true]);
  });

  it("calls back a granted attempt and takes its slot by evidence", () => {
    const fleet = halted((before, second) => {
      before.runTo(second, "Staged");
      before.tick();
      expect(before.snapshot.slots.has(second.id)).toBe(true);
    });
    expect(fleet.snapshot.slots.size).toBe(1);
    fleet.turn(agentOf(fleet, 1));
    expect([phaseOf(fleet, 1), fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["pending", 0, true]);
  });

  it("calls back a confirmed attempt whose answer never arrived: the agent abandons it", () => {
    const fleet = halted((before, second) => {
      before.runTo(second, "Staged");
      before.deliver(second);
      before.advance(second, "good");
      before.confirm(second, false);
      before.report(second);
      before.tick();
      expect(before.snapshot.slots.get(second.id)?.confirmed).toBeDefined();
    });
    fleet.turn(agentOf(fleet, 1));
    expect(agentOf(fleet, 1).closed).toMatchObject([{ outcome: { kind: "abandoned" } }]);
    expect([phaseOf(fleet, 1), fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["pending", 0, true]);
  });

  it("calls back an attempt that a node without its journal began again after it was given up", () => {
    const fleet = fleetOf({ retries: retries(0) });
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Soaking");
    fleet.advance(agent, "red");
    agent.loseJournal();
    fleet.now += lostAfterMillis + 30_000;
    fleet.tick();
    expect([phaseOf(fleet), fleet.rollout.state]).toEqual(["Lost", "halted"]);
    for (let turn = 0; turn < 4; turn++) fleet.turn(agent);
    expect([phaseOf(fleet), fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["pending", 0, true]);
  });

  it("lets a node that is past its confirmation finish, and only then settles", () => {
    const fleet = halted((before, second) => before.runTo(second, "Finalizing"));
    expect(fleet.snapshot.intents.get(agentOf(fleet, 1).id)?.attempt).toBeDefined();
    expect(fleet.rollout.settled).toBe(false);
    expect(fleet.settle()).toBe(true);
    expect(phaseOf(fleet, 1)).toBe("Updated");
    expect(fleet.rollout.state).toBe("halted");
  });
});

describe("a silent node after its confirmation", () => {
  it("is Lost after twenty minutes of silence, keeps its slot, halts the rollout, and stays Lost", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Rebooting");
    fleet.now += 1_000;
    fleet.disconnect(agent);
    fleet.tick();
    fleet.now += lostAfterMillis - 1;
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Rebooting");
    fleet.now += 1;
    fleet.tick();
    expect([phaseOf(fleet), fleet.rollout.state, fleet.snapshot.slots.size, fleet.rollout.settled]).toEqual(["Lost", "halted", 1, false]);
    expect(fleet.codes(agent.id)[0]).toBe("lost");
    expect(decideAll(fleet.snapshot, fleet.now + 86_400_000).decisions).toEqual([]);
  });

  it("is taken up again when it speaks", () => {
    const fleet = fleetOf();
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Rebooting");
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

  it("is not Lost for a moment's silence in a long soak, nor for this server's own restart", () => {
    const fleet = fleetOf({ nodeSoakMillis: 7_200_000 });
    const agent = agentOf(fleet);
    fleet.runTo(agent, "Soaking");
    fleet.now += 2 * lostAfterMillis;
    fleet.disconnect(agent);
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Soaking");
    comeBack(fleet, agent);
    fleet.restartServer(2 * lostAfterMillis);
    fleet.tick();
    expect(phaseOf(fleet)).toBe("Soaking");
  });
});
