// After the confirmation's boot: is it what was ordered, does it prove itself, and the one automatic way back. Part of the state machine in plan.ts.
import {
  bootedDeployment,
  findDeployment,
  nextDeployment,
  sameDeployment,
  type Checksum,
  type Outcome,
  type RollbackCause,
} from "@treeline/fleet";
import { dueAgain, isNextOnly, orderFor, serialsOf } from "./attempt-words.ts";
import { end, failure, move, redReason } from "./ending.ts";
import { foreignDeployments } from "./foreign.ts";
import type { JournalAttempt } from "./journal.ts";
import type { Step, View } from "./view.ts";

/**
 * A new boot, but the old commit: was the target ever the default?
 * - A deployment of it that was not there before says yes: writing one makes it the default, whatever is the default by now.
 * - A way back that took an earlier deployment leaves no such trace. There it was the default if it is now; or if the journal stands at `rebooting`, which is
 *   written only after ostree has shown it as the default on disk. (At `finalizing` it may have been for a moment: that is taken as a no, and tried again.)
 */
export function notOnTarget(view: View, attempt: JournalAttempt): Step {
  const byGuard = guardsWayBack(view, attempt);
  if (byGuard !== undefined) return turnBack(view, attempt, byGuard);
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

export function verify(view: View, attempt: JournalAttempt): Step {
  const { bootId } = view.os;
  if (attempt.verifying?.bootId !== bootId) {
    const { soaking: _, ...rest } = attempt;
    const boots = attempt.verifying === undefined ? 1 : bootsOf(attempt) + 1;
    return move(view, { ...rest, step: "verifying", note: "", verifying: { bootId, sinceUptimeMillis: view.uptimeMillis, boots } });
  }
  // The guard has given this deployment up, and may be unable to leave it.
  const byGuard = guardsWayBack(view, attempt);
  if (byGuard !== undefined) return notProven(view, attempt, byGuard);
  if (attempt.back !== true && bootsOf(attempt) > mostBoots) return notProven(view, attempt, neverSoaked);
  const session = sessionOf(view, attempt, attempt.verifying.sinceUptimeMillis);
  if (session === "back") return move(view, { ...attempt, sessionProven: true });
  // Before the checks: an agent that ends at every start of a session would never live to see the deadline after them.
  if (session === "missed") {
    const seconds = Math.round(view.limits.sessionMillis / 1000);
    return notProven(view, attempt, { cause: "no-session", reason: `the session did not come back within ${seconds} s of the boot` });
  }
  if (view.health.state === "unknown" || view.health.bootId !== bootId) return { do: "run-checks" };
  if (view.health.state === "red") return notProven(view, attempt, { cause: "required-check", reason: redReason(view.health) });
  if (view.guard?.armed !== undefined) {
    const { checksum, serial } = bootedDeployment(view.os)!;
    return { do: "disarm", proven: { checksum, serial } };
  }
  if (session !== "proven") return session === "awaited" ? { do: "wait" } : { do: "wait", untilUptimeMillis: session.deadline };
  if (attempt.soaking?.bootId !== bootId)
    return move(view, { ...attempt, step: "soaking", note: "", soaking: { bootId, sinceUptimeMillis: view.uptimeMillis } });
  const soakMillis = Math.max(attempt.soakMillis, orderFor(view, attempt)?.soakMillis ?? 0);
  const soakedAt = attempt.soaking.sinceUptimeMillis + soakMillis;
  const checkedAt = view.checkedAtUptimeMillis ?? attempt.soaking.sinceUptimeMillis;
  if (view.uptimeMillis < soakedAt) {
    const checkAt = checkedAt + view.limits.checkMillis;
    return view.uptimeMillis >= checkAt ? { do: "run-checks" } : { do: "wait", untilUptimeMillis: Math.min(soakedAt, checkAt) };
  }
  // Green through the soak means green at its end too.
  if (soakMillis > 0 && checkedAt < soakedAt) return { do: "run-checks" };
  return end(view, attempt, { kind: "updated", bootId, soakedMillis: view.uptimeMillis - attempt.soaking.sinceUptimeMillis });
}

/**
 * How many boots of a new commit may end before its soak does, whatever ends them. The guard watches only until the checks first pass; a release that
 * crashes the host again and again after that, or a host whose power does, is left on the boot after these. (From a way back nothing returns, so nothing is
 * decided there.)
 */
const mostBoots = 5;

const neverSoaked: WayBack = { cause: "unproven", reason: `${mostBoots} boots of the new commit ended before its soak did` };

/** How many boots of its target an attempt has seen. One that an older agent wrote counts as the first. */
function bootsOf({ verifying }: JournalAttempt): number {
  return verifying?.boots ?? 1;
}

/**
 * How the attempt stands with the session: proven before, back just now, not back in time, or still awaited (with no end where nothing returns from the commit:
 * an outage of the server must not make a healthy node a case for people).
 */
function sessionOf(
  view: View,
  attempt: JournalAttempt,
  sinceUptimeMillis: number,
): "proven" | "back" | "missed" | "awaited" | { readonly deadline: number } {
  if (attempt.sessionProven) return "proven";
  if (view.session.seenThisBoot) return "back";
  if (attempt.back === true) return "awaited";
  const deadline = sinceUptimeMillis + view.limits.sessionMillis;
  return view.uptimeMillis >= deadline ? "missed" : { deadline };
}

interface WayBack {
  readonly cause: RollbackCause;
  readonly reason: string;
}

/** What the boot guard has done, is about to do, or would do if an operator's deployment were not next, about this attempt's target. */
export function guardsWayBack({ guard }: View, { target }: JournalAttempt): WayBack | undefined {
  const verdict = guardsVerdict(guard);
  return verdict?.checksum === target.checksum ? { cause: "boot-guard", reason: verdict.reason } : undefined;
}

/** The commit that the boot guard has given up, and why. */
export function guardsVerdict(guard: View["guard"]): { readonly checksum: Checksum; readonly reason: string } | undefined {
  const { returned, stayed } = guard ?? {};
  const given = returned ?? stayed;
  if (given === undefined) return undefined;
  const why = given.because === "deadline" ? "within its time after the boot" : `in ${given.boots} boots`;
  const next = "next" in given ? `${given.next.checksum.slice(0, 12)}.${given.next.serial}` : undefined;
  const did = next === undefined ? "went back" : `did not go back, as somebody else's deployment ${next} is to boot next`;
  return { checksum: given.from.checksum, reason: `the boot guard ${did}: the required checks did not pass once ${why}` };
}

/** On the target, which does not prove itself: back to the previous commit. A node that the server took back stays: what it left is worse. */
function notProven(view: View, attempt: JournalAttempt, wayBack: WayBack): Step {
  if (attempt.back !== true) return turnBack(view, attempt, wayBack);
  return end(view, attempt, failure(view, "needs-operator", `on the commit that this way back led to: ${wayBack.reason}`));
}

export function turnBack(view: View, attempt: JournalAttempt, wayBack: WayBack): Step {
  return move(view, { ...attempt, step: "going-back", note: wayBack.reason, wayBack });
}

export function goBack(view: View, attempt: JournalAttempt): Step {
  const previous =
    findDeployment(view.os, attempt.base) ?? view.os.deployments.find((deployment) => deployment.checksum === attempt.base.checksum);
  const wayBack = attempt.wayBack ?? noReason;
  const { reason, rebootAskedOn } = wayBack;
  if (previous === undefined)
    return end(view, attempt, failure(view, "needs-operator", `${reason}; and the previous deployment is gone`), reason);
  if (rebootAskedOn !== undefined && rebootAskedOn !== view.os.bootId)
    return end(
      view,
      attempt,
      failure(view, "needs-operator", `${reason}; and the previous commit was the default, yet did not boot`),
      reason,
    );
  const foreign = foreignDeployments(view.os, view.journal).find((waiting) => !sameDeployment(waiting, previous));
  if (foreign !== undefined) {
    const theirs = `${foreign.checksum.slice(0, 12)} waits for its boot, and is not ours to take away: boot it, or take it back and boot the previous deployment`;
    return end(view, attempt, failure(view, "needs-operator", `${reason}; and ${theirs}`), reason);
  }
  const next = nextDeployment(view.os);
  if (next?.staged === true && !sameDeployment(next, previous)) return { do: "undeploy", deployment: next };
  if (next === undefined || !sameDeployment(next, previous))
    return { do: "set-default", deployment: { checksum: previous.checksum, serial: previous.serial } };
  if (!dueAgain(view, attempt)) return { do: "wait", untilUptimeMillis: attempt.retry!.notBeforeUptimeMillis };
  const retry = { bootId: view.os.bootId, notBeforeUptimeMillis: view.uptimeMillis + view.limits.rebootMillis, failures: 0 };
  const open = { ...attempt, retry, wayBack: { ...wayBack, rebootAskedOn: view.os.bootId } };
  return { do: "reboot", ignoreInhibitors: true, because: `way back: ${reason}`, journal: { ...view.journal, open } };
}

/** The previous commit runs again, and shall be the default. Then its checks run on this boot, and the attempt closes. Red here too: no automatic way is left. */
export function back(view: View, attempt: JournalAttempt, wayBack: WayBack): Step {
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
  return end(view, attempt, outcome, wayBack.reason);
}

export const noReason: NonNullable<JournalAttempt["wayBack"]> = { cause: "unproven", reason: "no reason was recorded" };
