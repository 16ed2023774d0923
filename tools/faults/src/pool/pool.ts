import { spawn, type ChildProcess } from "node:child_process";
import path from "node:path";
import type { FaultCase } from "../matrix/fault-case.ts";
import type { CaseResult } from "../play/play-case.ts";
import type { WorkerAnswer } from "./worker.ts";

export interface PoolOptions {
  readonly workers: number;
  /** The directory of a prepared world. */
  readonly prepared: string;
  /** For the workers' files; one directory below for each. */
  readonly directory: string;
  /** Where what is left of failed cases goes. */
  readonly keepDirectory: string;
  readonly onResult: (result: CaseResult) => void;
  /** Ends it all. */
  readonly signal: AbortSignal;
}

/** Past any reason to hope for one case, in milliseconds. */
const caseMillis = 300_000;

/** Plays all cases on several workers. A worker that breaks or hangs fails its case and is replaced. @throws the signal's reason, with no worker left */
export async function playAll(cases: readonly FaultCase[], options: PoolOptions): Promise<void> {
  const queue = [...cases];
  const lane = async (index: number): Promise<void> => {
    let worker: Worker | undefined;
    let made = 0;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        worker ??= new Worker(options.prepared, path.join(options.directory, `${index}-${made++}`), options.keepDirectory);
        const begun = performance.now();
        try {
          options.onResult(await worker.play(next, options.signal));
        } catch (error) {
          options.signal.throwIfAborted();
          const seconds = Math.round((performance.now() - begun) / 100) / 10;
          options.onResult({ name: next.name, endings: [], problems: [`the worker broke: ${error instanceof Error ? error.message : String(error)}`], seconds });
          worker.end();
          worker = undefined;
        }
      }
    } finally {
      worker?.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.workers, cases.length) }, (_, index) => lane(index)));
}

class Worker {
  readonly #child: ChildProcess;

  constructor(prepared: string, directory: string, keepDirectory: string) {
    const script = path.join(import.meta.dirname, "worker.ts");
    const namespace = ["unshare", "--mount", "--propagation", "private"];
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...namespace, process.execPath, script, prepared, directory, keepDirectory], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  }

  /** @throws Error when the worker breaks or ends, or its time is up, or the signal aborts */
  play(faultCase: FaultCase, signal: AbortSignal): Promise<CaseResult> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (done: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        done();
      };
      const onMessage = (message: WorkerAnswer): void => {
        if (message.kind === "result") settle(() => resolve(message.result));
        if (message.kind === "broken") settle(() => reject(new Error(message.reason)));
      };
      const onExit = (code: number | null, signal: string | null): void => settle(() => reject(new Error(`it ended with ${signal ?? `status ${code}`}`)));
      const onError = (error: Error): void => settle(() => reject(error));
      const onAbort = (): void => settle(() => reject(new Error("interrupted")));
      signal.addEventListener("abort", onAbort, { once: true });
      const timer = setTimeout(() => settle(() => reject(new Error(`no result within ${caseMillis / 1000} s`))), caseMillis);
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
      child.send(faultCase);
    });
  }

  /** Its machines, server and mounts end with it. */
  end(): void {
    this.#child.kill("SIGKILL");
  }
}
