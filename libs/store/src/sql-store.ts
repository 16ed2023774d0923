import type { EnrollmentRecord, NodeId } from "@treeline/fleet";
import type { ControlledTransaction, Kysely } from "kysely";
import type { EncodedBatch, Row, RowWrite } from "./encoded-batch.ts";
import { checkEpoch, checkRun } from "./epoch-fence.ts";
import type { StoreError, StorePhase } from "./errors.ts";
import { loadedKinds, recordTables, type RecordKind, type RecordTable } from "./record-table.ts";
import type { RecordTableName, Schema } from "./schema.ts";
import type { StoredAuditEntry } from "./store.ts";

/** What one batch of a group came to: durable, or refused alone. */
export type CommitResult = { readonly ok: true } | { readonly ok: false; readonly error: StoreError };

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
  /** Batches refused. */
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
   * Writes the batches, in order, in one transaction, each within its own savepoint.
   * INVARIANT: when this resolves, each batch is durable as a whole (`ok`) or absent as a whole; when it rejects, none was acknowledged.
   */
  async commitGroup(batches: readonly EncodedBatch[]): Promise<readonly CommitResult[]> {
    try {
      const transaction = await this.#db.startTransaction().execute();
      const results: CommitResult[] = [];
      try {
        for (const batch of batches) results.push(await this.#writeAlone(transaction, batch));
        await transaction.commit().execute();
      } catch (error) {
        await quietly(() => transaction.rollback().execute());
        throw error;
      }
      this.#count(results);
      return results;
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

  async readAudit({ limit, subject }: { readonly limit: number; readonly subject?: string }): Promise<readonly StoredAuditEntry[]> {
    return this.#read(async () => {
      const newest = this.#db.selectFrom("audit").selectAll().orderBy("sequence", latestFirst).limit(limit);
      const rows = await (subject === undefined ? newest : newest.where("subject", "=", subject)).execute();
      // The driver's row objects are its own; plain ones cross a thread.
      return rows.map(({ sequence, at, actor, action, subject, because }) => ({ sequence, at, actor, action, subject, because }));
    });
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

  /** A refused batch leaves nothing and does not hold up its neighbours. Rejects only when the transaction itself is lost. */
  async #writeAlone(transaction: ControlledTransaction<Schema>, batch: EncodedBatch): Promise<CommitResult> {
    const alone = await transaction.savepoint("batch").execute();
    try {
      await write(alone, batch);
      await alone.releaseSavepoint("batch").execute();
      return { ok: true };
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
      return { ok: false, error: described };
    }
  }

  #count(results: readonly CommitResult[]): void {
    const commits = results.filter(({ ok }) => ok).length;
    this.#counters = {
      commits: this.#counters.commits + commits,
      transactions: this.#counters.transactions + 1,
      refused: this.#counters.refused + results.length - commits,
    };
  }
}

async function write(db: Kysely<Schema>, batch: EncodedBatch): Promise<void> {
  const newest = await db.selectFrom("server_run").select("epoch").orderBy("epoch", latestFirst).limit(1).executeTakeFirst();
  checkEpoch({ epoch: batch.epoch, newest: newest?.epoch });
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
