import { describe, expect, it } from "vitest";
import { confirm } from "./confirm.ts";
import { fleetOf, type SimulatedFleet } from "./simulated-fleet.ts";
import { resumeAll, stopAll } from "./stop-command.ts";

const all = { maxUnavailable: "100%" };

function stop(fleet: SimulatedFleet, selector = "*", sparesRollbacks = false): void {
  fleet.do(stopAll(fleet.snapshot, { selector, reason: "smoke", by: "op", sparesRollbacks }, fleet.now));
}

describe("the andon cord", () => {
  it("stops what has not begun, and says who pulled it", () => {
    const fleet = fleetOf({ ...all, waves: [{ size: { rest: true }, approval: true }] });
    stop(fleet);
    fleet.change({ kind: "rollout", value: { ...fleet.rollout, approvals: { 0: { at: 0, by: "op", reason: "" } } } });
    fleet.tick();
    expect([fleet.assignment("node-00").phase, fleet.codes("node-00")]).toEqual(["pending", ["stopped"]]);
    fleet.do(resumeAll(fleet.snapshot, {}));
    fleet.tick();
    expect(fleet.assignment("node-00").phase).toBe("Staging");
  });

  it("grants nothing in its scope, and only there", () => {
    const fleet = fleetOf(all, { nodes: 2, labels: (index) => ({ site: index === 0 ? "berlin" : "paris" }) });
    stop(fleet, "site=berlin");
    for (const agent of fleet.agents) {
      for (let turn = 0; turn < 2; turn++) fleet.turn(agent);
    }
    expect([fleet.snapshot.slots.has("node-00"), fleet.snapshot.slots.has("node-01")]).toEqual([false, true]);
    expect(fleet.codes("node-00")).toEqual(["stopped", "under-way"]);
    fleet.do(resumeAll(fleet.snapshot, { selector: "site=berlin" }));
    fleet.tick();
    expect(fleet.snapshot.slots.has("node-00")).toBe(true);
  });

  it("refuses the confirmation of a slot that was granted before, and calls the attempt off", () => {
    const fleet = fleetOf(all);
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staged");
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    const request = {
      nodeId: agent.id,
      attempt: agent.open!.ref,
      permission: agent.permission!,
      bootId: agent.bootId,
      checksum: agent.open!.target.checksum,
    };
    expect(confirm(fleet.snapshot, request, fleet.now).granted).toBe(true);
    stop(fleet);
    expect(confirm(fleet.snapshot, request, fleet.now)).toEqual({ granted: false, reason: "stopped by op: smoke" });
    fleet.tick();
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    fleet.turn(agent);
    expect([fleet.assignment(agent.id).phase, fleet.snapshot.slots.size, fleet.assignment(agent.id).retried]).toEqual(["pending", 0, 0]);
    fleet.do(resumeAll(fleet.snapshot, {}));
    expect(fleet.settle()).toBe(true);
    expect(fleet.rollout.state).toBe("completed");
  });

  it("lets what was confirmed before finish", () => {
    const fleet = fleetOf(all);
    fleet.runTo(fleet.agents[0]!, "Finalizing");
    stop(fleet);
    expect(fleet.settle()).toBe(true);
    expect(fleet.assignment("node-00").phase).toBe("Updated");
  });

  it("holds a rollback of a whole rollout, unless it spares it", () => {
    for (const spares of [false, true]) {
      const fleet = fleetOf(all);
      expect(fleet.settle()).toBe(true);
      stop(fleet, "*", spares);
      fleet.rollback();
      expect(fleet.settle(40)).toBe(spares);
      expect(fleet.codes("node-00")).toEqual(spares ? ["no-rollout"] : ["stopped"]);
    }
  });

  it("is one cord for one scope, and may only become stricter", () => {
    const fleet = fleetOf(all);
    stop(fleet, "*", true);
    stop(fleet, " * ", false);
    stop(fleet, "*", true);
    expect([...fleet.snapshot.stops.values()]).toMatchObject([{ id: "*", sparesRollbacks: false }]);
    expect(resumeAll(fleet.snapshot, { selector: "site=x" })).toMatchObject({
      ok: false,
      refusal: { code: "not-found", remedy: 'the stops that stand are "*"' },
    });
    expect(stopAll(fleet.snapshot, { selector: "", reason: "", by: "", sparesRollbacks: false }, 0)).toMatchObject({
      ok: false,
      refusal: { code: "invalid" },
    });
  });
});
