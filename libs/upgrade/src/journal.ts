import type { AttemptRef, ClosedAttempt, DeniedCommit, Deployment, Generation, Outcome, RollbackCause, Target } from "@treeline/fleet";
import type { HookKind } from "./hooks.ts";

/**
 * How far an attempt has come on this host. Each step is written durably before it is done, so after a crash the journal says what may have
 * been attempted; what really happened is read from ostree.
 *
 * staging -> staged -> draining -> finalizing -> rebooting -> verifying -> soaking -> (closed)
 * any step after the boot -> going-back -> (closed)
 */
export type AttemptStep = "staging" | "staged" | "draining" | "finalizing" | "rebooting" | "verifying" | "soaking" | "going-back";

export interface JournalAttempt {
  readonly ref: AttemptRef;
  readonly target: Target;
  /** What ran when the attempt began: where a way back leads. */
  readonly base: Pick<Deployment, "checksum" | "serial">;
  readonly soakMillis: number;
  /** A way back that the server ordered: nothing returns from it, and it denies nothing. */
  readonly back?: true;
  readonly step: AttemptStep;
  /** Why it stands where it stands, for people. */
  readonly note: string;
  /** The drain of this boot: since when, and which hooks ran to their end. */
  readonly drain?: { readonly bootId: string; readonly sinceUptimeMillis: number; readonly ended: readonly HookKind[] };
  /** A hook before the point of no return was begun, on whatever boot: those after the attempt are owed. */
  readonly hooksBegun?: true;
  /** How the attempt ended, while the hooks after it are still to run. `deny`: why its commit is denied from now on. */
  readonly ending?: { readonly outcome: Outcome; readonly deny?: string };
  /** The boot on which Confirm was answered. Present from `finalizing` on. */
  readonly confirmedBootId?: string;
  /** The verifying boot, the uptime at which this program first saw it, and the how-manieth boot of the target it is (absent: the first). */
  readonly verifying?: { readonly bootId: string; readonly sinceUptimeMillis: number; readonly boots?: number };
  /** The session has come back once on this deployment: the cut-off check is disarmed for good. */
  readonly sessionProven: boolean;
  /** The soaking boot and the uptime at which the soak began. */
  readonly soaking?: { readonly bootId: string; readonly sinceUptimeMillis: number };
  /** Serials that deployments of the target had before ours was written: what is left of an earlier attempt proves nothing about this one. */
  readonly earlierSerials?: readonly number[];
  /** `rebootAskedOn`: the boot on which the previous commit was the default and the reboot into it was asked for. */
  readonly wayBack?: { readonly cause: RollbackCause; readonly reason: string; readonly rebootAskedOn?: string };
  /** When to try the step again, on the uptime clock of this boot; and how often it failed. */
  readonly retry?: { readonly bootId: string; readonly notBeforeUptimeMillis: number; readonly failures: number };
}

/**
 * What this host has attempted. It lives in /var, so it outlives every way back.
 * INVARIANTS: at most one open attempt; at most one automatic way back per attempt; a closed attempt is never opened again.
 */
export interface Journal {
  /** The highest generation ever seen: nothing at or below it starts anything. */
  readonly highest: Generation;
  readonly open?: JournalAttempt;
  /** Newest last, at most `closedKept`. */
  readonly closed: readonly ClosedAttempt[];
  /** Commits this host was brought back from. */
  readonly denied: readonly DeniedCommit[];
}

export const closedKept = 16;
export const deniedKept = 64;

export const emptyJournal: Journal = { highest: { epoch: 0, number: 0 }, closed: [], denied: [] };
