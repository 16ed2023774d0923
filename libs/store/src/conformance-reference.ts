import type { DurableChange } from "@treeline/rollout";
import * as fc from "fast-check";
import {
  assignmentRecord,
  budgetRecord,
  checksumOf,
  nodeRecord,
  observationRecord,
  apiTokenRecord,
  releaseRecord,
  rolloutRecord,
  serverRun,
  slotRecord,
  stopRecord,
  tokenRecord,
} from "./conformance-records.ts";

/** What a store must hold after a sequence of batches, told as plainly as can be: each record under a name. */
export type Reference = ReadonlyMap<string, DurableChange>;

/** The state after one more batch, or undefined when the batch must be refused: a node may hold one slot. */
function foldBatch(before: Reference, changes: readonly DurableChange[]): Reference | undefined {
  const after = new Map(before);
  for (const change of changes) {
    if (change.kind === "slot-released") {
      const slot = after.get(`slot ${change.id}`);
      if (slot?.kind === "slot" && slot.value.nodeId === change.nodeId) after.delete(`slot ${change.id}`);
    } else if (change.kind === "assignment-removed") after.delete(`assignment ${change.rollout} ${change.nodeId}`);
    else if (change.kind === "budget-removed") after.delete(`budget ${change.name}`);
    else if (change.kind === "role-removed") after.delete(`role ${change.name}`);
    else if (change.kind === "binding-removed") after.delete(`binding ${change.name}`);
    else if (change.kind === "tenant-removed") after.delete(`tenant ${change.name}`);
    else if (change.kind === "pool-removed") after.delete(`pool ${change.name}`);
    else if (change.kind === "stop-lifted") after.delete(`stop ${change.id}`);
    else {
      after.set(nameOf(change), change);
      if (change.kind === "slot" && slotsOf(after, change.value.nodeId) > 1) return undefined;
    }
  }
  return after;
}

/** The state after those of the batches that come before the first refused one, and how many they are. */
export function foldUntilRefused(
  before: Reference,
  batches: readonly (readonly DurableChange[])[],
): { readonly state: Reference; readonly batches: number } {
  let state = before;
  for (const [index, changes] of batches.entries()) {
    const after = foldBatch(state, changes);
    if (after === undefined) return { state, batches: index };
    state = after;
  }
  return { state, batches: batches.length };
}

export function referenceOf(changes: readonly DurableChange[]): Reference {
  return new Map(changes.map((change) => [nameOf(change), change]));
}

function slotsOf(state: Reference, nodeId: string): number {
  return [...state.values()].filter((change) => change.kind === "slot" && change.value.nodeId === nodeId).length;
}

function nameOf(change: DurableChange): string {
  switch (change.kind) {
    case "slot":
    case "node":
    case "token":
    case "stop":
      return `${change.kind} ${change.value.id}`;
    case "api-token":
    case "role":
    case "binding":
    case "tenant":
    case "pool":
    case "rollout":
    case "budget":
      return `${change.kind} ${change.value.name}`;
    case "release":
      return `release ${change.value.checksum}`;
    case "key-rotation":
      return `key-rotation ${change.value.serial}`;
    case "assignment":
      return `assignment ${change.value.rollout} ${change.value.nodeId}`;
    case "denied":
      return `denied ${change.value.nodeId} ${change.value.checksum}`;
    case "enrollment":
      return `enrollment ${change.value.tokenId} ${change.value.publicKey}`;
    case "server-run":
      return `server-run ${change.value.epoch}`;
    case "observation":
    case "intent":
      return `${change.kind} ${change.value.nodeId}`;
    case "slot-released":
    case "assignment-removed":
    case "budget-removed":
    case "role-removed":
    case "binding-removed":
    case "tenant-removed":
    case "pool-removed":
    case "stop-lifted":
      throw new Error(`${change.kind} is not a record`);
  }
}

/** Few names, so that changes meet; any text a host may send. */
const nodeId = fc.constantFrom("n1", "n2", "n3");
const slotId = fc.constantFrom("s1", "s2");
/** Seldom two slots on one node: what follows a refusal is refused, too, and tests little. */
const slotOnNode = fc.oneof(
  { arbitrary: fc.constantFrom(["s1", "n1"] as const, ["s2", "n2"] as const, ["s2", "n3"] as const), weight: 8 },
  fc.tuple(slotId, nodeId),
);
const checksum = fc.constantFrom(checksumOf("a"), checksumOf("b"));
const digit = fc.constantFrom("a", "b");
const name = fc.constantFrom("x", "y");
const text = fc.string({ unit: "binary", maxLength: 20 });
const instant = fc.integer({ min: 0, max: 2 ** 52 });
const labels = fc.dictionary(text, text, { maxKeys: 3 });

export const anyChange: fc.Arbitrary<DurableChange> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant("slot" as const),
      value: fc.tuple(slotOnNode, instant).map(([[id, node], at]) => slotRecord(id, node, { grantedAt: at })),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ kind: fc.constant("slot-released" as const), nodeId, id: slotId }), weight: 3 },
  { arbitrary: fc.record({ kind: fc.constant("assignment-removed" as const), rollout: name, nodeId }), weight: 2 },
  fc.record({ kind: fc.constant("budget-removed" as const), name }),
  fc.record({ kind: fc.constant("stop-lifted" as const), id: name }),
  fc.record({
    kind: fc.constant("budget" as const),
    value: fc.tuple(name, instant).map(([which, at]) => budgetRecord(which, { createdAt: at })),
  }),
  fc.record({ kind: fc.constant("stop" as const), value: fc.tuple(name, text).map(([id, reason]) => stopRecord(id, { reason })) }),
  {
    arbitrary: fc.record({ kind: fc.constant("denied" as const), value: fc.record({ nodeId, checksum, reason: text, at: instant }) }),
    weight: 2,
  },
  fc.record({ kind: fc.constant("node" as const), value: fc.tuple(nodeId, labels).map(([id, some]) => nodeRecord(id, { labels: some })) }),
  fc.record({
    kind: fc.constant("observation" as const),
    value: fc.tuple(nodeId, instant, text).map(([id, at, version]) => observationRecord(id, { at, agentVersion: version })),
  }),
  fc.record({
    kind: fc.constant("release" as const),
    value: fc.tuple(digit, text).map(([which, version]) => releaseRecord(which, { version })),
  }),
  fc.record({
    kind: fc.constant("rollout" as const),
    value: fc.tuple(name, text, instant).map(([which, reason, at]) => rolloutRecord(which, { reason, endedAt: at })),
  }),
  fc.record({
    kind: fc.constant("assignment" as const),
    value: fc.tuple(name, nodeId, fc.nat()).map(([which, id, attempt]) => assignmentRecord(which, id, { attempt })),
  }),
  fc.record({
    kind: fc.constant("intent" as const),
    value: fc.tuple(nodeId, fc.nat(), checksum).map(([id, number, commit]) => ({
      nodeId: id,
      intent: { generation: { epoch: 1, number }, target: { checksum: commit, ref: "edge/stable", version: "1" } },
    })),
  }),
  fc.record({ kind: fc.constant("token" as const), value: fc.tuple(name, fc.nat()).map(([which, used]) => tokenRecord(which, { used })) }),
  fc.record({
    kind: fc.constant("api-token" as const),
    value: fc.tuple(name, text).map(([which, owner]) => apiTokenRecord(which, { owners: [owner] })),
  }),
  instant.map((aliveAt) => serverRun({ aliveAt })),
);
