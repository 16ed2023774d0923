import type { NodeRecord, ReleaseRecord } from "@treeline/fleet";
import { describe, expect, it } from "vitest";
import type { Change } from "./change.ts";
import {
  abortRollout,
  countPhases,
  createRollout,
  findRelease,
  pauseRollout,
  resumeRollout,
  startRollout,
  type CreateRollout,
} from "./command.ts";
import { decide } from "./decide.ts";
import type { PolicyDraft } from "./policy.ts";
import { applyAll, emptySnapshot, type Snapshot } from "./snapshot.ts";

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
  waves: [{ count: 1 }, { rest: true }],
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
      openWave: 0,
      settled: false,
      target: { checksum: release.checksum },
    });
    expect(countPhases(snapshot, "r")).toEqual(new Map([["pending", 3]]));
  });

  it("is held when asked to", () => {
    const rollout = created(fleet, request({}, { hold: true })).rollouts.get("r")!;
    expect(rollout).toMatchObject({ state: "held", reason: "created with hold" });
    expect(rollout.startedAt).toBeUndefined();
  });

  it("changes nothing when it is repeated, also with defaults written out", () => {
    const snapshot = created(fleet);
    for (const again of [request(), request({ retries: 2 }), request({ maxUnavailable: "" })])
      expect(createRollout(snapshot, again, 99)).toEqual({ ok: true, rollout: snapshot.rollouts.get("r"), changes: [] });
  });

  it("refuses the name of a rollout with another policy", () => {
    expect(refusalOf(created(fleet), request({ maxUnavailable: "2" })).code).toBe("exists");
  });

  it("refuses nodes that are in another rollout, and takes them once it has settled", () => {
    const snapshot = created(fleet);
    expect(refusalOf(snapshot, request({}, { name: "s" }))).toMatchObject({
      code: "wrong-state",
      message: "3 of the selected nodes are in another rollout: host-1 (r), host-2 (r), host-3 (r)",
    });
    const settled = applyAll(snapshot, [{ kind: "rollout", value: { ...snapshot.rollouts.get("r")!, state: "completed", settled: true } }]);
    expect(createRollout(settled, request({}, { name: "s" }), 10).ok).toBe(true);
  });

  it("takes the free nodes of a halted rollout, but not one whose attempt is open or whose slot is out", () => {
    const snapshot = created(fleet);
    const halted = applyAll(snapshot, [{ kind: "rollout", value: { ...snapshot.rollouts.get("r")!, state: "halted" } }]);
    expect(createRollout(halted, request({}, { name: "s" }), 10).ok).toBe(true);
    const assignment = snapshot.assignments.get("r")!.get("1")!;
    const open = applyAll(halted, [{ kind: "assignment", value: { ...assignment, phase: "Draining" } }]);
    expect(refusalOf(open, request({}, { name: "s" })).message).toContain("host-1 (r)");
    const holder = { kind: "rollout" as const, rollout: "r", number: 1 };
    const slot = applyAll(halted, [
      { kind: "assignment", value: { ...assignment, phase: "Failed" } },
      { kind: "slot", value: { id: "x", nodeId: "1", holder, epoch: 1, grantedAt: 0, budgets: [] } },
    ]);
    expect(refusalOf(slot, request({}, { name: "s" })).message).toContain("1 of the selected nodes are in another rollout: host-1 (r)");
  });

  it.each<[string, Partial<PolicyDraft>, string]>([
    ["an unknown release", { release: "9" }, "spec.release"],
    ["a selector that matches no node", { selector: "site=rome" }, "spec.selector"],
    ["a selector that matches only a revoked node", { selector: "nothing=here" }, "spec.selector"],
    ["waves that leave nodes over", { waves: [{ count: 1 }] }, "spec.waves"],
    ["a wave that would take no node", { waves: [{ count: 3 }, { count: 1 }] }, "spec.waves[1]"],
  ])("refuses %s and names the field", (_name, change, field) => {
    expect(refusalOf(fleet, request(change))).toMatchObject({ code: "invalid", fields: [field] });
  });

  it("allows a last wave of the rest that is empty", () => {
    expect(createRollout(fleet, request({ waves: [{ count: 3 }, { rest: true }] }), 10).ok).toBe(true);
  });

  it("names everything that is wrong at once", () => {
    expect(refusalOf(fleet, request({ release: " ", waves: [], retries: -1 }, { name: "Not Good" })).fields).toEqual([
      "metadata.name",
      "spec.release",
      "spec.waves",
      "spec.retries",
    ]);
  });

  it.each(["", "-a", "a-", "A", "a_b", "a/b", "a".repeat(64)])("refuses the name %j", (name) => {
    expect(refusalOf(fleet, request({}, { name })).fields).toEqual(["metadata.name"]);
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

describe("start, pause, resume and abort", () => {
  const states = ["held", "running", "paused", "halted", "completed"] as const;
  const commands = {
    start: (snapshot: Snapshot) => startRollout(snapshot, "r", 20),
    pause: (snapshot: Snapshot) => pauseRollout(snapshot, "r", ""),
    resume: (snapshot: Snapshot) => resumeRollout(snapshot, "r"),
    abort: (snapshot: Snapshot) => abortRollout(snapshot, "r", "", 20),
  };
  const allowed: Record<keyof typeof commands, Partial<Record<(typeof states)[number], string>>> = {
    start: { held: "running", running: "running" },
    pause: { running: "paused", paused: "paused" },
    resume: { paused: "running", running: "running" },
    abort: { held: "halted", running: "halted", paused: "halted", halted: "halted" },
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

  it("keeps the operator's reason, and clears it on resuming", () => {
    const paused = pauseRollout(created(fleet), "r", "lunch");
    expect(paused).toMatchObject({ rollout: { reason: "lunch" } });
    if (paused.ok) expect(resumeRollout(applyAll(fleet, paused.changes), "r")).toMatchObject({ rollout: { reason: "" } });
  });

  it("notes when a held rollout was started", () => {
    expect(startRollout(created(fleet, request({}, { hold: true })), "r", 20)).toMatchObject({ rollout: { startedAt: 20, reason: "" } });
  });

  it("notes who aborted it, why and when, and an abort of a held one settles", () => {
    const held = created(fleet, request({}, { hold: true }));
    const aborted = abortRollout(held, "r", "bad kernel", 30);
    expect(aborted).toMatchObject({ rollout: { reason: "aborted by an operator: bad kernel", endedAt: 30 } });
    expect(abortRollout(held, "r", "", 30)).toMatchObject({ rollout: { reason: "aborted by an operator" } });
    if (!aborted.ok) return;
    const snapshot = applyAll(held, aborted.changes);
    expect(abortRollout(snapshot, "r", "other", 40)).toMatchObject({
      rollout: { reason: "aborted by an operator: bad kernel", endedAt: 30 },
    });
    expect(decide(snapshot, 40).map(({ action }) => action)).toEqual(["settle-rollout"]);
  });

  it("refuses to start a held rollout while another one has its nodes, and says what frees them", () => {
    const held = created(fleet, request({}, { hold: true }));
    const both = created(held, request({}, { name: "s" }));
    expect(startRollout(both, "r", 20)).toMatchObject({
      refusal: {
        code: "wrong-state",
        message: "3 of the nodes of rollout r are in another rollout: host-1 (s), host-2 (s), host-3 (s)",
        remedy: "wait for it to end, end it with `treeline rollout abort s`, then start it",
      },
    });
    const aborted = abortRollout(both, "s", "", 20);
    if (!aborted.ok) throw new Error(aborted.refusal.message);
    const ended = applyAll(both, aborted.changes);
    const open = applyAll(ended, [{ kind: "assignment", value: { ...both.assignments.get("s")!.get("2")!, phase: "Draining" } }]);
    expect(startRollout(open, "r", 20)).toMatchObject({
      refusal: {
        message: "1 of the nodes of rollout r are in another rollout: host-2 (s)",
        remedy: "wait until its nodes are back, see `treeline rollout show s`, then start it",
      },
    });
    expect(startRollout(ended, "r", 20)).toMatchObject({ ok: true, rollout: { state: "running" } });
  });

  it("says which rollout there is not, and what to do about a wrong state", () => {
    expect(startRollout(fleet, "x", 1)).toMatchObject({ refusal: { code: "not-found", message: "there is no rollout x" } });
    const held = created(fleet, request({}, { hold: true }));
    expect(resumeRollout(held, "r")).toMatchObject({ refusal: { remedy: "start it with `treeline rollout start r`" } });
  });
});
