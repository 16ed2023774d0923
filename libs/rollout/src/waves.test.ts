import { describe, expect, it } from "vitest";
import { approveWave } from "./command.ts";
import { selectedWithoutWave } from "./join.ts";
import type { PolicyDraft, WaveDraft } from "./policy-draft.ts";
import { fleetOf, type SimulatedFleet } from "./simulated-fleet.ts";

const sites = (index: number) => ({ site: index % 2 === 0 ? "berlin" : "paris" });
const rest: WaveDraft = { size: { rest: true } };
const all = { maxUnavailable: "100%" };
const wavesOf = (fleet: SimulatedFleet): readonly number[] => fleet.agents.map(({ id }) => fleet.assignment(id).wave);
const waves = (...drafts: readonly WaveDraft[]): Partial<PolicyDraft> => ({ ...all, waves: drafts });
const updated =
  (fleet: SimulatedFleet, ...indexes: readonly number[]) =>
  (): boolean =>
    indexes.every((index) => fleet.assignment(fleet.agents[index]!.id).phase === "Updated");

describe("a wave", () => {
  it("takes from the nodes of its own selector, and percentages are of those", () => {
    const fleet = fleetOf(waves({ size: { percent: 50 }, selector: "site=paris" }, { size: { count: 1 } }, rest), {
      nodes: 8,
      labels: sites,
    });
    expect(wavesOf(fleet)).toEqual([1, 0, 2, 0, 2, 2, 2, 2]);
  });

  it("opens when every node of the one before has its result, whatever it is", () => {
    const fleet = fleetOf({ ...waves({ size: { count: 2 } }, rest), gate: { maxFailures: 1 }, retries: { limit: 0 } }, { nodes: 3 });
    fleet.runTo(fleet.agents[0]!, "Staging");
    fleet.turn(fleet.agents[0]!, "node-fault");
    expect(fleet.rollout.openWave).toBe(0);
    fleet.runUntil(() => fleet.rollout.openWave === 1);
    expect(fleet.agents.map(({ id }) => fleet.assignment(id).phase)).toEqual(["Failed", "Updated", "Staging"]);
  });

  it("bakes after its last node ended, holding no slot, before the next one opens", () => {
    const fleet = fleetOf(waves({ size: { count: 1 }, bakeMillis: 600_000 }, rest), { nodes: 2 });
    fleet.runUntil(updated(fleet, 0));
    expect(fleet.rollout).toMatchObject({ openWave: 0, bakingSince: fleet.now });
    expect(fleet.snapshot.slots.size).toBe(0);
    expect(fleet.agenda.nextWake).toBeLessThanOrEqual(fleet.now + 600_000);
    fleet.now += 599_999;
    expect(fleet.tick()).not.toContain("open-wave");
    fleet.now += 1;
    expect(fleet.tick()).toContain("open-wave");
    expect(fleet.rollout.bakingSince).toBeUndefined();
  });

  it("bakes anew when a node joins it meanwhile", () => {
    const fleet = fleetOf(waves({ size: { percent: 60 }, bakeMillis: 600_000 }, rest), { nodes: 2 });
    fleet.runUntil(updated(fleet, 0));
    fleet.now += 300_000;
    const late = fleet.enroll();
    fleet.tick();
    expect([fleet.assignment(late.id).wave, fleet.rollout.openWave]).toEqual([1, 0]);
    const joiner = fleet.enroll();
    fleet.tick();
    expect([fleet.assignment(joiner.id).wave, fleet.rollout.bakingSince]).toEqual([0, undefined]);
    fleet.runUntil(updated(fleet, 3));
    expect(fleet.rollout).toMatchObject({ openWave: 0, bakingSince: fleet.now });
  });

  it("waits for a node of an earlier wave that is under way again, and bakes anew", () => {
    const early: WaveDraft = { size: { percent: 100 }, selector: "site=berlin" };
    const fleet = fleetOf(waves(early, { size: { count: 1 }, bakeMillis: 600_000 }, rest), { nodes: 4, labels: sites });
    fleet.runUntil(updated(fleet, 0, 2, 1));
    expect(fleet.rollout).toMatchObject({ openWave: 1, bakingSince: fleet.now });
    const late = fleet.enroll({ site: "berlin" });
    fleet.runTo(late, "Rebooting");
    expect(fleet.assignment(late.id).wave).toBe(0);
    fleet.now += 600_000;
    fleet.tick();
    expect(fleet.rollout).toMatchObject({ openWave: 1 });
    expect(fleet.rollout.bakingSince).toBeUndefined();
    fleet.runUntil(updated(fleet, 4));
    expect(fleet.rollout).toMatchObject({ openWave: 1, bakingSince: fleet.now });
  });

  it("does not wait for a node of an earlier wave that cannot begin", () => {
    const early: WaveDraft = { size: { percent: 100 }, selector: "site=berlin" };
    const fleet = fleetOf(waves(early, { size: { count: 1 } }, rest), { nodes: 4, labels: sites });
    fleet.runUntil(updated(fleet, 0, 2));
    fleet.disconnect(fleet.enroll({ site: "berlin" }));
    fleet.turn(fleet.agents[1]!);
    expect([fleet.rollout.openWave, fleet.assignment("node-04").phase]).toEqual([1, "pending"]);
    for (let turn = 0; turn < 30 && fleet.rollout.openWave === 1; turn++) fleet.turn(fleet.agents[1]!);
    expect([fleet.rollout.openWave, fleet.assignment("node-04").phase]).toEqual([2, "pending"]);
  });

  it("bakes after the last one, too, before the rollout is complete", () => {
    const fleet = fleetOf(waves({ ...rest, bakeMillis: 60_000 }));
    fleet.runUntil(updated(fleet, 0));
    expect(fleet.rollout.state).toBe("running");
    fleet.now += 60_000;
    fleet.tick();
    expect(fleet.rollout).toMatchObject({ state: "completed", settled: true });
  });
});

describe("an approval", () => {
  const approve = (fleet: SimulatedFleet, wave?: string) =>
    approveWave(fleet.snapshot, "r", { wave, by: "op", reason: "looks well" }, fleet.now);

  it("is awaited before the first wave as before any other", () => {
    const fleet = fleetOf(waves({ size: { count: 1 }, approval: true, name: "canary" }, { ...rest, approval: true }), { nodes: 2 });
    expect([fleet.rollout.openWave, fleet.codes("node-00")]).toEqual([-1, ["wave"]]);
    fleet.do(approve(fleet));
    fleet.tick();
    expect([fleet.rollout.openWave, fleet.rollout.approvals]).toEqual([0, { 0: { at: fleet.now, by: "op", reason: "looks well" } }]);
    expect(approve(fleet, "canary")).toMatchObject({
      ok: false,
      refusal: { code: "wrong-state", message: "wave 1 (canary) of rollout r was approved by op already" },
    });
    expect(approve(fleet)).toMatchObject({ ok: false, refusal: { code: "wrong-state" } });
    fleet.runUntil(updated(fleet, 0));
    expect(fleet.rollout.openWave).toBe(0);
    fleet.do(approve(fleet));
    fleet.tick();
    expect(fleet.rollout.openWave).toBe(1);
  });

  it("may be given ahead, and does not open a wave before its time", () => {
    const fleet = fleetOf(waves({ size: { count: 1 } }, { ...rest, approval: true }), { nodes: 2 });
    fleet.do(approve(fleet, "2"));
    fleet.tick();
    expect(fleet.rollout.openWave).toBe(0);
    expect(fleet.settle()).toBe(true);
    expect(fleet.rollout.state).toBe("completed");
  });
});

describe("nodes that come and go", () => {
  const bySite = waves(
    { selector: "site=berlin" },
    { size: { count: 1 }, selector: "site=paris" },
    { ...rest, selector: "site=paris" },
    rest,
  );

  it("land in the first wave that takes them and has room, also one that is open", () => {
    const fleet = fleetOf({ ...bySite, selector: "site" }, { nodes: 4, labels: sites });
    expect(wavesOf(fleet)).toEqual([0, 1, 0, 2]);
    const landed = ["berlin", "paris", "rome"].map((site) => fleet.enroll({ site }).id);
    const stranger = fleet.enroll({});
    fleet.tick();
    expect(landed.map((id) => [fleet.assignment(id).wave, fleet.assignment(id).phase])).toEqual([
      [0, "Staging"],
      [2, "pending"],
      [3, "pending"],
    ]);
    expect(fleet.snapshot.assignments.get("r")?.has(stranger.id)).toBe(false);
  });

  it("change their wave with their labels while they wait", () => {
    const fleet = fleetOf(bySite, { nodes: 4, labels: sites });
    fleet.relabel(fleet.agents[3]!, { site: "berlin" });
    fleet.tick();
    expect(fleet.assignment("node-03")).toMatchObject({ wave: 0, phase: "Staging" });
  });

  it("change it once their attempt is over when it was under way", () => {
    const fleet = fleetOf({ ...bySite, retries: { limit: 1, backoffMillis: 60_000 } }, { nodes: 4, labels: sites });
    fleet.runTo(fleet.agents[0]!, "Staging");
    fleet.relabel(fleet.agents[0]!, { site: "paris" });
    fleet.tick();
    expect(fleet.assignment("node-00").wave).toBe(0);
    fleet.turn(fleet.agents[0]!, "transient");
    expect(fleet.assignment("node-00")).toMatchObject({ wave: 2, phase: "pending" });
  });

  it("leave when they are not selected any more: one that waits at once, one under way once it is called off", () => {
    const fleet = fleetOf({ ...waves({ size: { count: 1 } }, rest), selector: "site" }, { nodes: 3, labels: sites });
    fleet.runTo(fleet.agents[0]!, "Staged");
    expect(fleet.snapshot.slots.has("node-00")).toBe(true);
    for (const agent of fleet.agents.slice(0, 2)) fleet.relabel(agent, {});
    fleet.tick();
    expect([...fleet.snapshot.assignments.get("r")!.keys()].sort()).toEqual(["node-00", "node-02"]);
    fleet.turn(fleet.agents[0]!);
    expect([...fleet.snapshot.assignments.get("r")!.keys()]).toEqual(["node-02"]);
    expect(fleet.snapshot.slots.size).toBe(0);
    expect(fleet.rollout.openWave).toBe(1);
  });

  it("stay when they are past their confirmation", () => {
    const fleet = fleetOf({ selector: "site" }, { nodes: 1, labels: sites });
    fleet.runTo(fleet.agents[0]!, "Rebooting");
    fleet.relabel(fleet.agents[0]!, {});
    expect(fleet.settle()).toBe(true);
    expect(fleet.assignment("node-00").phase).toBe("Updated");
  });

  it("leave when they are revoked, and are not waited for", () => {
    const fleet = fleetOf(all, { nodes: 2 });
    fleet.revoke(fleet.agents[1]!);
    fleet.tick();
    fleet.now += 3_600_000;
    fleet.tick();
    expect(fleet.snapshot.assignments.get("r")?.has("node-01")).toBe(false);
    expect(fleet.settle()).toBe(true);
    expect(fleet.codes("node-01")).toEqual(["revoked", "silent"]);
  });

  it("move to an earlier wave that takes all nodes of their new labels, although the present one still takes them", () => {
    const fleet = fleetOf(waves({ ...rest, selector: "site=berlin" }, { ...rest, approval: true }), {
      nodes: 3,
      labels: (index) => ({ site: index === 0 ? "berlin" : "paris" }),
    });
    expect(wavesOf(fleet)).toEqual([0, 1, 1]);
    fleet.relabel(fleet.agents[1]!, { site: "paris", note: "x" });
    fleet.relabel(fleet.agents[2]!, { site: "berlin" });
    fleet.tick();
    expect(wavesOf(fleet)).toEqual([0, 1, 0]);
  });

  it("stay where a wave of so many was cut", () => {
    const fleet = fleetOf(waves({ size: { count: 2 }, selector: "site=berlin" }, { ...rest, approval: true }), {
      nodes: 2,
      labels: (index) => ({ site: index === 0 ? "berlin" : "paris" }),
    });
    fleet.relabel(fleet.agents[1]!, { site: "berlin" });
    fleet.tick();
    expect(wavesOf(fleet)).toEqual([0, 1]);
  });

  it("are in no wave when the rollout takes them and none of its waves does", () => {
    const fleet = fleetOf(waves({ ...rest, selector: "site=berlin" }), { nodes: 1, labels: sites });
    const [inOne, inNone] = [fleet.enroll({ site: "berlin" }), fleet.enroll({ site: "rome" })];
    fleet.tick();
    const without = (id: string): boolean => selectedWithoutWave(fleet.snapshot, fleet.rollout, fleet.node(id));
    expect(fleet.snapshot.assignments.get("r")?.has(inNone.id)).toBe(false);
    expect([without(inOne.id), without(inNone.id)]).toEqual([false, true]);
    fleet.revoke(inNone);
    expect(without(inNone.id)).toBe(false);
  });
});
