import { describe, expect, it } from "vitest";
import { fleetOf } from "./simulated-fleet.ts";

const minute = 60_000;
const retries = (limit: number, backoffMillis = 0) => ({ limit, backoffMillis });

describe("timeouts", () => {
  it("a node that stages for too long is called off at once and tries again, as long as it may", () => {
    const fleet = fleetOf({ retries: retries(1), timeouts: { stagingMillis: 5 * minute } });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staging");
    for (const attempt of [1, 2]) {
      fleet.now = fleet.assignment(agent.id).since + 5 * minute - 1;
      fleet.tick();
      expect(fleet.assignment(agent.id)).toMatchObject({ attempt, phase: "Staging" });
      fleet.now += 1;
      fleet.tick();
    }
    expect(fleet.assignment(agent.id)).toMatchObject({
      phase: "Failed",
      failure: "transient",
      attempt: 2,
      reason: "staging took longer than the policy allows",
    });
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
  });

  it("does not blame a silent node for its staging", () => {
    const fleet = fleetOf({ retries: retries(0), timeouts: { stagingMillis: 5 * minute } });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staging");
    fleet.disconnect(agent);
    fleet.now += 5 * minute;
    fleet.tick();
    expect([fleet.assignment(agent.id).phase, fleet.codes(agent.id)[0]]).toEqual(["pending", "silent"]);
  });

  it("a node that drains for too long is called off; its slot comes back by evidence, not by time", () => {
    const fleet = fleetOf({ retries: retries(0), timeouts: { drainingMillis: 5 * minute } });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staged");
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id).phase).toBe("Draining");
    fleet.now += 5 * minute;
    fleet.tick();
    expect(fleet.snapshot.intents.get(agent.id)?.attempt).toBeUndefined();
    expect([fleet.snapshot.slots.size, fleet.codes(agent.id)[0]]).toEqual([1, "called-off"]);
    fleet.now += 60 * minute;
    fleet.tick();
    expect(fleet.snapshot.slots.size).toBe(1);
    fleet.turn(agent);
    expect(fleet.assignment(agent.id)).toMatchObject({
      phase: "Failed",
      failure: "transient",
      reason: "draining took longer than the policy allows",
    });
    expect(fleet.snapshot.slots.size).toBe(0);
  });

  it("does not blame a node for draining while the rollout was paused or others were down", () => {
    for (const hinder of ["pause", "budget"] as const) {
      const fleet = fleetOf({ retries: retries(0), timeouts: { drainingMillis: 5 * minute } }, { nodes: 2 });
      const agent = fleet.agents[0]!;
      fleet.runTo(agent, "Staged");
      if (hinder === "pause") fleet.pause(true);
      else fleet.disconnect(fleet.agents[1]!);
      fleet.now += 5 * minute;
      fleet.tick();
      fleet.turn(agent);
      expect(fleet.assignment(agent.id).failure, hinder).toBeUndefined();
      expect(fleet.assignment(agent.id).retried).toBe(0);
    }
  });

  it("ends a draining whose confirmation was granted but never arrived", () => {
    const fleet = fleetOf({ retries: retries(1), timeouts: { drainingMillis: 5 * minute } });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staged");
    fleet.deliver(agent);
    fleet.advance(agent, "good");
    expect(fleet.confirm(agent, false)).toBe(true);
    fleet.report(agent);
    fleet.now += 5 * minute;
    fleet.tick();
    fleet.deliver(agent);
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id)).toMatchObject({ attempt: 2, retried: 1, phase: "Staging" });
    expect(fleet.snapshot.slots.size).toBe(0);
  });

  it("a node that is silent while it drains is Lost in the end, keeps its slot, and may come back unharmed", () => {
    const fleet = fleetOf({ retries: retries(0) });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Staged");
    fleet.disconnect(agent);
    fleet.now += 20 * minute;
    fleet.tick();
    expect([fleet.assignment(agent.id).phase, fleet.snapshot.slots.size]).toEqual(["Lost", 1]);
    fleet.turn(agent);
    fleet.turn(agent);
    expect([fleet.assignment(agent.id).phase, fleet.snapshot.slots.size, fleet.rollout.state]).toEqual(["pending", 0, "halted"]);
  });

  it("a node that is back but does not get on with its checks is Lost, and its next report takes it up again", () => {
    const fleet = fleetOf({ timeouts: { verifyingMillis: 5 * minute }, gate: { maxFailures: 9 } });
    const agent = fleet.agents[0]!;
    fleet.runTo(agent, "Verifying");
    fleet.connect(agent);
    fleet.tick();
    fleet.now += 5 * minute;
    fleet.tick();
    expect(fleet.assignment(agent.id)).toMatchObject({
      phase: "Lost",
      reason: "no progress in Verifying for longer than the policy allows; it keeps its slot",
    });
    fleet.report(agent);
    fleet.tick();
    expect(fleet.assignment(agent.id).phase).toBe("Lost");
    fleet.turn(agent);
    expect(fleet.assignment(agent.id).phase).toBe("Soaking");
    expect(fleet.settle()).toBe(true);
    expect(fleet.assignment(agent.id).phase).toBe("Updated");
  });

  it("gives up a node that is not fit for too long after its wave opened, if the policy says so", () => {
    const policy = {
      timeouts: { eligibleMillis: 30 * minute },
      waves: [{ size: { count: 1 } }, { size: { rest: true as const } }],
      maxUnavailable: "100%",
    };
    const patient = fleetOf(policy, { nodes: 3 });
    patient.agents[1]!.green = false;
    patient.report(patient.agents[1]!);
    patient.disconnect(patient.agents[2]!);
    for (let turn = 0; turn < 12; turn++) patient.turn(patient.agents[0]!);
    expect(patient.assignment("node-01").phase).toBe("NotEligible");
    patient.now += 30 * minute;
    patient.tick();
    expect(patient.assignment("node-01")).toMatchObject({ phase: "Failed", failure: "node" });
    expect(patient.assignment("node-02")).toMatchObject({ phase: "Failed", failure: "unreachable" });
  });

  it("counts that from when the node became unfit, not from when it began to wait for other reasons", () => {
    const policy = { timeouts: { eligibleMillis: 30 * minute }, staging: { nodes: 1 }, maxUnavailable: "100%" };
    const fleet = fleetOf(policy, { nodes: 3 });
    const [, red, silent] = fleet.agents as [(typeof fleet.agents)[0], (typeof fleet.agents)[0], (typeof fleet.agents)[0]];
    const show = (green: boolean): void => {
      red.green = green;
      fleet.report(red);
      fleet.tick();
    };
    fleet.now += 29 * minute;
    fleet.tick();
    show(false);
    fleet.disconnect(silent);
    fleet.tick();
    fleet.now += 2 * minute;
    fleet.tick();
    expect([fleet.assignment(red.id).phase, fleet.assignment(silent.id).phase]).toEqual(["NotEligible", "pending"]);
    show(true);
    expect(fleet.assignment(red.id).phase).toBe("pending");
    fleet.now += 28 * minute;
    fleet.tick();
    show(false);
    expect([fleet.assignment(red.id).phase, fleet.assignment(silent.id).failure]).toEqual(["NotEligible", "unreachable"]);
    fleet.now += 30 * minute - 1;
    fleet.tick();
    expect(fleet.assignment(red.id).phase).toBe("NotEligible");
    fleet.now += 1;
    fleet.tick();
    expect(fleet.assignment(red.id).failure).toBe("node");
  });
});

describe("retries", () => {
  it("wait twice as long each time, up to the longest, each node a little sooner, always the same", () => {
    const waits = (): readonly number[] => {
      const fleet = fleetOf({ retries: { limit: 4, backoffMillis: 10_000, maxBackoffMillis: 30_000 } });
      const agent = fleet.agents[0]!;
      return [1, 2, 3, 4].map(() => {
        fleet.runTo(agent, "Staging");
        fleet.turn(agent, "transient");
        expect([fleet.assignment(agent.id).phase, fleet.codes(agent.id)[0]]).toEqual(["pending", "backoff"]);
        const wait = fleet.assignment(agent.id).notBefore! - fleet.now;
        expect(fleet.agenda.nextWake).toBeLessThanOrEqual(fleet.now + wait);
        fleet.now += wait - 1;
        expect(fleet.tick()).toEqual([]);
        fleet.now += 1;
        expect(fleet.tick()).toContain("begin-attempt");
        return wait;
      });
    };
    const first = waits();
    for (const [index, most] of [10_000, 20_000, 30_000, 30_000].entries()) {
      expect(first[index]).toBeLessThanOrEqual(most);
      expect(first[index]).toBeGreaterThanOrEqual(most * 0.75);
    }
    expect(waits()).toEqual(first);
  });
});
