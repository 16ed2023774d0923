import { sleep } from "@treeline/process";
import { median } from "../figure.ts";
import { cpuSecondsWithChildrenOf, rssKibOf } from "../process-usage.ts";

/** What a process used while it had nothing to do. */
export interface Idle {
  /** The median of one reading a second. */
  readonly rssKib: number;
  /** Its own and that of children that have ended. */
  readonly cpuSecondsPerHour: number;
}

/**
 * Watches processes side by side for a while; the answer is in their order. Each is asked for its pid again and again.
 * @throws Error when one has ended or has been started anew
 */
export async function watchIdle(processes: readonly (() => number)[], seconds: number, signal: AbortSignal): Promise<readonly Idle[]> {
  const watched = processes.map((pidNow) => ({ pidNow, pid: pidNow(), cpuSeconds: cpuSecondsWithChildrenOf(pidNow()), rssKib: [] as number[] }));
  const began = performance.now();
  for (let second = 0; second < seconds; second++) {
    await sleep(1000, signal);
    for (const { pidNow, pid, rssKib } of watched) {
      if (pidNow() !== pid) throw new Error(`process ${pid} was started anew while it was measured`);
      rssKib.push(rssKibOf(pid));
    }
  }
  const hours = (performance.now() - began) / 3_600_000;
  return watched.map(({ pid, cpuSeconds, rssKib }) => ({ rssKib: median(rssKib), cpuSecondsPerHour: (cpuSecondsWithChildrenOf(pid) - cpuSeconds) / hours }));
}
