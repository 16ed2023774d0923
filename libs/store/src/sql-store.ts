import type { EnrollmentRecord, NodeId, ServerRunRecord } from "@treeline/fleet";
import type { ControlledTransaction, Kysely } from "kysely";
import type { AuditQuery } from "./audit-query.ts";
import type { GroupOutcome } from "./commit-queue.ts";
import type { EncodedBatch, Row, RowWrite } from "./encoded-batch.ts";
import { checkRun } from "./epoch-fence.ts";
import type { StoreError, StorePhase } from "./errors.ts";
import { loadedKinds, recordTables, type RecordKind, type RecordTable } from "./record-table.ts";
import type { RecordTableName, Schema } from "./schema.ts";
import { addCheckpoint, readAuditLog, readAuditState, seal, type CheckpointRequest } from "./sql-audit-log.ts";
import { readAudit } from "./sql-audit-query.ts";
import { requireEpoch } from "./sql-epoch.ts";
import type { AuditLogPage, AuditRange, AuditState, Sealed, SealRequest, StoredAuditEntry } from "./store.ts";

/** Some records of one kind, as the JSON they were written as. */
export interface RecordPage {
  readonly kind: RecordKind;
  readonly bodies: readonly string[];
}

export interface SqlStoreOptions {
  readonly db: Kysely<Schema>;
  /** Makes a typed error of what the driver threw. */
  readonly describeError: (error: unknown, phase: StorePhase) => StoreError;
}

/** Counted since the store was opened. `commits` / `transactions` tells how well group commit groups. */
export interface CommitCounters {
  /** Batches that became durable. */
  readonly commits: number;
  /** Transactions that made them so. */
  readonly transactions: number;
  /** Batches refused in such a transaction, and those behind them in the same group. */
  readonly refused: number;
}

const rowsPerPage = 500;
const latestFirst = "desc";

/** The upserts are made from data, so their columns are known to `recordTables`, not to the compiler. */
type AnySchema = Record<string, Record<string, string | number>>;

/**
 * The store's logic in SQL that SQLite and PostgreSQL both understand. It is handed rows and hands back JSON: encoding is the caller's,
 * who may live in another thread. A driver with several connections must also lock the newest `server_run` row while a group is written.
 */
export class SqlStore {
  readonly #db: Kysely<Schema>;
  readonly #describeError: SqlStoreOptions["describeError"];
  #counters: CommitCounters = { commits: 0, transactions: 0, refused: 0 };

  constructor(options: SqlStoreOptions) {
    this.#db = options.db;
    this.#describeError = options.describeError;
  }

  get counters(): CommitCounters {
    return this.#counters;
  }

  /**
   * Writes the batches, in order, in one transaction, each within its own savepoint, up to the first that must be refused.
   * INVARIANT: when this resolves, the batches before the refused one are durable and of the others there is nothing; when it rejects, none
   * was acknowledged.
   */
  async commitGroup(batches: readonly EncodedBatch[]): Promise<GroupOutcome> {
    try {
      const transaction = await this.#db.startTransaction().execute();
      let outcome: GroupOutcome;
      try {
        outcome = await this.#writeAll(transaction, batches);
        await transaction.commit().execute();
      } catch (error) {
        await quietly(() => transaction.rollback().execute());
        throw error;
      }
      this.#count(outcome, batches.length);
      return outcome;
    } catch (error) {
      throw this.#describeError(error, "commit");
    }
  }

  /** Every record but enrollments, as of one moment. Commits wait until the last page was taken. */
  async *load(): AsyncGenerator<RecordPage, void, void> {
    try {
      const transaction = await this.#db.startTransaction().execute();
      try {
        for (const kind of loadedKinds) yield* pagesOf(transaction, kind);
      } finally {
        await quietly(() => transaction.rollback().execute());
      }
    } catch (error) {
      throw this.#describeError(error, "load");
    }
  }

  async newestRun(): Promise<ServerRunRecord | undefined> {
    return this.#read(async () => {
      const newest = await this.#db.selectFrom("server_run").select("body").orderBy("epoch", latestFirst).limit(1).executeTakeFirst();
      return newest === undefined ? undefined : (JSON.parse(newest.body) as ServerRunRecord);
    });
  }

  async findEnrollment({
    tokenId,
    publicKey,
  }: {
    readonly tokenId: string;
    readonly publicKey: string;
  }): Promise<EnrollmentRecord | undefined> {
    return this.#read(async () => {
      const found = await this.#db
        .selectFrom("enrollment")
        .select("body")
        .where("token_id", "=", tokenId)
        .where("public_key", "=", publicKey)
        .executeTakeFirst();
      return found === undefined ? undefined : (JSON.parse(found.body) as EnrollmentRecord);
    });
  }

  async findEnrollmentsOfNode(nodeId: NodeId): Promise<readonly EnrollmentRecord[]> {
    return this.#read(async () => {
      const found = await this.#db
        .selectFrom("enrollment")
        .select("body")
        .where("node_id", "=", nodeId)
        .orderBy("token_id")
        .orderBy("public_key")
        .execute();
      return found.map(({ body }) => JSON.parse(body) as EnrollmentRecord);
    });
  }

  async readAudit(query: AuditQuery): Promise<readonly StoredAuditEntry[]> {
    return this.#read(() => readAudit(this.#db, query));
  }

  async readAuditState(): Promise<AuditState> {
    return this.#alone("read", readAuditState);
  }

  async readAuditLog(range: AuditRange): Promise<AuditLogPage> {
    return this.#alone("read", (db) => readAuditLog(db, range));
  }

  async seal(request: SealRequest): Promise<Sealed> {
    return this.#alone("seal", (db) => seal(db, request));
  }

  async addCheckpoint(request: CheckpointRequest): Promise<void> {
    return this.#alone("seal", (db) => addCheckpoint(db, request));
  }

  /** Closes the database. */
  async close(): Promise<void> {
    await this.#db.destroy();
  }

  async #read<Result>(query: () => Promise<Result>): Promise<Result> {
    try {
      return await query();
    } catch (error) {
      throw this.#describeError(error, "read");
    }
  }

  /** In a transaction of its own: what it reads is of one moment, what it writes is whole or not at all. */
  async #alone<Result>(phase: StorePhase, work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result> {
    try {
      return await this.#db.transaction().execute(work);
    } catch (error) {
      throw this.#describeError(error, phase);
    }
  }

  async #writeAll(transaction: ControlledTransaction<Schema>, batches: readonly EncodedBatch[]): Promise<GroupOutcome> {
    for (const [index, batch] of batches.entries()) {
      const refusal = await this.#writeAlone(transaction, batch);
      if (refusal !== undefined) return { durable: index, refusal };
    }
    return { durable: batches.length };
  }

  /** Resolves with why the batch was refused; then it leaves nothing. Rejects only when the transaction itself is lost. */
  async #writeAlone(transaction: ControlledTransaction<Schema>, batch: EncodedBatch): Promise<StoreError | undefined> {
    const alone = await transaction.savepoint("batch").execute();
    try {
      await write(alone, batch);
      await alone.releaseSavepoint("batch").execute();
      return undefined;
    } catch (error) {
      const described = this.#describeError(error, "commit");
      // A disk that fails is not written on: nothing it says afterwards can be relied on.
      if (described.code === "io" || described.code === "corrupt") throw described;
      // The database may have ended the whole transaction by itself (disk full, I/O error): then there is no savepoint to go back to.
      const kept = await quietly(async () => {
        await alone.rollbackToSavepoint("batch").execute();
        await alone.releaseSavepoint("batch").execute();
      });
      if (!kept) throw described;
      return described;
    }
  }

  #count({ durable }: GroupOutcome, size: number): void {
    this.#counters = {
      commits: this.#counters.commits + durable,
      transactions: this.#counters.transactions + 1,
      refused: this.#counters.refused + size - durable,
    };
  }
}

async function write(db: Kysely<Schema>, batch: EncodedBatch): Promise<void> {
  await requireEpoch(db, batch.epoch);
  for (const change of batch.writes) await writeRow(db, change);
  for (const entry of batch.audit) await db.insertInto("audit").values(entry).execute();
}

async function writeRow(db: Kysely<Schema>, change: RowWrite): Promise<void> {
  const any = db as unknown as Kysely<AnySchema>;
  if (change.op === "delete") {
    let deletion = any.deleteFrom(change.table);
    for (const [column, value] of Object.entries(change.where)) deletion = deletion.where(column, "=", value);
    await deletion.execute();
    return;
  }
  if (change.table === "server_run") await checkStoredRun(db, change.row);
  const { key } = recordTables[change.kind] as RecordTable<never, RecordTableName>;
  const replaced = Object.keys(change.row).filter((column) => !(key as readonly string[]).includes(column));
  await any
    .insertInto(change.table)
    .values(change.row)
    .onConflict((conflict) =>
      conflict.columns([...key]).doUpdateSet((eb) => Object.fromEntries(replaced.map((column) => [column, eb.ref(`excluded.${column}`)]))),
    )
    .execute();
}

async function checkStoredRun(db: Kysely<Schema>, row: Row): Promise<void> {
  const epoch = Number(row["epoch"]);
  const stored = await db.selectFrom("server_run").select("started_at").where("epoch", "=", epoch).executeTakeFirst();
  checkRun({ epoch, startedAt: Number(row["started_at"]), stored: stored?.started_at });
}

async function* pagesOf(db: Kysely<Schema>, kind: RecordKind): AsyncGenerator<RecordPage, void, void> {
  const { table, key } = recordTables[kind] as RecordTable<never, RecordTableName>;
  let query = (db as unknown as Kysely<AnySchema>).selectFrom(table).select("body");
  for (const column of key) query = query.orderBy(column);
  let bodies: string[] = [];
  for await (const row of query.stream(rowsPerPage)) {
    bodies.push(String(row["body"]));
    if (bodies.length === rowsPerPage) {
      yield { kind, bodies };
      bodies = [];
    }
  }
  if (bodies.length > 0) yield { kind, bodies };
}

/** Whether it could be done. For undoing after an error, which is the one to tell about. */
async function quietly(undo: () => Promise<unknown>): Promise<boolean> {
  try {
    await undo();
    return true;
  } catch {
    return false;
  }
}
