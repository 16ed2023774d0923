import { formatHolder } from "@treeline/disruption";
import type { DurableChange } from "@treeline/rollout";
import type { RecordSchema, RecordTableName } from "./schema.ts";

/** The kinds of change that carry a whole record; the others take one away. */
export type RecordChange = Extract<DurableChange, { readonly value: unknown }>;
export type RecordKind = RecordChange["kind"];
type RecordOf<Kind extends RecordKind> = Extract<RecordChange, { readonly kind: Kind }>["value"];

/** How the records of one kind lie in their table. */
export interface RecordTable<Value, Table extends RecordTableName = RecordTableName> {
  readonly table: Table;
  /** The columns that tell records apart: a change replaces the record with the same ones. */
  readonly key: readonly (keyof RecordSchema[Table] & string)[];
  /** A further column no two records may be equal in. */
  readonly unique?: keyof RecordSchema[Table] & string;
  columns(value: Value): Omit<RecordSchema[Table], "body">;
}

/** Lets the compiler check the columns against the schema. */
function tableOf<Kind extends RecordKind, Table extends RecordTableName>(
  _kind: Kind,
  definition: RecordTable<RecordOf<Kind>, Table>,
): RecordTable<RecordOf<Kind>, Table> {
  return definition;
}

/**
 * INVARIANT: at most one slot per node. The ledger keeps it; the unique column is the last line that would refuse a second one.
 * The order is the order of `load`: a record comes after those it refers to.
 */
export const recordTables = {
  "server-run": tableOf("server-run", {
    table: "server_run",
    key: ["epoch"],
    columns: (run) => ({ epoch: run.epoch, started_at: run.startedAt }),
  }),
  role: tableOf("role", { table: "role", key: ["name"], columns: ({ name }) => ({ name }) }),
  tenant: tableOf("tenant", { table: "tenant", key: ["name"], columns: ({ name }) => ({ name }) }),
  pool: tableOf("pool", { table: "pool", key: ["name"], columns: ({ name }) => ({ name }) }),
  binding: tableOf("binding", {
    table: "role_binding",
    key: ["name"],
    columns: ({ name, role, scope }) => ({ name, role, scope }),
  }),
  "api-token": tableOf("api-token", {
    table: "api_token",
    key: ["name"],
    unique: "secret_hash",
    columns: (token) => ({ name: token.name, secret_hash: token.secretHash }),
  }),
  token: tableOf("token", {
    table: "token",
    key: ["id"],
    unique: "secret_hash",
    columns: (token) => ({ id: token.id, secret_hash: token.secretHash }),
  }),
  enrollment: tableOf("enrollment", {
    table: "enrollment",
    key: ["token_id", "public_key"],
    columns: (enrollment) => ({ token_id: enrollment.tokenId, public_key: enrollment.publicKey, node_id: enrollment.nodeId }),
  }),
  release: tableOf("release", {
    table: "release",
    key: ["checksum"],
    columns: (release) => ({ checksum: release.checksum, ref: release.ref, version: release.version }),
  }),
  "key-rotation": tableOf("key-rotation", {
    table: "key_rotation",
    key: ["serial"],
    columns: (rotation) => ({ serial: rotation.serial, published_at: rotation.publishedAt }),
  }),
  node: tableOf("node", { table: "node", key: ["id"], columns: (node) => ({ id: node.id, name: node.name }) }),
  stop: tableOf("stop", { table: "stop", key: ["id"], columns: (stop) => ({ id: stop.id, at: stop.at }) }),
  budget: tableOf("budget", {
    table: "budget",
    key: ["name"],
    columns: (budget) => ({ name: budget.name, selector: budget.selector }),
  }),
  rollout: tableOf("rollout", { table: "rollout", key: ["name"], columns: (rollout) => ({ name: rollout.name, state: rollout.state }) }),
  assignment: tableOf("assignment", {
    table: "assignment",
    key: ["rollout", "node_id"],
    columns: (assignment) => ({ rollout: assignment.rollout, node_id: assignment.nodeId, phase: assignment.phase }),
  }),
  slot: tableOf("slot", {
    table: "slot",
    key: ["id"],
    unique: "node_id",
    columns: (slot) => ({ id: slot.id, node_id: slot.nodeId, holder: formatHolder(slot.holder) }),
  }),
  intent: tableOf("intent", { table: "intent", key: ["node_id"], columns: (intent) => ({ node_id: intent.nodeId }) }),
  denied: tableOf("denied", {
    table: "denied",
    key: ["node_id", "checksum"],
    columns: (denied) => ({ node_id: denied.nodeId, checksum: denied.checksum }),
  }),
  observation: tableOf("observation", {
    table: "observation",
    key: ["node_id"],
    columns: (observation) => ({ node_id: observation.nodeId, at: observation.at }),
  }),
} satisfies Record<RecordKind, unknown>;

/** What `load` yields, in its order: all but enrollments, which are asked for one by one. */
export const loadedKinds: readonly RecordKind[] = (Object.keys(recordTables) as RecordKind[]).filter((kind) => kind !== "enrollment");
