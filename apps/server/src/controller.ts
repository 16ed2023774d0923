import type { Logger } from "@treeline/process";
import { decide, nextWake, type Change } from "@treeline/rollout";
import type { Fleet } from "./fleet.ts";

/** Kinds of changes after which nothing new can be decided. */
const indifferent: ReadonlySet<Change["kind"]> = new Set(["token", "enrollment", "operator", "release", "server-run"]);

/** More passes than this in one turn mean that decisions chase each other; the next turn goes on, and the log says so. */
const passesPerTurn = 50;

/** How long to rest, in milliseconds, when the disk cannot keep up or decisions chase each other. */
const restMillis = 1_000;

/** The same after a defect: nothing is granted meanwhile, but agents keep their sessions and operators can look. */
const restAfterDefectMillis = 10_000;

export interface Controller {
  stop(): void;
}

/**
 * Runs `decide` after each change that may matter and when something is due by time, and commits what it says. All thinking is in
 * `@treeline/rollout`; here is only the clock.
 */
export function startController({ fleet, now, logger }: { readonly fleet: Fleet; readonly now: () => number; readonly logger: Logger }): Controller {
  let scheduled = false;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;

  const tick = (): void => {
    scheduled = false;
    if (stopped) return;
    try {
      for (let pass = 0; pass < passesPerTurn; pass++) {
        if (fleet.overloaded) return rest(restMillis);
        if (!decideOnce()) return wakeLater();
      }
      logger.warn("decisions follow each other without an end", { passes: passesPerTurn });
      rest(restMillis);
    } catch (error) {
      logger.error("deciding failed; nothing is granted until it works again", { err: error });
      rest(restAfterDefectMillis);
    }
  };

  const decideOnce = (): boolean => {
    const at = now();
    const decisions = decide(fleet.working, at);
    if (decisions.length === 0) return false;
    const audit = decisions.map(({ action, subject, because }) => ({ at, actor: "controller", action, subject, because }));
    for (const { action, subject, because } of decisions) logger.info(`${action}: ${subject}`, { because });
    // A failed commit ends the process (Fleet); nothing is left to do here.
    fleet.transact(() => ({ changes: decisions.flatMap((decision) => decision.changes), audit, result: undefined })).catch(() => {});
    return true;
  };

  const wakeLater = (): void => {
    const wake = nextWake(fleet.working);
    if (wake !== undefined) rest(Math.min(Math.max(wake - now(), restMillis), 2 ** 31 - 1));
  };

  const rest = (millis: number): void => {
    clearTimeout(timer);
    timer = setTimeout(schedule, millis);
  };

  const schedule = (): void => {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(tick);
  };

  const unsubscribe = fleet.onWorking((changes) => {
    if (changes.some((change) => !indifferent.has(change.kind))) schedule();
  });
  schedule();
  return {
    stop: () => {
      stopped = true;
      unsubscribe();
      clearTimeout(timer);
    },
  };
}
