import { nextDeployment, sameAttempt, type AttemptOrder, type OsState, type Permission, type Target } from "@treeline/fleet";
import type { JournalAttempt } from "./journal.ts";
import type { View } from "./view.ts";

/** Serials of the target's deployments that are written; a staged one is not yet. */
export function serialsOf(os: OsState, target: Target): readonly number[] {
  return os.deployments
    .filter((deployment) => deployment.checksum === target.checksum && !deployment.staged)
    .map((deployment) => deployment.serial);
}

export function isConfirmed(attempt: JournalAttempt): boolean {
  return attempt.step !== "staging" && attempt.step !== "staged" && attempt.step !== "draining";
}

export function orderFor(view: View, attempt: JournalAttempt): AttemptOrder | undefined {
  const order = view.intent?.attempt;
  return order !== undefined && sameAttempt(order.ref, attempt.ref) ? order : undefined;
}

export function permissionFor(view: View, attempt: JournalAttempt): Permission | undefined {
  return orderFor(view, attempt)?.permission;
}

/** The next boot would run the target, which does not run now. */
export function isNextOnly(os: OsState, target: Target): boolean {
  const next = nextDeployment(os);
  return next !== undefined && next.checksum === target.checksum && !next.booted;
}

/** As before the drain; nothing that its hooks did is left. */
export function undrained(attempt: JournalAttempt, note: string): JournalAttempt {
  const { drain: _, hooksBegun: __, ...rest } = attempt;
  return { ...rest, step: "staged", note };
}

export function withoutWayBack(attempt: JournalAttempt): JournalAttempt {
  const { wayBack: _, retry: __, ...rest } = attempt;
  return rest;
}

export function dueAgain(view: View, attempt: JournalAttempt): boolean {
  return attempt.retry === undefined || attempt.retry.bootId !== view.os.bootId || view.uptimeMillis >= attempt.retry.notBeforeUptimeMillis;
}
