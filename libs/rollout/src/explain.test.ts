import { describe, expect, it } from "vitest";
import { explainNode } from "./explain.ts";
import { targetCommit } from "./simulated-agent.ts";
import { fleetOf, SimulatedFleet } from "./simulated-fleet.ts";
import { stopAll } from "./stop-command.ts";

const slow = { waves: [{ size: { count: 1 } }, { size: { rest: true as const }, approval: true, name: "second" }] };

/** How a fleet comes to where the last node's first reason has this code. */
const scenes: Readonly<Record<string, () => SimulatedFleet>> = {
  "no-rollout": () => new SimulatedFleet({ nodes: 1 }),
  held: () => new SimulatedFleet({ nodes: 1, policy: {}, hold: true }),
  paused: () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    fleet.pause(true);
    return fleet;
  },
  halted: () => {
    const fleet = fleetOf({ retries: { limit: 0 }, ...slow }, { nodes: 2 });
    fleet.runTo(fleet.agents[0]!, "Soaking");
    fleet.advance(fleet.agents[0]!, "red-both");
    fleet.connect(fleet.agents[0]!);
    return fleet;
  },
  wave: () => fleetOf(slow, { nodes: 2 }),
  stopped: () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    fleet.do(stopAll(fleet.snapshot, { selector: "*", reason: "smoke", by: "op", sparesRollbacks: false }, fleet.now));
    return fleet;
  },
  backoff: () => {
    const fleet = fleetOf({ retries: { limit: 1, backoffMillis: 10_000 } });
    fleet.runTo(fleet.agents[0]!, "Staging");
    fleet.turn(fleet.agents[0]!, "transient");
    return fleet;
  },
  jitter: () => fleetOf({ staging: { jitterMillis: 3_600_000 } }),
  "staging-limit": () => fleetOf({ staging: { nodes: 1 } }, { nodes: 2 }),
  silent: () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    fleet.disconnect(fleet.agents[0]!);
    return fleet;
  },
  red: () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    fleet.agents[0]!.green = false;
    fleet.report(fleet.agents[0]!);
    return fleet;
  },
  "not-default": () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    Object.assign(fleet.agents[0]!, { booted: targetCommit, staged: "e".repeat(64) });
    fleet.report(fleet.agents[0]!);
    return fleet;
  },
  "slot-of-another": () => {
    const fleet = new SimulatedFleet({ nodes: 1, policy: {} });
    const slot = { id: "x", nodeId: "node-00", holder: { kind: "repair" as const, id: "r-1" }, epoch: 1, grantedAt: 0, budgets: [] };
    fleet.change({ kind: "slot", value: slot });
    return fleet;
  },
  "under-way": () => fleetOf(),
  budget: () => {
    const fleet = fleetOf({}, { nodes: 2 });
    fleet.runTo(fleet.agents[0]!, "Finalizing");
    fleet.runTo(fleet.agents[1]!, "Staged");
    return fleet;
  },
  "called-off": () => {
    const fleet = fleetOf();
    fleet.runTo(fleet.agents[0]!, "Staged");
    fleet.abort();
    return fleet;
  },
  lost: () => {
    const fleet = fleetOf();
    fleet.runTo(fleet.agents[0]!, "Rebooting");
    fleet.disconnect(fleet.agents[0]!);
    fleet.now += 20 * 60_000;
    return fleet;
  },
  updated: () => {
    const fleet = fleetOf({ waves: [{ size: { rest: true }, bakeMillis: 600_000 }] });
    fleet.runUntil(() => fleet.assignment("node-00").phase === "Updated");
    return fleet;
  },
  failed: () => {
    const fleet = fleetOf({ retries: { limit: 0 }, gate: { maxFailures: 9 } }, { nodes: 2 });
    fleet.runTo(fleet.agents[1]!, "Staging");
    fleet.turn(fleet.agents[1]!, "node-fault");
    return fleet;
  },
  revoked: () => {
    const fleet = new SimulatedFleet({ nodes: 1 });
    fleet.revoke(fleet.agents[0]!);
    return fleet;
  },
  "written-off": () => {
    const fleet = new SimulatedFleet({ nodes: 1 });
    fleet.disconnect(fleet.agents[0]!);
    fleet.writeOff(fleet.agents[0]!);
    return fleet;
  },
  "pending-deployment": () => {
    const fleet = new SimulatedFleet({ nodes: 1 });
    fleet.agents[0]!.staged = targetCommit;
    fleet.report(fleet.agents[0]!);
    return fleet;
  },
  drifted: () => {
    const fleet = fleetOf();
    expect(fleet.settle()).toBe(true);
    fleet.agents[0]!.booted = "b".repeat(64);
    fleet.report(fleet.agents[0]!);
    return fleet;
  },
};

describe("explainNode", () => {
  it.each(Object.entries(scenes))("says first: %s", (code, scene) => {
    const fleet = scene();
    fleet.tick();
    const [first] = explainNode(fleet.snapshot, fleet.agents.at(-1)!.id, fleet.now);
    expect(first?.code).toBe(code);
    expect(first?.reason.length).toBeGreaterThan(5);
    expect(first?.remedy.length).toBeGreaterThan(3);
  });

  it("does not know a stranger", () => {
    expect(explainNode(new SimulatedFleet({ nodes: 0 }).snapshot, "x", 0)).toMatchObject([{ code: "unknown" }]);
  });

  it("names a rollout that takes the node into no wave", () => {
    const fleet = fleetOf({ waves: [{ size: { rest: true }, selector: "site=berlin" }] }, { nodes: 1, labels: () => ({ site: "berlin" }) });
    const late = fleet.enroll({ site: "rome" });
    fleet.tick();
    expect(fleet.codes(late.id)[0]).toBe("no-wave");
  });

  it("names a cord that is pulled behind another hindrance, too", () => {
    const fleet = fleetOf(slow, { nodes: 2 });
    fleet.do(stopAll(fleet.snapshot, { selector: "*", reason: "smoke", by: "op", sparesRollbacks: false }, fleet.now));
    const codes = explainNode(fleet.snapshot, fleet.agents.at(-1)!.id, fleet.now).map(({ code }) => code);
    expect(codes).toEqual(["wave", "stopped"]);
  });

  it("says which approval a wave waits for", () => {
    const fleet = fleetOf(slow, { nodes: 2 });
    fleet.runUntil(() => fleet.assignment("node-00").phase === "Updated");
    expect(explainNode(fleet.snapshot, "node-01", fleet.now)).toMatchObject([
      { code: "wave", remedy: "wave 2 waits for an approval: `treeline rollout approve r`" },
    ]);
  });
});
