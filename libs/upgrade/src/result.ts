import { nextDeployment, type FailureClass, type Outcome } from "@treeline/fleet";
import { undrained } from "./attempt-words.ts";
import { closeAttempt, closeDeniedAttempt, ended, failure as failed } from "./ending.ts";
import type { HookKind, HookResult } from "./hooks.ts";
import type { Journal } from "./journal.ts";
import type { View } from "./view.ts";

/** How the `stage` step ended. */
export type StageResult =
  | { readonly ok: true }
  /** Worth another try on this host, such as a network fault. */
  | { readonly ok: false; readonly retryable: true; readonly reason: string; readonly delayMillis: number }
  | { readonly ok: false; readonly retryable: false; readonly failure: FailureClass; readonly reason: string };

/** The journal after staging. A retryable failure keeps the attempt open and says when to try again; any other ends it. */
export function noteStaged(view: Pick<View, "journal" | "os" | "uptimeMillis">, result: StageResult): Journal {
  const { open } = view.journal;
  if (open === undefined || open.step !== "staging") return view.journal;
  if (result.ok) {
    const { retry: _, ...attempt } = open;
    return { ...view.journal, open: { ...attempt, step: "staged", note: "" } };
  }
  if (!result.retryable)
    return closeAttempt(view.journal, open, { kind: "failed", failure: result.failure, reason: result.reason, bootId: view.os.bootId });
  const retry = {
    bootId: view.os.bootId,
    notBeforeUptimeMillis: view.uptimeMillis + result.delayMillis,
    failures: (open.retry?.failures ?? 0) + 1,
  };
  return { ...view.journal, open: { ...open, note: result.reason, retry } };
}

/**
 * The journal after the hooks of one kind. A red one before the point of no return calls the attempt off: the host's owner does not want it to be rebooted. One after
 * the attempt changes nothing any more: it is over, whatever its owner's programs make of it.
 */
export function noteHooks(view: Pick<View, "journal" | "os" | "hooks">, kind: HookKind, result: HookResult): Journal {
  const { open } = view.journal;
  if (open === undefined) return view.journal;
  if (kind !== "post-update") {
    if (open.drain === undefined) return view.journal;
    if (!result.ok) return ended(view, open, failed(view, "node", result.reason));
    return { ...view.journal, open: { ...open, note: "", drain: { ...open.drain, ended: [...open.drain.ended, kind] } } };
  }
  if (open.ending === undefined) return { ...view.journal, open: undrained(open, "the slot was taken back") };
  const { outcome, deny } = open.ending;
  return deny === undefined ? closeAttempt(view.journal, open, outcome) : closeDeniedAttempt(view.journal, open, deny, outcome);
}

/** How often a step of the way back is tried before it needs an operator. */
const wayBackTries = 3;

/**
 * The journal after a failed `deploy`, `set-default` or `undeploy`. `view.os` is read after the failure: whether anything was written is
 * ostree's word, never concluded from the error.
 * - A deployment that was written all the same goes on to its reboot: closing here would leave it to boot unwatched.
 * - A step of the way back is tried again, a few times, then needs an operator: the node must not be left on a bad commit by one fault.
 * - Else the attempt ends as the class says.
 */
export function noteStepFailed(view: Pick<View, "journal" | "os" | "hooks">, failure: FailureClass, reason: string): Journal {
  const { open } = view.journal;
  if (open === undefined) return view.journal;
  const { bootId } = view.os;
  if (open.step === "going-back") {
    const failures = (open.retry?.bootId === bootId ? open.retry.failures : 0) + 1;
    const why = `${open.wayBack?.reason ?? "going back"}; and the way back failed: ${reason}`;
    if (failures >= wayBackTries || failure === "needs-operator") {
      const outcome: Outcome = { kind: "failed", failure: "needs-operator", reason: why, bootId };
      return ended(view, open, outcome, open.back === true ? undefined : (open.wayBack?.reason ?? why));
    }
    return { ...view.journal, open: { ...open, note: why, retry: { bootId, notBeforeUptimeMillis: 0, failures } } };
  }
  const next = nextDeployment(view.os);
  if (next !== undefined && next.checksum === open.target.checksum && !next.booted) return view.journal;
  return ended(view, open, { kind: "failed", failure, reason, bootId });
}
