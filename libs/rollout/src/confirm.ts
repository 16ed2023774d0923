import { budgetsHold, type Slot } from "@treeline/disruption";
import { bootedDeployment, sameAttempt, type AttemptRef, type Checksum, type Instant, type NodeId, type Permission } from "@treeline/fleet";
import { targetOf } from "./record.ts";
import { isConnected, isDenied, type Snapshot } from "./snapshot.ts";
import { stopOn } from "./stop.ts";
import { categoryOf } from "./tally.ts";

/** How long an agent may start `ostree admin deploy` after it sent the request. */
export const confirmTtlMillis = 30_000;

export interface ConfirmRequest {
  readonly nodeId: NodeId;
  readonly attempt: AttemptRef;
  readonly permission: Permission;
  readonly bootId: string;
  readonly checksum: Checksum;
}

/** `slot` is what must be committed before the node is told. */
export type Confirmation = { readonly granted: true; readonly slot: Slot } | { readonly granted: false; readonly reason: string };

/**
 * May the node go past the point of no return now? Law 6: asked at the last moment, judged afresh each time, never from a cache. The caller
 * commits the slot with its confirmation and only then answers; any doubt is a refusal.
 */
export function confirm(snapshot: Snapshot, request: ConfirmRequest, now: Instant): Confirmation {
  const { nodeId, attempt, permission } = request;
  const node = snapshot.nodes.get(nodeId);
  const slot = snapshot.slots.get(nodeId);
  const rollout = snapshot.rollouts.get(attempt.rollout);
  const assignment = snapshot.assignments.get(attempt.rollout)?.get(nodeId);
  const order = snapshot.intents.get(nodeId)?.attempt;
  if (node === undefined || node.revokedAt !== undefined) return refused("the node is not enrolled or was revoked");
  if (node.writtenOff !== undefined) return refused("the node was written off");
  if (rollout === undefined || assignment === undefined) return refused(`there is no rollout ${attempt.rollout} with this node`);
  const { way } = assignment;
  if (rollout.state !== (way === "forward" ? "running" : "rolling-back")) return refused(`rollout ${rollout.name} is ${rollout.state}`);
  if (way === "forward" && assignment.wave > rollout.openWave) return refused(`wave ${assignment.wave + 1} is not open`);
  if (assignment.attempt !== attempt.number) return refused(`attempt ${attempt.number} is over; the newest is ${assignment.attempt}`);
  if (categoryOf(assignment) !== "moving") return refused(`the attempt has ended: ${assignment.phase}`);
  if (order === undefined || !sameAttempt(order.ref, attempt)) return refused("the attempt was called off");
  if (slot === undefined || slot.id !== permission.slot || slot.epoch !== permission.epoch)
    return refused("the permission is not, or no longer, valid");
  if (request.checksum !== targetOf(rollout, assignment).checksum) return refused("the commit is not this attempt's target");
  if (way === "forward" && isDenied(snapshot, nodeId, request.checksum) && assignment.clearDenied !== true)
    return refused("the commit is denied on this node");
  const stop = stopOn(snapshot, nodeId, way);
  if (stop !== undefined) return refused(`stopped by ${stop.by}: ${stop.reason}`);
  const observation = snapshot.observations.get(nodeId)?.observation;
  if (!isConnected(snapshot, nodeId) || observation === undefined) return refused("the node has no session");
  if (observation.os.bootId !== request.bootId) return refused("the node has booted since it was last observed");
  if (bootedDeployment(observation.os)?.checksum !== assignment.base?.checksum)
    return refused("the node does not run the commit the attempt began on");
  if (observation.health.state === "red" && way === "forward" && !rollout.policy.cure)
    return refused("its required checks are red before the update");
  const budgets = budgetsHold(snapshot.ledger, nodeId);
  if (!budgets.granted) return refused(`${budgets.taken} of ${budgets.limit} would be unavailable in budget ${budgets.budget}`);
  return { granted: true, slot: { ...slot, confirmed: { at: now, bootId: request.bootId } } };
}

function refused(reason: string): Confirmation {
  return { granted: false, reason };
}
