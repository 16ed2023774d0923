import type { AttemptRef, Intent, Target } from "@treeline/fleet";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { hookKinds, type HookKind } from "./hooks.ts";
import type { Limits } from "./view.ts";
import { SimulatedHost, intentOf, wellBehaved, type CommitBehaviour } from "./simulated-host.ts";

const limits: Limits = { sessionMillis: 600_000, rebootMillis: 60_000, checkMillis: 30_000, holdMillis: 600_000 };
const targetOf = (checksum: string): Target => ({ checksum, ref: "sim", version: checksum });

// Far above what it takes: a loaded machine must not fail a property.
vi.setConfig({ testTimeout: 120_000 });

type Event =
  | { readonly kind: "act"; readonly upTo: "nothing" | "journal" | "all"; readonly crash: boolean }
  | {
      readonly kind:
        | "crash"
        | "power-cut"
        | "reboot"
        | "session-up"
        | "session-down"
        | "guard-goes-back"
        | "guard-deadline"
        | "held"
        | "free";
    }
  | {
      readonly kind: "order";
      readonly sameAttempt: boolean;
      readonly permission: boolean;
      readonly clearDenied: boolean;
      readonly other: boolean;
    }
  /** The whole rollout goes back; `to` is an index into what the host ran, or a commit that nobody signed. */
  | { readonly kind: "order-back"; readonly to: number | "unsigned"; readonly permission: boolean; readonly clearDenied: boolean }
  | { readonly kind: "keep"; readonly base: boolean }
  | { readonly kind: "withdraw" }
  | { readonly kind: "confirm"; readonly granted: boolean; readonly previousAttempt: boolean }
  | { readonly kind: "time"; readonly millis: number };

const act = fc.record({
  kind: fc.constant("act" as const),
  upTo: fc.constantFrom("all", "all", "all", "journal", "nothing"),
  crash: fc.boolean(),
});
const quietAct = fc.constant<Event>({ kind: "act", upTo: "all", crash: false });
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 12, arbitrary: quietAct },
  { weight: 3, arbitrary: act as fc.Arbitrary<Event> },
  { weight: 3, arbitrary: fc.constant<Event>({ kind: "session-up" }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("confirm" as const), granted: fc.boolean(), previousAttempt: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("order" as const),
      sameAttempt: fc.boolean(),
      permission: fc.boolean(),
      clearDenied: fc.boolean(),
      other: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("order-back" as const),
      to: fc.oneof({ weight: 4, arbitrary: fc.nat(7) }, { weight: 1, arbitrary: fc.constant("unsigned" as const) }),
      permission: fc.boolean(),
      clearDenied: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("keep" as const), base: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("time" as const), millis: fc.constantFrom(100, 4_000, 31_000, 61_000, 700_000) }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Event>(
      { kind: "crash" },
      { kind: "power-cut" },
      { kind: "reboot" },
      { kind: "session-down" },
      { kind: "withdraw" },
      { kind: "guard-goes-back" },
      { kind: "guard-deadline" },
      { kind: "held" },
      { kind: "free" },
    ),
  },
);

const behaviour: fc.Arbitrary<CommitBehaviour> = fc.record({
  green: fc.boolean(),
  reachesServer: fc.boolean(),
  boots: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});

/** What the host's owner has put on it. */
const ownership = fc.record({
  guarded: fc.boolean(),
  hooks: fc.dictionary(fc.constantFrom<HookKind>(...hookKinds), fc.constantFrom("green" as const, "green" as const, "red" as const)),
});

/** The server's side of a scenario: what it last ordered. */
class OrderingServer {
  intent: Intent | undefined;
  #number = 0;
  #generation = 0;
  #target = "target";
  #back = false;
  #keep: string | undefined;

  order(order: {
    readonly sameAttempt: boolean;
    readonly permission: boolean;
    readonly clearDenied: boolean;
    readonly target: string;
    readonly back?: boolean;
  }): Intent {
    if (!order.sameAttempt || this.#number === 0) {
      this.#number++;
      this.#target = order.target;
      this.#back = order.back ?? false;
    }
    this.intent = intentOf({
      ...this.#stay(this.#target),
      attempt: this.ref(),
      clearDenied: order.clearDenied,
      back: this.#back,
      ...(order.permission ? { permission: { slot: `slot-${this.#number}`, epoch: 1 } } : {}),
    });
    return this.intent;
  }

  withdraw(target: string): Intent {
    this.intent = intentOf(this.#stay(target));
    return this.intent;
  }

  keep(checksum: string | undefined): void {
    this.#keep = checksum;
  }

  ref(): AttemptRef {
    return { rollout: "r", number: this.#number };
  }

  #stay(target: string): Parameters<typeof intentOf>[0] {
    const kept = this.#keep === undefined ? {} : { keep: this.#keep };
    return { generation: { epoch: 1, number: ++this.#generation }, target: targetOf(target), ...kept };
  }
}

function play(host: SimulatedHost, server: OrderingServer, event: Event): void {
  switch (event.kind) {
    case "act":
      host.act(event.upTo);
      if (event.crash) host.crash();
      return;
    case "crash":
      return host.crash();
    case "power-cut":
      return host.cutPower();
    case "reboot":
      return host.reboot();
    case "session-up":
      host.setSession(true);
      if (server.intent) host.receive(server.intent);
      return;
    case "session-down":
      return host.setSession(false);
    case "guard-goes-back":
      if (host.booted === "base" || host.journal.open === undefined) return;
      host.setDefault("base");
      return host.reboot();
    case "guard-deadline":
      return host.guardDeadline();
    case "held":
    case "free":
      host.heldBy = event.kind === "held" ? ["a backup"] : [];
      return;
    case "order":
      return host.receive(server.order({ ...event, target: event.other ? "other" : "target" }));
    case "order-back": {
      const ran = ["base", ...host.bootedCommits];
      const target = event.to === "unsigned" ? "unsigned" : ran[event.to % ran.length]!;
      return host.receive(server.order({ ...event, sameAttempt: false, back: true, target }));
    }
    case "keep":
      return server.keep(event.base ? "base" : undefined);
    case "withdraw":
      return host.receive(server.withdraw(host.booted));
    case "confirm": {
      if (!host.sessionUp) return;
      const { rollout, number } = server.ref();
      const attempt = { rollout, number: event.previousAttempt ? number - 1 : number };
      return host.answer(
        event.granted
          ? { attempt, granted: true, validUntilUptimeMillis: host.uptimeMillis + 30_000 }
          : { attempt, granted: false, reason: "the rollout is paused", askAgainAtUptimeMillis: host.uptimeMillis + 5_000 },
      );
    }
    case "time":
      host.uptimeMillis += event.millis;
  }
}

/** No more faults: the server answers, a session comes up wherever it can, and a slot is granted. True when nothing is left to do. */
function settle(host: SimulatedHost, server: OrderingServer, steps = 200): boolean {
  host.heldBy = [];
  if (server.intent?.attempt)
    server.order({ sameAttempt: true, permission: true, clearDenied: server.intent.attempt.clearDenied, target: "" });
  for (let step = 0; step < steps; step++) {
    host.setSession(true);
    if (server.intent) host.receive(server.intent);
    const done = host.act();
    if (done.do === "confirm")
      host.answer({ attempt: done.attempt.ref, granted: true, validUntilUptimeMillis: host.uptimeMillis + 30_000 });
    if (done.do !== "wait") continue;
    // A red host without an attempt looks again and again; that is rest, too.
    if (host.journal.open === undefined && done.journal === undefined) return true;
    if (done.untilUptimeMillis !== undefined) host.uptimeMillis = Math.max(host.uptimeMillis, done.untilUptimeMillis);
    else if (done.journal === undefined) return true;
  }
  return false;
}

const isOrder = ({ kind }: Event): boolean => kind === "order" || kind === "order-back" || kind === "keep" || kind === "withdraw";
const faults = anyEvent.filter((event) => !isOrder(event) && !event.kind.startsWith("guard-"));

/** Updated from `base` to `target`; `gone`: and on to `target` by way of another, so that no deployment of the base is left and only a ref holds it. */
function onTarget({ gone }: { readonly gone: boolean }) {
  const behaviour: Record<string, CommitBehaviour> = { base: { ...wellBehaved, signed: false } };
  const host = new SimulatedHost({ base: "base", behaviour, limits });
  const server = new OrderingServer();
  server.keep("base");
  for (const target of gone ? ["other", "target"] : ["target"]) {
    server.order({ sameAttempt: false, permission: true, clearDenied: false, target });
    expect(settle(host, server)).toBe(true);
    expect(host.booted).toBe(target);
  }
  expect(host.os().deployments.some(({ checksum }) => checksum === "base")).toBe(!gone);
  return { host, server, behaviour };
}

const describeEnd = (host: SimulatedHost): string =>
  JSON.stringify({ journal: host.journal, booted: host.booted, commits: host.bootedCommits });

describe("plan on a simulated host", () => {
  it("keeps its invariants under any interleaving, and closes the attempt once the faults stop", () => {
    fc.assert(
      fc.property(behaviour, behaviour, ownership, fc.array(anyEvent, { maxLength: 80, size: "max" }), (target, other, owned, events) => {
        const behaviour = { base: { ...wellBehaved, signed: false }, target, other, unsigned: { ...wellBehaved, signed: false } };
        const host = new SimulatedHost({ base: "base", behaviour, limits, ...owned });
        const server = new OrderingServer();
        for (const event of events) play(host, server, event);
        expect(settle(host, server), `still busy: ${describeEnd(host)}`).toBe(true);
        expect(host.journal.open, describeEnd(host)).toBeUndefined();
        expect(host.view().guard, describeEnd(host)).toEqual(owned.guarded ? {} : undefined);
        const ordered = server.intent?.attempt;
        if (ordered !== undefined && host.booted === "base")
          expect(
            host.journal.closed.map((closed) => closed.attempt),
            describeEnd(host),
          ).toContainEqual(ordered.ref);
        expect(host.os().deployments[0]?.booted).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  it("goes back with the whole rollout, through any faults, without a download, and denies nothing", () => {
    const ends = new Map<string, number>();
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.array(faults, { maxLength: 60, size: "max" }), (red, gone, events) => {
        const { host, server, behaviour } = onTarget({ gone });
        behaviour["target"] = { ...wellBehaved, green: !red };
        server.order({ sameAttempt: false, permission: true, clearDenied: false, target: "base", back: true });
        for (const event of events) play(host, server, event);
        expect(settle(host, server), `still busy: ${describeEnd(host)}`).toBe(true);
        const outcome = host.journal.closed.at(-1)!.outcome;
        const kind = outcome.kind === "failed" ? outcome.failure : outcome.kind;
        ends.set(kind, (ends.get(kind) ?? 0) + 1);
        // The power may go before anything was written; however long the session takes, that is waited for.
        expect(host.booted, describeEnd(host)).toBe(kind === "never-booted" ? "target" : "base");
        expect(["updated", "never-booted"]).toContain(kind);
        expect(host.os().deployments[0]?.booted, describeEnd(host)).toBe(true);
        expect(host.journal.denied).toEqual([]);
        expect(host.waysBack).toEqual([]);
        expect(host.downloads).toEqual(gone ? ["other", "target"] : ["target"]);
      }),
      { numRuns: 2_000 },
    );
    expect(ends.get("updated")).toBeGreaterThan(1_000);
    expect(ends.get("never-booted")).toBeGreaterThan(0);
  });

  it("stays where it is when the commit it should go back to does not boot any more", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(faults, { maxLength: 60, size: "max" }), (gone, events) => {
        const { host, server, behaviour } = onTarget({ gone });
        behaviour["base"] = { ...wellBehaved, boots: false };
        const boots = host.bootedCommits.length;
        server.order({ sameAttempt: false, permission: true, clearDenied: false, target: "base", back: true });
        for (const event of events) play(host, server, event);
        expect(settle(host, server), `still busy: ${describeEnd(host)}`).toBe(true);
        expect(new Set(host.bootedCommits.slice(boots)), describeEnd(host)).toEqual(
          new Set(boots < host.bootedCommits.length ? [host.booted] : []),
        );
        expect(host.journal.closed.at(-1)?.outcome, describeEnd(host)).toMatchObject({ kind: "failed" });
        expect(host.os().deployments[0]?.booted, describeEnd(host)).toBe(true);
        expect(host.journal.denied).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("ends on the base with RolledBack and denied whenever a target with red checks was booted", () => {
    const faultsAndGuard = anyEvent.filter((event) => !isOrder(event));
    let booted = 0;
    fc.assert(
      fc.property(fc.array(faultsAndGuard, { maxLength: 60, size: "max" }), (events) => {
        const host = new SimulatedHost({ base: "base", behaviour: { target: { ...wellBehaved, green: false } }, limits, guarded: true });
        const server = new OrderingServer();
        server.order({ sameAttempt: false, permission: true, clearDenied: false, target: "target" });
        for (const event of events) play(host, server, event);
        expect(settle(host, server)).toBe(true);
        expect(host.booted).toBe("base");
        if (!host.bootedCommits.includes("target")) return;
        booted++;
        expect(host.journal.closed, describeEnd(host)).toMatchObject([{ outcome: { kind: "rolled-back" } }]);
        expect(host.journal.denied.map((entry) => entry.checksum)).toEqual(["target"]);
        expect(host.waysBack.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 1_000 },
    );
    expect(booted).toBeGreaterThan(500);
  });

  it("ends on a good target, or closes as never booted when the power went before it was finalized", () => {
    fc.assert(
      fc.property(fc.array(faults, { maxLength: 60, size: "max" }), (events) => {
        const host = new SimulatedHost({ base: "base", behaviour: {}, limits });
        const server = new OrderingServer();
        server.order({ sameAttempt: false, permission: true, clearDenied: false, target: "target" });
        for (const event of events) play(host, server, event);
        expect(settle(host, server)).toBe(true);
        const outcome = host.journal.closed[0]?.outcome;
        const everBooted = host.bootedCommits.includes("target");
        const boots = host.bootedCommits.filter((checksum) => checksum === "target").length;
        // A good commit, too, is left when the session does not come back in time, or when the power goes in each of its first boots.
        if (outcome?.kind === "rolled-back") expect(["no-session", ...(boots > 5 ? ["unproven"] : [])]).toContain(outcome.cause);
        else
          expect(outcome, describeEnd(host)).toMatchObject(everBooted ? { kind: "updated" } : { kind: "failed", failure: "never-booted" });
        expect(host.booted).toBe(outcome?.kind === "updated" ? "target" : "base");
      }),
      { numRuns: 1_000 },
    );
  });
});
