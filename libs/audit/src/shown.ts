import { hash } from "node:crypto";
import type { DurableChange, Snapshot } from "@treeline/rollout";

type RecordChange = Extract<DurableChange, { readonly value: unknown }>;
type Shown = { readonly [Kind in RecordChange["kind"]]: readonly (keyof Extract<RecordChange, { readonly kind: Kind }>["value"])[] };

/** The fields of each kind of record that the audit shows. INVARIANT: a field not named here is never shown: no secret's hash, no certificate. */
const shown: Shown = {
  node: ["name", "labels", "revokedAt", "revokedBecause", "writtenOff"],
  observation: [],
  release: ["ref", "version", "signedBy", "unmanaged"],
  "key-rotation": ["serial", "publishedBy"],
  rollout: ["createdBy", "state", "target", "way", "openWave", "policy", "approvals", "pardons"],
  assignment: ["phase", "wave", "attempt", "way", "failure"],
  budget: ["selector", "per", "createdAt"],
  stop: ["selector", "sparesRollbacks", "reason", "by"],
  slot: ["holder", "epoch", "confirmed"],
  intent: [],
  denied: ["reason", "cleared"],
  token: ["name", "expiresAt", "uses", "used", "labels", "releaseKeys", "revokedAt"],
  enrollment: ["nodeId", "tokenId"],
  "api-token": ["grants", "createdAt", "expiresAt", "revokedAt", "owners"],
  role: ["rules"],
  binding: ["role", "scope", "subjects"],
  tenant: ["createdAt"],
  pool: ["tenant", "createdAt"],
  "server-run": ["epoch", "startedAt"],
};

/** Of one kind; a change of more records is told by their number. */
const mostRecords = 20;
const mostBytes = 4_096;

/**
 * What changes do, for `before` and `after` of their audit entry: JSON text by record, only the fields that differ and may be shown. More than 4 KiB
 * becomes a digest and the size. What no snapshot holds (tokens, operators) has no before.
 */
export function shownChanges(snapshot: Snapshot, changes: readonly DurableChange[]): { readonly before?: string; readonly after?: string } {
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  const counts = new Map<string, number>();
  for (const change of changes) {
    const count = (counts.get(change.kind) ?? 0) + 1;
    counts.set(change.kind, count);
    if (count > mostRecords) continue;
    const { name, kind, old } = placeOf(snapshot, change);
    const [was, is] = [fieldsOf(kind, old), fieldsOf(kind, "value" in change ? change.value : undefined)];
    for (const field of Object.keys({ ...was, ...is }))
      if (was !== undefined && is !== undefined && JSON.stringify(was[field]) === JSON.stringify(is[field])) {
        delete was[field];
        delete is[field];
      }
    if (was !== undefined && Object.keys(was).length > 0) before[name] = was;
    if (is !== undefined && Object.keys(is).length > 0) after[name] = is;
  }
  for (const [kind, count] of counts) if (count > mostRecords) after[`all ${kind}`] = { records: count };
  return { ...text("before", before), ...text("after", after) };
}

function text<Key extends string>(key: Key, value: object): { readonly [K in Key]?: string } {
  if (Object.keys(value).length === 0) return {};
  const json = JSON.stringify(value);
  const bytes = new TextEncoder().encode(json).length;
  const kept = bytes <= mostBytes ? json : JSON.stringify({ sha256: hash("sha256", json, "hex"), bytes });
  return { [key]: kept } as { readonly [K in Key]?: string };
}

function fieldsOf(kind: RecordChange["kind"], value: unknown): Record<string, unknown> | undefined {
  if (value === undefined) return undefined;
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    (shown[kind] as readonly string[]).flatMap((field) => (record[field] === undefined ? [] : [[field, record[field]]])),
  );
}

function placeOf(
  snapshot: Snapshot,
  change: DurableChange,
): { readonly name: string; readonly kind: RecordChange["kind"]; readonly old?: unknown } {
  switch (change.kind) {
    case "node":
      return { name: `node ${change.value.id}`, kind: "node", old: snapshot.nodes.get(change.value.id) };
    case "release":
      return { name: `release ${change.value.checksum}`, kind: "release", old: snapshot.releases.get(change.value.checksum) };
    case "rollout":
      return { name: `rollout ${change.value.name}`, kind: "rollout", old: snapshot.rollouts.get(change.value.name) };
    case "assignment":
    case "assignment-removed": {
      const { rollout, nodeId } = change.kind === "assignment" ? change.value : change;
      return { name: `rollout ${rollout} node ${nodeId}`, kind: "assignment", old: snapshot.assignments.get(rollout)?.get(nodeId) };
    }
    case "budget":
    case "budget-removed": {
      const name = change.kind === "budget" ? change.value.name : change.name;
      return { name: `budget ${name}`, kind: "budget", old: snapshot.budgets.get(name) };
    }
    case "stop":
    case "stop-lifted": {
      const id = change.kind === "stop" ? change.value.id : change.id;
      return { name: `stop ${id}`, kind: "stop", old: snapshot.stops.get(id) };
    }
    case "slot":
    case "slot-released": {
      const nodeId = change.kind === "slot" ? change.value.nodeId : change.nodeId;
      return { name: `slot of node ${nodeId}`, kind: "slot", old: snapshot.slots.get(nodeId) };
    }
    case "denied": {
      const { nodeId, checksum } = change.value;
      return { name: `denied ${nodeId} ${checksum}`, kind: "denied", old: snapshot.denied.get(nodeId)?.get(checksum) };
    }
    case "token":
      return { name: `token ${change.value.id}`, kind: "token" };
    case "api-token":
    case "role":
    case "binding":
    case "tenant":
    case "pool":
      return { name: `${change.kind} ${change.value.name}`, kind: change.kind };
    case "role-removed":
      return { name: `role ${change.name}`, kind: "role" };
    case "binding-removed":
      return { name: `binding ${change.name}`, kind: "binding" };
    case "tenant-removed":
      return { name: `tenant ${change.name}`, kind: "tenant" };
    case "pool-removed":
      return { name: `pool ${change.name}`, kind: "pool" };
    case "key-rotation":
      return { name: `rotation ${change.value.serial}`, kind: "key-rotation", old: snapshot.keyRotations.get(change.value.serial) };
    default:
      return { name: change.kind, kind: change.kind };
  }
}
