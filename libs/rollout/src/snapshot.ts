// One file, because it is one value: the records, what is derived from them, and the one function that changes both.
import { emptyLedger, type Budget, type BudgetRecord, type Ledger, type Slot } from "@treeline/disruption";
import {
  bootedDeployment,
  parseSelector,
  type Checksum,
  type DenyRecord,
  type Generation,
  type Instant,
  type Intent,
  type KeyRotationRecord,
  type NodeId,
  type NodeRecord,
  type ObservationRecord,
  type ReleaseRecord,
  type Selector,
  type ServerRunRecord,
} from "@treeline/fleet";
import { Map as PersistentMap } from "immutable";
import type { Change } from "./change.ts";
import { compareRollouts } from "./claim.ts";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";
import { selectionOf, type Selection } from "./selection.ts";
import { parsedBudget, restand } from "./standing.ts";
import type { StopRecord } from "./stop.ts";
import { emptyTally, retally, type Tally } from "./tally.ts";

/** Whether a node is in contact, and since when that is so. */
export interface Contact {
  readonly connected: boolean;
  readonly at: Instant;
}

/**
 * All that decisions are made from, as one immutable value.
 * INVARIANTS: `apply` of the same changes in the same order gives an equal snapshot; it never reads a clock. What is derived depends on the
 * records alone, not on the order in which they came (property: incremental = rebuilt).
 */
export interface Snapshot extends Records, Derived {}

export interface Records {
  readonly nodes: PersistentMap<NodeId, NodeRecord>;
  readonly observations: PersistentMap<NodeId, ObservationRecord>;
  readonly contacts: PersistentMap<NodeId, Contact>;
  readonly releases: PersistentMap<Checksum, ReleaseRecord>;
  /** By serial. No decision looks at them; sessions carry them. */
  readonly keyRotations: PersistentMap<number, KeyRotationRecord>;
  readonly rollouts: PersistentMap<string, RolloutRecord>;
  /** By rollout, then by node. */
  readonly assignments: PersistentMap<string, PersistentMap<NodeId, AssignmentRecord>>;
  /** By node: a node holds at most one. */
  readonly slots: PersistentMap<NodeId, Slot>;
  readonly intents: PersistentMap<NodeId, Intent>;
  /** By node, then by commit. */
  readonly denied: PersistentMap<NodeId, PersistentMap<Checksum, DenyRecord>>;
  /** By name. */
  readonly budgets: PersistentMap<string, BudgetRecord>;
  /** By id: the andon cords that are pulled. */
  readonly stops: PersistentMap<string, StopRecord>;
  /** By epoch, the newest few (`keptRuns`). The newest is the server that decides now. */
  readonly runs: PersistentMap<number, ServerRunRecord>;
}

/** Kept by `apply` so that a decision costs what changed. */
export interface Derived {
  readonly ledger: Ledger;
  /** The unsettled rollouts a node is in, by name, the one that goes first at the head. */
  readonly claims: PersistentMap<NodeId, readonly string[]>;
  /** By rollout. */
  readonly tallies: PersistentMap<string, Tally>;
  readonly fleetBudgets: readonly Budget[];
  readonly stopped: readonly { readonly stop: StopRecord; readonly selector: Selector }[];
  /** By rollout: which nodes it takes, ready for use. */
  readonly selections: PersistentMap<string, Selection>;
}

export const emptySnapshot: Snapshot = {
  nodes: PersistentMap(),
  observations: PersistentMap(),
  contacts: PersistentMap(),
  releases: PersistentMap(),
  keyRotations: PersistentMap(),
  rollouts: PersistentMap(),
  assignments: PersistentMap(),
  slots: PersistentMap(),
  intents: PersistentMap(),
  denied: PersistentMap(),
  budgets: PersistentMap(),
  stops: PersistentMap(),
  runs: PersistentMap(),
  ledger: emptyLedger,
  claims: PersistentMap(),
  tallies: PersistentMap(),
  fleetBudgets: [],
  stopped: [],
  selections: PersistentMap(),
};

/** The snapshot after one change. Records that decisions never look at (tokens, enrollments, operators) leave it as it is. */
export function apply(snapshot: Snapshot, change: Change): Snapshot {
  switch (change.kind) {
    case "node":
      return restand({ ...snapshot, nodes: snapshot.nodes.set(change.value.id, change.value) }, change.value.id, "budgets");
    case "observation":
      return applyObservation(snapshot, change.value);
    case "contact":
      // Said again, it is still so since the first time.
      if (snapshot.contacts.get(change.nodeId)?.connected === change.connected) return snapshot;
      return restand(
        { ...snapshot, contacts: snapshot.contacts.set(change.nodeId, { connected: change.connected, at: change.at }) },
        change.nodeId,
        "state",
      );
    case "release":
      return { ...snapshot, releases: snapshot.releases.set(change.value.checksum, change.value) };
    case "key-rotation":
      return { ...snapshot, keyRotations: snapshot.keyRotations.set(change.value.serial, change.value) };
    case "rollout":
      return applyRollout(snapshot, change.value);
    case "assignment":
      return applyAssignment(snapshot, change.value.rollout, change.value.nodeId, change.value);
    case "assignment-removed":
      return applyAssignment(snapshot, change.rollout, change.nodeId, undefined);
    case "slot":
      return applySlot(snapshot, change.value.nodeId, change.value);
    case "slot-released":
      return snapshot.slots.get(change.nodeId)?.id === change.id ? applySlot(snapshot, change.nodeId, undefined) : snapshot;
    case "intent":
      return { ...snapshot, intents: snapshot.intents.set(change.value.nodeId, change.value.intent) };
    case "denied":
      return { ...snapshot, denied: snapshot.denied.setIn([change.value.nodeId, change.value.checksum], change.value) };
    case "budget":
      return applyBudgets(snapshot, snapshot.budgets.set(change.value.name, change.value));
    case "budget-removed":
      return applyBudgets(snapshot, snapshot.budgets.delete(change.name));
    case "stop":
      return applyStops(snapshot, snapshot.stops.set(change.value.id, change.value));
    case "stop-lifted":
      return applyStops(snapshot, snapshot.stops.delete(change.id));
    case "server-run":
      return { ...snapshot, runs: newestRuns(snapshot.runs.set(change.value.epoch, change.value)) };
    case "token":
    case "enrollment":
    case "api-token":
    case "role":
    case "role-removed":
    case "binding":
    case "binding-removed":
    case "tenant":
    case "tenant-removed":
    case "pool":
    case "pool-removed":
      return snapshot;
  }
}

/** Of an observation the ledger knows the health alone, and most bring no news of it. */
function applyObservation(snapshot: Snapshot, record: ObservationRecord): Snapshot {
  const before = snapshot.observations.get(record.nodeId)?.observation.health.state;
  const next = { ...snapshot, observations: snapshot.observations.set(record.nodeId, record) };
  return before === record.observation.health.state ? next : restand(next, record.nodeId, "state");
}

function applyRollout(snapshot: Snapshot, rollout: RolloutRecord): Snapshot {
  const before = snapshot.rollouts.get(rollout.name);
  const rollouts = snapshot.rollouts.set(rollout.name, rollout);
  const selections = before === undefined ? snapshot.selections.set(rollout.name, selectionOf(rollout.policy)) : snapshot.selections;
  const next = { ...snapshot, rollouts, selections };
  if (before?.settled === rollout.settled) return next;
  // It begins or ceases to claim its nodes: costs all of them, once.
  let claiming: Snapshot = next;
  for (const nodeId of next.assignments.get(rollout.name)?.keys() ?? []) claiming = claim(claiming, rollout, nodeId, !rollout.settled);
  return claiming;
}

function applyAssignment(snapshot: Snapshot, name: string, nodeId: NodeId, value: AssignmentRecord | undefined): Snapshot {
  const before = snapshot.assignments.get(name)?.get(nodeId);
  if (before === undefined && value === undefined) return snapshot;
  const ofRollout = snapshot.assignments.get(name) ?? PersistentMap<NodeId, AssignmentRecord>();
  const assignments = snapshot.assignments.set(name, value === undefined ? ofRollout.delete(nodeId) : ofRollout.set(nodeId, value));
  const tallies = snapshot.tallies.set(name, retally(snapshot.tallies.get(name) ?? emptyTally, before, value));
  const next = { ...snapshot, assignments, tallies };
  const rollout = snapshot.rollouts.get(name);
  const appears = (before === undefined) !== (value === undefined);
  return rollout !== undefined && appears && !rollout.settled ? claim(next, rollout, nodeId, value !== undefined) : next;
}

function claim(snapshot: Snapshot, rollout: RolloutRecord, nodeId: NodeId, claimed: boolean): Snapshot {
  const others = (snapshot.claims.get(nodeId) ?? []).filter((name) => name !== rollout.name);
  const names = claimed
    ? [...others, rollout.name].sort((a, b) => compareRollouts(snapshot.rollouts.get(a)!, snapshot.rollouts.get(b)!))
    : others;
  const claims = names.length === 0 ? snapshot.claims.delete(nodeId) : snapshot.claims.set(nodeId, names);
  return restand({ ...snapshot, claims }, nodeId, "budgets");
}

function applySlot(snapshot: Snapshot, nodeId: NodeId, slot: Slot | undefined): Snapshot {
  const before = snapshot.slots.get(nodeId);
  const slots = slot === undefined ? snapshot.slots.delete(nodeId) : snapshot.slots.set(nodeId, slot);
  let { tallies } = snapshot;
  if (before?.holder.kind === "rollout")
    tallies = tallies.update(before.holder.rollout, emptyTally, (tally) => ({ ...tally, slots: tally.slots - 1 }));
  if (slot?.holder.kind === "rollout")
    tallies = tallies.update(slot.holder.rollout, emptyTally, (tally) => ({ ...tally, slots: tally.slots + 1 }));
  return restand({ ...snapshot, slots, tallies }, nodeId, "state");
}

/** Costs every node: budgets are changed by people. */
function applyBudgets(snapshot: Snapshot, budgets: Snapshot["budgets"]): Snapshot {
  const byName = [...budgets.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  let next: Snapshot = { ...snapshot, budgets, fleetBudgets: byName.map(parsedBudget) };
  for (const nodeId of snapshot.nodes.keys()) next = restand(next, nodeId, "budgets");
  return next;
}

function applyStops(snapshot: Snapshot, stops: Snapshot["stops"]): Snapshot {
  const byId = [...stops.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const stopped = byId.map((stop) => {
    const parsed = parseSelector(stop.selector);
    return { stop, selector: parsed.ok ? parsed.selector : [] };
  });
  return { ...snapshot, stops, stopped };
}

/**
 * How many server runs are remembered, or they would grow by one with each start. Whether the server was away since some instant until now is
 * told by the newest gap alone; the others are for a wall clock that was set back.
 */
export const keptRuns = 10;

function newestRuns(runs: PersistentMap<number, ServerRunRecord>): PersistentMap<number, ServerRunRecord> {
  return runs.size <= keptRuns ? runs : runs.delete(runs.keySeq().min() ?? 0);
}

export function applyAll(snapshot: Snapshot, changes: Iterable<Change>): Snapshot {
  let next = snapshot;
  for (const change of changes) next = apply(next, change);
  return next;
}

/** The epoch in which decisions are made now; 0 before the first server run. */
export function currentEpoch(snapshot: Snapshot): number {
  return snapshot.runs.keySeq().max() ?? 0;
}

/** The generation after everything that was sent to the node and everything it says it has seen. */
export function nextGeneration(snapshot: Snapshot, nodeId: NodeId): Generation {
  const sent = snapshot.intents.get(nodeId)?.generation.number ?? 0;
  const seen = snapshot.observations.get(nodeId)?.observation.update.highest.number ?? 0;
  return { epoch: currentEpoch(snapshot), number: Math.max(sent, seen) + 1 };
}

export function assignmentsOf(snapshot: Snapshot, rollout: string): Iterable<AssignmentRecord> {
  return snapshot.assignments.get(rollout)?.values() ?? [];
}

export function tallyOf(snapshot: Snapshot, rollout: string): Tally {
  return snapshot.tallies.get(rollout) ?? emptyTally;
}

export function isConnected(snapshot: Snapshot, nodeId: NodeId): boolean {
  return snapshot.contacts.get(nodeId)?.connected ?? false;
}

/** Since when the node is out of contact; undefined while it is in contact. A node this server has never heard is silent since the server runs. */
export function silentSince(snapshot: Snapshot, nodeId: NodeId): Instant | undefined {
  if (isConnected(snapshot, nodeId)) return undefined;
  return snapshot.contacts.get(nodeId)?.at ?? snapshot.runs.get(currentEpoch(snapshot))?.startedAt ?? 0;
}

export function isDenied(snapshot: Snapshot, nodeId: NodeId, checksum: Checksum): boolean {
  const denial = snapshot.denied.get(nodeId)?.get(checksum);
  return denial !== undefined && denial.cleared === undefined;
}

/** An operator has allowed this commit on this node again. */
export function isCleared(snapshot: Snapshot, nodeId: NodeId, checksum: Checksum): boolean {
  return snapshot.denied.get(nodeId)?.get(checksum)?.cleared !== undefined;
}

export function runsCommit(snapshot: Snapshot, nodeId: NodeId, checksum: Checksum): boolean {
  const observation = snapshot.observations.get(nodeId)?.observation;
  return observation !== undefined && bootedDeployment(observation.os)?.checksum === checksum;
}

/** Was the server itself away at any time between the two instants? Gaps between its runs tell. */
export function serverWasAway(snapshot: Snapshot, from: Instant, to: Instant): boolean {
  const runs = [...snapshot.runs.values()].sort((a, b) => a.epoch - b.epoch);
  return runs.some((run, index) => {
    const next = runs[index + 1];
    return next !== undefined && run.aliveAt < to && next.startedAt > from;
  });
}
