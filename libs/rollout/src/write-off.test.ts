import { roomIn } from "@treeline/disruption";
import { describe, expect, it } from "vitest";
import { writeOffNode } from "./node-command.ts";
import { baseCommit, targetCommit } from "./simulated-agent.ts";
import { fleetOf, SimulatedFleet } from "./simulated-fleet.ts";

describe("a write-off", () => {
  it("releases the slot of a dead node, fails what it was in, and lets the others go on", () => {
    const fleet = fleetOf({ gate: { maxFailures: 9 } }, { nodes: 2 });
    const [dead, other] = fleet.agents as [(typeof fleet.agents)[0], (typeof fleet.agents)[0]];
    fleet.runTo(dead, "Rebooting");
    fleet.disconnect(dead);
    fleet.runTo(other, "Staged");
    expect([fleet.snapshot.slots.has(other.id), fleet.codes(other.id)[0]]).toEqual([false, "budget"]);
    fleet.writeOff(dead);
    fleet.tick();
    expect(fleet.assignment(dead.id)).toMatchObject({ phase: "Failed", failure: "operator", reason: "written off by op: it is gone" });
    expect([...fleet.snapshot.slots.keys()]).toEqual([other.id]);
    expect(fleet.snapshot.intents.get(dead.id)?.attempt).toBeUndefined();
    expect(fleet.codes(dead.id)).toEqual(["written-off", "failed", "silent"]);
  });

  it("takes a node without a slot out of numerator and denominator", () => {
    const fleet = new SimulatedFleet({ nodes: 10, budgets: [{ name: "half", selector: "*", maxUnavailable: "50%" }] });
    fleet.disconnect(fleet.agents[0]!);
    fleet.disconnect(fleet.agents[1]!);
    expect(roomIn(fleet.snapshot.ledger, "half")).toBe(3);
    fleet.writeOff(fleet.agents[0]!);
    fleet.writeOff(fleet.agents[1]!);
    expect(roomIn(fleet.snapshot.ledger, "half")).toBe(4);
  });

  it("needs a reason, and said again is said once", () => {
    const fleet = new SimulatedFleet({ nodes: 1 });
    expect(writeOffNode(fleet.snapshot, "node-00", { by: "op", reason: " " }, 1)).toMatchObject({
      ok: false,
      refusal: { code: "invalid" },
    });
    expect(writeOffNode(fleet.snapshot, "stranger", { by: "op", reason: "x" }, 1)).toMatchObject({
      ok: false,
      refusal: { code: "not-found" },
    });
    fleet.writeOff(fleet.agents[0]!);
    expect(writeOffNode(fleet.snapshot, "node-00", { by: "op", reason: "x" }, 1)).toEqual({ ok: true, changes: [] });
  });

  it("ends when the node shows that it is well: in contact, green on this boot, nothing open or staged; not by what it said before", () => {
    const fleet = fleetOf({ gate: { maxFailures: 9 } });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Soaking");
    fleet.now += 1;
    fleet.writeOff(agent);
    fleet.tick();
    expect(fleet.node(agent.id).writtenOff).toBeDefined();
    agent.green = false;
    fleet.report(agent);
    fleet.tick();
    expect(fleet.node(agent.id).writtenOff).toBeDefined();
    agent.green = true;
    fleet.turn(agent);
    expect(agent.open).toBeUndefined();
    expect(fleet.node(agent.id).writtenOff).toBeUndefined();
    expect(fleet.decisions.at(-1)).toMatchObject({ action: "node-proved", subject: "node node-00" });
  });

  it("keeps the node out of new rollouts until then", () => {
    const fleet = new SimulatedFleet({ nodes: 2 });
    fleet.disconnect(fleet.agents[1]!);
    fleet.writeOff(fleet.agents[1]!);
    fleet.create("r", {});
    expect([...fleet.snapshot.assignments.get("r")!.keys()]).toEqual(["node-00"]);
    fleet.connect(fleet.agents[1]!);
    fleet.tick();
    expect([...fleet.snapshot.assignments.get("r")!.keys()].sort()).toEqual(["node-00", "node-01"]);
  });

  it("does not leave a node on the release that came up with it later, when the rollout is taken back", () => {
    const fleet = fleetOf({ maxUnavailable: "100%", gate: { maxFailures: 9 } }, { nodes: 2 });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Rebooting");
    fleet.now += 1;
    fleet.disconnect(agent);
    fleet.writeOff(agent);
    for (let turn = 0; turn < 6; turn++) fleet.turn(agent);
    expect([fleet.node(agent.id).writtenOff, agent.booted]).toEqual([undefined, targetCommit]);
    expect(fleet.assignment(agent.id)).toMatchObject({ phase: "Failed", failure: "operator", booted: true });
    expect(fleet.settle()).toBe(true);
    fleet.rollback();
    expect(fleet.settle()).toBe(true);
    expect([fleet.assignment(agent.id).phase, agent.booted, fleet.rollout.state]).toEqual(["Reverted", baseCommit, "rolled-back"]);
  });

  it("takes a node back that showed that it runs the release only after its rollout had settled, or while it goes back", () => {
    for (const when of ["settled", "rolling-back"] as const) {
      const fleet = fleetOf({ maxUnavailable: "100%", gate: { maxFailures: 9 } }, { nodes: 2 });
      const agent = fleet.agents[0]!;
      fleet.runTo(agent, "Rebooting");
      fleet.now += 1;
      fleet.disconnect(agent);
      fleet.writeOff(agent);
      fleet.runTo(fleet.agents[1]!, "Soaking");
      for (let turn = 0; turn < 3; turn++) fleet.turn(fleet.agents[1]!);
      expect(fleet.rollout.settled).toBe(true);
      if (when === "rolling-back") fleet.rollback();
      for (let turn = 0; turn < 6; turn++) fleet.turn(agent);
      if (when === "settled") fleet.rollback();
      expect(fleet.settle(), when).toBe(true);
      expect([fleet.assignment(agent.id).phase, agent.booted, fleet.rollout.state], when).toEqual(["Reverted", baseCommit, "rolled-back"]);
    }
  });

  it("takes a node back that was given up on its way back and shows that it still runs the release", () => {
    const fleet = fleetOf({ maxUnavailable: "100%" }, { nodes: 2 });
    expect(fleet.settle()).toBe(true);
    const agent = fleet.agents[0]!;
    fleet.rollback();
    fleet.runTo(agent, "Finalizing");
    fleet.now += 1;
    fleet.disconnect(agent);
    fleet.writeOff(agent);
    agent.cutPower();
    fleet.tick();
    fleet.connect(agent);
    fleet.tick();
    expect([fleet.node(agent.id).writtenOff, fleet.rollout.state]).toEqual([undefined, "rolling-back"]);
    expect(fleet.settle()).toBe(true);
    expect([fleet.assignment(agent.id).phase, agent.booted]).toEqual(["Reverted", baseCommit]);
  });
});
