import type { DurableChange } from "@treeline/rollout";
import { auditColumns } from "./audit-row.ts";
import { InvalidRequestError } from "./errors.ts";
import { recordTables, type RecordChange, type RecordTable } from "./record-table.ts";
import type { AuditColumns, RecordTableName } from "./schema.ts";
import type { Batch } from "./store.ts";

/** The columns of a row, `body` among them. */
export type Row = Readonly<Record<string, string | number>>;

/** One change as a table sees it. */
export type RowWrite =
  | { readonly op: "put"; readonly kind: RecordChange["kind"]; readonly table: RecordTableName; readonly row: Row }
  | { readonly op: "delete"; readonly table: RecordTableName; readonly where: Row };

/** A batch as rows: what crosses to the thread of the database. Made when `commit` is called, so that later changes of the caller's objects do not matter. */
export interface EncodedBatch {
  readonly epoch: number;
  readonly writes: readonly RowWrite[];
  readonly audit: readonly AuditColumns[];
}

/** Throws `InvalidRequestError` for what could not be stored as it is. */
export function encodeBatch(batch: Batch): EncodedBatch {
  if (!Number.isSafeInteger(batch.epoch) || batch.epoch < 0)
    throw invalid("epoch", `is ${batch.epoch}`, "pass the epoch of this server's run, a whole number from 0");
  return {
    epoch: batch.epoch,
    writes: batch.changes.map((change, index) => encodeChange(change, { epoch: batch.epoch, field: `changes[${index}]` })),
    audit: batch.audit.map(auditColumns),
  };
}

function encodeChange(change: DurableChange, { epoch, field }: { readonly epoch: number; readonly field: string }): RowWrite {
  switch (change.kind) {
    case "slot-released":
      return { op: "delete", table: recordTables.slot.table, where: { id: change.id, node_id: change.nodeId } };
    case "assignment-removed":
      return { op: "delete", table: recordTables.assignment.table, where: { rollout: change.rollout, node_id: change.nodeId } };
    case "budget-removed":
      return { op: "delete", table: recordTables.budget.table, where: { name: change.name } };
    case "role-removed":
      return { op: "delete", table: recordTables.role.table, where: { name: change.name } };
    case "binding-removed":
      return { op: "delete", table: recordTables.binding.table, where: { name: change.name } };
    case "tenant-removed":
      return { op: "delete", table: recordTables.tenant.table, where: { name: change.name } };
    case "pool-removed":
      return { op: "delete", table: recordTables.pool.table, where: { name: change.name } };
    case "stop-lifted":
      return { op: "delete", table: recordTables.stop.table, where: { id: change.id } };
    case "server-run":
      // A run above the batch's own epoch would fence the very server that writes it.
      if (change.value.epoch > epoch)
        throw invalid(
          `${field}.value.epoch`,
          `is ${change.value.epoch}, above the batch's epoch ${epoch}`,
          "commit a new run with its own epoch",
        );
      return encodeRecord(change, field);
    default:
      return encodeRecord(change, field);
  }
}

function encodeRecord(change: RecordChange, field: string): RowWrite {
  const definition = recordTables[change.kind] as RecordTable<RecordChange["value"]> | undefined;
  if (definition === undefined) throw invalid(`${field}.kind`, `is "${change.kind}", which is not stored`, "commit durable changes only");
  try {
    const row = { ...definition.columns(change.value), body: JSON.stringify(change.value) };
    return { op: "put", kind: change.kind, table: definition.table, row };
  } catch (error) {
    throw invalid(`${field}.value`, `cannot be written as JSON (${String(error)})`, "use plain data");
  }
}

function invalid(field: string, reason: string, remedy: string): InvalidRequestError {
  return new InvalidRequestError({ phase: "commit", field, reason, remedy });
}
