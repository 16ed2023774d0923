import type { NodeRecord, ReleaseRecord } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import type { Change } from "./change.ts";
import { abortRollout, createRollout, pauseRollout, resumeRollout, rollbackRollout, startRollout, type CreateRollout } from "./command.ts";
import { decideAll } from "./decide.ts";
import { findRelease } from "./layout.ts";
import { planRollout } from "./plan.ts";
import type { PolicyDraft } from "./policy-draft.ts";
import { applyAll, emptySnapshot, tallyOf, type Snapshot } from "./snapshot.ts";

const release: ReleaseRecord = {
  checksum: "c".repeat(64),
  ref: "sim/stable",
  version: "2",
  publishedAt: 0,
  signedBy: [],
  objects: 1,
  bytes: 1,
};
const node = (id: string, change: Partial<NodeRecord> = {}): Change => ({
  kind: "node",
  value: { id, name: `host-${id}`, labels: { site: "berlin" }, enrolledAt: 0, publicKey: id, tokenId: "t", ...change },
});
const fleet: Snapshot = applyAll(emptySnapshot, [
  { kind: "release", value: release },
  node("3"),
  node("1"),
  node("2"),
  node("4", { labels: { site: "paris" } }),
  node("5", { revokedAt: 1 }),
]);
const policy: PolicyDraft = {
  release: "2",
  selector: "site=berlin",
  waves: [{ size: { count: 1 } }, { size: { rest: true } }],
  maxUnavailable: "1",
  nodeSoakMillis: 0,
};
const request = (change: Partial<PolicyDraft> = {}, rest: Partial<CreateRollout> = {}): CreateRollout => ({
  name: "r",
  policy: { ...policy, ...change },
  hold: false,
  ...rest,
});

function refusalOf(
  snapshot: Snapshot,
  wanted: CreateRollout,
): { readonly code: string; readonly message: string; readonly fields: readonly string[] } {
  const result = createRollout(snapshot, wanted, 10);
  if (result.ok) throw new Error("it was created");
  return { code: result.refusal.code, message: result.refusal.message, fields: result.refusal.violations.map(({ field }) => field) };
}

function created(snapshot: Snapshot, wanted: CreateRollout = request()): Snapshot {
  const result = createRollout(snapshot, wanted, 10);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return applyAll(snapshot, result.changes);
}

describe("createRollout", () => {
  it("cuts the selected nodes that are not revoked into waves, in the order of their names", () => {
    const snapshot = created(fleet);
    expect([...snapshot.assignments.get("r")!.values()].map(({ nodeId, wave, phase }) => [nodeId, wave, phase])).toEqual([
      ["1", 0, "pending"],
      ["2", 1, "pending"],
      ["3", 1, "pending"],
    ]);
    expect(snapshot.rollouts.get("r")).toMatchObject({
      state: "running",
      startedAt: 10,
      createdAt: 10,
      openWave: -1,
      settled: false,
      target: { checksum: release.checksum },
    });
    expect(tallyOf(snapshot, "r").counts).toEqual({ waiting: 3, moving: 0, updated: 0, failed: 0, ended: 0 });
  });

  it("is held when asked to", () => {
    const rollout = created(fleet, request({}, { hold: true })).rollouts.get("r")!;
    expect(rollout).toMatchObject({ state: "held", reason: "created with hold" });
    expect(rollout.startedAt).toBeUndefined();
  });

  it("changes nothing when it is repeated, also with defaults written out", () => {
    const snapshot = created(fleet);
    for (const again of [request(), request({ retries: { limit: 2 } }), request({ maxUnavailable: "" })])
      expect(createRollout(snapshot, again, 99)).toEqual({ ok: true, rollout: snapshot.rollouts.get("r"), changes: [] });
  });

  it("refuses the name of a rollout with another policy", () => {
    expect(refusalOf(created(fleet), request({ maxUnavailable: "2" })).code).toBe("exists");
  });

  it("takes nodes that another rollout is at: which goes first is decided by priority, not by who came first", () => {
    expect(createRollout(created(fleet), request({ priority: 10 }, { name: "s" }), 10).ok).toBe(true);
  });

  it.each<[string, Partial<PolicyDraft>, string]>([
    ["an unknown release", { release: "9" }, "spec.release"],
    ["a selector that matches no node", { selector: "site=rome" }, "spec.selector"],
    ["a selector that matches only a revoked node", { selector: "nothing=here" }, "spec.selector"],
    ["waves that leave nodes over", { waves: [{ size: { count: 1 } }] }, "spec.waves"],
    ["a wave that would take no node", { waves: [{ size: { count: 3 } }, { size: { count: 1 } }] }, "spec.waves[1]"],
  ])("refuses %s and names the field", (_name, change, field) => {
    expect(refusalOf(fleet, request(change))).toMatchObject({ code: "invalid", fields: [field] });
  });

  it("allows a last wave of the rest that is empty", () => {
    expect(createRollout(fleet, request({ waves: [{ size: { count: 3 } }, { size: { rest: true } }] }), 10).ok).toBe(true);
  });

  it("names everything that is wrong at once", () => {
    expect(refusalOf(fleet, request({ release: " ", waves: [], retries: { limit: -1 } }, { name: "Not Good" })).fields).toEqual([
      "metadata.name",
      "spec.release",
      "spec.waves",
      "spec.retries.limit",
    ]);
  });

  it.each(["", "-a", "a-", "A", "a_b", "a/b", "a".repeat(64)])("refuses the name %j", (name) => {
    expect(refusalOf(fleet, request({}, { name })).fields).toEqual(["metadata.name"]);
  });
});

describe("createRollout, repeated", () => {
  it("is the same rollout although the fleet under its policy has changed", () => {
    const before = created(fleet);
    const none = applyAll(
      before,
      ["1", "2", "3"].map((id) => node(id, { labels: {} })),
    );
    expect(createRollout(none, request(), 20)).toMatchObject({ ok: true, rollout: { name: "r" }, changes: [] });
    expect(refusalOf(none, request({ priority: 1 })).code).toBe("exists");
  });

  it.each([
    ["as many available as there are", { minAvailable: "3" }],
    ["more than there are", { maxUnavailable: "2", minAvailable: "7" }],
  ])("refuses a budget of its own that keeps %s", (_, limits) => {
    expect(refusalOf(fleet, request({ maxUnavailable: "", budgets: [limits] }))).toMatchObject({
      code: "invalid",
      fields: ["spec.budgets"],
    });
  });
});

describe("an unmanaged release", () => {
  const marked = applyAll(fleet, [{ kind: "release", value: { ...release, unmanaged: "built without the agent" } }]);
  const refusal = {
    code: "unmanaged",
    message: `release 2 (commit ${release.checksum}) is unmanaged: built without the agent; no node could be brought back from it`,
    remedy: expect.stringContaining("publish a release that holds the agent and the boot guard") as string,
  };

  it.each([["2"], [release.checksum], ["sim/stable"]])("is refused by create and plan, named as %s", (name) => {
    const wanted = request(name === "sim/stable" ? { release: undefined, channel: name } : { release: name });
    expect(createRollout(marked, wanted, 10)).toMatchObject({ ok: false, refusal });
    expect(planRollout(marked, wanted, 10)).toMatchObject({ ok: false, refusal });
  });

  it("is refused by start, when it was marked after the rollout was created; the rollout stays as it is", () => {
    const held = applyAll(created(fleet, request({}, { hold: true })), [
      { kind: "release", value: { ...release, unmanaged: "built without the agent" } },
    ]);
    expect(startRollout(held, "r", 20)).toMatchObject({ ok: false, refusal });
    const running = applyAll(created(fleet), [{ kind: "release", value: { ...release, unmanaged: "late" } }]);
    expect(startRollout(running, "r", 20)).toMatchObject({ ok: true, changes: [] });
  });
});

describe("findRelease", () => {
  it("finds by version or by checksum, and refuses a version of two commits", () => {
    expect(findRelease(fleet, "2")).toEqual(release);
    expect(findRelease(fleet, release.checksum)).toEqual(release);
    expect(findRelease(fleet, "d".repeat(64))).toBe(`there is no release with commit ${"d".repeat(64)}`);
    const two = applyAll(fleet, [{ kind: "release", value: { ...release, checksum: "d".repeat(64) } }]);
    expect(findRelease(two, "2")).toBe("version 2 names 2 commits; name one by its checksum");
  });
});

describe("start, pause, resume, abort and rollback", () => {
  const states = ["held", "running", "paused", "halted", "rolling-back", "aborted", "completed", "rolled-back"] as const;
  const commands = {
    start: (snapshot: Snapshot) => startRollout(snapshot, "r", 20),
    pause: (snapshot: Snapshot) => pauseRollout(snapshot, "r", { reason: "" }),
    resume: (snapshot: Snapshot) => resumeRollout(snapshot, "r"),
    rollback: (snapshot: Snapshot) => rollbackRollout(snapshot, "r", { reason: "" }),
    abort: (snapshot: Snapshot) => abortRollout(snapshot, "r", { reason: "" }, 20),
  };
  const allowed: Record<keyof typeof commands, Partial<Record<(typeof states)[number], string>>> = {
    start: { held: "running", running: "running" },
    pause: { running: "paused", paused: "paused", "rolling-back": "paused" },
    resume: { paused: "running", running: "running", "rolling-back": "rolling-back" },
    abort: { held: "aborted", running: "aborted", paused: "aborted", halted: "aborted", "rolling-back": "aborted", aborted: "aborted" },
    rollback: {
      running: "rolling-back",
      paused: "rolling-back",
      halted: "rolling-back",
      "rolling-back": "rolling-back",
      aborted: "rolling-back",
      completed: "rolling-back",
      // Looks again whether a node was left on the release.
      "rolled-back": "rolling-back",
    },
  };
  const cases = (Object.keys(commands) as (keyof typeof commands)[]).flatMap((command) =>
    states.map((state) => [command, state, allowed[command][state]] as const),
  );

  it.each(cases)("%s of a %s rollout: %s", (command, state, expected) => {
    const snapshot = created(fleet);
    const before = applyAll(snapshot, [{ kind: "rollout", value: { ...snapshot.rollouts.get("r")!, state } }]);
    const result = commands[command](before);
    if (expected === undefined) return expect(result).toMatchObject({ ok: false, refusal: { code: "wrong-state" } });
    expect(result).toMatchObject({ ok: true, rollout: { state: expected } });
    expect(result.ok && result.changes.length).toBe(expected === state ? 0 : 1);
  });

  it("rollback of one that is paused on its way back leaves it paused", () => {
    const snapshot = created(fleet);
    const paused = applyAll(snapshot, [{ kind: "rollout", value: { ...snapshot.rollouts.get("r")!, state: "paused", way: "back" } }]);
    expect(commands.rollback(paused)).toMatchObject({ ok: true, rollout: { state: "paused" }, changes: [] });
  });

  it("keeps the operator's reason, and clears it on resuming", () => {
    const paused = pauseRollout(created(fleet), "r", { reason: "lunch" });
    expect(paused).toMatchObject({ rollout: { reason: "lunch" } });
    if (paused.ok) expect(resumeRollout(applyAll(fleet, paused.changes), "r")).toMatchObject({ rollout: { reason: "" } });
  });

  it("notes when a held rollout was started", () => {
    expect(startRollout(created(fleet, request({}, { hold: true })), "r", 20)).toMatchObject({ rollout: { startedAt: 20, reason: "" } });
  });

  it("notes who aborted it, why and when, and an abort of a held one settles", () => {
    const held = created(fleet, request({}, { hold: true }));
    const aborted = abortRollout(held, "r", { reason: "bad kernel" }, 30);
    expect(aborted).toMatchObject({ rollout: { reason: "aborted by an operator: bad kernel", endedAt: 30 } });
    expect(abortRollout(held, "r", { reason: "" }, 30)).toMatchObject({ rollout: { reason: "aborted by an operator" } });
    if (!aborted.ok) return;
    const snapshot = applyAll(held, aborted.changes);
    expect(abortRollout(snapshot, "r", { reason: "other" }, 40)).toMatchObject({
      rollout: { reason: "aborted by an operator: bad kernel", endedAt: 30 },
    });
    expect(decideAll(snapshot, 40).decisions.map(({ action }) => action)).toEqual(["settle-rollout"]);
  });

  it("says which rollout there is not, and what to do about a wrong state", () => {
    expect(startRollout(fleet, "x", 1)).toMatchObject({ refusal: { code: "not-found", message: "there is no rollout x" } });
    const held = created(fleet, request({}, { hold: true }));
    expect(resumeRollout(held, "r")).toMatchObject({ refusal: { remedy: "start it with `treeline rollout start r`" } });
  });
});
