import { beforeEach, describe, expect, it } from "vitest";
import { baseCommit, targetCommit, type SimulatedAgent } from "./simulated-agent.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";
import { resumeAll, stopAll } from "./stop-command.ts";

// Attempts that begin on red checks, and are interrupted: waiting would never make the node green, so it must go on although it is not.
describe.each(["a way back from a release that made the node red", "a release that is to cure a red node"])("%s", (what) => {
  const isBack = what.startsWith("a way back");
  let fleet: SimulatedFleet;
  let agent: SimulatedAgent;

  /** Draining with its slot, and red. */
  beforeEach(() => {
    fleet = new SimulatedFleet({ nodes: 1, policy: { cure: !isBack, maxUnavailable: "1" } });
    agent = fleet.agents[0]!;
    fleet.tick();
    if (isBack) expect(fleet.runUntil(() => fleet.assignment(agent.id).phase === "Updated")).toBe(true);
    agent.green = false;
    fleet.report(agent);
    fleet.tick();
    if (isBack) fleet.rollback();
    fleet.tick();
    fleet.runTo(agent, "Staged");
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Draining", way: isBack ? "back" : "forward" });
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
  });

  const stop = (): void => {
    fleet.do(stopAll(fleet.snapshot, { selector: "*", reason: "smoke", by: "op", sparesRollbacks: false }, fleet.now));
    fleet.tick();
    fleet.turn(agent);
    fleet.tick();
  };
  const arrives = (): void => {
    expect(
      fleet.runUntil(() => fleet.rollout.settled, 1000),
      fleet.assignment(agent.id).reason,
    ).toBe(true);
    expect(agent.booted).toBe(isBack ? baseCommit : targetCommit);
    expect(fleet.assignment(agent.id).phase).toBe(isBack ? "Reverted" : "Updated");
    expect(fleet.snapshot.slots.has(agent.id)).toBe(false);
  };

  it("goes on after a stop, and keeps its slot meanwhile", () => {
    const { attempt } = fleet.assignment(agent.id);
    stop();
    expect(fleet.assignment(agent.id).phase).toBe("pending");
    expect(fleet.snapshot.slots.get(agent.id)?.holder).toMatchObject({ kind: "rollout", number: attempt });
    fleet.do(resumeAll(fleet.snapshot, {}));
    arrives();
  });

  it("gives its slot back if it turns green while it is stopped", () => {
    stop();
    expect(fleet.snapshot.slots.has(agent.id)).toBe(true);
    agent.green = true;
    fleet.report(agent);
    fleet.tick();
    expect(fleet.snapshot.slots.has(agent.id)).toBe(false);
  });

  it("goes on after its power was cut between the confirmation and the deed", () => {
    fleet.confirm(agent, true);
    fleet.report(agent);
    fleet.tick();
    fleet.boot(agent, "power-cut");
    fleet.connect(agent);
    fleet.tick();
    arrives();
  });

  it("goes on after draining took too long", () => {
    const confirm = fleet.confirm.bind(fleet);
    let held = true;
    fleet.confirm = (asking, arrived) => (held ? false : confirm(asking, arrived));
    fleet.runUntil(() => fleet.snapshot.intents.get(agent.id)?.attempt === undefined, 5000);
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    held = false;
    arrives();
  });
});
