import type { Intent } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import type { Limits } from "./view.ts";
import { SimulatedHost, intentOf, wellBehaved, type CommitBehaviour, type SimulatedHostOptions } from "./simulated-host.ts";

const limits: Limits = { sessionMillis: 600_000, rebootMillis: 60_000, checkMillis: 30_000, holdMillis: 600_000 };
const permission = { slot: "slot", epoch: 1 };
const ref = { rollout: "r", number: 1 };
const intent: Intent = intentOf({
  generation: { epoch: 1, number: 1 },
  target: { checksum: "target", ref: "sim", version: "2" },
  attempt: ref,
  permission,
});

function hostOf(target: Partial<CommitBehaviour> = {}, options: Partial<SimulatedHostOptions> = {}): SimulatedHost {
  return new SimulatedHost({ base: "base", behaviour: { target: { ...wellBehaved, ...target } }, limits, ...options });
}

/** Everything is granted, and time passes where the agent waits for it. Ends when nothing is left to do, or with a host that is gone. */
function play(host: SimulatedHost, steps = 60): SimulatedHost {
  for (let step = 0; step < steps; step++) {
    host.setSession(true);
    host.receive(intent);
    const done = host.act();
    if (done.do === "confirm")
      host.answer({ attempt: done.attempt.ref, granted: true, validUntilUptimeMillis: host.uptimeMillis + 30_000 }, done.permission);
    if (done.do !== "wait" || done.journal !== undefined) continue;
    if (done.untilUptimeMillis === undefined) break;
    host.uptimeMillis = Math.max(host.uptimeMillis, done.untilUptimeMillis);
  }
  return host;
}

describe("a simulated host", () => {
  it("is silent until the agent of a slow commit starts", () => {
    const host = hostOf({ bootMillis: 90_000 });
    while (host.booted === "base") play(host, 1);
    expect(host.running).toBe(false);
    host.setSession(true);
    expect(host.sessionUp).toBe(false);
    expect(host.act()).toEqual({ do: "wait", untilUptimeMillis: 91_000 });
    host.uptimeMillis = 91_000;
    expect(play(host).journal.closed).toMatchObject([{ outcome: { kind: "updated" } }]);
  });

  it("is never heard of again on a commit that kills it, until somebody boots another", () => {
    const host = play(hostOf({ dies: true }));
    expect(host.booted).toBe("target");
    expect(host.act()).toEqual({ do: "wait" });
    host.powerOff();
    host.powerOn();
    expect([host.running, host.reachesServer]).toEqual([false, false]);
    host.setDefault("base");
    host.cutPower();
    expect(play(host).journal.closed).toMatchObject([{ outcome: { kind: "rolled-back", cause: "unproven" } }]);
  });

  it("rests where a boot loader falls back long after an update", () => {
    const behaviour: Record<string, CommitBehaviour> = {};
    const host = play(hostOf({}, { behaviour }));
    behaviour["target"] = { ...wellBehaved, boots: false };
    host.cutPower();
    expect(play(host).booted).toBe("base");
    expect(host.os().deployments[0]).toMatchObject({ checksum: "target", pending: true });
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "updated" } }]);
  });

  it("does nothing while its power is off, and loses what was staged", () => {
    const host = hostOf();
    while (host.os().deployments.length === 1) play(host, 1);
    host.powerOff();
    expect([host.running, host.act().do]).toEqual([false, "wait"]);
    host.powerOn();
    expect(play(host).journal.closed).toMatchObject([{ outcome: { kind: "failed", failure: "never-booted" } }]);
  });

  it("turns green and red by turns on a commit that flaps", () => {
    const host = hostOf({}, { behaviour: { base: { ...wellBehaved, flapMillis: 10_000 } } });
    const seen = [5_000, 15_000, 25_000].map((uptimeMillis) => {
      host.crash();
      host.uptimeMillis = uptimeMillis;
      host.act();
      return host.view().health.state;
    });
    expect(seen).toEqual(["green", "red", "green"]);
  });

  it("shows its extended resources without those that the commit loses, and none where it was given none", () => {
    const resources = { "vendor.com/gpu": 4, "vendor.com/nic": 2 };
    const host = hostOf({ loses: ["vendor.com/gpu"] }, { resources });
    expect(host.observation().extendedResources).toEqual(resources);
    expect(play(host).observation().extendedResources).toEqual({ "vendor.com/nic": 2 });
    expect("extendedResources" in hostOf().observation()).toBe(false);
  });

  it("says that it was updated where it only went back", () => {
    const host = play(hostOf({ green: false }, { falseSuccess: "after-failing" }));
    expect(host.observation()).toMatchObject({
      os: { bootId: "boot-3", deployments: [{ checksum: "base", booted: true }, { checksum: "target" }] },
      update: { phase: "Updated", closed: [{ attempt: ref, outcome: { kind: "updated", bootId: "boot-3" } }], denied: [] },
      health: { state: "green" },
    });
  });

  it("says that it was updated where it did nothing", () => {
    const host = play(hostOf({}, { falseSuccess: "instead-of-deploying" }));
    expect(host.observation()).toMatchObject({
      os: { bootId: "boot-1", deployments: [{ checksum: "base", booted: true }] },
      update: { phase: "Updated", closed: [{ attempt: ref, confirmedBootId: "boot-1", outcome: { kind: "updated", bootId: "boot-1" } }] },
    });
    expect(host.os().deployments).toHaveLength(1);
  });

  it("says hello with what its journal holds, as another process after a crash", () => {
    const host = hostOf({}, { name: "node-7" });
    play(host, 3);
    const hello = host.hello();
    expect(hello).toMatchObject({ bootId: "node-7-boot-1", highest: { epoch: 1, number: 1 }, openAttempts: [ref] });
    host.crash();
    expect(host.hello()).toEqual({ ...hello, instanceNonce: expect.not.stringMatching(hello.instanceNonce) });
  });

  it("asks with a nonce of its own, and takes no answer to a question with another permission", () => {
    const host = hostOf();
    let step = host.act();
    while (step.do !== "confirm") {
      host.setSession(true);
      host.receive(intent);
      step = host.act();
    }
    const question = host.questionOf(step);
    expect(question).toMatchObject({ attempt: ref, permission, bootId: "boot-1", checksum: "target" });
    expect(host.questionOf(step).nonce).not.toBe(question.nonce);
    const answer = { attempt: ref, granted: true as const, validUntilUptimeMillis: host.uptimeMillis + 30_000 };
    host.answer(answer, { slot: "another", epoch: 1 });
    expect(host.act().do).toBe("confirm");
    host.answer(answer, permission);
    expect(host.act().do).toBe("deploy");
  });

  it("says that it is updated without having soaked, when it lies so", () => {
    const host = play(hostOf({}, { falseSuccess: "without-soaking" }));
    expect(host.booted).toBe("target");
    expect(host.journal.closed[0]?.outcome).toEqual({ kind: "updated", bootId: host.bootId, soakedMillis: 0 });
  });

  it("starts anew without its journal, and what would boot next is nobody's doing then", () => {
    const host = hostOf();
    while (host.journal.open?.step !== "finalizing") play(host, 1);
    expect(host.os().deployments.find((one) => one.staged)?.checksum).toBe("target");
    host.loseJournal();
    expect([host.journal.open, host.journal.highest]).toEqual([undefined, { epoch: 0, number: 0 }]);
    expect(host.sessionUp).toBe(false);
    expect(host.act().do).toBe("run-checks");
  });

  it("lets a pull take its time, or fail", () => {
    const host = hostOf();
    const begin = (): void => {
      for (let step = 0; step < 10; step++) {
        host.setSession(true);
        host.receive(intent);
        if (host.act("journal").do === "stage") return;
        if (host.view().health.state === "unknown") host.act();
      }
      throw new Error(`nothing is staged: ${JSON.stringify(host.journal)}`);
    };
    begin();
    host.finishStaging({ ok: false, retryable: true, reason: "no route", delayMillis: 100 });
    expect(host.journal.open).toMatchObject({ step: "staging", note: "no route" });
    host.uptimeMillis += 100;
    begin();
    expect(host.has("target")).toBe(false);
    host.finishStaging();
    expect([host.journal.open?.step, host.has("target")]).toEqual(["staged", true]);
  });
});
