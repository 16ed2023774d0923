import type { Deployment, Labels, Observation } from "@treeline/fleet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DurableChange } from "./change.ts";
import { createRollout } from "./command.ts";
import { planRollout, type RolloutPlan } from "./plan.ts";
import { assumedMillis } from "./plan-duration.ts";
import type { PolicyDraft, WaveDraft } from "./policy-draft.ts";
import { apply, applyAll, assignmentsOf, emptySnapshot, type Snapshot } from "./snapshot.ts";
import { stopAll } from "./stop-command.ts";

const [old, target] = ["a".repeat(64), "b".repeat(64)];
const now = 1_000_000;
const { staging, ...inSlot } = assumedMillis;
const slot = Object.values(inSlot).reduce((sum, millis) => sum + millis, 0);

interface NodeState {
  readonly labels?: Labels;
  readonly runs?: string;
  readonly health?: "green" | "red";
  readonly silent?: boolean;
  /** Another deployment is the default for the next boot. */
  readonly pending?: boolean;
  readonly ostree?: boolean;
}

function deployment(checksum: string, booted: boolean): Deployment {
  return {
    osname: "os",
    checksum,
    serial: 0,
    version: "1",
    refspec: "treeline:os/stable",
    booted,
    pending: false,
    staged: false,
    rollback: false,
    pinned: false,
    kargs: "",
  };
}

function observationOf({ runs = old, health = "green", pending = false, ostree = true }: NodeState): Observation {
  const deployments = ostree ? [...(pending ? [deployment("c".repeat(64), false)] : []), deployment(runs, true)] : [];
  return {
    os: { bootId: "boot", deployments },
    update: { phase: "Idle", reason: "", closed: [], denied: [], highest: { epoch: 0, number: 0 } },
    health: { state: health, bootId: "boot", checks: [] },
    inventory: {
      hostname: "h",
      machineId: "m",
      architecture: "x86_64",
      osName: "",
      osVersion: "",
      kernel: "",
      cpuModel: "",
      cpuCores: 1,
      memoryBytes: 1,
      disks: [],
      interfaces: [],
      virtualization: "",
    },
  };
}

function fleetOf(states: readonly NodeState[], extra: readonly DurableChange[] = []): Snapshot {
  let snapshot = applyAll(emptySnapshot, [
    { kind: "server-run", value: { epoch: 1, startedAt: 0, aliveAt: now } },
    {
      kind: "release",
      value: { checksum: target, ref: "os/stable", version: "2", publishedAt: 1, signedBy: [], objects: 1, bytes: 600_000_000 },
    },
    ...extra,
  ]);
  for (const [index, state] of states.entries()) {
    const id = `n${String(index).padStart(3, "0")}`;
    snapshot = applyAll(snapshot, [
      { kind: "node", value: { id, name: id, labels: state.labels ?? {}, enrolledAt: 0, publicKey: id, tokenId: "t" } },
      { kind: "observation", value: { nodeId: id, at: 1, agentVersion: "1", observation: observationOf(state) } },
      { kind: "contact", nodeId: id, connected: state.silent !== true, at: 1 },
    ]);
  }
  return snapshot;
}

const many = (count: number, state: NodeState = {}): readonly NodeState[] => Array.from({ length: count }, () => state);
const policy: PolicyDraft = { release: "2", selector: "*", waves: [{ size: { rest: true } }] };

function plan(snapshot: Snapshot, draft: Partial<PolicyDraft> = {}, name = "r"): RolloutPlan {
  const result = planRollout(snapshot, { name, policy: { ...policy, ...draft } }, now);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.plan;
}

function created(snapshot: Snapshot, name: string, draft: Partial<PolicyDraft> = {}, at = now - 1): Snapshot {
  const result = createRollout(snapshot, { name, policy: { ...policy, ...draft }, hold: false }, at);
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return applyAll(snapshot, result.changes);
}

describe("planRollout: waves", () => {
  const labels = fc.record({ pool: fc.constantFrom("a", "b", "c") });
  const size = fc.oneof(fc.record({ count: fc.integer({ min: 1, max: 9 }) }), fc.record({ percent: fc.integer({ min: 1, max: 60 }) }));
  const wave = fc.record<WaveDraft>({
    size,
    selector: fc.constantFrom(undefined, undefined, "pool=a", "pool!=b"),
    bakeMillis: fc.constantFrom(undefined, 60_000),
  });

  it("are exactly what createRollout makes of the same policy, and refused alike", () => {
    fc.assert(
      fc.property(fc.array(labels, { minLength: 1, maxLength: 40 }), fc.array(wave, { maxLength: 3 }), (nodes, waves) => {
        const snapshot = fleetOf(nodes.map((one) => ({ labels: one })));
        const request = { name: "r", policy: { ...policy, waves: [...waves, { size: { rest: true as const } }] } };
        const planned = planRollout(snapshot, request, now);
        const made = createRollout(snapshot, { ...request, hold: false }, now);
        if (!made.ok || !planned.ok) {
          expect(planned).toEqual(made);
          return;
        }
        const assigned = Map.groupBy(assignmentsOf(applyAll(snapshot, made.changes), "r"), (one) => one.wave);
        const ids = (index: number): readonly string[] => (assigned.get(index) ?? []).map(({ nodeId }) => nodeId).sort();
        expect(planned.plan.waves.map(({ nodes }) => [...nodes].sort())).toEqual(request.policy.waves.map((_, index) => ids(index)));
        expect(planned.plan.nodes).toBe(nodes.length);
        expect(planned.plan.waves.reduce((sum, { nodes }) => sum + nodes.length, 0)).toBe(nodes.length);
      }),
    );
  });

  it("keep their names, selectors, approvals and bakes", () => {
    const { waves } = plan(fleetOf(many(3)), {
      waves: [{ name: "canary", size: { count: 1 }, selector: "*", approval: true, bakeMillis: 5 }, { size: { rest: true } }],
    });
    expect(waves).toMatchObject([
      { name: "canary", nodes: ["n000"], selector: "*", approval: true, bakeMillis: 5 },
      { nodes: ["n001", "n002"], approval: false },
    ]);
    expect(waves[1]).not.toHaveProperty("selector");
  });

  it("refuses a name that another policy has; the same policy once more is the same rollout, and the plan says so", () => {
    const snapshot = created(fleetOf(many(3)), "r");
    expect(planRollout(snapshot, { name: "r", policy: { ...policy, priority: 1 } }, now)).toMatchObject({
      ok: false,
      refusal: { code: "exists" },
    });
    const again = plan(snapshot);
    expect(again.warnings).toEqual([expect.stringContaining("rollout r exists with this very policy and is running")]);
    expect(again.conflicts).toEqual([]);
    expect(again.budgets).toEqual([{ id: "rollout r", members: 3, taken: 0, limit: 1 }]);
  });

  it("changes nothing", () => {
    const snapshot = fleetOf(many(3));
    plan(snapshot);
    expect(snapshot.rollouts.size + snapshot.assignments.size + snapshot.claims.size).toBe(0);
  });
});

describe("planRollout: budgets", () => {
  const region = (value: string): Labels => ({ "topology.kubernetes.io/region": value });

  it("are the fleet's and the rollout's own, each domain by itself, the one with the least room first", () => {
    const states = [...many(4, { labels: region("eu") }), { labels: region("eu"), silent: true }, ...many(3, { labels: region("us") })];
    const snapshot = fleetOf(states, [
      { kind: "budget", value: { name: "regions", selector: "*", per: "region", maxUnavailable: { count: 2 }, createdAt: 0 } },
    ]);
    expect(plan(snapshot, { budgets: [{ maxUnavailable: "4" }, { per: "region", minAvailable: "50%" }] }).budgets).toEqual(
      [
        { id: "regions/eu", members: 5, taken: 1, limit: 2 },
        { id: "rollout r per region/eu", members: 5, taken: 1, limit: 2 },
        { id: "rollout r per region/us", members: 3, taken: 0, limit: 1 },
        { id: "regions/us", members: 3, taken: 0, limit: 2 },
        { id: "rollout r", members: 8, taken: 1, limit: 4 },
      ].sort((a, b) => a.limit - a.taken - (b.limit - b.taken) || (a.id < b.id ? -1 : 1)),
    );
  });

  it("count nodes that the rollout does not take, too", () => {
    const snapshot = fleetOf(
      [...many(2, { labels: { pool: "a" } }), ...many(2, { silent: true })],
      [{ kind: "budget", value: { name: "all", selector: "*", maxUnavailable: { count: 3 }, createdAt: 0 } }],
    );
    expect(plan(snapshot, { selector: "pool=a", maxUnavailable: "2" }).budgets[0]).toEqual({ id: "all", members: 4, taken: 2, limit: 3 });
    expect(plan(snapshot, { selector: "pool=a", maxUnavailable: "2" }).steps[0]).toMatchObject({ unavailable: 1, rounds: 2 });
  });

  it("are never exceeded by a step, and every node goes or is named", () => {
    const state = fc.record<NodeState>({
      labels: fc.record({
        "topology.kubernetes.io/region": fc.constantFrom("eu", "us"),
        "topology.kubernetes.io/zone": fc.constantFrom("1", "2"),
      }),
      silent: fc.constantFrom(false, false, false, true),
      health: fc.constantFrom("green", "green", "green", "red"),
      runs: fc.constantFrom(old, old, old, target),
    });
    const amount = fc.constantFrom("1", "2", "30%", "100%");
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 40 }), amount, amount, fc.boolean(), (states, whole, perZone, cure) => {
        const result = plan(fleetOf(states), { cure, budgets: [{ maxUnavailable: whole }, { per: "zone", maxUnavailable: perZone }] });
        const own = result.budgets.find(({ id }) => id === "rollout r")!;
        for (const { unavailable, available } of result.steps) {
          expect(unavailable).toBeLessThanOrEqual(Math.max(own.limit, own.taken));
          expect(unavailable + available).toBe(states.length);
        }
        const free = states.filter(({ health, runs, silent }) => cure && health === "red" && runs !== target && silent !== true).length;
        const gone = result.steps.reduce((sum, { unavailable, rounds }) => sum + rounds * (unavailable - own.taken), 0);
        const stuck = Number(/^(\d+) nodes? cannot go/.exec(result.warnings.find((text) => text.includes("cannot go")) ?? "")?.[1] ?? 0);
        expect(gone + free + stuck + result.already + result.refused.length).toBe(states.length);
        const { etcKept, etcMerged, unknown } = result.rollback;
        expect(etcKept + etcMerged + unknown).toBe(states.length - result.already);
      }),
    );
  });

  it("that freeze, or that have no room now, are warned of", () => {
    const frozen = fleetOf(many(2), [
      { kind: "budget", value: { name: "freeze", selector: "*", maxUnavailable: { count: 0 }, createdAt: 0 } },
    ]);
    expect(plan(frozen)).toMatchObject({ steps: [], expectedMillis: 0 });
    expect(plan(frozen).warnings).toEqual([
      expect.stringContaining("budget freeze lets no node be unavailable"),
      expect.stringContaining("2 nodes cannot go"),
    ]);
    const full = fleetOf([...many(2), { silent: true }]);
    expect(plan(full).warnings[0]).toContain("budget rollout r has no room now");
  });
});

describe("planRollout: time", () => {
  it("is the staging, then one slot after the other, then the bake", () => {
    const soak = 10_000;
    const { expectedMillis, steps, waves } = plan(fleetOf(many(5)), {
      ...{ maxUnavailable: "2", nodeSoakMillis: soak },
      waves: [{ size: { count: 1 }, bakeMillis: 1_000 }, { size: { rest: true } }],
    });
    const [first, second] = [staging + slot + soak + 1_000, staging + 2 * (slot + soak)];
    expect(waves.map((wave) => wave.expectedMillis)).toEqual([first, second]);
    expect(expectedMillis).toBe(first + second);
    expect(steps).toEqual([
      { wave: 0, atMillis: staging, unavailable: 1, available: 4, rounds: 1 },
      { wave: 0, atMillis: first - 1_000, unavailable: 0, available: 5, rounds: 0 },
      { wave: 1, atMillis: first + staging, unavailable: 2, available: 3, rounds: 2 },
      { wave: 1, atMillis: first + second, unavailable: 0, available: 5, rounds: 0 },
    ]);
  });

  it("is longer with a limit on nodes that stage at once, and with one on their bytes", () => {
    const all = { maxUnavailable: "100%" };
    expect(plan(fleetOf(many(10)), all).expectedMillis).toBe(staging + slot);
    expect(plan(fleetOf(many(10)), { ...all, staging: { nodes: 4 } }).expectedMillis).toBe(3 * staging + slot);
    // 600 MB at 10 MB/s for two nodes: 120 s for each pair.
    expect(plan(fleetOf(many(10)), { ...all, staging: { nodes: 2, bytesPerSecond: 10_000_000 } }).expectedMillis).toBe(5 * 120_000 + slot);
    expect(plan(fleetOf(many(10)), { ...all, staging: { jitterMillis: 900_000 } }).expectedMillis).toBe(900_000 + staging + slot);
  });

  it("is only the bake for a wave whose nodes run the release already", () => {
    const result = plan(fleetOf(many(3, { runs: target })), { waves: [{ size: { rest: true }, bakeMillis: 7_000 }] });
    expect(result).toMatchObject({ already: 3, steps: [], expectedMillis: 7_000, refused: [] });
    expect(result.warnings).toEqual(["every node runs the release already: nothing would be done"]);
  });
});

describe("planRollout: nodes", () => {
  it("names who would not be updated, and why", () => {
    const snapshot = applyAll(
      fleetOf([{}, {}, { silent: true }, { health: "red" }, { ostree: false }, { runs: target, pending: true }, { runs: target }, {}]),
      [
        { kind: "denied", value: { nodeId: "n001", checksum: target, reason: "red", at: 0 } },
        { kind: "slot", value: { id: "s", nodeId: "n007", holder: { kind: "repair", id: "r-1" }, epoch: 1, grantedAt: 0, budgets: [] } },
      ],
    );
    const { refused, already, rollback, warnings } = plan(snapshot, { maxUnavailable: "100%" });
    expect(refused.map(({ nodeId, code }) => [nodeId, code])).toEqual([
      ["n001", "denied"],
      ["n002", "silent"],
      ["n003", "red"],
      ["n004", "no-ostree"],
      ["n005", "not-default"],
      ["n007", "slot-of-another"],
    ]);
    expect(already).toBe(1);
    expect(rollback).toEqual({ etcKept: 5, etcMerged: 1, unknown: 1 });
    expect(warnings.join("\n")).toMatch(/1 node came back from this release before.*the rollout's gate would close/);
    expect(warnings.join("\n")).toMatch(/5 nodes could not begin now, and a wave stays open/);
  });

  it("lets red ones go when they are to be cured, without room of their own", () => {
    const { refused, steps, expectedMillis } = plan(fleetOf(many(4, { health: "red" })), { cure: true });
    expect(refused).toEqual([]);
    expect(steps).toMatchObject([
      { unavailable: 4, available: 0, rounds: 1 },
      { unavailable: 4, rounds: 0 },
    ]);
    expect(expectedMillis).toBe(staging + slot);
  });

  it("a cleared denial is none", () => {
    const snapshot = apply(fleetOf(many(1)), {
      kind: "denied",
      value: { nodeId: "n000", checksum: target, reason: "red", at: 0, cleared: { at: 1, by: "eva", reason: "fixed" } },
    });
    expect(plan(snapshot).refused).toEqual([]);
  });

  it("warns of a stop that holds nodes of it", () => {
    const pulled = stopAll(
      fleetOf([{ labels: { pool: "a" } }, {}]),
      { selector: "pool=a", reason: "fire", by: "eva", sparesRollbacks: false },
      now,
    );
    if (!pulled.ok) throw new Error("not pulled");
    const snapshot = applyAll(fleetOf([{ labels: { pool: "a" } }, {}]), pulled.changes);
    expect(plan(snapshot).warnings).toEqual([expect.stringContaining('a stop over "pool=a" (by eva: fire) holds 1 node')]);
    expect(plan(snapshot, { selector: "pool!=a" }).warnings).toEqual([]);
  });
});

describe("planRollout: conflicts", () => {
  it.each([
    ["a higher one", 5, "it goes first: its priority 5 is higher than 0"],
    ["an older one", 0, "it goes first: its priority 0 is the same and it is older"],
    ["a lower one", -3, "this one goes first: its priority 0 is higher than -3"],
  ])("says who goes first: %s", (_what, priority, reason) => {
    const snapshot = created(fleetOf(many(3)), "other", { priority, selector: undefined, nodes: ["n001", "n002"] });
    expect(plan(snapshot).conflicts).toEqual([{ rollout: "other", nodes: 2, reason: expect.stringContaining(reason) as string }]);
  });

  it("leaves alone what a higher one has updated, and says so", () => {
    const before = created(fleetOf(many(2, {})), "other", { priority: 5 });
    const assignment = before.assignments.get("other")!.get("n001")!;
    const snapshot = apply(before, { kind: "assignment", value: { ...assignment, phase: "Updated" } });
    const { refused, conflicts } = plan(snapshot);
    expect(refused).toMatchObject([{ nodeId: "n001", code: "superseded" }]);
    expect(conflicts).toMatchObject([{ rollout: "other", nodes: 2, reason: expect.stringContaining("it has updated 1 node") as string }]);
  });

  it("warns of a release that was rolled back before", () => {
    const before = created(fleetOf(many(2)), "other");
    const rollout = before.rollouts.get("other")!;
    const snapshot = apply(before, {
      kind: "rollout",
      value: { ...rollout, state: "rolled-back", way: "back", settled: true, reason: "too many failed" },
    });
    expect(plan(snapshot).warnings).toContain("release 2 was rolled back in rollout other: too many failed");
    expect(plan(snapshot).conflicts).toEqual([]);
  });
});
