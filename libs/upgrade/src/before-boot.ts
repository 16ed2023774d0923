// Up to the reboot: staging, the slot, the drain, the confirmation, the deployment. Part of the state machine in plan.ts.
import { sameAttempt, type Deployment, type Permission } from "@treeline/fleet";
import { dueAgain, isNextOnly, orderFor, permissionFor, serialsOf, undrained } from "./attempt-words.ts";
import { abandoned, end, failure, move } from "./ending.ts";
import type { GuardOrder } from "./guard.ts";
import { foreignDeployments } from "./foreign.ts";
import { hookKinds } from "./hooks.ts";
import type { JournalAttempt } from "./journal.ts";
import type { Step, View } from "./view.ts";

export function beforeConfirmation(view: View, attempt: JournalAttempt): Step {
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
  // An agent that has just started has no intent yet: that takes nothing back.
  if (permission === undefined)
    return attempt.step === "draining" && view.intent !== undefined ? slotTakenBack(view, attempt) : { do: "wait" };
  const [foreign] = foreignDeployments(view.os, view.journal);
  if (foreign !== undefined) return end(view, attempt, failure(view, "operator", respected(foreign)));
  const { bootId } = view.os;
  // Hooks of an earlier boot prepared a host that has been rebooted since.
  if (attempt.step === "staged" || attempt.drain?.bootId !== bootId)
    return move(view, { ...attempt, step: "draining", note: "", drain: { bootId, sinceUptimeMillis: view.uptimeMillis, ended: [] } });
  return drain(view, attempt, attempt.drain) ?? confirmOr(view, attempt, permission, () => write(view, attempt));
}

/** How often to look whether those who hold the host still do, in milliseconds. */
const lookAgainMillis = 5000;

/** The next thing to do before the point of no return is asked for; undefined when nothing is left. Whoever holds the host is waited for before each of them. */
function drain(view: View, attempt: JournalAttempt, { sinceUptimeMillis, ended }: NonNullable<JournalAttempt["drain"]>): Step | undefined {
  const { heldBy = [], hooks = [], uptimeMillis, limits } = view;
  const holdEnds = sinceUptimeMillis + limits.holdMillis;
  if (heldBy.length > 0 && uptimeMillis < holdEnds) {
    const note = `held by ${heldBy.join("; ")}`.slice(0, maxNote);
    const untilUptimeMillis = Math.min(uptimeMillis + lookAgainMillis, holdEnds);
    return {
      do: "wait",
      untilUptimeMillis,
      ...(attempt.note === note ? {} : { journal: { ...view.journal, open: { ...attempt, note } } }),
    };
  }
  const kind = hookKinds.find((one) => one !== "post-update" && hooks.includes(one) && !ended.includes(one));
  if (kind === undefined) return undefined;
  const open: JournalAttempt = { ...attempt, note: `running the ${kind} hooks`, hooksBegun: true };
  return { do: "run-hooks", kind, attempt: open, journal: { ...view.journal, open } };
}

/** The host is made useful again before anything else. */
function slotTakenBack(view: View, attempt: JournalAttempt): Step {
  if (attempt.hooksBegun === true && (view.hooks ?? []).includes("post-update")) return { do: "run-hooks", kind: "post-update", attempt };
  return move(view, undrained(attempt, "the slot was taken back"));
}

/** Longer than this, what is said about those who hold the host says nothing more. */
const maxNote = 500;

const respected = ({ checksum, serial, version }: Deployment): string =>
  `somebody else's deployment ${version || checksum.slice(0, 12)}.${serial} waits for its boot, and is not overwritten: boot it, or take it back (ostree admin undeploy)`;

/**
 * Has ostree make the target the next default. A way back takes the deployment that is still there, with its own /etc, where there is one; else the target is
 * deployed, and ostree merges /etc. Done again after a crash: what is there may have changed meanwhile, so the journal is written afresh.
 */
function write(view: View, attempt: JournalAttempt): Step {
  const [foreign] = foreignDeployments(view.os, view.journal);
  if (foreign !== undefined) return end(view, attempt, failure(view, "operator", respected(foreign)));
  const earlierSerials = serialsOf(view.os, attempt.target);
  const open: JournalAttempt = { ...attempt, step: "finalizing", note: "", confirmedBootId: view.os.bootId, earlierSerials };
  const journal = { ...view.journal, open };
  const existing = view.os.deployments.find((one) => one.checksum === attempt.target.checksum && !one.staged);
  if (attempt.back !== true || existing === undefined)
    return { do: "deploy", target: attempt.target, journal, ...armed(view, attempt, earlierSerials) };
  // What somebody else has staged would become the default at shutdown, after all.
  const staged = view.os.deployments.find((one) => one.staged);
  const { checksum, serial } = staged ?? existing;
  return { do: staged === undefined ? "set-default" : "undeploy", deployment: { checksum, serial }, underGrant: true, journal };
}

/** Confirmed on this very boot: the deployment may or may not have been written before a crash. */
export function afterConfirmation(view: View, attempt: JournalAttempt): Step {
  if (isNextOnly(view.os, attempt.target)) {
    if (attempt.step === "rebooting" && !dueAgain(view, attempt))
      return { do: "wait", untilUptimeMillis: attempt.retry!.notBeforeUptimeMillis };
    const retry = { bootId: view.os.bootId, notBeforeUptimeMillis: view.uptimeMillis + view.limits.rebootMillis, failures: 0 };
    const journal = { ...view.journal, open: { ...attempt, step: "rebooting" as const, note: "", retry } };
    const { drain } = attempt;
    const waited = drain?.bootId === view.os.bootId && view.uptimeMillis >= drain.sinceUptimeMillis + view.limits.holdMillis;
    const because = `update to ${attempt.target.version || attempt.target.checksum}`;
    return { do: "reboot", because, journal, ...(waited ? { ignoreInhibitors: true } : {}) };
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
 * The guard watches what an attempt of ours deploys, unless going back from it is nobody's business (a way back that the server ordered), or would lead to what this
 * host denies.
 */
function armed(
  { guard, journal }: View,
  { ref, target, base, back }: JournalAttempt,
  earlierSerials: readonly number[],
): { readonly arm?: GuardOrder } {
  if (guard === undefined || back === true || journal.denied.some(({ checksum }) => checksum === base.checksum)) return {};
  return { arm: { attempt: ref, target: target.checksum, earlierSerials, base } };
}
