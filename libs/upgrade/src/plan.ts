// The state machine of one host: what the agent does next. Its two halves are in before-boot.ts and after-boot.ts.
import { bootedDeployment, compareGenerations, sameAttempt, type Deployment, type Intent } from "@treeline/fleet";
import { back, goBack, guardsVerdict, guardsWayBack, noReason, notOnTarget, turnBack, verify } from "./after-boot.ts";
import { isConfirmed, withoutWayBack } from "./attempt-words.ts";
import { afterConfirmation, beforeConfirmation } from "./before-boot.ts";
import { abandoned, again, closeAttempt, closeDeniedAttempt, denying, end, ended, failure, move } from "./ending.ts";
import type { GuardOrder } from "./guard.ts";
import type { Journal, JournalAttempt } from "./journal.ts";
import type { Step, View } from "./view.ts";

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
  const guarded = guardStep(view);
  if (guarded !== undefined) return guarded;
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
  if (ordered || isConfirmed(open) || open.ending !== undefined) return { do: "wait", journal: { ...journal, open }, untilUptimeMillis: 0 };
  return again(ended({ ...view, journal }, open, abandoned(view, "called off by the server")));
}

/**
 * The guard, while no attempt is open. What it watches and runs here has not proved itself: it stays watched, whatever became of the journal, until the required checks
 * pass. A journal that does not know the attempt was lost: the attempt goes on from the guard's order. Whatever the guard gave up is not given to this host
 * again. @returns undefined: nothing is to be done about it
 */
function guardStep(view: View): Step | undefined {
  const { journal, guard, os, health } = view;
  const armed = guard?.armed;
  const booted = bootedDeployment(os);
  if (armed !== undefined && booted?.checksum === armed.target && !armed.earlierSerials.includes(booted.serial)) {
    const closed = journal.closed.find(({ attempt }) => sameAttempt(attempt, armed.attempt));
    if (closed === undefined) return again({ ...journal, open: reopened(armed, booted) });
    const green = health.state === "green" && health.bootId === os.bootId;
    const { checksum, serial } = booted;
    return closed.outcome.kind === "updated" || green ? { do: "disarm", proven: { checksum, serial } } : undefined;
  }
  const givenUp = guardsVerdict(guard);
  if (armed === undefined && givenUp === undefined) return undefined;
  if (givenUp === undefined || journal.denied.some(({ checksum }) => checksum === givenUp.checksum)) return { do: "disarm" };
  return { do: "disarm", journal: denying(journal, givenUp.checksum, `${givenUp.reason}; the journal knew of no attempt`) };
}

function reopened({ attempt, base }: GuardOrder, { checksum, refspec, version }: Deployment): JournalAttempt {
  return {
    ref: attempt,
    target: { checksum, ref: refspec.slice(refspec.indexOf(":") + 1), version },
    base,
    // How long to soak stands in the order, if one comes.
    soakMillis: 0,
    step: "verifying",
    note: "found running; the journal did not know this attempt, the boot guard did",
    sessionProven: false,
  };
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
    return again(closeAttempt(journal, attempt, failure(view, "release", `denied on this host: ${denied.reason}`)));
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
    return again(
      closeAttempt(view.journal, attempt, failure(view, "operator", "the target runs already and there is nothing to go back to")),
    );
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
  if (attempt.ending !== undefined) return close(view, attempt, attempt.ending);
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
      return onNeither(view, attempt);
    case "verifying":
    case "soaking":
      if (onTarget) return verify(view, attempt);
      if (onBase)
        return turnBack(
          view,
          attempt,
          guardsWayBack(view, attempt) ?? { cause: "unproven", reason: "something else brought the previous commit back" },
        );
      return onNeither(view, attempt);
    case "going-back":
      if (onBase) return back(view, attempt, attempt.wayBack ?? noReason);
      // The commit that did not boot has booted after all, and nothing returns from it.
      if (onTarget && attempt.back === true) return move(view, withoutWayBack({ ...attempt, step: "verifying", note: "" }));
      if (onTarget) return goBack(view, attempt);
      return onNeither(view, attempt);
  }
}

/** Somebody else's deployment was booted. What the guard had given up before is denied, as after its way back. */
function onNeither(view: View, attempt: JournalAttempt): Step {
  const reason = "neither the old nor the new commit is booted";
  const byGuard = guardsWayBack(view, attempt)?.reason;
  return end(view, attempt, failure(view, "operator", byGuard === undefined ? reason : `${reason}; ${byGuard}`), byGuard);
}

/**
 * The hooks after the attempt, then its end. What was concluded after the confirmation, on an earlier boot, is concluded anew: the host may run something else by now.
 * What ended before it has changed nothing, and perhaps nobody orders it any more: that stays as it was.
 */
function close(view: View, attempt: JournalAttempt, { outcome, deny }: NonNullable<JournalAttempt["ending"]>): Step {
  if (outcome.bootId !== view.os.bootId && outcome.kind !== "abandoned" && isConfirmed(attempt)) {
    const { ending: _, ...rest } = attempt;
    return move(view, rest);
  }
  if ((view.hooks ?? []).includes("post-update")) return { do: "run-hooks", kind: "post-update", attempt };
  const { journal } = view;
  return again(deny === undefined ? closeAttempt(journal, attempt, outcome) : closeDeniedAttempt(journal, attempt, deny, outcome));
}
