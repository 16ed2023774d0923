import type { Slot } from "@treeline/disruption";
import {
  bootedDeployment,
  type Checksum,
  type DenyRecord,
  type Generation,
  type Instant,
  type Intent,
  type NodeId,
  type NodeRecord,
  type ObservationRecord,
  type ReleaseRecord,
  type ServerRunRecord,
} from "@treeline/fleet";
import { Map as PersistentMap } from "immutable";
import type { Change } from "./change.ts";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";

/** Whether a node is in contact, and since when that is so. */
export interface Contact {
  readonly connected: boolean;
  readonly at: Instant;
}

/**
 * All that decisions are made from, as one immutable value.
 * INVARIANT: `apply` of the same changes in the same order gives an equal snapshot; it never reads a clock.
 */
export interface Snapshot {
  readonly nodes: PersistentMap<NodeId, NodeRecord>;
  readonly observations: PersistentMap<NodeId, ObservationRecord>;
  readonly contacts: PersistentMap<NodeId, Contact>;
  readonly releases: PersistentMap<Checksum, ReleaseRecord>;
  readonly rollouts: PersistentMap<string, RolloutRecord>;
  /** By rollout, then by node. */
  readonly assignments: PersistentMap<string, PersistentMap<NodeId, AssignmentRecord>>;
  /** By node: a node holds at most one. */
  readonly slots: PersistentMap<NodeId, Slot>;
  readonly intents: PersistentMap<NodeId, Intent>;
  /** By node, then by commit. */
  readonly denied: PersistentMap<NodeId, PersistentMap<Checksum, DenyRecord>>;
  /** By epoch, the newest few (`keptRuns`). The newest is the server that decides now. */
  readonly runs: PersistentMap<number, ServerRunRecord>;
}

export const emptySnapshot: Snapshot = {
  nodes: PersistentMap(),
  observations: PersistentMap(),
  contacts: PersistentMap(),
  releases: PersistentMap(),
  rollouts: PersistentMap(),
  assignments: PersistentMap(),
  slots: PersistentMap(),
  intents: PersistentMap(),
  denied: PersistentMap(),
  runs: PersistentMap(),
};

/** The snapshot after one change. Records that decisions never look at (tokens, enrollments, operators) leave it as it is. */
export function apply(snapshot: Snapshot, change: Change): Snapshot {
  switch (change.kind) {
    case "node":
      return { ...snapshot, nodes: snapshot.nodes.set(change.value.id, change.value) };
    case "observation":
      return { ...snapshot, observations: snapshot.observations.set(change.value.nodeId, change.value) };
    case "contact":
      // Said again, it is still so since the first time.
      if (snapshot.contacts.get(change.nodeId)?.connected === change.connected) return snapshot;
      return { ...snapshot, contacts: snapshot.contacts.set(change.nodeId, { connected: change.connected, at: change.at }) };
    case "release":
      return { ...snapshot, releases: snapshot.releases.set(change.value.checksum, change.value) };
    case "rollout":
      return { ...snapshot, rollouts: snapshot.rollouts.set(change.value.name, change.value) };
    case "assignment":
      return { ...snapshot, assignments: snapshot.assignments.setIn([change.value.rollout, change.value.nodeId], change.value) };
    case "slot":
      return { ...snapshot, slots: snapshot.slots.set(change.value.nodeId, change.value) };
    case "slot-released":
      return snapshot.slots.get(change.nodeId)?.id === change.id ? { ...snapshot, slots: snapshot.slots.delete(change.nodeId) } : snapshot;
    case "intent":
      return { ...snapshot, intents: snapshot.intents.set(change.value.nodeId, change.value.intent) };
    case "denied":
      return { ...snapshot, denied: snapshot.denied.setIn([change.value.nodeId, change.value.checksum], change.value) };
    case "denial-cleared":
      return { ...snapshot, denied: snapshot.denied.deleteIn([change.nodeId, change.checksum]) };
    case "server-run":
      return { ...snapshot, runs: newestRuns(snapshot.runs.set(change.value.epoch, change.value)) };
    case "token":
    case "enrollment":
    case "operator":
      return snapshot;
  }
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

export function isConnected(snapshot: Snapshot, nodeId: NodeId): boolean {
  return snapshot.contacts.get(nodeId)?.connected ?? false;
}

/** Since when the node is out of contact; undefined while it is in contact. A node this server has never heard is silent since the server runs. */
export function silentSince(snapshot: Snapshot, nodeId: NodeId): Instant | undefined {
  if (isConnected(snapshot, nodeId)) return undefined;
  return snapshot.contacts.get(nodeId)?.at ?? snapshot.runs.get(currentEpoch(snapshot))?.startedAt ?? 0;
}

export function isDenied(snapshot: Snapshot, nodeId: NodeId, checksum: Checksum): boolean {
  return snapshot.denied.get(nodeId)?.has(checksum) ?? false;
}

/** Unavailable for a reason of its own: silent, revoked, or with a red required check. */
export function isUnavailable(snapshot: Snapshot, nodeId: NodeId): boolean {
  if (!isConnected(snapshot, nodeId) || snapshot.nodes.get(nodeId)?.revokedAt !== undefined) return true;
  return snapshot.observations.get(nodeId)?.observation.health.state === "red";
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
