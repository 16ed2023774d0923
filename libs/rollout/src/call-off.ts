import { budgetsHold } from "@treeline/disruption";
import { nextDeployment, sameAttempt, type UpdatePhase, compareGenerations } from "@treeline/fleet";
import { goneFor } from "./hindrance.ts";
import { preemptorOf } from "./claim.ts";
import { decision, stayIntent, type Decision } from "./decision.ts";
import { failedOrRetried, slotWhileWaiting, toPending } from "./ending.ts";
import { exceededFor } from "./excess.ts";
import type { Place } from "./place.ts";
import { attemptOf } from "./record.ts";
import { isSelected } from "./selection.ts";
import { silentSince } from "./snapshot.ts";
import { stopOn } from "./stop.ts";

export const beforeConfirmation: ReadonlySet<UpdatePhase> = new Set<UpdatePhase>(["Staging", "Staged", "Draining"]);

/** Why an attempt must not go on to its confirmation. `counts`: it uses up a retry. */
export interface CallOff {
  readonly reason: string;
  readonly counts: boolean;
}

/** The reason to call the attempt off, if there is one. Asked before the confirmation; what a node has acted on cannot be called back. */
export function calledOffBecause(place: Place): CallOff | undefined {
  const { snapshot, rollout, assignment, slot } = place;
  const { nodeId, way } = assignment;
  const goesOn =
    way === "forward"
      ? rollout.state === "running" || (rollout.state === "paused" && rollout.way === "forward")
      : rollout.state === "rolling-back" || (rollout.state === "paused" && rollout.way === "back");
  if (!goesOn) return { reason: `rollout ${rollout.name} is ${rollout.state}`, counts: false };
  const stop = slot === undefined ? undefined : stopOn(snapshot, nodeId, way);
  if (stop !== undefined) return { reason: `stopped by ${stop.by}: ${stop.reason}`, counts: false };
  const node = snapshot.nodes.get(nodeId);
  const selection = snapshot.selections.get(rollout.name);
  if (way === "forward" && node !== undefined && selection !== undefined && !isSelected(selection, node))
    return { reason: "the node is not in the rollout's selection any more", counts: false };
  const gone = goneFor(node);
  if (way === "back" && gone !== undefined) return { reason: gone, counts: false };
  const preemptor = way === "forward" ? preemptorOf(snapshot, place) : undefined;
  if (preemptor !== undefined)
    return { reason: `rollout ${preemptor.name} (priority ${preemptor.policy.priority}) goes first on this node`, counts: false };
  const exceeded = slot === undefined ? undefined : exceededFor(snapshot, slot, place.now);
  if (exceeded !== undefined) return { reason: `too many are unavailable in budget ${exceeded}`, counts: false };
  const due = preparationDue(place);
  if (due === undefined || place.now < due) return undefined;
  // Kept waiting for the others' sake, or out of contact: not this node's failure.
  const blameless =
    rollout.state === "paused" || isSilentOrWas(place) || (slot !== undefined && !budgetsHold(snapshot.ledger, nodeId).granted);
  return {
    reason: slot === undefined ? "staging took longer than the policy allows" : "draining took longer than the policy allows",
    counts: !blameless,
  };
}

/** Out of contact now, or at any time since the slot was granted. */
function isSilentOrWas({ snapshot, assignment, slot }: Place): boolean {
  const contact = snapshot.contacts.get(assignment.nodeId);
  return contact?.connected !== true || (slot !== undefined && contact.at > slot.grantedAt);
}

/** Until when staging, or draining once the slot is granted, may last. Waiting for a slot may last for ever. */
export function preparationDue({ rollout, assignment, slot, snapshot }: Place): number | undefined {
  const { stagingMillis, drainingMillis } = rollout.policy.timeouts;
  if (slot !== undefined) {
    // Confirmed, and still draining by its own word: the answer never arrived.
    const since =
      slot.confirmed === undefined
        ? slot.grantedAt
        : beforeConfirmation.has(assignment.phase as UpdatePhase)
          ? slot.confirmed.at
          : undefined;
    return since === undefined ? undefined : Math.max(since, silentSince(snapshot, assignment.nodeId) ?? 0) + drainingMillis;
  }
  return assignment.phase === "Staging" ? assignment.since + stagingMillis : undefined;
}

/**
 * Calls off an attempt that must not go on: every one that is not confirmed, and a confirmed one as long as the node shows that it has not acted
 * on it (the answer may never have arrived, and no second one is given). An agent that did act goes on, whatever its intent says.
 */
export function callOff(place: Place): Decision | undefined {
  const { snapshot, assignment, slot, observation } = place;
  if (assignment.phase === "Lost") return undefined;
  if (isActedOn(place)) return undefined;
  const because = calledOffBecause(place);
  const intent = snapshot.intents.get(assignment.nodeId);
  if (intent?.attempt !== undefined) {
    if (because === undefined) return undefined;
    // Without a slot nothing can have been confirmed: the node need not be asked.
    if (slot === undefined)
      return because.counts
        ? failedOrRetried(place, "transient", because.reason)
        : toPending(place, because.reason, [], [stayIntent(snapshot, assignment)]);
    return decision("withdraw-attempt", assignment, because.reason, [stayIntent(snapshot, assignment)]);
  }
  // The agent has seen the recall and does not report the attempt any more.
  const seen = observation !== undefined && intent !== undefined && compareGenerations(observation.update.highest, intent.generation) >= 0;
  const waiting = seen ? slotWhileWaiting(place) : undefined;
  if (waiting === undefined) return undefined;
  if (because?.counts === true) return failedOrRetried(place, "transient", because.reason);
  return toPending(place, because?.reason ?? "called off before the point of no return", waiting, []);
}

/** A confirmation was given, and the node does not show that it has not acted on it. */
export function isActedOn({ assignment, slot, observation }: Place): boolean {
  if (slot?.confirmed === undefined) return false;
  if (observation === undefined || nextDeployment(observation.os)?.booted !== true) return true;
  const { open } = observation.update;
  const begunAgain = open !== undefined && sameAttempt(open.attempt, attemptOf(assignment)) && beforeConfirmation.has(open.phase);
  return !begunAgain && observation.os.bootId !== slot.confirmed.bootId;
}
