import type { Clock } from "@treeline/control";

/** Node's timers, and the wall clock that is given. */
export function nodeClock(now: () => number): Clock {
  return {
    now,
    soon: (run) => void setImmediate(run),
    after: (millis, run) => {
      const timeout = setTimeout(run, millis);
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}
