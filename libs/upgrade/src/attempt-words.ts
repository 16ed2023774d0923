import {
  nextDeployment,
  sameAttempt,
  type AttemptOrder,
  type Deployment,
  type OsState,
  type Permission,
  type Target,
} from "@treeline/fleet";
import type { Journal, JournalAttempt } from "./journal.ts";
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

/**
 * A deployment that waits for its boot and is nobody's whom the journal knows: an operator's. It is never overwritten; who made it boots it, or takes it back.
 */
export function foreignPending(os: OsState, journal: Journal): Deployment | undefined {
  const next = nextDeployment(os);
  if (next === undefined || next.booted) return undefined;
  // An attempt that was never confirmed has deployed nothing: whoever deployed its commit is somebody else.
  const closed = journal.closed.filter(({ confirmedBootId }) => confirmedBootId !== undefined);
  const ours = [...(journal.open === undefined ? [] : [journal.open]), ...closed].map(({ target }) => target.checksum);
  const bases = journal.open === undefined ? [] : [journal.open.base.checksum];
  return [...ours, ...bases].includes(next.checksum) ? undefined : next;
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
