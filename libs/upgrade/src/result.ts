import { nextDeployment, type FailureClass, type Outcome } from "@treeline/fleet";
import { closeAttempt, closeDeniedAttempt, type View } from "./plan.ts";
import type { Journal } from "./journal.ts";

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

/** How often a step of the way back is tried before it needs an operator. */
const wayBackTries = 3;

/**
 * The journal after a failed `deploy`, `set-default` or `undeploy`. `view.os` is read after the failure: whether anything was written is
 * ostree's word, never concluded from the error.
 * - A deployment that was written all the same goes on to its reboot: closing here would leave it to boot unwatched.
 * - A step of the way back is tried again, a few times, then needs an operator: the node must not be left on a bad commit by one fault.
 * - Else the attempt ends as the class says.
 */
export function noteStepFailed(view: Pick<View, "journal" | "os">, failure: FailureClass, reason: string): Journal {
  const { open } = view.journal;
  if (open === undefined) return view.journal;
  const { bootId } = view.os;
  if (open.step === "going-back") {
    const failures = (open.retry?.bootId === bootId ? open.retry.failures : 0) + 1;
    const why = `${open.wayBack?.reason ?? "going back"}; and the way back failed: ${reason}`;
    if (failures >= wayBackTries || failure === "needs-operator") {
      const outcome: Outcome = { kind: "failed", failure: "needs-operator", reason: why, bootId };
      if (open.back === true) return closeAttempt(view.journal, open, outcome);
      return closeDeniedAttempt(view.journal, open, open.wayBack?.reason ?? why, outcome);
    }
    return { ...view.journal, open: { ...open, note: why, retry: { bootId, notBeforeUptimeMillis: 0, failures } } };
  }
  const next = nextDeployment(view.os);
  if (next !== undefined && next.checksum === open.target.checksum && !next.booted) return view.journal;
  return closeAttempt(view.journal, open, { kind: "failed", failure, reason, bootId });
}
