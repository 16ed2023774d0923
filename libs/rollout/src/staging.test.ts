import { describe, expect, it } from "vitest";
import { fleetOf } from "./simulated-fleet.ts";

describe("staging limits", () => {
  it("let so many nodes pull at once, and the next one when one has staged", () => {
    const fleet = fleetOf({ maxUnavailable: "1", staging: { nodes: 2 } }, { nodes: 4 });
    const phases = (): readonly string[] => fleet.agents.map(({ id }) => fleet.assignment(id).phase);
    expect(phases()).toEqual(["Staging", "Staging", "pending", "pending"]);
    expect(fleet.codes("node-02")).toEqual(["staging-limit"]);
    fleet.runTo(fleet.agents[1]!, "Staged");
    expect(phases()).toEqual(["Staging", "Staged", "Staging", "pending"]);
    expect(fleet.settle()).toBe(true);
    expect(phases()).toEqual(["Updated", "Updated", "Updated", "Updated"]);
  });

  it("share their bytes per second in the orders", () => {
    const order = (staging: { readonly nodes?: number; readonly bytesPerSecond?: number }) =>
      fleetOf({ staging }).snapshot.intents.get("node-00")?.attempt;
    expect(order({ nodes: 3, bytesPerSecond: 10_000_000 })).toMatchObject({ maxBytesPerSecond: 3_333_333 });
    expect(order({ nodes: 3 })).not.toHaveProperty("maxBytesPerSecond");
  });

  it("do not hold back a way back, which pulls nothing", () => {
    const fleet = fleetOf({ maxUnavailable: "100%", staging: { nodes: 1 } }, { nodes: 3 });
    expect(fleet.settle()).toBe(true);
    fleet.rollback();
    fleet.tick();
    expect(fleet.agents.map(({ id }) => fleet.assignment(id).phase)).toEqual(["Staging", "Staging", "Staging"]);
  });

  it("spread the beginnings by a jitter that is the same each time", () => {
    const begun = (): readonly (number | undefined)[] => {
      const fleet = fleetOf({ maxUnavailable: "100%", staging: { jitterMillis: 60_000 } }, { nodes: 8 });
      const opened = fleet.now;
      const at = new Map<string, number>();
      for (let wake = fleet.agenda.nextWake; wake !== undefined && at.size < 8; wake = fleet.agenda.nextWake) {
        fleet.now = wake;
        fleet.tick();
        for (const { id } of fleet.agents) if (fleet.assignment(id).phase === "Staging" && !at.has(id)) at.set(id, wake - opened);
      }
      expect(new Set(at.values()).size).toBeGreaterThan(4);
      for (const wait of at.values()) expect(wait).toBeLessThan(60_000);
      return [...at.entries()].sort().map(([, wait]) => wait);
    };
    expect(begun()).toEqual(begun());
    const fleet = fleetOf({ staging: { jitterMillis: 60_000 } }, { nodes: 8 });
    expect(fleet.codes("node-03")).toEqual(["jitter"]);
  });
});
