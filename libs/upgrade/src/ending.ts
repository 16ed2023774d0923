import type { ClosedAttempt, FailureClass, Health, Outcome } from "@treeline/fleet";
import { closedKept, deniedKept, type Journal, type JournalAttempt } from "./journal.ts";
import type { Step, View } from "./view.ts";

/** Nothing but the journal changes; look again at once. */
export function again(journal: Journal): Step {
  return { do: "wait", journal, untilUptimeMillis: 0 };
}

/** The attempt goes on as this. */
export function move(view: View, attempt: JournalAttempt): Step {
  return again({ ...view.journal, open: attempt });
}

/** The attempt is over; the hooks after it come first, where there are any and it had begun those before it. `deny`: why its commit is denied on this host from now on. */
export function end(view: View, attempt: JournalAttempt, outcome: Outcome, deny?: string): Step {
  return again(ended(view, attempt, outcome, deny));
}

export function ended(view: Pick<View, "journal" | "hooks">, attempt: JournalAttempt, outcome: Outcome, deny?: string): Journal {
  if (attempt.hooksBegun === true && attempt.ending === undefined && (view.hooks ?? []).includes("post-update")) {
    const ending = { outcome, ...(deny === undefined ? {} : { deny }) };
    return { ...view.journal, open: { ...attempt, ending, note: "it is over; the post-update hooks are to run" } };
  }
  return deny === undefined ? closeAttempt(view.journal, attempt, outcome) : closeDeniedAttempt(view.journal, attempt, deny, outcome);
}

/** Ends the attempt at once and denies its commit on this host. */
export function closeDeniedAttempt(journal: Journal, attempt: JournalAttempt, reason: string, outcome: Outcome): Journal {
  return closeAttempt(denying(journal, attempt.target.checksum, reason), attempt, outcome);
}

/** A commit that this host will not be given again unless an operator clears it. */
export function denying(journal: Journal, checksum: string, reason: string): Journal {
  const denied = [...journal.denied.filter((entry) => entry.checksum !== checksum), { checksum, reason }];
  return { ...journal, denied: denied.slice(-deniedKept) };
}

/** Ends the attempt at once. */
export function closeAttempt(journal: Journal, attempt: JournalAttempt, outcome: Outcome): Journal {
  const closed: ClosedAttempt = {
    attempt: attempt.ref,
    target: attempt.target,
    outcome,
    ...(attempt.confirmedBootId ? { confirmedBootId: attempt.confirmedBootId } : {}),
  };
  const { open: _, ...rest } = journal;
  return { ...rest, closed: [...journal.closed, closed].slice(-closedKept) };
}

export function failure(view: Pick<View, "os">, failureClass: FailureClass, reason: string): Outcome {
  return { kind: "failed", failure: failureClass, reason, bootId: view.os.bootId };
}

export function abandoned(view: Pick<View, "os">, reason: string): Outcome {
  return { kind: "abandoned", reason, bootId: view.os.bootId };
}

/** A reason travels in reports; many failed checks must not make it too long to send. */
const maxReason = 2000;

export function redReason(health: Health): string {
  return health.checks
    .filter((check) => check.required && !check.passed)
    .map((check) => `required check ${check.name} failed${check.output ? `: ${check.output.trim().slice(-400)}` : ""}`)
    .join("; ")
    .slice(0, maxReason);
}
