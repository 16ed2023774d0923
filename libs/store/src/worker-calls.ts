import type { Worker } from "node:worker_threads";
import { errorOf, StoreClosedError, StoreGoneError, type StoreError, type StorePhase } from "./errors.ts";
import { phaseOf, type Operation, type Question, type Reply, type SqliteCalls } from "./sqlite-calls.ts";

interface Waiting {
  readonly phase: StorePhase;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: StoreError) => void;
}

/**
 * Questions to the database's thread and their answers.
 * INVARIANT: every call settles. When the thread ends, whatever the reason, the calls under way and all later ones reject.
 */
export class WorkerCalls {
  readonly #worker: Worker;
  /** The database, for errors. */
  readonly subject: string;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #closing = false;
  #endedBecause: string | undefined;
  /** Settles when the thread has ended. */
  readonly ended: Promise<void>;

  constructor({
    worker,
    subject,
    onDeath,
  }: {
    readonly worker: Worker;
    readonly subject: string;
    readonly onDeath?: (cause: string) => void;
  }) {
    this.#worker = worker;
    this.subject = subject;
    worker.on("message", (reply: Reply) => this.#settle(reply));
    worker.on("messageerror", (error) => this.abandon(error.message));
    // Followed by "exit".
    worker.on("error", (error) => (this.#endedBecause ??= error instanceof Error ? error.message : String(error)));
    this.ended = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#endedBecause ??= `it exited with status ${code}`;
        this.#rejectAll();
        if (!this.#closing) onDeath?.(this.#endedBecause);
        resolve();
      });
    });
  }

  /** Rejects with what the thread answered, or `StoreGoneError` when it ended, or `StoreClosedError` after `close`. */
  async call<Op extends Operation>(op: Op, request: SqliteCalls[Op]["request"]): Promise<SqliteCalls[Op]["answer"]> {
    this.refuseWhenEnded(phaseOf[op]);
    const id = this.#nextId++;
    const answer = new Promise<SqliteCalls[Op]["answer"]>((resolve, reject) =>
      this.#waiting.set(id, { phase: phaseOf[op], resolve, reject }),
    );
    try {
      this.#worker.postMessage({ id, op, request } as Question);
    } catch (error) {
      this.#waiting.delete(id);
      throw error;
    }
    return answer;
  }

  /** Throws `StoreGoneError` or `StoreClosedError` when the thread has ended. */
  refuseWhenEnded(phase: StorePhase): void {
    if (this.#endedBecause !== undefined) throw this.#endError(phase);
  }

  /** Closes the database, then its thread. */
  async close(): Promise<void> {
    if (this.#endedBecause !== undefined) return this.ended;
    this.#closing = true;
    await this.call("close", {});
    await this.ended;
  }

  /** Ends a thread that cannot be relied on any more. */
  abandon(because: string): void {
    this.#endedBecause ??= because;
    this.#rejectAll();
    void this.#worker.terminate();
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ("failure" in reply) waiting?.reject(errorOf(reply.failure));
    else waiting?.resolve(reply.answer as never);
  }

  #rejectAll(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { phase, reject } of waiting) reject(this.#endError(phase));
  }

  #endError(phase: StorePhase): StoreError {
    if (this.#closing) return new StoreClosedError({ phase });
    return new StoreGoneError({ phase, subject: this.subject, cause: this.#endedBecause ?? "it ended" });
  }
}
