import type { Intent } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import { plan } from "./plan.ts";
import type { Limits } from "./view.ts";
import { SimulatedHost, intentOf, wellBehaved, type CommitBehaviour } from "./simulated-host.ts";

const limits: Limits = { sessionMillis: 600_000, rebootMillis: 60_000, checkMillis: 30_000, holdMillis: 600_000 };
const first = { rollout: "r", number: 1 };
const permission = { slot: "slot", epoch: 1 };
const target = { checksum: "target", ref: "sim", version: "2" };

function order(number: number, options: Partial<Parameters<typeof intentOf>[0]> = {}): Intent {
  return intentOf({ generation: { epoch: 1, number }, target, attempt: first, ...options });
}

function hostOf(behaviour: Readonly<Record<string, CommitBehaviour>> = {}): SimulatedHost {
  const host = new SimulatedHost({ base: "base", behaviour, limits });
  host.setSession(true);
  return host;
}

const stay = (number: number): Intent => intentOf({ generation: { epoch: 1, number }, target: { ...target, checksum: "base" } });

/** Acts until a step does `until`, answering nothing; returns it undone when `carryOut` is false. */
function actUntil(host: SimulatedHost, until: string): void {
  for (let step = 0; step < 20; step++) if (host.act().do === until) return;
  throw new Error(`no step did ${until}; the journal stands at ${JSON.stringify(host.journal)}`);
}

const grant = (host: SimulatedHost, number = 1): void =>
  host.answer({ attempt: { rollout: "r", number }, granted: true, validUntilUptimeMillis: host.uptimeMillis + 30_000 });

/** Ordered, staged, confirmed, deployed; the next step is the reboot. */
function deployed(behaviour: Readonly<Record<string, CommitBehaviour>> = {}): SimulatedHost {
  const host = hostOf(behaviour);
  host.receive(order(1, { permission }));
  actUntil(host, "confirm");
  grant(host);
  actUntil(host, "deploy");
  return host;
}

/** The same after the reboot, with its session and its intent back. */
function rebooted(behaviour: Readonly<Record<string, CommitBehaviour>> = {}): SimulatedHost {
  const host = deployed(behaviour);
  actUntil(host, "reboot");
  host.setSession(true);
  host.receive(order(1, { permission }));
  return host;
}

function rest(host: SimulatedHost, steps = 60): void {
  for (let step = 0; step < steps; step++) {
    const done = host.act();
    if (done.do === "wait" && done.journal === undefined) {
      if (done.untilUptimeMillis === undefined) return;
      host.uptimeMillis = Math.max(host.uptimeMillis, done.untilUptimeMillis);
    }
  }
}

describe("before the confirmation", () => {
  it("runs the required checks first", () => {
    expect(hostOf().act()).toEqual({ do: "run-checks" });
  });

  it("stages without a permission and waits there", () => {
    const host = hostOf();
    host.receive(order(1));
    rest(host);
    expect(host.journal.open).toMatchObject({ step: "staged", base: { checksum: "base", serial: 0 } });
    expect(host.act()).toEqual({ do: "wait" });
  });

  it("begins nothing while a required check is red, looks again, and begins when it is green", () => {
    const behaviour: Record<string, CommitBehaviour> = { base: { ...wellBehaved, green: false } };
    const host = hostOf(behaviour);
    host.receive(order(1));
    host.act();
    host.act();
    expect(host.act()).toEqual({ do: "wait", untilUptimeMillis: host.view().checkedAtUptimeMillis! + limits.checkMillis });
    expect(host.journal.open).toBeUndefined();
    behaviour["base"] = wellBehaved;
    rest(host);
    expect(host.journal.open?.step).toBe("staged");
  });

  it("ignores an intent below the highest generation it has seen", () => {
    const host = hostOf();
    host.receive(stay(5));
    rest(host);
    host.receive(order(4));
    rest(host);
    expect(host.journal).toMatchObject({ highest: { epoch: 1, number: 5 }, closed: [] });
    expect(host.journal.open).toBeUndefined();
  });

  it("takes an intent of a later epoch although its number is lower", () => {
    const host = hostOf();
    host.receive(stay(5));
    rest(host);
    host.receive(order(1, { generation: { epoch: 2, number: 1 } }));
    rest(host);
    expect(host.journal.open?.step).toBe("staged");
  });

  it("begins although a required check is red when the release is to cure it", () => {
    const begun = (cure: boolean): boolean => {
      const host = hostOf({ base: { ...wellBehaved, green: false } });
      const intent = order(1);
      host.receive(cure ? { ...intent, attempt: { ...intent.attempt!, cure: true } } : intent);
      rest(host, 5);
      expect(host.view().health.state).toBe("red");
      return host.journal.open !== undefined;
    };
    expect([begun(true), begun(false)]).toEqual([true, false]);
  });

  it("does nothing for an attempt that is closed, however often it is ordered", () => {
    const host = hostOf();
    host.receive(order(1));
    rest(host);
    host.receive(stay(2));
    rest(host);
    host.receive(order(3));
    rest(host);
    expect(host.journal.closed).toMatchObject([{ attempt: first, outcome: { kind: "abandoned" } }]);
    expect(host.journal.open).toBeUndefined();
  });

  it("abandons an attempt that was called off between the grant and the deploy", () => {
    const host = hostOf();
    host.receive(order(1, { permission }));
    actUntil(host, "confirm");
    grant(host);
    host.receive(stay(2));
    rest(host);
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "abandoned", bootId: "boot-1" } }]);
    expect(host.deploys).toEqual([]);
  });

  it("goes back from draining to staged when the slot is taken back", () => {
    const host = hostOf();
    host.receive(order(1, { permission }));
    actUntil(host, "confirm");
    host.receive(order(2));
    rest(host);
    expect(host.journal.open).toMatchObject({ step: "staged", note: "the slot was taken back" });
  });

  it("ends as the operator's doing when another commit was booted before the confirmation", () => {
    const host = rebooted();
    rest(host);
    host.receive(order(2, { attempt: { rollout: "r", number: 2 }, target: { ...target, checksum: "third" } }));
    actUntil(host, "stage");
    host.setDefault("base");
    host.reboot();
    rest(host);
    expect(host.journal.closed.at(-1)).toMatchObject({ outcome: { kind: "failed", failure: "operator" } });
  });

  it("refuses a commit this host denies, unless the order says otherwise", () => {
    const host = rebooted({ target: { ...wellBehaved, green: false } });
    rest(host);
    host.setSession(true);
    const second = { rollout: "r", number: 2 };
    host.receive(order(2, { attempt: second }));
    rest(host);
    expect(host.journal.closed.at(-1)).toMatchObject({ attempt: second, outcome: { kind: "failed", failure: "release" } });
    const third = { rollout: "r", number: 3 };
    host.receive(order(3, { attempt: third, clearDenied: true }));
    rest(host);
    expect(host.journal).toMatchObject({ open: { ref: third, step: "staged" }, denied: [] });
  });
});

describe("the confirmation", () => {
  it("is asked again after a refusal, not before the time given, and the refusal is noted", () => {
    const host = hostOf();
    host.receive(order(1, { permission }));
    actUntil(host, "confirm");
    const askAgainAtUptimeMillis = host.uptimeMillis + 5_000;
    host.answer({ attempt: first, granted: false, reason: "the rollout is paused", askAgainAtUptimeMillis });
    expect(host.act()).toMatchObject({ do: "wait", untilUptimeMillis: askAgainAtUptimeMillis });
    expect(host.journal.open?.note).toBe("not confirmed: the rollout is paused");
    expect(host.act()).toEqual({ do: "wait", untilUptimeMillis: askAgainAtUptimeMillis });
    host.uptimeMillis = askAgainAtUptimeMillis;
    expect(host.act().do).toBe("confirm");
  });

  it("is worth nothing from the instant at which its time to live ends", () => {
    const host = hostOf();
    host.receive(order(1, { permission }));
    actUntil(host, "confirm");
    grant(host);
    host.uptimeMillis += 30_000;
    expect(host.act().do).toBe("confirm");
    expect(host.deploys).toEqual([]);
  });

  it("of an earlier attempt is worth nothing for the next one", () => {
    const host = hostOf();
    host.receive(order(1, { permission }));
    actUntil(host, "confirm");
    grant(host, 1);
    host.receive(order(2, { attempt: { rollout: "r", number: 2 }, permission: { slot: "slot-2", epoch: 1 } }));
    actUntil(host, "confirm");
    expect(host.journal.open?.ref.number).toBe(2);
    expect(host.deploys).toEqual([]);
  });

  it("is lost with the agent: after a crash before the deploy it is asked for again", () => {
    const host = hostOf();
    host.receive(order(1, { permission }));
    actUntil(host, "confirm");
    grant(host);
    expect(host.act("journal").do).toBe("deploy");
    host.crash();
    expect(host.act().do).toBe("wait");
    host.setSession(true);
    host.receive(order(1, { permission }));
    expect(host.act().do).toBe("confirm");
  });

  it("that was not acted on can still be called off", () => {
    const host = hostOf();
    host.receive(order(1, { permission }));
    actUntil(host, "confirm");
    grant(host);
    host.act("journal");
    host.crash();
    host.setSession(true);
    host.receive(stay(2));
    rest(host);
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "abandoned" }, confirmedBootId: "boot-1" }]);
  });

  it("that was acted on cannot", () => {
    const host = deployed();
    host.receive(stay(2));
    actUntil(host, "reboot");
    expect(host.booted).toBe("target");
  });
});

describe("after the deploy", () => {
  it("asks for the reboot again only after a while", () => {
    const host = deployed();
    expect(host.act("journal").do).toBe("reboot");
    const due = host.uptimeMillis + limits.rebootMillis;
    expect(host.act()).toEqual({ do: "wait", untilUptimeMillis: due });
    host.uptimeMillis = due;
    expect(host.act().do).toBe("reboot");
  });

  it("is Failed(never-booted) when the power went before the deployment was finalized; nothing is denied", () => {
    const host = deployed();
    host.cutPower();
    rest(host);
    expect(host.journal).toMatchObject({ closed: [{ outcome: { kind: "failed", failure: "never-booted" } }], denied: [] });
  });

  it("is never-booted also when an earlier deployment of the same commit is still on the host", () => {
    const host = rebooted({ target: { ...wellBehaved, green: false } });
    rest(host);
    host.setSession(true);
    const second = { rollout: "r", number: 2 };
    host.receive(order(2, { attempt: second, permission, clearDenied: true }));
    actUntil(host, "confirm");
    grant(host, 2);
    actUntil(host, "deploy");
    expect(host.os().deployments.map(({ checksum, serial }) => `${checksum}.${serial}`)).toEqual(["target.1", "base.0", "target.0"]);
    host.cutPower();
    rest(host);
    expect(host.journal.closed.at(-1)).toMatchObject({ attempt: second, outcome: { kind: "failed", failure: "never-booted" } });
  });

  it("is the operator's doing when the new deployment was removed before the reboot", () => {
    const host = deployed();
    host.act("journal");
    host.setDefault("base");
    rest(host);
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "failed", failure: "operator" } }]);
  });

  it("is RolledBack(unproven) when the boot loader fell back to the old commit; the old one is the default again", () => {
    const host = rebooted({ target: { ...wellBehaved, boots: false } });
    expect(host.os().deployments[0]?.checksum).toBe("target");
    rest(host);
    expect(host.journal).toMatchObject({
      closed: [{ outcome: { kind: "rolled-back", cause: "unproven" } }],
      denied: [{ checksum: "target" }],
    });
    expect(host.os().deployments[0]).toMatchObject({ checksum: "base", booted: true });
  });

  it("is RolledBack(unproven) when a boot guard went back before the agent ever ran", () => {
    const host = deployed();
    host.reboot();
    host.setDefault("base");
    host.reboot();
    rest(host);
    expect(host.journal).toMatchObject({
      closed: [{ outcome: { kind: "rolled-back", cause: "unproven" } }],
      denied: [{ checksum: "target" }],
    });
  });
});

describe("on the new commit", () => {
  it("is updated after green checks, a session and the whole soak, checked at its end", () => {
    const host = rebooted();
    rest(host);
    const [closed] = host.journal.closed;
    expect(closed).toMatchObject({ attempt: first, confirmedBootId: "boot-1", outcome: { kind: "updated", bootId: "boot-2" } });
    expect(closed?.outcome.kind === "updated" && closed.outcome.soakedMillis).toBeGreaterThanOrEqual(5_000);
    expect(host.view().checkedAtUptimeMillis).toBeGreaterThanOrEqual(1_000 + 5_000);
  });

  it("starts its soak afresh on another boot", () => {
    const host = rebooted();
    actUntil(host, "run-checks");
    for (let step = 0; host.journal.open?.step !== "soaking" && step < 10; step++) host.act();
    host.reboot();
    host.act();
    expect(host.journal.open).toMatchObject({ step: "verifying", verifying: { bootId: "boot-3" }, sessionProven: true });
    expect(host.journal.open?.soaking).toBeUndefined();
  });

  it("goes back on a red required check during the soak", () => {
    const behaviour: Record<string, CommitBehaviour> = { target: wellBehaved };
    const host = rebooted(behaviour);
    for (let step = 0; host.journal.open?.step !== "soaking" && step < 10; step++) host.act();
    behaviour["target"] = { ...wellBehaved, green: false };
    rest(host);
    expect(host.booted).toBe("base");
    expect(host.journal.closed).toMatchObject([
      { outcome: { kind: "rolled-back", cause: "required-check", reason: "required check service failed: it does not answer" } },
    ]);
  });

  it("asks for the reboot of the way back again only after a while", () => {
    const host = rebooted({ target: { ...wellBehaved, green: false } });
    actUntil(host, "set-default");
    expect(host.act("journal").do).toBe("reboot");
    const due = host.uptimeMillis + limits.rebootMillis;
    expect(host.act()).toEqual({ do: "wait", untilUptimeMillis: due });
    host.uptimeMillis = due;
    expect(host.act().do).toBe("reboot");
  });

  it("does not believe checks of an earlier boot", () => {
    const host = rebooted();
    for (let step = 0; host.journal.open?.verifying === undefined && step < 10; step++) host.act();
    const view = { ...host.view(), session: { up: false, seenThisBoot: false } };
    expect(plan({ ...view, health: { state: "green", bootId: "boot-1", checks: [] } })).toEqual({ do: "run-checks" });
    expect(plan({ ...view, health: { state: "red", bootId: "boot-1", checks: [] } })).toEqual({ do: "run-checks" });
  });

  it("goes back when the session does not return in time, and not before", () => {
    const host = rebooted({ target: { ...wellBehaved, reachesServer: false } });
    actUntil(host, "run-checks");
    expect(host.act()).toEqual({ do: "wait", untilUptimeMillis: 1_000 + limits.sessionMillis });
    rest(host);
    expect(host.booted).toBe("base");
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "rolled-back", cause: "no-session" } }]);
  });

  it("needs an operator when the previous commit is red as well, and denies the new one", () => {
    const behaviour: Record<string, CommitBehaviour> = { target: { ...wellBehaved, green: false } };
    const host = rebooted(behaviour);
    behaviour["base"] = { ...wellBehaved, green: false };
    rest(host);
    expect(host.booted).toBe("base");
    expect(host.waysBack).toHaveLength(1);
    expect(host.journal).toMatchObject({
      closed: [{ outcome: { kind: "failed", failure: "needs-operator" } }],
      denied: [{ checksum: "target" }],
    });
  });

  it("needs an operator when the previous commit does not boot: it does not try to go back a second time", () => {
    const behaviour: Record<string, CommitBehaviour> = { target: { ...wellBehaved, green: false } };
    const host = rebooted(behaviour);
    behaviour["base"] = { ...wellBehaved, boots: false };
    rest(host);
    expect(host.booted).toBe("target");
    expect(host.waysBack).toHaveLength(1);
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "failed", failure: "needs-operator" } }]);
  });

  it("adopts a granted attempt that the journal lost after the reboot", () => {
    const host = rebooted();
    host.journal = { highest: { epoch: 0, number: 0 }, closed: [], denied: [] };
    rest(host);
    expect(host.journal.closed).toMatchObject([{ attempt: first, outcome: { kind: "updated" } }]);
  });

  it("does not adopt an attempt without a permission: something else booted the target", () => {
    const host = rebooted({ target: { ...wellBehaved, green: false } });
    host.journal = { highest: { epoch: 0, number: 0 }, closed: [], denied: [] };
    host.receive(order(2));
    rest(host);
    expect(host.booted).toBe("target");
    expect(host.journal.open).toBeUndefined();
  });
});
