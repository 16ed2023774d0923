import { describe, expect, it } from "vitest";
import { wellBehaved } from "./simulated-host.ts";
import { Scene, limits } from "./test-scene.ts";

const allGreen = { "pre-drain": "green", drain: "green", "pre-reboot": "green", "post-update": "green" } as const;

describe("hooks", () => {
  it("run in order before the point of no return is asked for, and after the attempt", () => {
    const scene = new Scene({ hooks: allGreen });
    scene.until("confirm");
    expect(scene.host.hooksRun).toEqual(["pre-drain", "drain", "pre-reboot"]);
    scene.rest();
    expect(scene.host.hooksRun).toEqual(["pre-drain", "drain", "pre-reboot", "post-update"]);
    expect(scene.host.journal.closed).toMatchObject([{ outcome: { kind: "updated" } }]);
  });

  it.each(["pre-drain", "drain", "pre-reboot"] as const)(
    "a red %s calls the attempt off, and what was drained is made useful again",
    (kind) => {
      const scene = new Scene({ hooks: { ...allGreen, [kind]: "red" } });
      scene.rest();
      expect(scene.host.deploys).toEqual([]);
      expect(scene.host.hooksRun.at(-1)).toBe("post-update");
      expect(scene.host.journal.closed).toMatchObject([
        { outcome: { kind: "failed", failure: "node", reason: `the ${kind} hook said no` } },
      ]);
    },
  );

  it("a red post-update changes nothing: the attempt is over", () => {
    const scene = new Scene({ hooks: { ...allGreen, "post-update": "red" } });
    scene.rest();
    expect(scene.host.journal.closed).toMatchObject([{ outcome: { kind: "updated" } }]);
  });

  it("after the attempt run after a way back, too", () => {
    const scene = new Scene({ hooks: allGreen, behaviour: { target: { ...wellBehaved, green: false } } });
    scene.rest();
    expect(scene.host.booted).toBe("base");
    expect(scene.host.hooksRun.at(-1)).toBe("post-update");
    expect(scene.host.journal).toMatchObject({ closed: [{ outcome: { kind: "rolled-back" } }], denied: [{ checksum: "target" }] });
  });

  it("after the attempt are not run when none before it was begun", () => {
    const scene = new Scene({ hooks: { "post-update": "green" } });
    scene.rest();
    expect(scene.host.journal.closed).toMatchObject([{ outcome: { kind: "updated" } }]);
    expect(scene.host.hooksRun).toEqual([]);
  });

  it("make the host useful again when the slot is taken back, and run anew when it is granted again", () => {
    const scene = new Scene({ hooks: allGreen });
    scene.until("confirm");
    scene.order({ permission: undefined });
    scene.until("run-hooks");
    expect(scene.host.hooksRun).toEqual(["pre-drain", "drain", "pre-reboot", "post-update"]);
    scene.turn();
    expect(scene.host.journal.open).toMatchObject({ step: "staged" });
    scene.order();
    scene.until("deploy");
    expect(scene.host.hooksRun.slice(4)).toEqual(["pre-drain", "drain", "pre-reboot"]);
  });

  it("run again after a reboot that nobody planned: it undid what they did", () => {
    const scene = new Scene({ hooks: allGreen });
    scene.until("confirm");
    scene.host.cutPower();
    scene.until("confirm");
    expect(scene.host.hooksRun).toEqual(["pre-drain", "drain", "pre-reboot", "pre-drain", "drain", "pre-reboot"]);
  });

  it("after an attempt that was called off run even over a reboot", () => {
    const scene = new Scene({ hooks: allGreen });
    scene.until("confirm");
    scene.callOff();
    scene.turn();
    expect(scene.host.journal.open).toMatchObject({ ending: { outcome: { kind: "abandoned" } } });
    scene.host.cutPower();
    scene.rest();
    expect(scene.host.hooksRun.at(-1)).toBe("post-update");
    expect(scene.host.journal.closed).toMatchObject([{ outcome: { kind: "abandoned" } }]);
  });

  it("after an attempt that failed before it was confirmed end it, although it was called off and the host rebooted meanwhile", () => {
    const scene = new Scene({ hooks: { ...allGreen, drain: "red" } });
    while (scene.host.journal.open?.ending === undefined) scene.turn();
    scene.callOff();
    scene.host.cutPower();
    scene.rest();
    expect(scene.host.journal.open).toBeUndefined();
    expect(scene.host.journal.closed).toMatchObject([{ outcome: { kind: "failed", failure: "node" } }]);
  });

  it("were owed when the host rebooted into something else: what it runs then decides", () => {
    const scene = new Scene({ hooks: allGreen });
    scene.until("reboot");
    for (let turn = 0; turn < 60 && scene.host.journal.open?.ending === undefined; turn++) {
      const step = scene.turn();
      if (step.do === "wait" && step.untilUptimeMillis !== undefined)
        scene.host.uptimeMillis = Math.max(scene.host.uptimeMillis, step.untilUptimeMillis);
    }
    expect(scene.host.journal.open).toMatchObject({ ending: { outcome: { kind: "updated" } } });
    scene.host.setDefault("base");
    scene.host.reboot();
    scene.rest();
    expect(scene.host.journal.closed).toMatchObject([{ outcome: { kind: "rolled-back", cause: "unproven" } }]);
  });
});

describe("whoever holds the host", () => {
  it("is waited for before anything is drained, and named", () => {
    const scene = new Scene({ hooks: allGreen });
    scene.host.heldBy = ["backup: nightly"];
    for (let turn = 0; turn < 20; turn++) scene.turn();
    expect(scene.host.journal.open).toMatchObject({ step: "draining", note: "held by backup: nightly" });
    expect(scene.host.hooksRun).toEqual([]);
    scene.host.heldBy = [];
    scene.rest();
    expect(scene.host.journal.closed).toMatchObject([{ outcome: { kind: "updated" } }]);
  });

  it("is waited for again before the point of no return is asked for", () => {
    const scene = new Scene({ hooks: allGreen });
    while (scene.host.hooksRun.length < 3) scene.turn();
    scene.host.heldBy = ["backup"];
    for (let turn = 0; turn < 20; turn++) expect(scene.turn().do).toBe("wait");
    scene.host.heldBy = [];
    scene.until("confirm");
  });

  it("is not waited for longer than the stated time", () => {
    const scene = new Scene({ hooks: allGreen });
    scene.host.heldBy = ["backup"];
    const begun = scene.host.uptimeMillis;
    scene.until("confirm");
    expect(scene.host.uptimeMillis - begun).toBeGreaterThanOrEqual(limits.holdMillis);
    expect(scene.host.uptimeMillis - begun).toBeLessThan(limits.holdMillis + 10_000);
  });
});
