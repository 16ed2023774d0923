import { describe, expect, it } from "vitest";
import { putBudget, removeBudget } from "./budget-command.ts";
import { SimulatedFleet, type SimulatedFleetOptions } from "./simulated-fleet.ts";
import { labelsOf } from "./simulated-story.ts";

const all = { maxUnavailable: "100%" };

/** Six nodes in three zones of two, all staged; who holds a slot is decided by the budgets alone. */
function staged(options: Partial<SimulatedFleetOptions>): SimulatedFleet {
  const fleet = new SimulatedFleet({ nodes: 6, labels: labelsOf, policy: all, ...options });
  for (let step = 0; step < 3; step++) {
    fleet.tick();
    for (const agent of fleet.agents) {
      fleet.deliver(agent);
      if (agent.open?.phase !== "Staged") fleet.advance(agent, "good");
      fleet.report(agent);
    }
  }
  fleet.tick();
  return fleet;
}

const holders = (fleet: SimulatedFleet): readonly string[] => [...fleet.snapshot.slots.keys()].map((id) => id.slice(-1)).sort();

describe("budgets", () => {
  it("of the fleet hold for every failure domain by itself", () => {
    const fleet = staged({ budgets: [{ name: "zones", selector: "*", per: "zone", maxUnavailable: "1" }] });
    expect(holders(fleet)).toEqual(["0", "1", "2"]);
    expect(fleet.snapshot.slots.get("node-00")?.budgets).toEqual(["zones/eu/z1", "rollout r"]);
    expect(fleet.codes("node-03")[0]).toBe("budget");
  });

  it("keep enough available, rounded up", () => {
    expect(holders(staged({ budgets: [{ name: "fleet", selector: "*", minAvailable: "60%" }] }))).toEqual(["0", "1"]);
  });

  it("of a rollout can only tighten them", () => {
    const zones = { name: "zones", selector: "*", per: "zone", maxUnavailable: "1" };
    expect(holders(staged({ budgets: [zones], policy: { maxUnavailable: "2" } }))).toEqual(["0", "1"]);
    expect(holders(staged({ budgets: [zones], policy: { ...all, budgets: [{ per: "rack", maxUnavailable: "1" }] } }))).toEqual([
      "0",
      "1",
      "2",
    ]);
  });

  it("count who is silent or red, whatever the reason, but ask nothing of a node that is down itself", () => {
    const fleet = new SimulatedFleet({ nodes: 2, policy: { cure: true, maxUnavailable: "1" } });
    fleet.agents[1]!.green = false;
    fleet.report(fleet.agents[1]!);
    fleet.tick();
    fleet.runTo(fleet.agents[0]!, "Staged");
    expect(holders(fleet)).toEqual([]);
    expect(fleet.codes("node-00")[0]).toBe("budget");
  });

  it("that are widened, or taken away, let go at once whom they held back", () => {
    const fleet = staged({ budgets: [{ name: "fleet", selector: "*", maxUnavailable: "1" }] });
    fleet.do(putBudget(fleet.snapshot, { name: "fleet", selector: "*", maxUnavailable: "3" }, fleet.now));
    fleet.tick();
    expect(holders(fleet)).toEqual(["0", "1", "2"]);
    fleet.do(removeBudget(fleet.snapshot, "fleet"));
    fleet.tick();
    expect(holders(fleet)).toHaveLength(6);
    expect(removeBudget(fleet.snapshot, "fleet")).toMatchObject({ ok: false, refusal: { code: "not-found" } });
  });

  it("are remembered by a slot whose node moved to another domain", () => {
    const fleet = staged({ budgets: [{ name: "zones", selector: "*", per: "zone", maxUnavailable: "1" }] });
    fleet.relabel(fleet.agents[0]!, labelsOf(0, "z9"));
    fleet.tick();
    expect(holders(fleet)).toEqual(["0", "1", "2"]);
    expect(fleet.codes("node-03")[0]).toBe("budget");
    fleet.writeOff(fleet.agents[0]!);
    fleet.tick();
    expect(holders(fleet)).toEqual(["1", "2", "3"]);
  });
});
