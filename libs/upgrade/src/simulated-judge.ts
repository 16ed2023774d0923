import { bootedDeployment, sameAttempt, sameDeployment, type Deployment } from "@treeline/fleet";
import { closedKept, type Journal, type JournalAttempt } from "./journal.ts";
import type { Step, View } from "./view.ts";

/** Something that plan must never let happen; whatever plays the host fails with it. */
export class BrokenInvariant extends Error {
  override readonly name = "BrokenInvariant";
}

type DeploymentName = Pick<Deployment, "checksum" | "serial">;

/**
 * What no step may do, whatever the host's state.
 * @param accounted the deployment that may be the default without being booted: a person or a closed attempt left it so
 */
export function judge(view: View, step: Step, accounted: DeploymentName | undefined): void {
  const before = view.journal;
  const after = step.journal ?? before;
  const dueAtOnce = step.do === "wait" && step.untilUptimeMillis !== undefined && step.untilUptimeMillis <= view.uptimeMillis;
  if (dueAtOnce && (after === before || JSON.stringify(after) === JSON.stringify(before)))
    throw new BrokenInvariant("a busy wait: due at once, and nothing changed");
  if (before.closed.some((closed) => !after.closed.includes(closed)) && before.closed.length < closedKept)
    throw new BrokenInvariant("a closed attempt was forgotten");
  const { open } = after;
  if (open !== undefined && before.closed.some((closed) => sameAttempt(closed.attempt, open.ref)))
    throw new BrokenInvariant("a closed attempt was opened again");
  const next = view.os.deployments[0];
  if (next === undefined) throw new BrokenInvariant("nothing would boot");
  const isAccounted = accounted !== undefined && sameDeployment(next, accounted);
  if (!next.booted && !isConfirmed(before.open) && !isAccounted)
    throw new BrokenInvariant(`${next.checksum} would boot although no attempt is past its confirmation`);
  judgeEnd(view, after);
  if ((before.open ?? open)?.back === true && JSON.stringify(before.denied) !== JSON.stringify(after.denied))
    throw new BrokenInvariant("a way back changed what is denied");
}

/** An attempt ends on what the host ran when it began or on its target, unless somebody else booted something. */
function judgeEnd({ journal: { open, closed: before }, os }: View, after: Journal): void {
  const last = after.closed.at(-1);
  if (open === undefined || after.open !== undefined || last === undefined || last === before.at(-1)) return;
  const booted = bootedDeployment(os)?.checksum;
  const byOthers = last.outcome.kind === "failed" && last.outcome.failure === "operator";
  if (!byOthers && booted !== open.base.checksum && booted !== open.target.checksum)
    throw new BrokenInvariant(`an attempt ended as ${last.outcome.kind} on neither the old nor the new commit`);
  if (last.outcome.kind === "updated" && booted !== open.target.checksum) throw new BrokenInvariant("updated, but the target does not run");
}

/** Past the point of no return. */
export function isConfirmed(attempt: JournalAttempt | undefined): boolean {
  return attempt !== undefined && attempt.step !== "staging" && attempt.step !== "staged" && attempt.step !== "draining";
}
