import { parentPort, type MessagePort } from "node:worker_threads";
import { failureOf, StoreClosedError } from "./errors.ts";
import { SqlStore, type RecordPage } from "./sql-store.ts";
import { phaseOf, type Operation, type Question, type Reply, type SqliteCalls } from "./sqlite-calls.ts";
import { describeSqliteError } from "./sqlite-dialect.ts";
import { openSqliteFile, type ConnectionSettings } from "./sqlite-file.ts";

/**
 * The thread that owns the database: `node:sqlite` blocks its caller, and here nobody minds.
 * A question is answered when its work is done, a commit when the disk has it.
 */
class SqliteWorker {
  readonly #port: MessagePort;
  readonly #loads = new Map<number, AsyncGenerator<RecordPage, void, void>>();
  #opened: { readonly store: SqlStore; readonly settings: ConnectionSettings } | undefined;
  #path = "";

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (question: Question) => void this.#reply(question));
  }

  async #reply(question: Question): Promise<void> {
    const reply = await this.#replyTo(question);
    this.#port.postMessage(reply);
    // Nothing else keeps this thread alive.
    if (question.op === "close") this.#port.close();
  }

  async #replyTo({ id, op, request }: Question): Promise<Reply> {
    try {
      const handler = this.#handlers[op] as (request: unknown) => Promise<SqliteCalls[Operation]["answer"]>;
      return { id, answer: await handler(request) };
    } catch (error) {
      return { id, failure: failureOf(describeSqliteError(error, { phase: phaseOf[op], path: this.#path })) };
    }
  }

  readonly #handlers: { readonly [Op in Operation]: (request: SqliteCalls[Op]["request"]) => Promise<SqliteCalls[Op]["answer"]> } = {
    open: async ({ path }) => {
      this.#path = path;
      const { db, settings, migrated } = await openSqliteFile(path);
      const store = new SqlStore({ db, describeError: (error, phase) => describeSqliteError(error, { phase, path }) });
      this.#opened = { store, settings };
      return { migrated };
    },
    commit: async ({ batches }) => {
      const { durable, refusal } = await this.#store("commit").commitGroup(batches);
      return refusal === undefined ? { durable } : { durable, refusal: failureOf(refusal) };
    },
    loadPage: async ({ load }) => {
      const pages = this.#loads.get(load) ?? this.#store("loadPage").load();
      this.#loads.set(load, pages);
      const page = await pages.next();
      if (page.done !== true) return page.value;
      this.#loads.delete(load);
      return undefined;
    },
    endLoad: async ({ load }) => {
      await this.#loads.get(load)?.return();
      this.#loads.delete(load);
      return undefined;
    },
    newestRun: () => this.#store("newestRun").newestRun(),
    findEnrollment: (key) => this.#store("findEnrollment").findEnrollment(key),
    findEnrollmentsOfNode: ({ nodeId }) => this.#store("findEnrollmentsOfNode").findEnrollmentsOfNode(nodeId),
    readAudit: (query) => this.#store("readAudit").readAudit(query),
    readAuditState: () => this.#store("readAuditState").readAuditState(),
    readAuditLog: (range) => this.#store("readAuditLog").readAuditLog(range),
    seal: (request) => this.#store("seal").seal(request),
    addCheckpoint: async (request) => {
      await this.#store("addCheckpoint").addCheckpoint(request);
      return undefined;
    },
    statistics: async () => {
      const { counters } = this.#store("statistics");
      return { ...counters, ...(this.#opened as { readonly settings: ConnectionSettings }).settings };
    },
    close: async () => {
      await this.#opened?.store.close();
      this.#opened = undefined;
      return undefined;
    },
  };

  #store(op: Operation): SqlStore {
    if (this.#opened === undefined) throw new StoreClosedError({ phase: phaseOf[op] });
    return this.#opened.store;
  }
}

if (parentPort !== null) new SqliteWorker(parentPort);
