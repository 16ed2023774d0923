import { describe, expect, it } from "vitest";
import { explainNode } from "./explain.ts";
import { baseCommit, newerCommit, targetCommit, type SimulatedAgent } from "./simulated-agent.ts";
import { fleetOf, type SimulatedFleet } from "./simulated-fleet.ts";

/** Rollout `r` has updated the node, and `s` has ordered its own release there; the agent has not begun yet. */
function orderedAgain(): { readonly fleet: SimulatedFleet; readonly agent: SimulatedAgent } {
  const fleet = fleetOf();
  const agent = fleet.agents[0]!;
  fleet.settle();
  fleet.create("s", { release: "3" });
  fleet.tick();
  expect(fleet.assignment(agent.id, "s")).toMatchObject({ phase: "Staging", base: { checksum: targetCommit } });
  expect(agent.open).toBeUndefined();
  return { fleet, agent };
}

describe("the commit an attempt began on", () => {
  it("is what the node ran when its agent began, not when the attempt was ordered", () => {
    const { fleet, agent } = orderedAgain();
    fleet.boot(agent, "fall-back");
    fleet.turn(agent);
    expect(fleet.assignment(agent.id, "s")).toMatchObject({ phase: "Staging", attempt: 1, base: { checksum: baseCommit } });
    expect(fleet.decisions.at(-1)!.because).toBe(`it began on ${baseCommit}; when it was ordered, the node ran ${targetCommit}`);
    expect(fleet.settle()).toBe(true);
    expect(fleet.rolloutOf("s").state).toBe("completed");
    expect(fleet.assignment(agent.id, "s")).toMatchObject({ attempt: 1, retried: 0, proof: { checksum: newerCommit } });
  });

  it("is where the node must be back before its slot is released, and no other", () => {
    const { fleet, agent } = orderedAgain();
    fleet.boot(agent, "fall-back");
    while (agent.open?.phase !== "Staged") fleet.turn(agent);
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
    fleet.abort("s");
    fleet.turn(agent);
    fleet.turn(agent);
    expect(fleet.snapshot.slots.has(agent.id)).toBe(false);
    expect(fleet.rolloutOf("s").settled).toBe(true);
  });

  it("stands once the agent has acted on its confirmation, whatever it says", () => {
    const { fleet, agent } = orderedAgain();
    fleet.runTo(agent, "Finalizing");
    // As an agent reports it that lost its journal after the reboot and took the attempt up again.
    const { confirmedBootId: _, ...open } = agent.open!;
    agent.open = { ...open, base: baseCommit, phase: "Verifying" };
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id, "s")).toMatchObject({ phase: "Verifying", base: { checksum: targetCommit } });
  });

  it.each([false, true])(
    "is named, and the way out, when the node runs another one after its attempt was called off; journal lost: %s",
    (lost) => {
      const { fleet, agent } = orderedAgain();
      fleet.runTo(agent, "Staged");
      fleet.abort("s");
      fleet.tick();
      if (lost) agent.loseJournal();
      fleet.deliver(agent);
      fleet.boot(agent, "fall-back");
      fleet.turn(agent);
      expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
      expect(explainNode(fleet.snapshot, agent.id, fleet.now)[0]).toEqual({
        code: "slot-waits",
        reason: "rollout s: its attempt is over on the node, and its slot waits for evidence: the node does not run its previous commit",
        remedy: `boot ${targetCommit} on it with green checks and nothing staged, or give it up with \`treeline node write-off ${agent.id} --reason TEXT\``,
      });
      agent.booted = targetCommit;
      fleet.turn(agent);
      expect(fleet.snapshot.slots.has(agent.id)).toBe(false);
      expect(fleet.rolloutOf("s").settled).toBe(true);
    },
  );

  it("is not asked for while the agent still closes an attempt that was called off", () => {
    const { fleet, agent } = orderedAgain();
    fleet.runTo(agent, "Staged");
    fleet.abort("s");
    fleet.tick();
    const { open } = agent;
    fleet.deliver(agent);
    Object.assign(agent, { open, closed: [] });
    fleet.report(agent);
    fleet.tick();
    expect(fleet.codes(agent.id)[0]).toBe("called-off");
  });
});
