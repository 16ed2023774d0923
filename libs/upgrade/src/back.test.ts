import type { Intent } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import { wantedKeep } from "./keep.ts";
import { plan } from "./plan.ts";
import type { Limits, View } from "./view.ts";
import { noteStepFailed } from "./result.ts";
import { SimulatedHost, intentOf, wellBehaved, type CommitBehaviour } from "./simulated-host.ts";
import { isTakenFromHere } from "./taken-from-here.ts";

const limits: Limits = { sessionMillis: 600_000, rebootMillis: 60_000, checkMillis: 30_000, holdMillis: 600_000 };
const permission = { slot: "slot", epoch: 1 };
const targetOf = (checksum: string) => ({ checksum, ref: "sim", version: checksum });
const back = { rollout: "r", number: 2 };

/** The generation counts up by itself: every intent is newer than the one before. */
function serverOf(host: SimulatedHost) {
  let generation = 0;
  const send = (order: Omit<Parameters<typeof intentOf>[0], "generation">): Intent => {
    const intent = intentOf({ generation: { epoch: 1, number: ++generation }, ...order });
    host.setSession(true);
    host.receive(intent);
    return intent;
  };
  return {
    send,
    forward: (checksum: string, number: number, keep: string | null) =>
      send({ target: targetOf(checksum), attempt: { rollout: "r", number }, permission, ...(keep === null ? {} : { keep }) }),
    back: (checksum: string, more: Partial<Parameters<typeof intentOf>[0]> = {}) =>
      send({ target: targetOf(checksum), attempt: back, back: true, permission, keep: checksum, ...more }),
  };
}

const grant = (host: SimulatedHost, number: number): void =>
  host.answer({ attempt: { rollout: "r", number }, granted: true, validUntilUptimeMillis: host.uptimeMillis + 30_000 });

/** Plays on until `until` was done, or nothing is left to do; every question is granted, and a session comes up with what was sent last. */
function play(host: SimulatedHost, intent: Intent, until?: string): void {
  for (let step = 0; step < 100; step++) {
    host.setSession(true);
    host.receive(intent);
    const done = host.act();
    if (done.do === "confirm") grant(host, done.attempt.ref.number);
    if (done.do === until) return;
    if (done.do !== "wait" || done.journal !== undefined) continue;
    if (done.untilUptimeMillis === undefined || host.journal.open === undefined) break;
    host.uptimeMillis = Math.max(host.uptimeMillis, done.untilUptimeMillis);
  }
  if (until !== undefined) throw new Error(`no step did ${until}; the journal stands at ${JSON.stringify(host.journal)}`);
}

/** Updated from `base` through each of these in turn. */
function updated(through: readonly string[], behaviour: Record<string, CommitBehaviour> = {}, keep: string | null = "base") {
  const host = new SimulatedHost({ base: "base", behaviour, limits });
  const server = serverOf(host);
  through.forEach((checksum, index) => play(host, server.forward(checksum, index - 10, keep)));
  expect(host.booted).toBe(through.at(-1));
  return { host, server, behaviour };
}

/** The host as it would be with this commit staged by somebody. */
function withStaged(host: SimulatedHost, checksum: string): View {
  const os = host.os();
  const staged = { ...os.deployments[0]!, checksum, version: checksum, staged: true, booted: false };
  return { ...host.view(), os: { ...os, deployments: [staged, ...os.deployments] } };
}

describe("a way back that the server orders", () => {
  it("makes exactly the deployment that is there the default, under a grant, and ends as updated on its own boot", () => {
    const { host, server } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "set-default");
    expect(host.journal.open).toMatchObject({ ref: back, back: true, step: "finalizing", confirmedBootId: "boot-2", earlierSerials: [0] });
    expect(host.os().deployments.map(({ checksum, serial, staged }) => [checksum, serial, staged])).toEqual([
      ["base", 0, false],
      ["target", 0, false],
    ]);
    expect(host.deploys.at(-1)).toEqual(back);
    play(host, intent);
    expect(host.journal.closed.at(-1)).toMatchObject({
      attempt: back,
      confirmedBootId: "boot-2",
      outcome: { kind: "updated", bootId: "boot-3" },
    });
    expect(host.downloads).toEqual(["target"]);
  });

  it("deploys the commit that the keep ref holds when its deployment is gone", () => {
    const { host, server } = updated(["other", "target"]);
    play(host, server.back("base"), "deploy");
    expect(host.os().deployments[0]).toMatchObject({ checksum: "base", staged: true });
    expect(host.downloads).toEqual(["other", "target"]);
  });

  it("fetches a commit that nothing kept, and then it must be signed", () => {
    const { host, server } = updated(["other", "target"], { base: { ...wellBehaved, signed: false } }, null);
    expect(host.has("base")).toBe(false);
    play(host, server.back("base"));
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "release" });
    expect(host.booted).toBe("target");
  });

  it("begins although required checks are red, and is not reported as not eligible", () => {
    const { host, server, behaviour } = updated(["target"]);
    behaviour["target"] = { ...wellBehaved, green: false };
    host.crash();
    const intent = server.send({ target: targetOf("base"), attempt: back, back: true, keep: "base" });
    host.act();
    host.act();
    expect(host.view().health.state).toBe("red");
    expect(host.observation().update.phase).not.toBe("NotEligible");
    play(host, intent, "stage");
    expect(host.journal.open).toMatchObject({ ref: back, step: "staged" });
  });

  it("is refused, and clears nothing, where the host has denied the commit", () => {
    const { host, server } = updated(["target"]);
    host.journal = { ...host.journal, denied: [{ checksum: "base", reason: "brought back from it" }] };
    play(host, server.back("base", { clearDenied: true }));
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "release" });
    expect(host.journal.denied).toHaveLength(1);
  });

  it("waits for its session as long as it takes: an outage of the server is no reason to give a healthy node up", () => {
    const { host, server, behaviour } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "reboot");
    behaviour["base"] = { ...wellBehaved, reachesServer: false };
    play(host, intent);
    host.uptimeMillis += 24 * 3_600_000;
    play(host, intent);
    expect(host.journal.open).toMatchObject({ step: "verifying", back: true });
    behaviour["base"] = wellBehaved;
    host.setSession(true);
    play(host, intent);
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "updated" });
    expect(host.booted).toBe("base");
  });

  it("stays and needs an operator when there a required check is red", () => {
    const { host, server, behaviour } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "reboot");
    behaviour["base"] = { ...wellBehaved, green: false };
    play(host, intent);
    const reason = /required check service failed/;
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({
      kind: "failed",
      failure: "needs-operator",
      reason: expect.stringMatching(reason),
    });
    expect(host.booted).toBe("base");
    expect(host.journal.denied).toEqual([]);
    expect(host.waysBack).toEqual([]);
  });

  it("needs an operator when the commit was the default, yet did not boot; what runs becomes the default again, without a reboot", () => {
    const { host, server, behaviour } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "set-default");
    behaviour["base"] = { ...wellBehaved, boots: false };
    play(host, intent);
    expect(host.bootedCommits).toEqual(["target", "target"]);
    expect(host.journal).toMatchObject({ closed: [{}, { outcome: { kind: "failed", failure: "needs-operator" } }], denied: [] });
    expect(host.os().deployments[0]).toMatchObject({ checksum: "target", booted: true });
  });

  it("needs an operator when something turned the default round during the reboot", () => {
    const { host, server } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "set-default");
    expect(host.act("journal").do).toBe("reboot");
    host.setDefault("target");
    host.reboot();
    play(host, intent);
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "needs-operator" });
  });

  it("was never booted when the power went before anything was written: that can be tried again", () => {
    const { host, server } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "confirm");
    expect(host.act("journal").do).toBe("set-default");
    host.cutPower();
    play(host, intent);
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "never-booted" });
    const again = { rollout: "r", number: 3 };
    play(host, server.back("base", { attempt: again }));
    expect(host.journal.closed.at(-1)).toMatchObject({ attempt: again, outcome: { kind: "updated" } });
  });

  it("goes on when the power went right after the default was changed", () => {
    const { host, server } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "set-default");
    host.cutPower();
    play(host, intent);
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "updated", bootId: "boot-3" });
  });

  it("goes on to its reboot although it was called off, once the default is changed; not before", () => {
    for (const upTo of ["journal", "all"] as const) {
      const { host, server } = updated(["target"]);
      play(host, server.back("base"), "confirm");
      expect(host.act(upTo).do).toBe("set-default");
      play(host, server.send({ target: targetOf("target") }));
      expect(host.journal.closed.at(-1)?.outcome.kind).toBe(upTo === "all" ? "updated" : "abandoned");
      expect(host.booted).toBe(upTo === "all" ? "base" : "target");
    }
  });

  it("takes away first what an earlier attempt of its own has staged, under a grant of its own", () => {
    const { host, server } = updated(["target"]);
    play(host, server.back("base"), "confirm");
    const failed = { kind: "failed", failure: "transient", reason: "", bootId: host.bootId } as const;
    host.journal = {
      ...host.journal,
      closed: [
        ...host.journal.closed,
        { attempt: { rollout: "r", number: 1 }, target: targetOf("third"), outcome: failed, confirmedBootId: host.bootId },
      ],
    };
    expect(plan(withStaged(host, "third"))).toMatchObject({
      do: "undeploy",
      underGrant: true,
      deployment: { checksum: "third" },
      journal: { open: { step: "finalizing" } },
    });
  });

  it("takes a commit for somebody else's that an attempt only named: it was never confirmed", () => {
    const { host, server } = updated(["target"]);
    play(host, server.back("base"), "confirm");
    const calledOff = { kind: "abandoned", reason: "", bootId: host.bootId } as const;
    host.journal = {
      ...host.journal,
      closed: [...host.journal.closed, { attempt: { rollout: "q", number: 1 }, target: targetOf("third"), outcome: calledOff }],
    };
    expect(plan(withStaged(host, "third")).journal?.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "operator" });
  });

  it("respects what somebody else has staged: nothing is asked, and an operator is needed", () => {
    const { host, server } = updated(["target"]);
    play(host, server.back("base"), "stage");
    const step = plan(withStaged(host, "theirs"));
    expect(step.journal?.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "operator" });
  });

  it("is called off, not failed, when the host comes back by other means before it is confirmed", () => {
    const { host, server } = updated(["target"]);
    play(host, server.back("base"), "stage");
    host.setDefault("base");
    host.reboot();
    host.act();
    expect(host.journal.closed.at(-1)).toMatchObject({ attempt: back, outcome: { kind: "abandoned" } });
  });

  it("proves itself where the host runs the commit already, once it has its slot, with nothing to return to", () => {
    const host = new SimulatedHost({ base: "base", behaviour: {}, limits });
    const server = serverOf(host);
    play(host, server.back("base"));
    expect(host.journal.closed.at(-1)).toMatchObject({ attempt: back, outcome: { kind: "updated", bootId: "boot-1" } });
    expect(host.deploys).toEqual([]);
  });

  it("goes on where the commit that did not boot boots after all, before the default was put back", () => {
    const { host, server, behaviour } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "set-default");
    behaviour["base"] = { ...wellBehaved, boots: false };
    play(host, intent, "reboot");
    while (host.act("journal").do !== "set-default");
    expect(host.journal.open?.step).toBe("going-back");
    behaviour["base"] = wellBehaved;
    host.cutPower();
    play(host, intent);
    expect(host.journal.closed.at(-1)).toMatchObject({ attempt: back, outcome: { kind: "updated" } });
    expect(host.waysBack).toEqual([]);
  });

  it("was never booted when the deployment was written anew, and the power went before it was finalized", () => {
    const { host, server } = updated(["other", "target"]);
    const intent = server.back("base");
    play(host, intent, "deploy");
    expect(host.act("journal").do).toBe("reboot");
    host.cutPower();
    play(host, intent);
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "never-booted" });
  });

  it("judges by what was there when it wrote, not by what was there when it first meant to", () => {
    const { host, server } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "confirm");
    expect(host.act("journal").do).toBe("set-default");
    host.crash();
    // Somebody clears away the old deployment; the ref still holds its commit.
    host.undeploy("base");
    play(host, intent, "deploy");
    expect(host.act("journal").do).toBe("reboot");
    host.cutPower();
    play(host, intent);
    expect(host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "failed", failure: "never-booted" });
  });

  it("gives up putting the default back after a few tries, and denies nothing", () => {
    const { host, server, behaviour } = updated(["target"]);
    const intent = server.back("base");
    play(host, intent, "set-default");
    behaviour["base"] = { ...wellBehaved, boots: false };
    play(host, intent, "reboot");
    for (let tries = 0; tries < 5 && host.journal.open !== undefined; tries++)
      if (host.act("journal").do === "set-default")
        host.journal = noteStepFailed({ journal: host.journal, os: host.os() }, "transient", "locked");
    expect(host.journal).toMatchObject({ closed: [{}, { outcome: { kind: "failed", failure: "needs-operator" } }], denied: [] });
  });
});

describe("a stage", () => {
  it("carries the limit of the order of this moment, and waits until there is one", () => {
    const host = new SimulatedHost({ base: "base", behaviour: {}, limits });
    const intent = serverOf(host).forward("target", 1, null);
    const limited: Intent = { ...intent, attempt: { ...intent.attempt!, maxBytesPerSecond: 1_000 } };
    host.receive(limited);
    for (let step = 0; host.journal.open === undefined && step < 5; step++) host.act();
    expect(host.act("journal")).toEqual({ do: "stage", target: targetOf("target"), maxBytesPerSecond: 1_000 });
    host.crash();
    host.setSession(true);
    expect(host.act()).toEqual({ do: "wait" });
    host.receive(limited);
    expect(host.act()).toMatchObject({ do: "stage", maxBytesPerSecond: 1_000 });
  });
});

describe("isTakenFromHere", () => {
  const { host } = updated(["target"]);
  const here = { os: host.os(), held: [], complete: true };
  const isTaken = (checksum: string, more: Partial<typeof here> & { held?: readonly string[] } = {}, isBack: true | undefined = true) =>
    isTakenFromHere({ target: targetOf(checksum), ...(isBack ? { back: true } : {}) }, { ...here, ...more });

  it("holds for what is deployed, or held as something that ran; whole; on a way back", () => {
    expect(isTaken("base")).toBe(true);
    expect(isTaken("third", { held: ["third"] as never })).toBe(true);
    expect(isTaken("third")).toBe(false);
    expect(isTaken("base", { complete: false })).toBe(false);
    expect(isTakenFromHere({ target: targetOf("base") }, here)).toBe(false);
  });
});

describe("the keep ref", () => {
  it("outlives the attempt, its deployment and the agent, until an intent names nothing", () => {
    const { host, server } = updated(["other", "target"]);
    host.crash();
    host.act();
    expect(host.refs).toEqual(new Map([["keep", "base"]]));
    play(host, server.send({ target: targetOf("target") }));
    expect(host.refs.size).toBe(0);
  });

  it("never holds what the host has not run, whatever a server names", () => {
    const host = new SimulatedHost({ base: "base", behaviour: {}, limits });
    play(host, serverOf(host).send({ target: targetOf("target"), attempt: { rollout: "r", number: 1 }, keep: "target" }));
    expect(host.journal.open?.step).toBe("staged");
    expect(host.refs).toEqual(
      new Map([
        ["base", "base"],
        ["target", "target"],
      ]),
    );
  });
});

describe("wantedKeep", () => {
  const highest = { epoch: 1, number: 5 };
  const of = (number: number, more: Partial<Parameters<typeof intentOf>[0]> = {}) =>
    wantedKeep(intentOf({ generation: { epoch: 1, number }, target: targetOf("target"), ...more }), highest);

  it("is what the newest intent names, else where its way back leads, else nothing", () => {
    expect(of(5, { keep: "base" })).toEqual({ commit: "base" });
    expect(of(5, { attempt: back, back: true })).toEqual({ commit: "target" });
    expect(of(5, { attempt: back })).toEqual({ commit: undefined });
    expect(of(5)).toEqual({ commit: undefined });
  });

  it("is unknown before an intent was received, and from one that is out of date", () => {
    expect(wantedKeep(undefined, highest)).toBeUndefined();
    expect(of(4, { keep: "base" })).toBeUndefined();
  });
});
