import { describe, expect, it } from "vitest";
import { SimulatedHost, wellBehaved, type CommitBehaviour, type CommitBehaviours } from "./simulated-host.ts";
import { closeAttempt } from "./ending.ts";
import { attempt, Scene } from "./test-scene.ts";

const guarded = (behaviour: CommitBehaviours = {}): Scene => new Scene({ guarded: true, behaviour });

/** Its agent never starts. */
const mute: CommitBehaviour = { ...wellBehaved, dies: true };

describe("the boot guard", () => {
  it("is armed before the deployment, and disarmed for good when the checks first pass", () => {
    const scene = guarded();
    const { host } = scene;
    scene.until("deploy");
    expect(host.view().guard).toEqual({ armed: { attempt, target: "target", earlierSerials: [], base: { checksum: "base", serial: 0 } } });
    scene.until("reboot");
    scene.until("run-checks");
    expect(scene.turn()).toEqual({ do: "disarm", proven: { checksum: "target", serial: 0 } });
    expect(host.view().guard).toEqual({});
    host.guardDeadline();
    expect(host.booted).toBe("target");
  });

  it("brings back a host whose agent never starts: rolled back, denied, its word given", () => {
    const scene = guarded({ target: mute });
    const { host } = scene;
    scene.until("reboot");
    for (let boot = 0; boot < 5 && host.booted === "target"; boot++) host.cutPower();
    expect(host.bootedCommits).toEqual(["target", "target", "target", "base"]);
    scene.rest();
    expect(host.journal).toMatchObject({
      closed: [{ outcome: { kind: "rolled-back", cause: "boot-guard", reason: expect.stringContaining("in 3 boots") } }],
      denied: [{ checksum: "target" }],
    });
    expect(host.view().guard).toEqual({});
  });

  it("brings it back when its time after the boot is over", () => {
    const scene = guarded({ target: mute });
    const { host } = scene;
    scene.until("reboot");
    host.guardDeadline();
    scene.rest();
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "rolled-back", cause: "boot-guard" } }]);
  });

  it("is believed while it cannot leave the deployment by itself: the agent goes back for it", () => {
    const scene = guarded();
    const { host } = scene;
    scene.until("reboot");
    const from = { checksum: "target", serial: 0 };
    const view = host.view();
    const returned = { from, to: { checksum: "base", serial: 0 }, boots: 3, because: "boots" as const };
    Object.defineProperty(host, "view", {
      value: () => ({
        ...SimulatedHost.prototype.view.call(host),
        ...(host.booted === "target" ? { guard: { ...view.guard, returned } } : {}),
      }),
    });
    scene.rest();
    expect(host.booted).toBe("base");
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "rolled-back", cause: "boot-guard" } }]);
  });

  it("denies what it went back from even when the journal was lost", () => {
    const scene = guarded({ target: mute });
    const { host } = scene;
    scene.until("reboot");
    host.guardDeadline();
    host.loseJournal();
    const { guard } = host.view();
    expect(guard?.returned).toBeDefined();
    for (let count = 0; count < 3; count++) scene.turn();
    expect(host.journal.denied).toMatchObject([{ checksum: "target", reason: expect.stringContaining("boot guard") }]);
    expect(host.view().guard).toEqual({});
  });

  it("knows the attempt when the journal was lost on a release that has not proved itself: the agent goes on from its word, and goes back", () => {
    const scene = guarded({ target: { ...wellBehaved, green: false } });
    const { host } = scene;
    scene.until("reboot");
    host.loseJournal();
    // Without any session, so without an order.
    for (let count = 0; count < 20 && host.booted === "target"; count++) host.act();
    expect(host.booted).toBe("base");
    scene.rest();
    expect(host.journal).toMatchObject({
      closed: [{ attempt, outcome: { kind: "rolled-back", cause: "required-check" } }],
      denied: [{ checksum: "target" }],
    });
    expect(host.view().guard).toEqual({});
  });

  it("and proves a good release all the same, by the order's soak", () => {
    const scene = guarded();
    const { host } = scene;
    scene.until("reboot");
    host.loseJournal();
    scene.rest();
    expect(host.journal.closed).toMatchObject([{ attempt, outcome: { kind: "updated" } }]);
    expect(host.journal.closed[0]!.outcome).toMatchObject({ soakedMillis: expect.toSatisfy((millis: number) => millis >= 5_000) });
    expect(host.view().guard).toEqual({});
  });

  it("goes on watching what runs unproven although the agent gave up its own way back, and is dismissed when that turns green", () => {
    const behaviour: Record<string, CommitBehaviour> = { target: { ...wellBehaved, green: false } };
    const scene = guarded(behaviour);
    const { host } = scene;
    scene.until("set-default");
    const { open } = host.journal;
    const outcome = { kind: "failed", failure: "needs-operator", reason: "no room", bootId: host.bootId } as const;
    host.setDefault("target");
    host.journal = closeAttempt(host.journal, open!, outcome);
    for (let count = 0; count < 10; count++) scene.turn();
    expect(host.view().guard?.armed).toBeDefined();
    behaviour["target"] = wellBehaved;
    host.uptimeMillis += 60_000;
    scene.until("disarm");
    expect(host.view().guard).toEqual({});
  });

  it("leaves what somebody else has staged: it boots, the attempt ends as an operator's doing with the guard's word, and the release is denied", () => {
    const scene = guarded({ target: mute });
    const { host } = scene;
    scene.until("reboot");
    host.stage("theirs");
    host.guardDeadline();
    expect(host.booted).toBe("target");
    const [from, next] = [
      { checksum: "target", serial: 0 },
      { checksum: "theirs", serial: 0 },
    ];
    expect(host.view().guard).toMatchObject({ stayed: { from, next, because: "deadline" } });
    host.reboot();
    expect(host.booted).toBe("theirs");
    scene.rest();
    const reason = expect.stringMatching(
      /did not go back, as somebody else's deployment theirs\.0 is to boot next: the required checks did not pass once within its time/,
    );
    expect(host.journal).toMatchObject({
      closed: [{ outcome: { kind: "failed", failure: "operator", reason } }],
      denied: [{ checksum: "target", reason }],
    });
    expect(host.view().guard).toEqual({});
  });

  it("denies what it did not go back from even when the journal was lost", () => {
    const scene = guarded({ target: mute });
    const { host } = scene;
    scene.until("reboot");
    host.stage("theirs");
    host.guardDeadline();
    host.reboot();
    host.loseJournal();
    for (let count = 0; count < 3; count++) scene.turn();
    expect(host.journal.denied).toMatchObject([{ checksum: "target", reason: expect.stringContaining("did not go back") }]);
    expect(host.view().guard).toEqual({});
  });

  it("has its word believed by an agent that starts late: an operator is needed while theirs is next, and once it is taken back the host goes back", () => {
    const behaviour: Record<string, CommitBehaviour> = { target: mute };
    const scene = guarded(behaviour);
    const { host } = scene;
    scene.until("reboot");
    host.stage("theirs");
    host.guardDeadline();
    behaviour["target"] = wellBehaved;
    host.crash();
    for (let count = 0; count < 10 && host.journal.closed.length === 0; count++) scene.turn();
    expect(host.journal.closed).toMatchObject([
      {
        outcome: {
          kind: "failed",
          failure: "needs-operator",
          reason: expect.stringMatching(/boot guard did not go back[^]*theirs waits for its boot/),
        },
      },
    ]);
    host.undeploy("theirs");
    host.guardDeadline();
    expect(host.booted).toBe("base");
  });

  it("has nothing to watch after an attempt that ended otherwise", () => {
    const scene = guarded();
    const { host } = scene;
    scene.until("deploy");
    host.cutPower();
    scene.rest();
    expect(host.journal.closed).toMatchObject([{ outcome: { kind: "failed", failure: "never-booted" } }]);
    expect(host.view().guard).toEqual({});
  });

  it("is not armed for a way back that the server orders, nor where it would lead to what the host denies", () => {
    const scene = guarded();
    const { host } = scene;
    scene.rest();
    expect(host.booted).toBe("target");
    scene.order({ target: { checksum: "base", ref: "sim", version: "1" }, attempt: { rollout: "r", number: 2 }, back: true, keep: "base" });
    scene.until("reboot");
    expect(host.view().guard).toEqual({});

    const other = guarded();
    other.host.journal = { ...other.host.journal, denied: [{ checksum: "base", reason: "it was bad" }] };
    other.until("deploy");
    expect(other.host.view().guard).toEqual({});
  });
});
