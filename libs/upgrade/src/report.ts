import { sameAttempt, type Health, type Intent, type OpenAttempt, type Outcome, type UpdatePhase, type UpdateState } from "@treeline/fleet";
import type { AttemptStep, Journal } from "./journal.ts";

const phaseOf: Readonly<Record<AttemptStep, UpdatePhase>> = {
  staging: "Staging",
  staged: "Staged",
  draining: "Draining",
  finalizing: "Finalizing",
  rebooting: "Rebooting",
  verifying: "Verifying",
  soaking: "Soaking",
  "going-back": "Verifying",
};

/** What the agent says about its attempts: the open one, those closed, and the commits it denies. */
export function updateState(
  journal: Journal,
  context: { readonly health: Health; readonly intent?: Intent; readonly journalNote?: string },
): UpdateState {
  const { open } = journal;
  const last = journal.closed.at(-1);
  const ordered = context.intent?.attempt;
  const over = ordered !== undefined && journal.closed.some((closed) => sameAttempt(closed.attempt, ordered.ref));
  const notEligible =
    open === undefined &&
    ordered !== undefined &&
    !over &&
    ordered.back !== true &&
    ordered.cure !== true &&
    context.health.state === "red";
  const reported: OpenAttempt | undefined = open && {
    attempt: open.ref,
    target: open.target,
    base: open.base,
    phase: phaseOf[open.step],
    ...(open.confirmedBootId ? { confirmedBootId: open.confirmedBootId } : {}),
  };
  return {
    phase: reported?.phase ?? (notEligible ? "NotEligible" : endPhase(last?.outcome.kind)),
    reason: open?.note ?? (notEligible ? "a required check is red before the update" : endReason(last?.outcome)),
    ...(reported ? { open: reported } : {}),
    closed: journal.closed,
    denied: journal.denied,
    highest: journal.highest,
    ...(context.journalNote ? { journalNote: context.journalNote } : {}),
  };
}

function endReason(outcome: Outcome | undefined): string {
  return outcome === undefined || outcome.kind === "updated" ? "" : outcome.reason;
}

function endPhase(kind: Outcome["kind"] | undefined): UpdatePhase {
  switch (kind) {
    case "updated":
      return "Updated";
    case "rolled-back":
      return "RolledBack";
    case "failed":
      return "Failed";
    default:
      return "Idle";
  }
}
