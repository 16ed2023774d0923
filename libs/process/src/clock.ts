import { readFileSync } from "node:fs";
import { uptime } from "node:os";

/** A clock that counts from boot and goes on counting while the machine is suspended. Nobody can set it. */
export interface BootClock {
  /** Milliseconds since boot; only differences within one boot mean anything. Never goes back. */
  uptimeMs(): number;
}

/**
 * The boot clock of this machine. `/proc/uptime` is CLOCK_BOOTTIME in steps of 10 ms; `performance.now()` and timers stop during
 * suspend and would let an expired permission pass for a fresh one. Without procfs it falls back to `os.uptime()`. Which of the two
 * is decided once, so that two readings are always readings of the same clock.
 * @throws Error from `uptimeMs` when the source fails later: a caller then has no time and must refuse
 */
export function createBootClock(options: { readonly procUptime?: string } = {}): BootClock {
  const { procUptime = "/proc/uptime" } = options;
  const fromProc = (): number => parsedUptimeMs(readFileSync(procUptime, "latin1"));
  try {
    fromProc();
    return { uptimeMs: fromProc };
  } catch {
    return { uptimeMs: () => Math.round(uptime() * 1000) };
  }
}

/** The first figure of `/proc/uptime` ("350735.47 234388.90") in milliseconds. @throws Error for anything else */
export function parsedUptimeMs(text: string): number {
  const [, seconds] = /^(\d+\.\d+) \d+\.\d+\n?$/.exec(text) ?? [];
  if (seconds === undefined) throw new Error("/proc/uptime does not hold two figures");
  return Math.round(Number(seconds) * 1000);
}
