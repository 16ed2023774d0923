import { sleep } from "@treeline/process";

/** Gives leave to pass on bytes. */
export interface RateLimit {
  /** Resolves when `bytes` may be passed on; at once when the signal aborts. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

export const unlimited: RateLimit = { take: () => Promise.resolve() };

/**
 * A limit that all streams share: the generic cell rate algorithm (ITU-T I.371), that is, a token bucket whose state is one time stamp. A chunk may
 * pass at the time its predecessor is paid for, and is itself paid after; up to `burstMillis` of unused time is kept.
 * @param nowMillis a monotonic clock
 */
export function rateLimit(options: { readonly bytesPerSecond: number; readonly burstMillis?: number; readonly nowMillis?: () => number }): RateLimit {
  const { bytesPerSecond, burstMillis = 100, nowMillis = () => performance.now() } = options;
  let paidUntil = Number.NEGATIVE_INFINITY;
  return {
    async take(bytes, signal) {
      const now = nowMillis();
      const start = Math.max(paidUntil, now - burstMillis);
      paidUntil = start + (bytes / bytesPerSecond) * 1000;
      if (start > now) await sleep(start - now, signal);
    },
  };
}
