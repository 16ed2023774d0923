import { Worker } from "node:worker_threads";
import type { RunOptions, RunResult } from "../run.ts";
import type { Mutation } from "../self-test/mutation.ts";
import type { Order, Reply } from "./worker.ts";

/** A run that came to no end by itself within the time it was given, or died: no step limit catches an endless loop within one step. */
export class RunFailedError extends Error {
  override readonly name = "RunFailedError";
  readonly code = "run-failed";
}

interface Waiting {
  readonly order: Order;
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: unknown) => void;
}

export interface PoolOptions {
  readonly workers: number;
  /** Real time for one run, in milliseconds. */
  readonly limitMillis: number;
  /** A change made to the engine before it is loaded. */
  readonly mutation?: Mutation;
}

/** Threads that play runs. What a run gives does not depend on which thread played it, nor when. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #idle: Worker[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #all = new Set<Worker>();
  #orders = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** @throws RunFailedError */
  play(options: RunOptions): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ order: { id: this.#orders++, options }, resolve, reject });
      this.#next();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((worker) => worker.terminate()));
  }

  #next(): void {
    if (this.#closed || this.#waiting.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#all.size < this.#options.workers ? this.#start() : undefined);
    if (worker === undefined) return;
    const waiting = this.#waiting.shift()!;
    this.#run(worker, waiting);
  }

  #start(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: this.#options.mutation });
    this.#all.add(worker);
    return worker;
  }

  #run(worker: Worker, { order, resolve, reject }: Waiting): void {
    const { limitMillis } = this.#options;
    const end = (): void => {
      clearTimeout(timer);
      worker.off("message", onReply).off("error", onError).off("exit", onExit);
    };
    const fail = (why: string): void => {
      end();
      this.#all.delete(worker);
      void worker.terminate();
      reject(new RunFailedError(`run ${order.options.key.run}: ${why}`));
      this.#next();
    };
    const onReply = (reply: Reply): void => {
      if ("error" in reply) return fail(reply.error);
      end();
      this.#idle.push(worker);
      resolve(reply.result);
      this.#next();
    };
    const onError = (error: unknown): void => fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
    const onExit = (code: number): void => fail(`its thread ended with status ${code}`);
    const timer = setTimeout(() => fail(`it did not end within ${limitMillis / 1000} s`), limitMillis);
    worker.on("message", onReply).on("error", onError).on("exit", onExit);
    worker.postMessage(order);
  }
}
