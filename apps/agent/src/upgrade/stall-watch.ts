import { OstreeError } from "@treeline/ostree";

export interface StallWatch extends Disposable {
  /** Aborted when nothing has moved for too long, and when the caller's own signal is. */
  readonly signal: AbortSignal;
  /** What a command that was stopped by this really failed of; any other error comes back as it is. */
  explained(error: unknown): unknown;
}

/**
 * Watches a download: ostree has no time limit of its own, so one that hangs would hang for ever. `moved` is asked now and then; as long as its answer changes, all is
 * well. Time is counted only while this process runs: a host that was suspended has not stalled.
 */
export function stallWatch(options: { readonly millis: number; readonly moved: () => unknown; readonly subject: string; readonly signal: AbortSignal }): StallWatch {
  const { millis, moved, subject } = options;
  const stopped = new AbortController();
  const steps = 10;
  let last = moved();
  let still = 0;
  const timer = setInterval(() => {
    const now = moved();
    still = now === last ? still + 1 : 0;
    last = now;
    if (still >= steps) stopped.abort();
  }, millis / steps);
  return {
    signal: AbortSignal.any([options.signal, stopped.signal]),
    explained(error) {
      if (!stopped.signal.aborted || options.signal.aborted || !(error instanceof OstreeError)) return error;
      return new OstreeError({
        code: "stalled",
        phase: error.phase,
        subject,
        reason: `not one byte came for ${millis} ms, and the command did not end by itself`,
        remedy: "It is begun again and goes on where it stopped; if it stays, look at the content server, the network and the disk.",
        retryable: true,
        cause: error,
      });
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
