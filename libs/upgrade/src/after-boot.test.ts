import { describe, expect, it } from "vitest";
import { plan } from "./plan.ts";
import { wellBehaved, type CommitBehaviour, type SimulatedHost } from "./simulated-host.ts";
import { limits, Scene, target } from "./test-scene.ts";

/** On the target's first boot, before anything was checked. */
function firstBoot(behaviour: Partial<CommitBehaviour> = {}): Scene {
  const scene = new Scene({ behaviour: { target: { ...wellBehaved, ...behaviour } } });
  scene.until("reboot");
  for (let turn = 0; scene.host.journal.open?.verifying === undefined && turn < 10; turn++) scene.host.act();
  return scene;
}

/** The target, with this commit staged by somebody. */
function withStaged(host: SimulatedHost, checksum: string) {
  const os = host.os();
  const staged = { ...os.deployments[0]!, checksum, staged: true, booted: false };
  return { ...host.view(), os: { ...os, deployments: [staged, ...os.deployments] } };
}

describe("a release whose boots end before its soak does", () => {
  const crashedAfterItsChecks = (boots: number): Scene => {
    const scene = firstBoot();
    for (let boot = 1; boot < boots; boot++) {
      const { host } = scene;
      for (let turn = 0; host.journal.open?.soaking?.bootId !== host.bootId && turn < 20; turn++) scene.turn();
      expect(host.journal.open?.step).toBe("soaking");
      host.cutPower();
    }
    return scene;
  };

  it("is given five boots, the fifth of which may prove it", () => {
    const scene = crashedAfterItsChecks(5);
    scene.rest();
    expect(scene.host.journal.closed.at(-1)?.outcome.kind).toBe("updated");
    expect(scene.host.booted).toBe("target");
  });

  it("is left on the sixth, for good", () => {
    const scene = crashedAfterItsChecks(6);
    scene.rest();
    expect(scene.host.booted).toBe("base");
    const reason = "5 boots of the new commit ended before its soak did";
    expect(scene.host.journal.closed.at(-1)?.outcome).toMatchObject({ kind: "rolled-back", cause: "unproven", reason });
    expect(scene.host.journal.denied).toEqual([{ checksum: "target", reason }]);
    expect(scene.host.waysBack).toHaveLength(1);
  });

  it("is waited for on a way back that the server ordered, however often: nothing returns from it", () => {
    const scene = new Scene();
    scene.rest();
    const { host } = scene;
    expect(host.booted).toBe("target");
    scene.order({ target: { ...target, checksum: "base" }, attempt: { rollout: "r", number: 2 }, back: true, keep: "base" });
    scene.until("reboot");
    for (let boot = 0; boot < 8; boot++) {
      for (let turn = 0; host.journal.open?.soaking?.bootId !== host.bootId && turn < 20; turn++) scene.turn();
      host.cutPower();
    }
    scene.rest();
    expect(host.journal.closed.at(-1)).toMatchObject({ attempt: { number: 2 }, outcome: { kind: "updated" } });
  });

  it("counts boots, not starts of the agent", () => {
    const scene = firstBoot();
    for (let crash = 0; crash < 10; crash++) {
      for (let turn = 0; turn < 4; turn++) scene.turn();
      scene.host.crash();
    }
    expect(scene.host.journal.open?.verifying).toMatchObject({ bootId: "boot-2", boots: 1 });
  });
});

describe("the session after the boot", () => {
  it("is missed by an agent that never lives to see its checks pass", () => {
    const { host } = firstBoot();
    host.uptimeMillis += limits.sessionMillis;
    expect(host.view().health.state).toBe("unknown");
    host.act();
    expect(host.journal.open).toMatchObject({ step: "going-back", wayBack: { cause: "no-session" } });
  });

  it("is proven once it was there, before the checks too: an agent that starts anew later does not miss it", () => {
    const { host } = firstBoot();
    host.setSession(true);
    host.act();
    expect(host.journal.open).toMatchObject({ step: "verifying", sessionProven: true });
    host.crash();
    host.uptimeMillis += limits.sessionMillis;
    expect(host.act().do).toBe("run-checks");
  });
});

describe("a way back past what somebody else staged", () => {
  const goingBack = (): SimulatedHost => {
    const { host } = firstBoot({ green: false });
    for (let turn = 0; host.journal.open?.step !== "going-back" && turn < 10; turn++) host.act();
    expect(host.journal.open?.step).toBe("going-back");
    return host;
  };

  it("is not gone: it waits for its boot, and a person decides", () => {
    const step = plan(withStaged(goingBack(), "theirs"));
    expect(step.do).toBe("wait");
    expect(step.journal?.open).toBeUndefined();
    const { outcome } = step.journal!.closed.at(-1)!;
    expect(outcome).toMatchObject({ kind: "failed", failure: "needs-operator" });
    expect(outcome).toHaveProperty("reason", expect.stringMatching(/required check service failed.*theirs waits for its boot/));
    expect(step.journal?.denied.map(({ checksum }) => checksum)).toEqual(["target"]);
  });

  it("goes when what is staged is the target once more, or when nothing is", () => {
    const host = goingBack();
    expect(plan(withStaged(host, "target")).do).toBe("undeploy");
    expect(plan(host.view())).toMatchObject({ do: "set-default", deployment: { checksum: "base" } });
  });
});
