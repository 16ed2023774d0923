// One file, because it is one state machine: what the agent does next about its attempt.
import {
  bootedDeployment,
  compareGenerations,
  findDeployment,
  nextDeployment,
  sameAttempt,
  sameDeployment,
  type AttemptOrder,
  type AttemptRef,
  type ClosedAttempt,
  type Deployment,
  type FailureClass,
  type Health,
  type Intent,
  type OsState,
  type Outcome,
  type Permission,
  type RollbackCause,
  type Target,
} from "@treeline/fleet";
import { closedKept, deniedKept, type Journal, type JournalAttempt } from "./journal.ts";

/** All that the next step depends on, read just now with no `ostree` child of the agent alive. */
export interface View {
  /** Milliseconds on a clock that counts suspend, such as /proc/uptime. Never a wall clock. */
  readonly uptimeMillis: number;
  readonly os: OsState;
  readonly journal: Journal;
  /** The newest intent of this process's session; absent until one was received. */
  readonly intent?: Intent;
  readonly session: {
    /** The session is up now. */
    readonly up: boolean;
    /** It has been up since this boot. */
    readonly seenThisBoot: boolean;
  };
  /** Checks of this boot, and the uptime at which they were begun. */
  readonly health: Health;
  readonly checkedAtUptimeMillis?: number;
  /** The newest answer to Confirm in this process; absent until asked, gone after use. */
  readonly confirmation?: Confirmation;
  readonly limits: Limits;
}

/** An answer to Confirm, good for the attempt it was asked for. A refusal asks for patience, a grant for action within its time to live. */
export type Confirmation = { readonly attempt: AttemptRef } & (
  | { readonly granted: true; readonly validUntilUptimeMillis: number }
  | { readonly granted: false; readonly reason: string; readonly askAgainAtUptimeMillis: number }
);

export interface Limits {
  /** How long after the first boot of a new commit the session may take to come back. */
  readonly sessionMillis: number;
  /** How long after asking for a reboot to ask again. */
  readonly rebootMillis: number;
  /** How often the required checks run again during a soak, and while they are red with no attempt open. */
  readonly checkMillis: number;
}

/** What to do next. `journal`, when present, is written durably before anything of the step is done. */
export type Step =
  | { readonly do: "wait"; readonly journal?: Journal; readonly untilUptimeMillis?: number }
  | { readonly do: "run-checks"; readonly journal?: Journal }
  /** Metadata, signature, content, local ref; ends in `staged` or a failure. `maxBytesPerSecond`: as the order of this moment has it. */
  | { readonly do: "stage"; readonly journal?: Journal; readonly target: Target; readonly maxBytesPerSecond?: number }
  | { readonly do: "confirm"; readonly journal?: Journal; readonly attempt: JournalAttempt; readonly permission: Permission }
  | { readonly do: "deploy"; readonly journal?: Journal; readonly target: Target }
  | ({ readonly do: "set-default" } & Change)
  | ({ readonly do: "undeploy" } & Change)
  | { readonly do: "reboot"; readonly journal?: Journal; readonly because: string };

/** A change to a deployment that is there. `underGrant`: done only while the answer to Confirm is still good, as a `deploy` is. */
export interface Change {
  readonly journal?: Journal;
  readonly deployment: Pick<Deployment, "checksum" | "serial">;
  readonly underGrant?: true;
}

/**
 * The next step. ostree's state decides what is; the journal only says what was attempted.
 *
 * INVARIANTS
 * - Nothing is deployed, and nothing but what runs is made the default, without a grant for this very attempt that is still valid at this very uptime. (The
 *   attempt's own way back needs none: it undoes what a grant allowed.)
 * - Until `finalizing` nothing on the host would boot anything new.
 * - One automatic way back per attempt; a deployment reached by it, or by a way back that the server ordered, is never left by another.
 */
export function plan(seen: View): Step {
  const view = withoutStaleIntent(seen);
  const { journal, intent } = view;
  if (intent !== undefined && compareGenerations(intent.generation, journal.highest) > 0) return takeIntent(view, intent);
  if (journal.open !== undefined) return planAttempt(view, journal.open);
  if (view.health.state === "unknown") return { do: "run-checks" };
  const step = begin(view);
  // A red node is not eligible, and its slot is not given back: it must be seen turning green.
  if (step.do !== "wait" || step.journal !== undefined || view.health.state !== "red" || view.checkedAtUptimeMillis === undefined)
    return step;
  const checkAt = view.checkedAtUptimeMillis + view.limits.checkMillis;
  return view.uptimeMillis >= checkAt ? { do: "run-checks" } : { do: "wait", untilUptimeMillis: checkAt };
}

// ---- intents ----

function withoutStaleIntent(view: View): View {
  if (view.intent === undefined || compareGenerations(view.intent.generation, view.journal.highest) >= 0) return view;
  const { intent: _, ...rest } = view;
  return rest;
}

/** Notes the new generation, and calls off an open attempt that it no longer orders, if that one is not past its confirmation. */
function takeIntent(view: View, intent: Intent): Step {
  const { open, ...rest } = view.journal;
  const journal: Journal = { ...rest, highest: intent.generation };
  if (open === undefined) return { do: "wait", journal, untilUptimeMillis: 0 };
  const ordered = intent.attempt !== undefined && sameAttempt(intent.attempt.ref, open.ref);
  if (ordered || isConfirmed(open)) return { do: "wait", journal: { ...journal, open }, untilUptimeMillis: 0 };
  return again(close(journal, open, abandoned(view, "called off by the server")));
}

function begin(view: View): Step {
  const { journal, intent, os, health } = view;
  const order = intent?.attempt;
  const booted = bootedDeployment(os);
  if (intent === undefined || order === undefined || booted === undefined) return { do: "wait" };
  if (journal.closed.some((closed) => sameAttempt(closed.attempt, order.ref))) return { do: "wait" };
  const attempt: JournalAttempt = {
    ref: order.ref,
    target: intent.target,
    base: { checksum: booted.checksum, serial: booted.serial },
    soakMillis: order.soakMillis,
    ...(order.back === true ? { back: true } : {}),
    step: "staging",
    note: "",
    sessionProven: false,
  };
  // Without a permission it cannot have been this attempt that booted the target: there is nothing to do, and the report shows it.
  if (booted.checksum === intent.target.checksum) return order.permission === undefined ? { do: "wait" } : adopt(view, attempt);
  const denied = journal.denied.find((entry) => entry.checksum === intent.target.checksum);
  // Where a way back leads was not denied when the node ran it; if it is denied by now, then for a reason that no way back undoes.
  if (denied !== undefined && (!order.clearDenied || attempt.back === true))
    return again(close(journal, attempt, failure(view, "release", `denied on this host: ${denied.reason}`)));
  // Red before the update: not eligible, no attempt, no slot. The report says so. A way back, or a release that is to cure it, may make it green again.
  if (health.state === "red" && attempt.back !== true && order.cure !== true) return { do: "wait" };
  const cleared = { ...journal, denied: journal.denied.filter((entry) => entry.checksum !== intent.target.checksum) };
  return again({ ...cleared, open: attempt });
}

/** The target runs already, but the journal does not know the attempt: it was lost after the reboot. Go on from what ostree says. */
function adopt(view: View, attempt: JournalAttempt): Step {
  const others = view.os.deployments.filter((deployment) => !deployment.staged && deployment.checksum !== attempt.target.checksum);
  // Nothing returns from a way back, so it needs nothing to return to.
  const base = others.find((deployment) => deployment.rollback) ?? others[0] ?? (attempt.back && bootedDeployment(view.os));
  if (base === undefined)
    return again(close(view.journal, attempt, failure(view, "operator", "the target runs already and there is nothing to go back to")));
  return again({
    ...view.journal,
    open: {
      ...attempt,
      base: { checksum: base.checksum, serial: base.serial },
      step: "verifying",
      note: "found running; the journal did not know this attempt",
    },
  });
}

// ---- the attempt ----

function planAttempt(view: View, attempt: JournalAttempt): Step {
  const booted = bootedDeployment(view.os);
  if (booted === undefined) return end(view, attempt, failure(view, "node", "this host is not booted into an OSTree deployment"));
  const onTarget = booted.checksum === attempt.target.checksum;
  const onBase = booted.checksum === attempt.base.checksum;
  switch (attempt.step) {
    case "staging":
    case "staged":
    case "draining":
      if (onTarget && attempt.back === true) return end(view, attempt, abandoned(view, "the host came back to this commit by other means"));
      if (!onBase) return end(view, attempt, failure(view, "operator", "another deployment was booted before the attempt was confirmed"));
      return beforeConfirmation(view, attempt);
    case "finalizing":
    case "rebooting":
      if (attempt.confirmedBootId === view.os.bootId) return afterConfirmation(view, attempt);
      if (onTarget) return move(view, { ...attempt, step: "verifying", note: "" });
      if (onBase) return notOnTarget(view, attempt);
      return end(view, attempt, failure(view, "operator", "neither the old nor the new commit is booted"));
    case "verifying":
    case "soaking":
      if (onTarget) return verify(view, attempt);
      if (onBase) return turnBack(view, attempt, { cause: "unproven", reason: "something else brought the previous commit back" });
      return end(view, attempt, failure(view, "operator", "neither the old nor the new commit is booted"));
    case "going-back":
      if (onBase) return back(view, attempt, attempt.wayBack ?? noReason);
      // The commit that did not boot has booted after all, and nothing returns from it.
      if (onTarget && attempt.back === true) return move(view, withoutWayBack({ ...attempt, step: "verifying", note: "" }));
      if (onTarget) return goBack(view, attempt);
      return end(view, attempt, failure(view, "operator", "neither the old nor the new commit is booted"));
  }
}

function beforeConfirmation(view: View, attempt: JournalAttempt): Step {
  if (attempt.step === "staging") {
    const retry = attempt.retry;
    if (retry !== undefined && retry.bootId === view.os.bootId && view.uptimeMillis < retry.notBeforeUptimeMillis)
      return { do: "wait", untilUptimeMillis: retry.notBeforeUptimeMillis };
    const order = orderFor(view, attempt);
    // How fast to pull stands in the order: without it nothing is fetched.
    if (order === undefined || !view.session.up) return { do: "wait" };
    const { maxBytesPerSecond } = order;
    return { do: "stage", target: attempt.target, ...(maxBytesPerSecond === undefined ? {} : { maxBytesPerSecond }) };
  }
  const permission = permissionFor(view, attempt);
  if (permission === undefined)
    return attempt.step === "draining" ? move(view, { ...attempt, step: "staged", note: "the slot was taken back" }) : { do: "wait" };
  if (attempt.step === "staged") return move(view, { ...attempt, step: "draining", note: "" });
  return confirmOr(view, attempt, permission, () => write(view, attempt));
}

/**
 * Has ostree make the target the next default. A way back takes the deployment that is still there, with its own /etc, where there is one; else the target is
 * deployed, and ostree merges /etc. Done again after a crash: what is there may have changed meanwhile, so the journal is written afresh.
 */
function write(view: View, attempt: JournalAttempt): Step {
  const earlierSerials = serialsOf(view.os, attempt.target);
  const open: JournalAttempt = { ...attempt, step: "finalizing", note: "", confirmedBootId: view.os.bootId, earlierSerials };
  const journal = { ...view.journal, open };
  const existing = view.os.deployments.find((one) => one.checksum === attempt.target.checksum && !one.staged);
  if (attempt.back !== true || existing === undefined) return { do: "deploy", target: attempt.target, journal };
  // What somebody else has staged would become the default at shutdown, after all.
  const staged = view.os.deployments.find((one) => one.staged);
  const { checksum, serial } = staged ?? existing;
  return { do: staged === undefined ? "set-default" : "undeploy", deployment: { checksum, serial }, underGrant: true, journal };
}

/** Confirmed on this very boot: the deployment may or may not have been written before a crash. */
function afterConfirmation(view: View, attempt: JournalAttempt): Step {
  if (isNextOnly(view.os, attempt.target)) {
    if (attempt.step === "rebooting" && !dueAgain(view, attempt))
      return { do: "wait", untilUptimeMillis: attempt.retry!.notBeforeUptimeMillis };
    const retry = { bootId: view.os.bootId, notBeforeUptimeMillis: view.uptimeMillis + view.limits.rebootMillis, failures: 0 };
    const journal = { ...view.journal, open: { ...attempt, step: "rebooting" as const, note: "", retry } };
    return { do: "reboot", because: `update to ${attempt.target.version || attempt.target.checksum}`, journal };
  }
  if (attempt.step === "rebooting")
    return end(view, attempt, failure(view, "operator", "the new deployment was removed before the reboot"));
  const permission = permissionFor(view, attempt);
  if (permission === undefined) {
    // Called off while nothing was written: the host runs what it ran.
    const calledOff = view.session.up && view.intent !== undefined;
    return calledOff ? end(view, attempt, abandoned(view, "called off by the server")) : { do: "wait" };
  }
  return confirmOr(view, attempt, permission, () => write(view, attempt));
}

function confirmOr(view: View, attempt: JournalAttempt, permission: Permission, deploy: () => Step): Step {
  const answer = view.confirmation !== undefined && sameAttempt(view.confirmation.attempt, attempt.ref) ? view.confirmation : undefined;
  if (answer?.granted === true && view.uptimeMillis < answer.validUntilUptimeMillis) return deploy();
  if (answer?.granted === false && view.uptimeMillis < answer.askAgainAtUptimeMillis) {
    const note = `not confirmed: ${answer.reason}`;
    if (attempt.note !== note)
      return { do: "wait", journal: { ...view.journal, open: { ...attempt, note } }, untilUptimeMillis: answer.askAgainAtUptimeMillis };
    return { do: "wait", untilUptimeMillis: answer.askAgainAtUptimeMillis };
  }
  return view.session.up ? { do: "confirm", attempt, permission } : { do: "wait" };
}

/**
 * A new boot, but the old commit: was the target ever the default?
 * - A deployment of it that was not there before says yes: writing one makes it the default, whatever is the default by now.
 * - A way back that took an earlier deployment leaves no such trace. There it was the default if it is now; or if the journal stands at `rebooting`, which is
 *   written only after ostree has shown it as the default on disk. (At `finalizing` it may have been for a moment: that is taken as a no, and tried again.)
 */
function notOnTarget(view: View, attempt: JournalAttempt): Step {
  const earlier = attempt.earlierSerials ?? [];
  const written = serialsOf(view.os, attempt.target).some((serial) => !earlier.includes(serial));
  const tookEarlier = attempt.back === true && earlier.length > 0;
  if (written || (tookEarlier && (attempt.step === "rebooting" || isNextOnly(view.os, attempt.target))))
    return turnBack(view, attempt, {
      cause: "unproven",
      reason: "the new commit was the default, yet the old one runs, and nothing recorded why",
    });
  return end(
    view,
    attempt,
    failure(view, "never-booted", "the new commit was never booted: the power went before it was finalized, or finalizing failed"),
  );
}

// ---- after the boot ----

function verify(view: View, attempt: JournalAttempt): Step {
  const { bootId } = view.os;
  if (attempt.verifying?.bootId !== bootId) {
    const { soaking: _, ...rest } = attempt;
    return move(view, { ...rest, step: "verifying", note: "", verifying: { bootId, sinceUptimeMillis: view.uptimeMillis } });
  }
  if (view.health.state === "unknown" || view.health.bootId !== bootId) return { do: "run-checks" };
  if (view.health.state === "red") return notProven(view, attempt, { cause: "required-check", reason: redReason(view.health) });
  if (!attempt.sessionProven) {
    if (view.session.seenThisBoot) return move(view, { ...attempt, sessionProven: true });
    // Nothing returns from a way back, so there is nothing to decide by then: an outage of the server must not make a healthy node a case for people.
    if (attempt.back === true) return { do: "wait" };
    const deadline = attempt.verifying.sinceUptimeMillis + view.limits.sessionMillis;
    if (view.uptimeMillis >= deadline) {
      const seconds = Math.round(view.limits.sessionMillis / 1000);
      return notProven(view, attempt, { cause: "no-session", reason: `the session did not come back within ${seconds} s of the boot` });
    }
    return { do: "wait", untilUptimeMillis: deadline };
  }
  if (attempt.soaking?.bootId !== bootId)
    return move(view, { ...attempt, step: "soaking", note: "", soaking: { bootId, sinceUptimeMillis: view.uptimeMillis } });
  const soakedAt = attempt.soaking.sinceUptimeMillis + attempt.soakMillis;
  const checkedAt = view.checkedAtUptimeMillis ?? attempt.soaking.sinceUptimeMillis;
  if (view.uptimeMillis < soakedAt) {
    const checkAt = checkedAt + view.limits.checkMillis;
    return view.uptimeMillis >= checkAt ? { do: "run-checks" } : { do: "wait", untilUptimeMillis: Math.min(soakedAt, checkAt) };
  }
  // Green through the soak means green at its end too.
  if (attempt.soakMillis > 0 && checkedAt < soakedAt) return { do: "run-checks" };
  return end(view, attempt, { kind: "updated", bootId, soakedMillis: view.uptimeMillis - attempt.soaking.sinceUptimeMillis });
}

interface WayBack {
  readonly cause: RollbackCause;
  readonly reason: string;
}

/** On the target, which does not prove itself: back to the previous commit. A node that the server took back stays: what it left is worse. */
function notProven(view: View, attempt: JournalAttempt, wayBack: WayBack): Step {
  if (attempt.back !== true) return turnBack(view, attempt, wayBack);
  return end(view, attempt, failure(view, "needs-operator", `on the commit that this way back led to: ${wayBack.reason}`));
}

function turnBack(view: View, attempt: JournalAttempt, wayBack: WayBack): Step {
  return move(view, { ...attempt, step: "going-back", note: wayBack.reason, wayBack });
}

function goBack(view: View, attempt: JournalAttempt): Step {
  const previous =
    findDeployment(view.os, attempt.base) ?? view.os.deployments.find((deployment) => deployment.checksum === attempt.base.checksum);
  const wayBack = attempt.wayBack ?? noReason;
  const { reason, rebootAskedOn } = wayBack;
  if (previous === undefined)
    return endDenied(view, attempt, reason, failure(view, "needs-operator", `${reason}; and the previous deployment is gone`));
  if (rebootAskedOn !== undefined && rebootAskedOn !== view.os.bootId)
    return endDenied(
      view,
      attempt,
      reason,
      failure(view, "needs-operator", `${reason}; and the previous commit was the default, yet did not boot`),
    );
  const next = nextDeployment(view.os);
  if (next?.staged === true && !sameDeployment(next, previous)) return { do: "undeploy", deployment: next };
  if (next === undefined || !sameDeployment(next, previous))
    return { do: "set-default", deployment: { checksum: previous.checksum, serial: previous.serial } };
  if (!dueAgain(view, attempt)) return { do: "wait", untilUptimeMillis: attempt.retry!.notBeforeUptimeMillis };
  const retry = { bootId: view.os.bootId, notBeforeUptimeMillis: view.uptimeMillis + view.limits.rebootMillis, failures: 0 };
  const open = { ...attempt, retry, wayBack: { ...wayBack, rebootAskedOn: view.os.bootId } };
  return { do: "reboot", because: `way back: ${reason}`, journal: { ...view.journal, open } };
}

/** The previous commit runs again, and shall be the default. Then its checks run on this boot, and the attempt closes. Red here too: no automatic way is left. */
function back(view: View, attempt: JournalAttempt, wayBack: WayBack): Step {
  const next = nextDeployment(view.os);
  if (next !== undefined && isNextOnly(view.os, attempt.target)) {
    const booted = bootedDeployment(view.os)!;
    return next.staged
      ? { do: "undeploy", deployment: next }
      : { do: "set-default", deployment: { checksum: booted.checksum, serial: booted.serial } };
  }
  // The boot loader refused the commit or something turned the default round: another try would cost another reboot, and end the same way.
  if (attempt.back === true) return end(view, attempt, failure(view, "needs-operator", wayBack.reason));
  if (view.health.state === "unknown" || view.health.bootId !== view.os.bootId) return { do: "run-checks" };
  const outcome: Outcome =
    view.health.state === "red"
      ? failure(view, "needs-operator", `${wayBack.reason}; and on the previous commit: ${redReason(view.health)}`)
      : { kind: "rolled-back", cause: wayBack.cause, reason: wayBack.reason, bootId: view.os.bootId };
  return endDenied(view, attempt, wayBack.reason, outcome);
}

// ---- small words ----

const noReason: NonNullable<JournalAttempt["wayBack"]> = { cause: "unproven", reason: "no reason was recorded" };

/** Serials of the target's deployments that are written; a staged one is not yet. */
function serialsOf(os: OsState, target: Target): readonly number[] {
  return os.deployments
    .filter((deployment) => deployment.checksum === target.checksum && !deployment.staged)
    .map((deployment) => deployment.serial);
}

function isConfirmed(attempt: JournalAttempt): boolean {
  return attempt.step !== "staging" && attempt.step !== "staged" && attempt.step !== "draining";
}

function orderFor(view: View, attempt: JournalAttempt): AttemptOrder | undefined {
  const order = view.intent?.attempt;
  return order !== undefined && sameAttempt(order.ref, attempt.ref) ? order : undefined;
}

function permissionFor(view: View, attempt: JournalAttempt): Permission | undefined {
  return orderFor(view, attempt)?.permission;
}

/** The next boot would run the target, which does not run now. */
function isNextOnly(os: OsState, target: Target): boolean {
  const next = nextDeployment(os);
  return next !== undefined && next.checksum === target.checksum && !next.booted;
}

function withoutWayBack(attempt: JournalAttempt): JournalAttempt {
  const { wayBack: _, retry: __, ...rest } = attempt;
  return rest;
}

function dueAgain(view: View, attempt: JournalAttempt): boolean {
  return attempt.retry === undefined || attempt.retry.bootId !== view.os.bootId || view.uptimeMillis >= attempt.retry.notBeforeUptimeMillis;
}

/** A reason travels in reports; many failed checks must not make it too long to send. */
const maxReason = 2000;

function redReason(health: Health): string {
  return health.checks
    .filter((check) => check.required && !check.passed)
    .map((check) => `required check ${check.name} failed${check.output ? `: ${check.output.trim().slice(-400)}` : ""}`)
    .join("; ")
    .slice(0, maxReason);
}

function failure(view: View, failureClass: FailureClass, reason: string): Outcome {
  return { kind: "failed", failure: failureClass, reason, bootId: view.os.bootId };
}

function abandoned(view: View, reason: string): Outcome {
  return { kind: "abandoned", reason, bootId: view.os.bootId };
}

/** Nothing but the journal changes; look again at once. */
function again(journal: Journal): Step {
  return { do: "wait", journal, untilUptimeMillis: 0 };
}

function move(view: View, attempt: JournalAttempt): Step {
  return again({ ...view.journal, open: attempt });
}

function end(view: View, attempt: JournalAttempt, outcome: Outcome): Step {
  return again(close(view.journal, attempt, outcome));
}

/** Ends the attempt and denies its commit on this host. */
function endDenied(view: View, attempt: JournalAttempt, reason: string, outcome: Outcome): Step {
  return again(closeDenied(view.journal, attempt, reason, outcome));
}

function closeDenied(journal: Journal, attempt: JournalAttempt, reason: string, outcome: Outcome): Journal {
  const { checksum } = attempt.target;
  const denied = [...journal.denied.filter((entry) => entry.checksum !== checksum), { checksum, reason }];
  return close({ ...journal, denied: denied.slice(-deniedKept) }, attempt, outcome);
}

function close(journal: Journal, attempt: JournalAttempt, outcome: Outcome): Journal {
  const closed: ClosedAttempt = {
    attempt: attempt.ref,
    target: attempt.target,
    outcome,
    ...(attempt.confirmedBootId ? { confirmedBootId: attempt.confirmedBootId } : {}),
  };
  const { open: _, ...rest } = journal;
  return { ...rest, closed: [...journal.closed, closed].slice(-closedKept) };
}

export { close as closeAttempt, closeDenied as closeDeniedAttempt };
