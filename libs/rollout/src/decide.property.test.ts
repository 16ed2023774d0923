import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { explainNode } from "./explain.ts";
import type { BudgetDraft, PolicyDraft, WaveDraft } from "./policy-draft.ts";
import { targetCommit, type Fate, type SimulatedAgent } from "./simulated-agent.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";
import { create, labelsOf, play, type Event } from "./simulated-story.ts";
import { tallyOf } from "./snapshot.ts";

// Far above what it takes: a loaded machine must not fail a property.
vi.setConfig({ testTimeout: 240_000 });

// ---- what may happen ----

const node = fc.nat(11);
const zone = fc.constantFrom("z1", "z2", "z3");
const rollout = fc.constantFrom("r", "s");

/** Of so many good ones some that pass by themselves, and one that does not. */
const fatesWith = (good: number): fc.Arbitrary<Fate> =>
  fc.oneof(
    { weight: good, arbitrary: fc.constant<Fate>("good") },
    { weight: 6, arbitrary: fc.constantFrom<Fate>("transient", "power-cut", "no-session") },
    { weight: 1, arbitrary: fc.constantFrom<Fate>("node-fault", "red", "red-both", "lose-resource", "lie") },
  );

const of = <Kind extends string>(...kinds: readonly Kind[]): { readonly kind: fc.Arbitrary<Kind> } => ({ kind: fc.constantFrom(...kinds) });

/** What nodes and their agents do, with what fate; and time. */
const agentEvents = (fate: fc.Arbitrary<Fate>): fc.Arbitrary<Event> =>
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ ...of("advance"), node, fate }) },
    { weight: 8, arbitrary: fc.record({ ...of("report", "deliver", "connect"), node }) },
    { weight: 10, arbitrary: fc.record({ ...of("turns"), node, fates: fc.array(fate, { minLength: 1, maxLength: 12, size: "max" }) }) },
    { weight: 8, arbitrary: fc.constant<Event>({ kind: "tick" }) },
    { weight: 4, arbitrary: fc.record({ ...of("confirm"), node, answerArrives: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ ...of("say"), node, reason: fc.constantFrom("", "no route", "the slot was taken back") }) },
    { weight: 3, arbitrary: fc.record({ ...of("time"), millis: fc.constantFrom(100, 5_000, 700_000, 1_300_000, 4_000_000) }) },
  );

const faultEvents: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ ...of("disconnect", "flap", "power-cut", "fall-back", "lose-journal"), node }) },
  { weight: 3, arbitrary: fc.record({ ...of("restart"), awayMillis: fc.constantFrom(1_000, 60_000, 3_600_000) }) },
);

const operatorEvents: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...of("pause", "resume", "approve", "retry", "start"), rollout }) },
  { weight: 1, arbitrary: fc.record({ ...of("rollback", "abort"), rollout }) },
  { weight: 2, arbitrary: fc.record({ ...of("write-off", "clear"), node }) },
  { weight: 1, arbitrary: fc.record({ ...of("revoke"), node }) },
  { weight: 2, arbitrary: fc.record({ ...of("relabel"), node, zone }) },
  { weight: 1, arbitrary: fc.record({ ...of("join"), zone }) },
  { weight: 1, arbitrary: fc.record({ ...of("stop"), selector: fc.constantFrom("*", "zone=z1"), sparesRollbacks: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record(of("resume-all")) },
);

const rest: WaveDraft = { size: { rest: true } };
const cuts: fc.Arbitrary<readonly WaveDraft[]> = fc.constantFrom<readonly WaveDraft[]>(
  [rest],
  [{ size: { count: 1 } }, rest],
  [{ size: { percent: 30 } }, { size: { percent: 40 }, bakeMillis: 60_000 }, rest],
  [{ selector: "zone=z1", bakeMillis: 600_000 }, { size: { percent: 50 }, selector: "zone=z2" }, rest],
  [
    { size: { count: 1 }, approval: true },
    { ...rest, approval: true, bakeMillis: 1_000, gate: { maxFailures: 0 } },
  ],
);
const limit = fc.constantFrom("1", "2", "20%", "50%");
const gate: fc.Arbitrary<PolicyDraft["gate"]> = fc.constantFrom<PolicyDraft["gate"]>(
  undefined,
  { maxFailures: 1 },
  { maxFailures: 100 },
  { failureRate: { acceptable: 0.01, unacceptable: 0.3, minSample: 2 } },
);

const policies: fc.Arbitrary<Partial<PolicyDraft>> = fc.record({
  waves: cuts,
  maxUnavailable: limit,
  budgets: fc.constantFrom<NonNullable<PolicyDraft["budgets"]>>(
    [],
    [{ per: "zone", maxUnavailable: "1" }],
    [{ per: "rack", maxUnavailable: "50%" }],
  ),
  retries: fc.record({ limit: fc.integer({ min: 0, max: 3 }), backoffMillis: fc.constantFrom(0, 10_000) }),
  gate,
  onFailure: fc.constantFrom("pause", "halt", "rollback"),
  priority: fc.constantFrom(0, 5),
  staging: fc.constantFrom<NonNullable<PolicyDraft["staging"]>>({}, { nodes: 2 }, { jitterMillis: 20_000 }),
  timeouts: fc.constantFrom<NonNullable<PolicyDraft["timeouts"]>>({}, { drainingMillis: 30_000 }, { eligibleMillis: 3_600_000 }),
});

const budgets: fc.Arbitrary<readonly BudgetDraft[]> = fc.constantFrom<readonly BudgetDraft[]>(
  [],
  [{ name: "fleet", selector: "*", minAvailable: "40%" }],
  [
    { name: "zones", selector: "*", per: "zone", maxUnavailable: "1" },
    { name: "one", selector: "zone=z1", maxUnavailable: "1" },
  ],
);

/** A second rollout over some of the same nodes. */
const seconds: fc.Arbitrary<Partial<PolicyDraft> | undefined> = fc.option(
  policies.chain((policy) => fc.constantFrom("*", "zone=z1", "zone!=z3").map((selector) => ({ ...policy, release: "3", selector }))),
  { nil: undefined },
);

// ---- fleets ----

const story = (fleet: SimulatedFleet): string =>
  JSON.stringify(
    {
      rollouts: [...fleet.snapshot.rollouts.values()].map(({ policy: _, ...rollout }) => rollout),
      nodes: fleet.agents.map(({ id }) => [
        id,
        ...[...fleet.snapshot.assignments.values()].map((ofRollout) => ofRollout.get(id)?.phase),
        ...explainNode(fleet.snapshot, id, fleet.now).map(({ code, reason }) => `${code}: ${reason}`),
      ]),
      slots: [...fleet.snapshot.slots.values()],
      last: fleet.decisions.slice(-6).map(({ action, subject, because }) => `${action} ${subject}: ${because}`),
    },
    null,
    1,
  );

function fleetWith(
  nodes: number,
  given: {
    readonly first: Partial<PolicyDraft>;
    readonly second?: Partial<PolicyDraft> | undefined;
    readonly fleetBudgets: readonly BudgetDraft[];
  },
): SimulatedFleet {
  const fleet = new SimulatedFleet({ nodes, labels: labelsOf, budgets: given.fleetBudgets });
  fleet.agents.forEach((agent, index) => {
    if (index % 2 === 0) agent.resources = { "vendor.com/gpu": 4 };
    fleet.report(agent);
  });
  create(fleet, "r", given.first);
  if (given.second !== undefined) create(fleet, "s", given.second);
  return fleet;
}

/** From stormy to calm: in a storm every rollout halts at once, so that what comes later is reached only in calmer ones. */
const events = fc
  .constantFrom(6, 40, 200)
  .chain((good) =>
    fc.array(
      fc.oneof(
        { weight: 40, arbitrary: agentEvents(fatesWith(good)) },
        { weight: 3, arbitrary: faultEvents },
        { weight: 3, arbitrary: operatorEvents },
      ),
      { maxLength: 120, size: "max" },
    ),
  );

/** Faults have ceased, and people do what they are told to: afterwards every rollout must settle. */
function calm(fleet: SimulatedFleet): boolean {
  play(fleet, { kind: "resume-all" });
  const settled = (): boolean => [...fleet.snapshot.rollouts.values()].every((rollout) => rollout.settled);
  for (let day = 0; day < 30 && !settled(); day++) {
    const decided = fleet.decisions.length;
    for (const name of fleet.snapshot.rollouts.keys())
      for (const kind of ["resume", "approve"] as const) play(fleet, { kind, rollout: name });
    fleet.settle(30);
    // Who is gone for good, or holds a slot that it cannot give back, is given up as `explain` says.
    if (day > 5) for (const agent of fleet.agents) if (mustBeGivenUp(fleet, agent)) fleet.writeOff(agent);
    // All that is left is to wait for something.
    if (fleet.decisions.length === decided) fleet.now += 700_000;
    fleet.tick();
  }
  return settled();
}

function mustBeGivenUp(fleet: SimulatedFleet, agent: SimulatedAgent): boolean {
  return explainNode(fleet.snapshot, agent.id, fleet.now).some(({ remedy }) => remedy.includes(`write-off ${agent.id}`));
}

/** So few nodes are left that a budget lets none of them go: only a person can change that, and `explain` says so. */
function isFrozen(fleet: SimulatedFleet): boolean {
  return fleet.agents.some(({ id }) =>
    explainNode(fleet.snapshot, id, fleet.now).some(({ code, reason }) => code === "budget" && reason.includes("of at most 0 ")),
  );
}

describe("decide with a simulated fleet", () => {
  it("keeps its invariants under any faults and orders, comes to rest after every event, and settles once all behave", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.record({ first: policies, second: seconds, fleetBudgets: budgets }),
        fc.boolean(),
        events,
        (nodes, given, eager, happenings) => {
          const fleet = fleetWith(nodes, given);
          for (const event of happenings) {
            play(fleet, event);
            if (eager) fleet.tick();
          }
          fleet.tick();
          const settled = calm(fleet);
          if (!settled && isFrozen(fleet)) return;
          expect(settled, story(fleet)).toBe(true);
          expect(fleet.snapshot.slots.size).toBe(0);
          for (const rollout of fleet.snapshot.rollouts.values()) {
            const phases = [...(fleet.snapshot.assignments.get(rollout.name)?.values() ?? [])].map(({ phase }) => phase);
            if (rollout.state === "rolled-back")
              expect([tallyOf(fleet.snapshot, rollout.name).revertible, phases.includes("Updated")], story(fleet)).toEqual([0, false]);
            if (rollout.state !== "completed") expect(rollout.reason, story(fleet)).not.toBe("");
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("completes on every node when all that happens is retryable and retries are left", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.record({ first: policies, fleetBudgets: budgets }),
        fc.array(agentEvents(fc.constant<Fate>("good")), { maxLength: 80, size: "max" }),
        (nodes, given, happenings) => {
          const fleet = fleetWith(nodes, given);
          for (const event of happenings) if (event.kind !== "time") play(fleet, event);
          expect(calm(fleet), story(fleet)).toBe(true);
          expect(fleet.rollout.state, story(fleet)).toBe("completed");
          expect(fleet.agents.map(({ booted }) => booted)).toEqual(fleet.agents.map(() => targetCommit));
        },
      ),
      { numRuns: 150 },
    );
  });

  it("exposes at most maxUnavailable nodes to a release that is bad everywhere", () => {
    const harmless = fc.constantFrom<Fate>("good", "good", "good", "good", "transient", "power-cut");
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.record({ first: policies, fleetBudgets: budgets }),
        fc.array(agentEvents(harmless), { maxLength: 40, size: "max" }),
        (nodes, { first, fleetBudgets }, happenings) => {
          const { gate: _, ...policy } = first;
          const fleet = fleetWith(nodes, { first: { ...policy, onFailure: "halt" }, fleetBudgets });
          let exposed = 0;
          const own = fleet.rollout.policy.budgets[0]!.maxUnavailable!;
          const most = "count" in own ? own.count : Math.max(1, Math.floor((nodes * own.percent) / 100));
          const bad = (agent: SimulatedAgent): void => {
            if (agent.open?.phase !== "Verifying" && agent.open?.phase !== "Soaking") return;
            exposed++;
            fleet.advance(agent, "red");
          };
          const safe = (event: Event): boolean => event.kind !== "turns";
          for (const event of happenings.filter(safe)) {
            play(fleet, event);
            fleet.agents.forEach(bad);
          }
          for (let round = 0; round < 100 && !fleet.rollout.settled; round++) {
            fleet.now += 1_000;
            play(fleet, { kind: "approve", rollout: "r" });
            for (const agent of fleet.agents) {
              if (!agent.connected) fleet.connect(agent);
              fleet.deliver(agent);
              fleet.advance(agent, "good");
              bad(agent);
              fleet.confirm(agent, true);
              fleet.report(agent);
            }
            fleet.tick();
          }
          expect(fleet.rollout.state).toBe("halted");
          expect(exposed).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 150 },
    );
  });
});
