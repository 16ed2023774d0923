import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { EnrollmentRecord, NodeId, ServerRunRecord } from "@treeline/fleet";
import type { DurableChange } from "@treeline/rollout";
import { checkAuditQuery, checkAuditRange, checkSealRequest, type AuditQuery } from "./audit-query.ts";
import { CommitQueue, type GroupOutcome } from "./commit-queue.ts";
import { encodeBatch, type EncodedBatch } from "./encoded-batch.ts";
import { DatabaseError, errorOf, StoreClosedError, type StorePhase } from "./errors.ts";
import type { RecordPage } from "./sql-store.ts";
import type { SqliteStatistics } from "./sqlite-calls.ts";
import type { CheckpointRequest } from "./sql-audit-log.ts";
import type { AuditLogPage, AuditRange, AuditState, Batch, Sealed, SealRequest, Store, StoredAuditEntry } from "./store.ts";
import { WorkerCalls } from "./worker-calls.ts";

/** The part of a structured logger the store uses; pino's fits. */
export interface StoreLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface SqliteStoreOptions {
  /** The database file; created, readable by its owner only, when it is not there. Its directory must be. */
  readonly path: string;
  readonly logger?: StoreLogger;
  /** Batches waiting beyond which `commit` rejects with `OverloadedError`, and no other is taken on; 10,000 unless given. */
  readonly maxPending?: number;
}

export interface SqliteStore extends Store {
  statistics(): Promise<SqliteStatistics>;
}

/** Starts the database's thread. It takes on none of this process's flags: some, such as `--input-type`, would keep its module from loading. */
export function startSqliteWorker(): Worker {
  return new Worker(new URL("./sqlite-worker.ts", import.meta.url), { name: "treeline-store", execArgv: [] });
}

/**
 * Opens the database in a thread of its own, bringing its schema up to date.
 * Rejects with `NewerSchemaError` or `DatabaseError`, having changed nothing in a file that is not ours or newer than this program.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  return openSqliteStoreIn(startSqliteWorker(), options);
}

/** The same in a thread that the caller started, as a test of its death does. */
export async function openSqliteStoreIn(worker: Worker, { path, logger, maxPending }: SqliteStoreOptions): Promise<SqliteStore> {
  const calls = new WorkerCalls({
    worker,
    subject: path,
    onDeath: (cause) => logger?.error({ path, cause }, "the database's thread ended"),
  });
  try {
    const { migrated } = await calls.call("open", { path });
    logger?.info({ path, migrated }, "database opened");
  } catch (error) {
    await calls.close();
    throw error;
  }
  return new ThreadedSqliteStore(calls, maxPending);
}

/** INVARIANT: nothing here waits for the disk, or holds the event loop for longer than encoding one batch or decoding one page takes. */
class ThreadedSqliteStore implements SqliteStore {
  readonly #calls: WorkerCalls;
  readonly #queue: CommitQueue;
  #loads = 0;
  #closed: Promise<void> | undefined;

  constructor(calls: WorkerCalls, maxPending: number | undefined) {
    this.#calls = calls;
    this.#queue = new CommitQueue({
      commitGroup: (batches) => this.#commitGroup(batches),
      ...(maxPending === undefined ? {} : { maxPending }),
    });
  }

  async load(): Promise<readonly DurableChange[]> {
    this.#refuseWhenClosed("load");
    const load = this.#loads++;
    const changes: DurableChange[] = [];
    try {
      for (;;) {
        const page = await this.#calls.call("loadPage", { load });
        if (page === undefined) return changes;
        for (const change of decode(page)) changes.push(change);
        // Timers and sockets have their turn between pages.
        await setImmediate();
      }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      await this.#calls.call("endLoad", { load });
      throw new DatabaseError("corrupt", { phase: "load", subject: this.#calls.subject, cause: `a record is not JSON: ${error.message}` });
    }
  }

  // Declared async so that a closed store rejects; the queue is still entered within the call.
  async commit(batch: Batch): Promise<void> {
    this.#refuseWhenClosed("commit");
    this.#calls.refuseWhenEnded("commit");
    return this.#queue.commit(() => encodeBatch(batch));
  }

  async newestRun(): Promise<ServerRunRecord | undefined> {
    this.#refuseWhenClosed("read");
    return this.#calls.call("newestRun", {});
  }

  async findEnrollment(key: { readonly tokenId: string; readonly publicKey: string }): Promise<EnrollmentRecord | undefined> {
    this.#refuseWhenClosed("read");
    return this.#calls.call("findEnrollment", key);
  }

  async findEnrollmentsOfNode(nodeId: NodeId): Promise<readonly EnrollmentRecord[]> {
    this.#refuseWhenClosed("read");
    return this.#calls.call("findEnrollmentsOfNode", { nodeId });
  }

  async readAudit(query: AuditQuery): Promise<readonly StoredAuditEntry[]> {
    this.#refuseWhenClosed("read");
    checkAuditQuery(query);
    return this.#calls.call("readAudit", query);
  }

  async readAuditState(): Promise<AuditState> {
    this.#refuseWhenClosed("read");
    return this.#calls.call("readAuditState", {});
  }

  async readAuditLog(range: AuditRange): Promise<AuditLogPage> {
    this.#refuseWhenClosed("read");
    checkAuditRange(range);
    return this.#calls.call("readAuditLog", range);
  }

  async seal(request: SealRequest): Promise<Sealed> {
    this.#refuseWhenClosed("seal");
    checkSealRequest(request);
    return this.#writing(() => this.#calls.call("seal", request));
  }

  async addCheckpoint(request: CheckpointRequest): Promise<void> {
    this.#refuseWhenClosed("seal");
    await this.#writing(() => this.#calls.call("addCheckpoint", request));
  }

  async statistics(): Promise<SqliteStatistics> {
    this.#refuseWhenClosed("read");
    return this.#calls.call("statistics", {});
  }

  close(): Promise<void> {
    this.#closed ??= this.#queue.drained().then(() => this.#calls.close());
    return this.#closed;
  }

  async #commitGroup(batches: readonly EncodedBatch[]): Promise<GroupOutcome> {
    const { durable, refusal } = await this.#writing(() => this.#calls.call("commit", { batches }));
    return refusal === undefined ? { durable } : { durable, refusal: errorOf(refusal) };
  }

  async #writing<Answer>(write: () => Promise<Answer>): Promise<Answer> {
    try {
      return await write();
    } catch (error) {
      // After a failed write to the disk, what is on it is known only to a fresh start.
      if (error instanceof DatabaseError && (error.code === "io" || error.code === "corrupt")) this.#calls.abandon(error.details.cause);
      throw error;
    }
  }

  #refuseWhenClosed(phase: StorePhase): void {
    if (this.#closed !== undefined) throw new StoreClosedError({ phase });
  }
}

function decode({ kind, bodies }: RecordPage): readonly DurableChange[] {
  return bodies.map((body) => ({ kind, value: JSON.parse(body) as unknown }) as DurableChange);
}
