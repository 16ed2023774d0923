import { describe, expect, it } from "vitest";
import { putBudget } from "./budget-command.ts";
import { fleetOf, type SimulatedFleet } from "./simulated-fleet.ts";

/** Every node drains under one budget, unconfirmed, with two more that only count in it. */
function draining(nodes: number): SimulatedFleet {
  const fleet = fleetOf(
    { maxUnavailable: "100%", exclude: { selector: "spare" } },
    {
      nodes: nodes + 2,
      labels: (index): Readonly<Record<string, string>> => (index < nodes ? {} : { spare: "yes" }),
      budgets: [{ name: "all", selector: "*", maxUnavailable: String(nodes) }],
    },
  );
  fleet.now += 60_000;
  for (const agent of fleet.agents.slice(0, nodes)) {
    for (let step = 0; step < 3; step++) {
      fleet.deliver(agent);
      fleet.advance(agent, "good");
      fleet.report(agent);
      fleet.tick();
    }
    expect(fleet.assignment(agent.id).phase).toBe("Draining");
  }
  return fleet;
}

const ordered = (fleet: SimulatedFleet): readonly string[] =>
  [...fleet.snapshot.slots.keys()].filter((id) => fleet.snapshot.intents.get(id)?.attempt !== undefined).sort();

function tighten(fleet: SimulatedFleet, maxUnavailable: string): void {
  fleet.do(putBudget(fleet.snapshot, { name: "all", selector: "*", maxUnavailable }, fleet.now));
  fleet.tick();
}

describe("draining nodes that are too many by now", () => {
  it("when a budget is tightened: the excess is called off, last first, so that the others go on; it costs no retry", () => {
    const fleet = draining(3);
    tighten(fleet, "2");
    expect(ordered(fleet)).toEqual(["node-00", "node-01"]);
    expect(fleet.codes("node-02")[0]).toBe("called-off");
    expect(fleet.confirm(fleet.agents[0]!, true)).toBe(false);
    fleet.deliver(fleet.agents[2]!);
    fleet.report(fleet.agents[2]!);
    fleet.tick();
    expect([fleet.assignment("node-02").retried, fleet.snapshot.slots.size]).toEqual([0, 2]);
    expect(fleet.confirm(fleet.agents[0]!, true)).toBe(true);
    expect(fleet.confirm(fleet.agents[1]!, true)).toBe(true);
    expect(fleet.settle()).toBe(true);
    expect(fleet.agents.slice(0, 3).map(({ id }) => fleet.assignment(id).phase)).toEqual(["Updated", "Updated", "Updated"]);
  });

  it("when another node goes down: one more for each", () => {
    const fleet = draining(3);
    fleet.disconnect(fleet.agents[3]!);
    fleet.tick();
    expect(ordered(fleet)).toEqual(["node-00", "node-01"]);
    fleet.disconnect(fleet.agents[4]!);
    fleet.tick();
    expect(ordered(fleet)).toEqual(["node-00"]);
  });

  it("when the one that was to give way goes down itself, another does", () => {
    const fleet = draining(3);
    tighten(fleet, "2");
    fleet.disconnect(fleet.agents[2]!);
    fleet.tick();
    expect(ordered(fleet)).toEqual(["node-00"]);
  });

  it("counts those that are called off for another reason", () => {
    const fleet = draining(3);
    fleet.relabel(fleet.agents[0]!, { spare: "yes" });
    fleet.tick();
    tighten(fleet, "2");
    expect(ordered(fleet)).toEqual(["node-01", "node-02"]);
  });

  it("not because a server that has just started has not heard the others yet", () => {
    const fleet = draining(3);
    fleet.restartServer(1_000);
    for (const agent of fleet.agents.slice(0, 3)) fleet.connect(agent);
    fleet.tick();
    expect(ordered(fleet)).toEqual(["node-00", "node-01", "node-02"]);
    fleet.now += 60_000;
    fleet.tick();
    expect(ordered(fleet)).toEqual(["node-00"]);
  });

  it("does not touch what is confirmed", () => {
    const fleet = draining(2);
    expect(fleet.confirm(fleet.agents[1]!, true)).toBe(true);
    tighten(fleet, "1");
    expect(ordered(fleet)).toEqual(["node-01"]);
  });
});
