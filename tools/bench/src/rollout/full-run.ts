import type { NodeId } from "@treeline/fleet";
import {
  Agenda,
  apply,
  createRollout,
  decide,
  tallyOf,
  type Change,
  type Decision,
  type PolicyDraft,
  type Snapshot,
} from "@treeline/rollout";
import { threadCpuMillis } from "../thread-cpu.ts";
import { chatter, staged, stepped, updateSteps } from "./paper-agent.ts";
import { nodeIdOf } from "./paper-fleet.ts";

const rollout = "full-run";

/** Nodes under way at once, in a fleet of any size. */
const inFlight = 60;

/** Nodes of which the server hears in a tick: all that are under way, and others that have nothing to say about the update. */
export const changedPerTick = 100;

/** Half of the fleet is in the open wave: staged, and waiting for a slot. The other half waits for its wave. */
export const fullRunPolicy: PolicyDraft = {
  ...{ release: "41.20261101.0", selector: "*", nodeSoakMillis: 1_000 },
  waves: [{ size: { percent: 50 } }, { size: { rest: true } }],
  maxUnavailable: String(inFlight),
  budgets: [{ per: "zone", maxUnavailable: "20%" }],
  gate: { maxFailures: 10, failureRate: { acceptable: 0.01, unacceptable: 0.1 } },
};

/** A rollout in the middle of its first wave, ready to be ticked: the very start of every window. */
export interface FullRun {
  readonly snapshot: Snapshot;
  readonly nodes: number;
  readonly now: number;
}

export interface WaveOpening {
  readonly run: FullRun;
  /** Decisions made when the wave opened, and the time they took. */
  readonly decisions: number;
  readonly seconds: number;
}

/** Creates the rollout over a fleet at rest, opens its first wave and lets every node of it stage. */
export function openFullRun(fleet: Snapshot, now: number): WaveOpening {
  const created = createRollout(fleet, { name: rollout, policy: fullRunPolicy, hold: false }, now);
  if (!created.ok) throw new Error(created.refusal.message);
  const engine = new Engine(fleet);
  for (const change of created.changes) engine.take(change);
  const began = performance.now();
  const decisions = engine.decideAll(now).length;
  const seconds = (performance.now() - began) / 1000;
  const assignments = engine.snapshot.assignments.get(rollout)?.values() ?? [];
  for (const { nodeId, phase } of [...assignments]) if (phase === "Staging") engine.take(staged(engine.snapshot, nodeId, now));
  engine.decideAll(now);
  return { run: { snapshot: engine.snapshot, nodes: fleet.nodes.size, now }, decisions, seconds };
}

/** The engine as the controller drives it: every change is applied and noted, then decisions are made until none is left. */
class Engine {
  readonly #agenda: Agenda;
  snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
    this.#agenda = Agenda.everything(snapshot);
  }

  take(change: Change): void {
    const before = this.snapshot;
    this.snapshot = apply(before, change);
    this.#agenda.note(change, before, this.snapshot);
  }

  /** Returns how many decisions were made. */
  tick(changes: readonly Change[], now: number): number {
    for (const change of changes) this.take(change);
    return this.decideAll(now).length;
  }

  decideAll(now: number): readonly Decision[] {
    const decisions: Decision[] = [];
    for (let more = true; more; ) {
      const decided = decide({ snapshot: this.snapshot, agenda: this.#agenda, now });
      decisions.push(...decided.decisions);
      this.snapshot = decided.next;
      more = decided.more;
    }
    return decisions;
  }
}

export interface Window {
  /** CPU time of all ticks together. */
  readonly millis: number;
  readonly decisions: number;
  readonly updated: number;
}

/** Until every kind of change is in every tick. */
const warmupTicks = updateSteps.length;

/**
 * Ticks of a rollout in full run, each with 100 changed nodes. What the agents do, and the confirmations, are prepared between the ticks and not
 * timed; a tick is to apply and note the changes and to decide until nothing is left.
 */
export function runWindow({ snapshot, nodes, now }: FullRun, ticks: number): Window {
  const engine = new Engine(snapshot);
  engine.decideAll(now);
  // What it took to get here costs the fleet, and is not to be cleared away while the ticks are measured.
  globalThis.gc?.();
  const before = tallyOf(engine.snapshot, rollout).counts.updated;
  const steps = new Map<NodeId, number>();
  let [millis, decisions] = [0, 0];
  for (let tick = 0; tick < warmupTicks + ticks; tick++) {
    const at = now + (tick + 1) * 1_000;
    const changes = heard(engine.snapshot, { steps, tick, nodes, at });
    const began = threadCpuMillis();
    decisions += engine.tick(changes, at);
    if (tick >= warmupTicks) millis += threadCpuMillis() - began;
  }
  return { millis, decisions, updated: tallyOf(engine.snapshot, rollout).counts.updated - before };
}

interface Moment {
  /** By node: which step it takes next. */
  readonly steps: Map<NodeId, number>;
  readonly tick: number;
  readonly nodes: number;
  readonly at: number;
}

/** What the server hears in a tick: a step of every node under way, and chatter of others. */
function heard(snapshot: Snapshot, { steps, tick, nodes, at }: Moment): readonly Change[] {
  const changes: Change[] = [];
  const holders = [...snapshot.slots.keys()];
  for (const nodeId of holders) {
    // Not all in step: at first each waits for its own tick, so that every tick sees every kind of change.
    const step = steps.get(nodeId) ?? (tick === 0 ? -(steps.size % updateSteps.length) : 0);
    if (step >= 0) changes.push(...stepped(snapshot, nodeId, updateSteps[step]!, at));
    else changes.push(chatter(snapshot, nodeId, at));
    steps.set(nodeId, step + 1);
  }
  for (let index = 0; holders.length + index < changedPerTick; index++) {
    const nodeId = nodeIdOf(Math.floor(((tick * 41 + index) * 0.6180339887 * nodes) % nodes));
    if (!snapshot.slots.has(nodeId)) changes.push(chatter(snapshot, nodeId, at));
  }
  return changes;
}
