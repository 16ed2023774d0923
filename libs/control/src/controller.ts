import { Agenda, auditOf, decide, type Change, type Decided } from "@treeline/rollout";
import type { Clock, Timer } from "./clock.ts";
import type { Fleet } from "./fleet.ts";
import type { Log } from "./log.ts";

/** Kinds of changes after which nothing new can be decided. */
const indifferent: ReadonlySet<Change["kind"]> = new Set<Change["kind"]>([
  ...(["token", "enrollment", "release", "server-run"] as const),
  ...(["api-token", "role", "role-removed", "binding", "binding-removed", "tenant", "tenant-removed", "pool", "pool-removed"] as const),
]);

/** How long to rest, in milliseconds, when the disk cannot keep up. */
const restMillis = 1_000;

/** The same after a defect: nothing is granted meanwhile, but agents keep their sessions and operators can look. */
const restAfterDefectMillis = 10_000;

/** It looks again after so many milliseconds at the latest: a wall clock that was set forward must not make it late by more. */
const longestRestMillis = 60_000;

/** More turns in a row than this, each full of decisions, mean that decisions chase each other: it goes on slowly, and the log says so. */
const turnsInARow = 2_000;

export interface Controller {
  stop(): void;
}

export interface ControllerOptions {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Looks after each change that may matter and when something is due by time, and commits what is decided. All thinking is in
 * `@treeline/rollout`; here is only the clock. One turn does a bounded amount of work, then others have theirs. Ends with the fleet, too.
 */
export function startController({ fleet, clock, log }: ControllerOptions): Controller {
  let agenda = Agenda.everything(fleet.working);
  let scheduled = false;
  let stopped = false;
  let turns = 0;
  let timer: Timer | undefined;

  const tick = (): void => {
    scheduled = false;
    if (stopped || fleet.ended) return;
    try {
      if (fleet.overloaded) return rest(restMillis);
      const { decisions, more } = turn();
      if (!more) turns = 0;
      if (decisions.length > 0 || more) return turns < turnsInARow ? schedule() : slowDown();
      if (agenda.nextWake !== undefined) rest(Math.max(agenda.nextWake - clock.now(), restMillis));
    } catch (error) {
      log.error("deciding failed; nothing is granted until it works again", { err: error });
      // What it had looked at is not known any more.
      agenda = Agenda.everything(fleet.working);
      rest(restAfterDefectMillis);
    }
  };

  const turn = (): Decided => {
    turns++;
    const now = clock.now();
    const decided = decide({ snapshot: fleet.working, agenda, now });
    const { decisions, next } = decided;
    if (decisions.length === 0) return decided;
    for (const { action, subject, because } of decisions) log.info(`${action}: ${subject}`, { because });
    const changes = decisions.flatMap((decision) => decision.changes);
    // A failed commit ends the process (Fleet); nothing is left to do here.
    fleet.transact(() => ({ changes, audit: auditOf(decisions, now), result: undefined, next })).catch(() => {});
    return decided;
  };

  const slowDown = (): void => {
    log.warn("decisions follow each other without an end", { turns });
    turns = 0;
    rest(restMillis);
  };

  const rest = (millis: number): void => {
    timer?.cancel();
    timer = clock.after(Math.min(millis, longestRestMillis), schedule);
  };

  const schedule = (): void => {
    if (scheduled || stopped) return;
    scheduled = true;
    clock.soon(tick);
  };

  const unsubscribeApplied = fleet.onApplied((change, before, after) => agenda.note(change, before, after));
  const unsubscribe = fleet.onWorking((changes) => {
    if (changes.some((change) => !indifferent.has(change.kind))) schedule();
  });
  schedule();
  return {
    stop: () => {
      stopped = true;
      unsubscribeApplied();
      unsubscribe();
      timer?.cancel();
    },
  };
}
