import type { Slot } from "@treeline/disruption";
import { sameAttempt, type Instant, type Observation } from "@treeline/fleet";
import type { Decision } from "./decision.ts";
import { attemptOf, type AssignmentRecord, type RolloutRecord } from "./record.ts";
import type { Snapshot } from "./snapshot.ts";

/** One node in one rollout, and all that is known about it: what every decision about an attempt is made from. */
export interface Place {
  readonly snapshot: Snapshot;
  readonly rollout: RolloutRecord;
  readonly assignment: AssignmentRecord;
  readonly observation: Observation | undefined;
  /** The slot of the newest attempt. */
  readonly slot: Slot | undefined;
  readonly now: Instant;
}

/**
 * What a look at a node came to. `due`: look again then, though nothing changes. `wants`: it could go on at once, but others may be before it:
 * `candidate.ts` decides in order.
 */
export interface Look {
  readonly decision?: Decision | undefined;
  readonly due?: Instant | undefined;
  readonly wants?: "start" | "slot" | undefined;
}

export function placeOf(snapshot: Snapshot, rollout: RolloutRecord, assignment: AssignmentRecord, now: Instant): Place {
  const observation = snapshot.observations.get(assignment.nodeId)?.observation;
  return { snapshot, rollout, assignment, observation, slot: slotOf(snapshot, assignment), now };
}

export function slotOf(snapshot: Snapshot, assignment: AssignmentRecord): Slot | undefined {
  const slot = snapshot.slots.get(assignment.nodeId);
  if (slot === undefined || slot.holder.kind !== "rollout") return undefined;
  return sameAttempt(slot.holder, attemptOf(assignment)) ? slot : undefined;
}
