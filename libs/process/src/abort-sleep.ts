/** The longest that one timer of Node can wait; a longer one would fire at once. */
const longestTimerMs = 2_147_483_647;

/**
 * Waits, or stops waiting when the signal aborts. It never rejects: a loop asks its signal anyway, and a rejection that nobody waits
 * for would end the process. Counts running time only, not suspend.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<"elapsed" | "aborted"> {
  for (let left = Math.max(0, ms); signal?.aborted !== true; left -= longestTimerMs) {
    const outcome = await oneTimer(Math.min(left, longestTimerMs), signal);
    if (outcome === "aborted" || left <= longestTimerMs) return outcome;
  }
  return "aborted";
}

function oneTimer(ms: number, signal: AbortSignal | undefined): Promise<"elapsed" | "aborted"> {
  return new Promise((resolve) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      resolve("aborted");
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve("elapsed");
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
