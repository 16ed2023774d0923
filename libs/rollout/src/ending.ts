// How an attempt ends when it did not succeed: what becomes of the node, of its slot and of its intent.
import { isRetryable, type FailureClass } from "@treeline/fleet";
import type { DurableChange } from "./change.ts";
import { decision, failed, inPhase, note, put, released, stayIntent, type Decision } from "./decision.ts";
import { proveBack, proveUndone } from "./evidence.ts";
import { fractionOf } from "./hash.ts";
import type { Place } from "./place.ts";
import type { AssignmentRecord } from "./record.ts";
import { runsCommit } from "./snapshot.ts";

/**
 * What becomes of the slot while the node waits for another attempt; undefined: it cannot wait yet, because it is not shown that the last one is over. Where an
 * attempt may begin on red checks (a way back, a cure) they may stay red without it: then the slot stays out, and the next attempt takes it over.
 */
export function slotWhileWaiting({ rollout, assignment, observation, slot }: Place): readonly DurableChange[] | undefined {
  if (slot === undefined) return [];
  if (observation === undefined) return undefined;
  if ("shown" in proveBack(rollout, assignment, observation)) return released(slot);
  const mayBeginRed = assignment.way === "back" || rollout.policy.cure;
  return mayBeginRed && "shown" in proveUndone(rollout, assignment, observation) ? [] : undefined;
}

/** The attempt is over and nothing came of it: the node waits again. `slot`: what `slotWhileWaiting` says. */
export function toPending(
  { assignment, now }: Place,
  reason: string,
  slot: readonly DurableChange[],
  changes: readonly DurableChange[],
): Decision {
  const next = inPhase(assignment, "pending", now, reason);
  return decision("withdraw-attempt", next, reason, [put(next), ...slot, ...changes]);
}

/**
 * A retryable failure makes the node wait for its next attempt, while retries are left and the slot, if any, can be given back; else it is the
 * end. `unreachable` was this server's own absence: it uses up no retry.
 */
export function failedOrRetried(place: Place, failure: FailureClass, reason: string, clearDenied = false): Decision | undefined {
  const { snapshot, rollout, assignment, observation, now } = place;
  const counted = failure === "unreachable" ? 0 : 1;
  const { limit } = rollout.policy.retries;
  const goesOn =
    assignment.way === "back"
      ? rollout.way === "back"
      : rollout.way === "forward" && (rollout.state === "running" || rollout.state === "paused");
  const mayRetry = isRetryable(failure) && assignment.retried + counted <= limit && goesOn;
  if (!mayRetry) {
    const own =
      assignment.way === "forward" ? observation?.update.denied.find((entry) => entry.checksum === rollout.target.checksum) : undefined;
    // What the node itself denies for good is denied here too; after this server's own absence it is not.
    const denied = own !== undefined && failure === "needs-operator" ? [denial(place, own.reason)] : [];
    const booted = assignment.way === "forward" && runsCommit(snapshot, assignment.nodeId, rollout.target.checksum);
    return failed({ ...assignment, ...(booted ? { booted } : {}) }, { failure, reason, now }, [...denied, ...giveBack(place)]);
  }
  const waiting = slotWhileWaiting(place);
  if (waiting === undefined) return note(assignment, `${reason}; its slot waits for evidence`);
  const next: AssignmentRecord = {
    ...inPhase(assignment, "pending", now, `attempt ${assignment.attempt} failed: ${reason}`),
    retried: assignment.retried + counted,
    notBefore: now + backoffOf(place),
    ...(clearDenied ? { clearDenied } : {}),
  };
  return decision("retry-node", next, reason, [put(next), ...waiting, stayIntent(snapshot, next)]);
}

/** Doubles with each retry up to its limit; each node a little sooner or later than the others, always the same. */
function backoffOf({ rollout, assignment }: Place): number {
  const { backoffMillis, maxBackoffMillis } = rollout.policy.retries;
  const whole = Math.min(maxBackoffMillis, backoffMillis * 2 ** Math.min(assignment.retried, 30));
  return Math.floor(whole * (0.75 + 0.25 * fractionOf(`${rollout.name}/${assignment.nodeId}/${assignment.attempt}`)));
}

export function denial({ rollout, assignment, now }: Place, reason: string): DurableChange {
  return { kind: "denied", value: { nodeId: assignment.nodeId, checksum: rollout.target.checksum, reason, at: now } };
}

/** The intent to stay, and the slot's release if the evidence is there; if not, `releaseLater` asks again. */
export function giveBack(place: Place): readonly DurableChange[] {
  const { rollout, snapshot, assignment, observation, slot } = place;
  const stay = isOrdered(place) ? [stayIntent(snapshot, assignment)] : [];
  if (slot === undefined || observation === undefined || "missing" in proveBack(rollout, assignment, observation)) return stay;
  return [...released(slot), ...stay];
}

export function isOrdered({ snapshot, assignment }: Place): boolean {
  return snapshot.intents.get(assignment.nodeId)?.attempt !== undefined;
}
