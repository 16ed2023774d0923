import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Wave } from "./policy.ts";
import { targetCommit, type Fate, type SimulatedAgent } from "./simulated-agent.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";

// Far above what it takes: a loaded machine must not fail a property.
vi.setConfig({ testTimeout: 120_000 });

type Event =
  | { readonly kind: "advance"; readonly node: number; readonly fate: Fate }
  | {
      readonly kind: "report" | "deliver" | "connect" | "disconnect" | "flap" | "power-cut" | "fall-back" | "lose-journal";
      readonly node: number;
    }
  | { readonly kind: "confirm"; readonly node: number; readonly answerArrives: boolean }
  | { readonly kind: "turns"; readonly node: number; readonly fates: readonly Fate[] }
  | { readonly kind: "say"; readonly node: number; readonly reason: string }
  | { readonly kind: "tick" }
  | { readonly kind: "restart"; readonly awayMillis: number }
  | { readonly kind: "pause"; readonly paused: boolean }
  | { readonly kind: "time"; readonly millis: number };

const node = fc.nat(11);
const fatesWith = (good: number): fc.Arbitrary<Fate> =>
  fc.oneof(
    { weight: good, arbitrary: fc.constant<Fate>("good") },
    { weight: 6, arbitrary: fc.constantFrom<Fate>("transient", "power-cut", "no-session") },
    { weight: 1, arbitrary: fc.constantFrom<Fate>("node-fault", "red", "red-both") },
  );
const harmless = fc.constantFrom<Fate>("good", "good", "good", "good", "transient", "power-cut");
const eventsOf = (fate: fc.Arbitrary<Fate>): fc.Arbitrary<Event> =>
  fc.oneof(
    { weight: 10, arbitrary: fc.record({ kind: fc.constant("advance" as const), node, fate }) },
    { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("report" as const, "deliver" as const, "connect" as const), node }) },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("turns" as const),
        node,
        fates: fc.array(fate, { minLength: 1, maxLength: 12, size: "max" }),
      }),
    },
    { weight: 8, arbitrary: fc.constant<Event>({ kind: "tick" }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("confirm" as const), node, answerArrives: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("disconnect" as const, "flap" as const, "power-cut" as const, "fall-back" as const, "lose-journal" as const),
        node,
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), awayMillis: fc.constantFrom(1_000, 60_000, 3_600_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause" as const), paused: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("say" as const), node, reason: fc.constantFrom("", "no route", "the slot was taken back") }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const), millis: fc.constantFrom(100, 5_000, 1_300_000) }) },
  );

function play(fleet: SimulatedFleet, event: Event): void {
  const agent = (index: number): SimulatedAgent => fleet.agents[index % fleet.agents.length]!;
  switch (event.kind) {
    case "advance":
      return fleet.advance(agent(event.node), event.fate);
    case "report":
      return fleet.report(agent(event.node));
    case "deliver":
      return fleet.deliver(agent(event.node));
    case "connect":
      return fleet.connect(agent(event.node));
    case "disconnect":
      return fleet.disconnect(agent(event.node));
    case "flap":
      agent(event.node).green = !agent(event.node).green;
      return fleet.report(agent(event.node));
    case "power-cut":
      return fleet.boot(agent(event.node), "power-cut");
    case "fall-back":
      return fleet.boot(agent(event.node), "fall-back");
    case "lose-journal":
      return agent(event.node).loseJournal();
    case "confirm":
      return fleet.confirm(agent(event.node), event.answerArrives);
    case "turns":
      for (const fate of event.fates) {
        const one = agent(event.node);
        if (one.connected || fate !== "no-session") fleet.turn(one, fate);
        else fleet.advance(one, fate);
      }
      return;
    case "say":
      agent(event.node).reason = event.reason;
      return fleet.report(agent(event.node));
    case "tick":
      return void fleet.tick();
    case "restart":
      return fleet.restartServer(event.awayMillis);
    case "pause":
      return fleet.pause(event.paused);
    case "time":
      fleet.now += event.millis;
  }
}

const shape = fc.record({
  nodes: fc.integer({ min: 1, max: 12 }),
  maxUnavailable: fc.constantFrom("1", "2", "3", "20%", "50%", "100%"),
  retries: fc.integer({ min: 0, max: 3 }),
  cut: fc.constantFrom<readonly Wave[]>(
    [{ rest: true }],
    [{ count: 1 }, { rest: true }],
    [{ percent: 30 }, { percent: 40 }, { rest: true }],
  ),
});

function fleetOf({
  nodes,
  cut,
  ...policy
}: {
  nodes: number;
  maxUnavailable: string;
  retries: number;
  cut: readonly Wave[];
}): SimulatedFleet {
  // Waves that would be empty are refused at creation; a single wave holds any number.
  return new SimulatedFleet({ nodes, waves: nodes < cut.length ? [{ rest: true }] : cut, ...policy });
}

const story = (fleet: SimulatedFleet): string =>
  JSON.stringify({
    rollout: fleet.rollout,
    nodes: fleet.agents.map(({ id }) => fleet.assignment(id)),
    slots: [...fleet.snapshot.slots.values()],
  });

/** From stormy to calm: in a storm every rollout halts at once, so that what comes later is reached only in calmer ones. */
const scenario = fc.constantFrom(6, 40, 200).chain((good) => fc.array(eventsOf(fatesWith(good)), { maxLength: 120, size: "max" }));

/** The event after which an operator aborts, if any. Once at most, and not by an event of its own: it would cut most scenarios short. */
const abortAfter = fc.option(fc.nat(119));

describe("decide with a simulated fleet", () => {
  it("keeps its invariants under any faults, comes to rest after every event, and settles once the agents behave", () => {
    fc.assert(
      fc.property(shape, fc.boolean(), scenario, abortAfter, (options, eager, events, aborted) => {
        const fleet = fleetOf(options);
        for (const [index, event] of events.entries()) {
          play(fleet, event);
          if (index === aborted) fleet.abort();
          if (eager) fleet.tick();
        }
        fleet.tick();
        expect(fleet.settle(), story(fleet)).toBe(true);
        expect(fleet.snapshot.slots.size).toBe(0);
        const phases = fleet.agents.map(({ id }) => fleet.assignment(id).phase);
        if (fleet.rollout.state === "completed") {
          expect(new Set(phases)).toEqual(new Set(["Updated"]));
        } else {
          expect(fleet.rollout.reason).not.toBe("");
          expect(
            phases.every((phase) => ["pending", "NotEligible", "Updated", "RolledBack", "Failed"].includes(phase)),
            story(fleet),
          ).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("completes on every node when all that happens is retryable and retries are left", () => {
    fc.assert(
      fc.property(shape, fc.array(eventsOf(fc.constant<Fate>("good")), { maxLength: 80, size: "max" }), (options, events) => {
        const fleet = fleetOf(options);
        for (const event of events) if (!["power-cut", "fall-back", "lose-journal", "time"].includes(event.kind)) play(fleet, event);
        expect(fleet.settle(), story(fleet)).toBe(true);
        expect(fleet.rollout.state, story(fleet)).toBe("completed");
        expect(fleet.agents.map(({ booted }) => booted)).toEqual(fleet.agents.map(() => targetCommit));
      }),
      { numRuns: 300 },
    );
  });

  it("exposes at most maxUnavailable nodes to a release that is bad everywhere", () => {
    fc.assert(
      fc.property(shape, fc.array(eventsOf(harmless), { maxLength: 40, size: "max" }), (options, events) => {
        const fleet = fleetOf(options);
        let exposed = 0;
        const most = Math.max(
          1,
          "count" in fleet.rollout.policy.maxUnavailable
            ? fleet.rollout.policy.maxUnavailable.count
            : Math.floor((options.nodes * fleet.rollout.policy.maxUnavailable.percent) / 100),
        );
        const bad = (agent: SimulatedAgent): void => {
          if (agent.open?.phase !== "Verifying" && agent.open?.phase !== "Soaking") return;
          exposed++;
          fleet.advance(agent, "red");
        };
        for (const event of events.filter(({ kind }) => kind !== "turns")) {
          play(fleet, event);
          fleet.agents.forEach(bad);
        }
        for (let round = 0; round < 100 && !fleet.rollout.settled; round++) {
          for (const agent of fleet.agents) {
            if (!agent.connected) fleet.connect(agent);
            fleet.deliver(agent);
            fleet.advance(agent, "good");
            bad(agent);
            fleet.confirm(agent, true);
            fleet.report(agent);
          }
          fleet.tick();
          fleet.pause(false);
        }
        expect(exposed).toBeLessThanOrEqual(most);
      }),
      { numRuns: 300 },
    );
  });
});
