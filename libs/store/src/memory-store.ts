import type { EnrollmentRecord, ServerRunRecord } from "@treeline/fleet";
import type { DurableChange } from "@treeline/rollout";
import { checkAuditQuery, checkAuditRange, checkSealRequest } from "./audit-query.ts";
import { encodeBatch, type EncodedBatch, type Row } from "./encoded-batch.ts";
import { checkEpoch } from "./epoch-fence.ts";
import { AfterRefusedError, StoreClosedError, type StorePhase } from "./errors.ts";
import { MemoryAudit } from "./memory-audit.ts";
import { MemoryTable } from "./memory-table.ts";
import { loadedKinds, recordTables } from "./record-table.ts";
import type { RecordTableName } from "./schema.ts";
import type { Store } from "./store.ts";

/** What outlives a memory store: open another one over it to play a restart of the server. A batch costs what is in it. */
export class MemoryDisk {
  readonly #tables = new Map<RecordTableName, MemoryTable>();
  readonly audit = new MemoryAudit();
  /** Of the server runs stored; none is ever taken away. */
  #newestEpoch: number | undefined;

  table(name: RecordTableName): MemoryTable {
    const existing = this.#tables.get(name);
    if (existing !== undefined) return existing;
    const table = new MemoryTable(name);
    this.#tables.set(name, table);
    return table;
  }

  /** Whole or not at all. Throws `StaleEpochError` or `ConflictError`. */
  write(batch: EncodedBatch): void {
    this.requireEpoch(batch.epoch);
    const undo: (() => void)[] = [];
    try {
      for (const change of batch.writes) undo.push(this.table(change.table).write(change));
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
    for (const change of batch.writes)
      if (change.op === "put" && change.table === "server_run")
        this.#newestEpoch = Math.max(this.#newestEpoch ?? 0, Number(change.row["epoch"]));
    this.audit.add(batch.audit);
  }

  newestRun(): ServerRunRecord | undefined {
    const row = this.#newestEpoch === undefined ? undefined : this.table("server_run").find({ epoch: this.#newestEpoch });
    return row === undefined ? undefined : (bodyOf(row) as ServerRunRecord);
  }

  /** Throws `StaleEpochError` when a newer run than this epoch's is stored. */
  requireEpoch(epoch: number): void {
    checkEpoch({ epoch, newest: this.#newestEpoch });
  }
}

/**
 * A store without a disk, for simulation: it does its work within the call and waits for nothing but microtasks. It keeps records as the
 * same JSON as the others do, so that what does not survive a database does not survive here either.
 */
export function createMemoryStore({ disk = new MemoryDisk() }: { readonly disk?: MemoryDisk } = {}): Store {
  let closed = false;
  let afterRefused: AfterRefusedError | undefined;
  const refuseWhenClosed = (phase: StorePhase): void => {
    if (closed) throw new StoreClosedError({ phase });
  };

  return {
    async load() {
      refuseWhenClosed("load");
      return loadedKinds.flatMap((kind) =>
        Array.from(disk.table(recordTables[kind].table).rows(), (row) => ({ kind, value: bodyOf(row) }) as DurableChange),
      );
    },
    async commit(batch) {
      refuseWhenClosed("commit");
      if (afterRefused !== undefined) throw afterRefused;
      try {
        disk.write(encodeBatch(batch));
      } catch (error) {
        afterRefused = AfterRefusedError.because(error);
        throw error;
      }
    },
    async newestRun() {
      refuseWhenClosed("read");
      return disk.newestRun();
    },
    async findEnrollment({ tokenId, publicKey }) {
      refuseWhenClosed("read");
      const found = disk.table("enrollment").find({ token_id: tokenId, public_key: publicKey });
      return found === undefined ? undefined : (bodyOf(found) as EnrollmentRecord);
    },
    async findEnrollmentsOfNode(nodeId) {
      refuseWhenClosed("read");
      const rows = [...disk.table("enrollment").rows()].filter((row) => row["node_id"] === nodeId);
      return rows.map((row) => bodyOf(row) as EnrollmentRecord);
    },
    async readAudit(query) {
      refuseWhenClosed("read");
      checkAuditQuery(query);
      return disk.audit.read(query);
    },
    async readAuditState() {
      refuseWhenClosed("read");
      return disk.audit.state();
    },
    async readAuditLog(range) {
      refuseWhenClosed("read");
      checkAuditRange(range);
      return disk.audit.log(range);
    },
    async seal(request) {
      refuseWhenClosed("seal");
      checkSealRequest(request);
      disk.requireEpoch(request.epoch);
      return disk.audit.seal(request.most);
    },
    async addCheckpoint({ epoch, checkpoint }) {
      refuseWhenClosed("seal");
      disk.requireEpoch(epoch);
      disk.audit.addCheckpoint(checkpoint);
    },
    async close() {
      closed = true;
    },
  };
}

function bodyOf(row: Row): unknown {
  return JSON.parse(String(row["body"]));
}
