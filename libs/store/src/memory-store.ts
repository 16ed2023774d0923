import type { EnrollmentRecord } from "@treeline/fleet";
import type { DurableChange } from "@treeline/rollout";
import { checkAuditQuery } from "./audit-query.ts";
import { encodeBatch, type EncodedBatch, type Row, type RowWrite } from "./encoded-batch.ts";
import { checkEpoch, checkRun } from "./epoch-fence.ts";
import { ConflictError, StoreClosedError, type StorePhase } from "./errors.ts";
import { loadedKinds, recordTables, type RecordTable } from "./record-table.ts";
import type { RecordTableName } from "./schema.ts";
import type { Store, StoredAuditEntry } from "./store.ts";

/** What outlives a memory store: open another one over it to play a restart of the server. */
export class MemoryDisk {
  readonly #tables = new Map<RecordTableName, Map<string, Row>>();
  readonly #audit: StoredAuditEntry[] = [];

  table(name: RecordTableName): Map<string, Row> {
    const existing = this.#tables.get(name);
    if (existing !== undefined) return existing;
    const table = new Map<string, Row>();
    this.#tables.set(name, table);
    return table;
  }

  get audit(): readonly StoredAuditEntry[] {
    return this.#audit;
  }

  /** Whole or not at all. Throws `StaleEpochError` or `ConflictError`. */
  write(batch: EncodedBatch): void {
    checkEpoch({ epoch: batch.epoch, newest: this.#newestEpoch() });
    const undo: (() => void)[] = [];
    try {
      for (const change of batch.writes) undo.push(this.#writeRow(change));
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
    for (const entry of batch.audit) this.#audit.push({ sequence: this.#audit.length + 1, ...entry });
  }

  /** Returns how to take it back. */
  #writeRow(change: RowWrite): () => void {
    const table = this.table(change.table);
    const key = keyOf(change.table, change.op === "put" ? change.row : change.where);
    const before = table.get(key);
    if (change.op === "put") {
      this.#check(change.table, key, change.row);
      table.set(key, change.row);
    } else if (before !== undefined && Object.entries(change.where).every(([column, value]) => before[column] === value)) table.delete(key);
    return () => void (before === undefined ? table.delete(key) : table.set(key, before));
  }

  #check(name: RecordTableName, key: string, row: Row): void {
    const table = this.table(name);
    if (name === "server_run") {
      const stored = table.get(key)?.["started_at"];
      checkRun({
        epoch: Number(row["epoch"]),
        startedAt: Number(row["started_at"]),
        stored: stored === undefined ? undefined : Number(stored),
      });
    }
    const { unique } = definitionOf(name);
    if (unique === undefined) return;
    for (const [otherKey, other] of table)
      if (otherKey !== key && other[unique] === row[unique]) throw new ConflictError({ subject: `${name}.${unique}` });
  }

  #newestEpoch(): number | undefined {
    let newest: number | undefined;
    for (const { epoch } of this.table("server_run").values()) if (newest === undefined || Number(epoch) > newest) newest = Number(epoch);
    return newest;
  }
}

/**
 * A store without a disk, for simulation: it does its work within the call and waits for nothing but microtasks. It keeps records as the
 * same JSON as the others do, so that what does not survive a database does not survive here either.
 */
export function createMemoryStore({ disk = new MemoryDisk() }: { readonly disk?: MemoryDisk } = {}): Store {
  let closed = false;
  const refuseWhenClosed = (phase: StorePhase): void => {
    if (closed) throw new StoreClosedError({ phase });
  };
  const enrollments = (): readonly EnrollmentRecord[] =>
    [...disk.table("enrollment").values()].map((row) => JSON.parse(bodyOf(row)) as EnrollmentRecord);

  return {
    async load() {
      refuseWhenClosed("load");
      return loadedKinds.flatMap((kind) =>
        [...disk.table(recordTables[kind].table).values()].map(
          (row) => ({ kind, value: JSON.parse(bodyOf(row)) as unknown }) as DurableChange,
        ),
      );
    },
    async commit(batch) {
      refuseWhenClosed("commit");
      disk.write(encodeBatch(batch));
    },
    async findEnrollment({ tokenId, publicKey }) {
      refuseWhenClosed("read");
      return enrollments().find((enrollment) => enrollment.tokenId === tokenId && enrollment.publicKey === publicKey);
    },
    async findEnrollmentsOfNode(nodeId) {
      refuseWhenClosed("read");
      return enrollments().filter((enrollment) => enrollment.nodeId === nodeId);
    },
    async readAudit(query) {
      refuseWhenClosed("read");
      checkAuditQuery(query);
      const { limit, subject } = query;
      return disk.audit
        .filter((entry) => subject === undefined || entry.subject === subject)
        .slice(-limit)
        .reverse();
    },
    async close() {
      closed = true;
    },
  };
}

function definitionOf(table: RecordTableName): RecordTable<never> {
  const definition = Object.values(recordTables).find((candidate) => candidate.table === table);
  return definition as unknown as RecordTable<never>;
}

function keyOf(table: RecordTableName, row: Row): string {
  return JSON.stringify(definitionOf(table).key.map((column) => row[column]));
}

function bodyOf(row: Row): string {
  return String(row["body"]);
}
