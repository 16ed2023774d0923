export interface BackoffOptions {
  /** Upper bound of the first delay, in milliseconds. */
  readonly baseMs: number;
  /** Upper bound of every delay, in milliseconds. */
  readonly maxMs: number;
  /** Uniform in [0, 1), as `Math.random`. */
  readonly random: () => number;
}

export interface Backoff extends IterableIterator<number, never> {
  /** The next delay in whole milliseconds. */
  nextDelayMs(): number;
  /** After a success: the next delay is a first one again. */
  reset(): void;
}

/**
 * Delays between attempts with full jitter: the n-th is uniform in [0, min(maxMs, baseMs * 2^n)]. Source: M. Brooker, "Exponential
 * Backoff And Jitter", AWS Architecture Blog, 2015, where it needs the least work of all variants. Not decorrelated jitter: clamped at
 * its maximum, that one puts most of a large fleet on exactly the same delay, which is what jitter is there to prevent.
 * @throws RangeError unless 0 < baseMs <= maxMs
 */
export function jitteredBackoff({ baseMs, maxMs, random }: BackoffOptions): Backoff {
  if (!(baseMs > 0 && maxMs >= baseMs && Number.isFinite(maxMs)))
    throw new RangeError(`backoff needs 0 < baseMs <= maxMs, not ${baseMs} and ${maxMs}`);
  let bound = baseMs;
  const nextDelayMs = (): number => {
    const delay = Math.min(bound, Math.floor(random() * (bound + 1)));
    bound = Math.min(maxMs, bound * 2);
    return delay;
  };
  return {
    nextDelayMs,
    reset: () => {
      bound = baseMs;
    },
    next: () => ({ done: false, value: nextDelayMs() }),
    [Symbol.iterator]() {
      return this;
    },
  };
}
