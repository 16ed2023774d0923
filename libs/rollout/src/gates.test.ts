import { describe, expect, it } from "vitest";
import { retryRollout } from "./command.ts";
import { clearNode } from "./node-command.ts";
import type { PolicyDraft } from "./policy-draft.ts";
import { targetCommit, type Fate, type SimulatedAgent } from "./simulated-agent.ts";
import { fleetOf, type SimulatedFleet } from "./simulated-fleet.ts";

const all = { maxUnavailable: "100%" };
const never = { limit: 0, backoffMillis: 0 };

function run(fleet: SimulatedFleet, agent: SimulatedAgent, fate: Fate, from: "Staging" | "Soaking" = "Staging"): void {
  fleet.runTo(agent, from);
  fleet.turn(agent, fate);
  if (!agent.connected) {
    fleet.connect(agent);
    fleet.tick();
  }
}

const phases = (fleet: SimulatedFleet): readonly string[] => fleet.agents.map(({ id }) => fleet.assignment(id).phase);

describe("a gate", () => {
  it("closes on the result that is one too many, not at the end of the wave", () => {
    const fleet = fleetOf({ ...all, retries: never, gate: { maxFailures: 1 } }, { nodes: 4 });
    run(fleet, fleet.agents[0]!, "node-fault");
    expect(fleet.rollout.state).toBe("running");
    run(fleet, fleet.agents[1]!, "red", "Soaking");
    expect(fleet.rollout).toMatchObject({
      state: "halted",
      reason: expect.stringMatching(/^2 of 2 nodes failed, more than the 1 that may; node-01 is RolledBack/),
    });
    expect(phases(fleet)).toEqual(["Failed", "RolledBack", "pending", "pending"]);
  });

  it("counts a Lost node, and neither what was the server's own absence nor what a person did", () => {
    const fleet = fleetOf({ ...all, gate: { maxFailures: 0 } }, { nodes: 2 });
    fleet.writeOff(fleet.agents[0]!);
    fleet.tick();
    expect(fleet.assignment("node-00")).toMatchObject({ phase: "Failed", failure: "operator" });
    expect(fleet.rollout.state).toBe("running");
    fleet.runTo(fleet.agents[1]!, "Rebooting");
    fleet.disconnect(fleet.agents[1]!);
    fleet.now += 20 * 60_000;
    fleet.tick();
    expect([fleet.assignment("node-01").phase, fleet.rollout.state]).toEqual(["Lost", "halted"]);
  });

  it("of a wave judges that wave's results only", () => {
    const waves = [
      { size: { count: 2 }, gate: { maxFailures: 0 } },
      { size: { rest: true as const }, gate: { maxFailures: 1 } },
    ];
    const fleet = fleetOf({ ...all, retries: never, waves, gate: { maxFailures: 5 } }, { nodes: 5 });
    for (const agent of fleet.agents.slice(0, 2)) fleet.runUntil(() => fleet.assignment(agent.id).phase === "Updated");
    for (const agent of fleet.agents.slice(2, 4)) run(fleet, agent, "node-fault");
    expect(fleet.rollout).toMatchObject({
      state: "halted",
      reason: expect.stringMatching(/^wave 2 \(wave-2\): 2 of 2 nodes failed, more than the 1 that may; node-03 is Failed/),
    });
  });

  it("stands at the end of the last wave, too: a rate that is unacceptable does not pass for want of a sample", () => {
    const gate = { failureRate: { acceptable: 0.01, unacceptable: 0.5, minSample: 10 } };
    const fleet = fleetOf({ ...all, retries: never, gate }, { nodes: 2 });
    run(fleet, fleet.agents[0]!, "node-fault");
    expect(fleet.rollout.state).toBe("running");
    fleet.runUntil(() => fleet.rollout.state !== "running");
    expect(fleet.rollout).toMatchObject({
      state: "halted",
      reason: expect.stringContaining("1 of 2 nodes failed at the end of the wave") as string,
    });
  });
});

describe("onFailure", () => {
  const failing = (onFailure: string): SimulatedFleet => {
    const fleet = fleetOf({ ...all, retries: never, onFailure }, { nodes: 4 });
    const [first, second, third] = fleet.agents as [SimulatedAgent, SimulatedAgent, SimulatedAgent];
    fleet.runUntil(() => fleet.assignment(second.id).phase === "Soaking" && fleet.assignment(third.id).phase === "Soaking");
    run(fleet, second, "good", "Soaking");
    run(fleet, first, "red", "Soaking");
    return fleet;
  };

  it("pause keeps what is staged, and resume pardons what was seen", () => {
    const fleet = failing("pause");
    expect(fleet.rollout.state).toBe("paused");
    fleet.pause(false);
    expect(fleet.tick()).not.toContain("pause-rollout");
    expect(fleet.rollout).toMatchObject({ state: "running", pardons: { 0: { ended: 2, failed: 1 } } });
    fleet.settle();
    expect([fleet.rollout.state, ...phases(fleet)]).toEqual(["completed", "RolledBack", "Updated", "Updated", "Updated"]);
  });

  it("resume pardons nothing that failed while an operator had paused it", () => {
    const fleet = fleetOf({ ...all, retries: never, onFailure: "halt" }, { nodes: 4 });
    const [first] = fleet.agents as [SimulatedAgent];
    fleet.runUntil(() => fleet.assignment(first.id).phase === "Soaking");
    fleet.pause(true);
    run(fleet, first, "red", "Soaking");
    expect(fleet.rollout.state).toBe("paused");
    fleet.pause(false);
    fleet.tick();
    expect(fleet.rollout).toMatchObject({ state: "halted", pardons: {} });
  });

  it("pauses again on the next failure after a resume", () => {
    const fleet = failing("pause");
    fleet.pause(false);
    fleet.turn(fleet.agents[2]!, "red");
    fleet.connect(fleet.agents[2]!);
    fleet.tick();
    expect(fleet.rollout).toMatchObject({
      state: "paused",
      reason: expect.stringMatching(/^1 of 1 node failed, more than the 0 that may; node-02 is RolledBack: /),
    });
  });

  it("does not pardon another failure for a pardoned node that came back", () => {
    const fleet = fleetOf({ ...all, retries: never, onFailure: "pause" }, { nodes: 2 });
    const [lost, other] = fleet.agents as [SimulatedAgent, SimulatedAgent];
    fleet.runTo(lost, "Rebooting");
    fleet.disconnect(lost);
    fleet.now += 20 * 60_000;
    fleet.tick();
    fleet.pause(false);
    expect(fleet.rollout.pardons).toEqual({ 0: { ended: 1, failed: 1 } });
    fleet.runTo(lost, "Soaking");
    expect(fleet.rollout.pardons).toEqual({ 0: { ended: 0, failed: 0 } });
    run(fleet, other, "node-fault");
    expect(fleet.rollout.state).toBe("paused");
  });

  it("halt calls back what is not confirmed, lets the others finish, and settles", () => {
    const fleet = failing("halt");
    expect(fleet.rollout.state).toBe("halted");
    expect(fleet.settle()).toBe(true);
    expect([fleet.rollout.state, ...phases(fleet)].slice(0, 4)).toEqual(["halted", "RolledBack", "Updated", "Updated"]);
  });

  it("rollback takes every node back by itself", () => {
    const fleet = failing("rollback");
    expect(fleet.rollout).toMatchObject({
      state: "rolling-back",
      way: "back",
      reason: expect.stringContaining("1 of 2 nodes failed, more than the 0 that may; "),
    });
    expect(fleet.settle()).toBe(true);
    expect(fleet.rollout.state).toBe("rolled-back");
    expect(fleet.agents.some(({ booted }) => booted === targetCommit)).toBe(false);
  });
});

describe("retry", () => {
  function halted(fate: Fate, policy: Partial<PolicyDraft> = {}): SimulatedFleet {
    const fleet = fleetOf({ retries: never, ...policy }, { nodes: 2 });
    run(fleet, fleet.agents[0]!, fate, fate === "red" ? "Soaking" : "Staging");
    fleet.settle();
    expect(fleet.rollout.state).toBe("halted");
    return fleet;
  }
  const retry = (fleet: SimulatedFleet, ...nodes: readonly string[]) => retryRollout(fleet.snapshot, "r", { nodes }, fleet.now);

  it("tries failed nodes again with all their retries, and lets the halted rollout go on", () => {
    const fleet = halted("node-fault");
    fleet.do(retry(fleet));
    expect(fleet.rollout).toMatchObject({ state: "running", settled: false });
    expect(fleet.settle()).toBe(true);
    expect(phases(fleet)).toEqual(["Updated", "Updated"]);
  });

  it("refuses a node that denies the commit until an operator clears it; then the order says so", () => {
    const fleet = halted("red");
    expect(retry(fleet, "node-00")).toMatchObject({
      ok: false,
      refusal: { code: "wrong-state", message: "node node-00 denies the commit: it was brought back from it" },
    });
    fleet.do(clearNode(fleet.snapshot, "node-00", { by: "op", reason: "fixed" }, fleet.now));
    fleet.do(retry(fleet, "node-00"));
    fleet.tick();
    expect(fleet.snapshot.intents.get("node-00")?.attempt).toMatchObject({ clearDenied: true });
    expect(fleet.settle()).toBe(true);
    expect(phases(fleet)).toEqual(["Updated", "Updated"]);
  });

  it("refuses to let a halted rollout go on when nothing can be tried again: the bad release must not reach the others", () => {
    const fleet = halted("red");
    expect(retry(fleet)).toMatchObject({
      ok: false,
      refusal: { code: "wrong-state", message: expect.stringContaining("denies the commit") },
    });
    expect(retry(fleet, "node-01")).toMatchObject({
      ok: false,
      refusal: { code: "wrong-state", message: expect.stringContaining("has not failed") },
    });
    expect(fleet.codes("node-01")).toContain("halted");
    expect(fleet.codes("node-00")).toContain("rolledback");
  });

  it("pardons nothing but what is tried again", () => {
    const fleet = fleetOf({ retries: never, maxUnavailable: "2" }, { nodes: 2 });
    const [first, second] = fleet.agents as [SimulatedAgent, SimulatedAgent];
    fleet.runTo(first, "Staging");
    fleet.runTo(second, "Soaking");
    fleet.turn(first, "node-fault");
    fleet.turn(second, "red");
    fleet.settle();
    expect([fleet.rollout.state, ...phases(fleet)]).toEqual(["halted", "Failed", "RolledBack"]);
    fleet.do(retry(fleet));
    fleet.tick();
    expect([fleet.rollout.state, ...phases(fleet)]).toEqual(["halted", "pending", "RolledBack"]);
  });

  it("refuses a Lost node: it keeps its slot", () => {
    const fleet = fleetOf({ retries: never }, { nodes: 2 });
    fleet.runTo(fleet.agents[0]!, "Rebooting");
    fleet.disconnect(fleet.agents[0]!);
    fleet.now += 3_600_000;
    fleet.tick();
    expect(phases(fleet)[0]).toBe("Lost");
    expect(retry(fleet, "node-00")).toMatchObject({ ok: false, refusal: { message: expect.stringContaining("still holds its slot") } });
  });

  it("names a node that is not in the rollout", () => {
    expect(retry(halted("node-fault"), "stranger")).toMatchObject({ ok: false, refusal: { code: "not-found" } });
  });

  it("takes in nodes that were enrolled while the rollout was halted", () => {
    const fleet = halted("node-fault");
    const late = fleet.enroll();
    fleet.tick();
    expect(fleet.snapshot.assignments.get("r")?.has(late.id)).toBe(false);
    fleet.do(retry(fleet));
    fleet.tick();
    expect(fleet.assignment(late.id)).toMatchObject({ wave: 0 });
  });
});
