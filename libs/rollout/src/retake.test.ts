import { describe, expect, it } from "vitest";
import { decideAll } from "./decide.ts";
import { applyAll } from "./snapshot.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";

describe("a server restored from a backup", () => {
  it("takes the slot of a confirmed attempt it does not know before it grants anything, and gives it back by evidence", () => {
    const fleet = new SimulatedFleet({ nodes: 2, policy: {} });
    const [first] = fleet.agents as [SimulatedFleet["agents"][0]];
    const backup = fleet.snapshot;
    fleet.tick();
    fleet.runTo(first, "Rebooting");
    expect(fleet.snapshot.slots.get(first.id)?.confirmed).toBeDefined();

    // Back to the backup: rollout and nodes are known, the attempt is not.
    fleet.restoreFrom(backup);
    for (const agent of fleet.agents) fleet.connect(agent);
    fleet.tick();
    expect(fleet.decisions.some(({ action }) => action === "retake-slot")).toBe(true);
    expect(fleet.snapshot.slots.keySeq().toArray()).toEqual([first.id]);
    expect(fleet.settle()).toBe(true);
    expect(fleet.rollout.state).toBe("completed");
    expect(fleet.snapshot.slots.size).toBe(0);
  });

  it("gives back the slot of a rollout it does not know at all", () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    const [agent] = fleet.agents as [SimulatedFleet["agents"][0]];
    fleet.tick();
    fleet.runTo(agent, "Rebooting");
    const { rollouts, assignments, claims, tallies, selections } = applyAll(fleet.snapshot, []);
    expect(rollouts.size + assignments.size + claims.size + tallies.size + selections.size).toBeGreaterThan(0);
    fleet.forgetRollouts();
    fleet.connect(agent);
    fleet.tick();
    expect(fleet.snapshot.slots.get(agent.id)?.confirmed).toBeDefined();
    for (let step = 0; step < 20; step++) fleet.turn(agent);
    expect(fleet.snapshot.slots.size).toBe(0);
    expect(decideAll(fleet.snapshot, fleet.now).decisions).toEqual([]);
  });
});
