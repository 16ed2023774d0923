import type { Logger } from "./logging.ts";
import { exitCode } from "./exit-code.ts";

const stopSignals = ["SIGTERM", "SIGINT"] as const;
/** What a shell expects of a program ended by an interrupt: 128 + SIGINT. */
const interruptedExitCode = 130;

export interface ShutdownOptions {
  /** For all closers together, in milliseconds. */
  readonly deadlineMs: number;
  readonly logger: Logger;
}

export interface Shutdown {
  /** Aborts when the shutdown begins, before the first closer: loops stop taking new work. */
  readonly signal: AbortSignal;
  /**
   * The exit code, once every closer has run (0) or one failed or the deadline passed (1). The caller sets `process.exitCode`, or
   * calls `process.exit` when something may still hold the event loop.
   */
  readonly finished: Promise<0 | 1>;
  /** Registers what to close. Closers run one at a time, the last registered first; one registered during a shutdown runs next. */
  onClose(name: string, close: () => void | Promise<void>): void;
  /** Begins the shutdown without a signal. A second call does nothing. `failed` makes the exit code 1. */
  begin(reason: string, outcome?: "done" | "failed"): void;
}

/**
 * Ends a process in order: the first SIGTERM or SIGINT runs the closers, a second one exits at once with 130.
 * Listens to the signals from the call on, until it has finished.
 */
export function createShutdown({ deadlineMs, logger }: ShutdownOptions): Shutdown {
  const closers: { readonly name: string; readonly close: () => void | Promise<void> }[] = [];
  const abort = new AbortController();
  const { promise: finished, resolve: finish } = Promise.withResolvers<0 | 1>();

  const onSignal = (signal: NodeJS.Signals): void => {
    if (abort.signal.aborted) {
      logger.warn("second signal: exiting at once", { signal });
      process.exit(interruptedExitCode);
    }
    begin(signal);
  };

  const begin: Shutdown["begin"] = (reason, outcome = "done") => {
    if (abort.signal.aborted) return;
    logger.info("shutting down", { reason });
    abort.abort(new Error(`shutting down: ${reason}`));
    void closeAll(outcome === "failed").then((code) => {
      for (const signal of stopSignals) process.removeListener(signal, onSignal);
      finish(code);
    });
  };

  const closeAll = async (failedBefore: boolean): Promise<0 | 1> => {
    let failed = failedBefore;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), deadlineMs);
    });
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
      const { name, close } = closer;
      const closed = (async () => close())().then(
        () => "closed" as const,
        (err: unknown) => {
          logger.error("closing failed", { part: name, err });
          return "failed" as const;
        },
      );
      const outcome = await Promise.race([closed, deadline]);
      if (outcome === "late") {
        logger.error("shutdown took too long; giving up", {
          part: name,
          deadlineMs,
          notClosed: closers.map((left) => left.name).reverse(),
        });
        return exitCode.fails;
      }
      failed ||= outcome === "failed";
    }
    clearTimeout(timer);
    return failed ? exitCode.fails : exitCode.holds;
  };

  for (const signal of stopSignals) process.on(signal, onSignal);
  return {
    signal: abort.signal,
    finished,
    onClose: (name, close) => {
      closers.push({ name, close });
    },
    begin,
  };
}
