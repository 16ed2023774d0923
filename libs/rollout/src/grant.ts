import { formatHolder, judgeGrant, requestSlot } from "@treeline/disruption";
import { otherSlot, redBefore, stateHindrance, type Hindrance } from "./hindrance.ts";
import { decision, orderIntent, released, type Decision } from "./decision.ts";
import type { Place } from "./place.ts";
import { attemptOf } from "./record.ts";
import { currentEpoch, isConnected } from "./snapshot.ts";
import { stopOn } from "./stop.ts";

/** What keeps a staged node from asking for its slot, or nothing. */
export function hindranceToSlot(place: Place): Hindrance | undefined {
  const { snapshot, rollout, assignment, observation } = place;
  const { nodeId, way } = assignment;
  const goesOn = rollout.state === (way === "forward" ? "running" : "rolling-back");
  if (!goesOn) return stateHindrance(rollout);
  const other = otherSlot(place);
  if (other !== undefined) return other;
  const stop = stopOn(snapshot, nodeId, way);
  if (stop !== undefined) return { code: "stopped", reason: `stopped by ${stop.by}: ${stop.reason}` };
  if (!isConnected(snapshot, nodeId)) return { code: "silent", reason: "the node is not in contact" };
  return way === "forward" && observation?.health.state === "red" && !rollout.policy.cure ? { code: "red", reason: redBefore } : undefined;
}

/** Staged, and could be granted a slot if there is room. */
export function wantsSlot(place: Place): boolean {
  const { snapshot, assignment, slot } = place;
  if (slot !== undefined || assignment.phase !== "Staged") return false;
  return snapshot.intents.get(assignment.nodeId)?.attempt !== undefined && hindranceToSlot(place) === undefined;
}

/** The slot for a node that wants one, or the budget that has no room for it. */
export function grantSlot(place: Place): { readonly decision: Decision } | { readonly blockedBy: string } {
  const { snapshot, rollout, assignment, now } = place;
  const { nodeId } = assignment;
  const held = snapshot.slots.get(nodeId);
  const holder = { kind: "rollout" as const, ...attemptOf(assignment) };
  const answer = requestSlot(snapshot.ledger, held, { nodeId, holder, epoch: currentEpoch(snapshot), now });
  if (!answer.granted) return { blockedBy: "budget" in answer ? answer.budget : formatHolder(answer.heldBy) };
  const { slot } = answer;
  const within = slot.budgets.length === 0 ? "no budget holds for this node" : `within ${slot.budgets.join(", ")}`;
  // A slot of an earlier attempt of this very rollout is taken over.
  const changes = [...released(held), { kind: "slot" as const, value: slot }, orderIntent(snapshot, rollout, assignment, slot)];
  return { decision: decision("grant-slot", assignment, within, changes) };
}

/** Why a node that wants a slot is not granted one: the first budget without room for it. */
export function fullBudget({
  snapshot,
  assignment,
}: Place): Extract<ReturnType<typeof judgeGrant>, { readonly granted: false }> | undefined {
  if (snapshot.nodes.get(assignment.nodeId)?.writtenOff !== undefined) return undefined;
  const grant = judgeGrant(snapshot.ledger, assignment.nodeId);
  return grant.granted ? undefined : grant;
}
