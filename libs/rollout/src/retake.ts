import type { Slot } from "@treeline/disruption";
import { nextDeployment, sameAttempt, type Instant, type NodeId, type OpenAttempt } from "@treeline/fleet";
import type { DurableChange } from "./change.ts";
import { put, released, type Decision } from "./decision.ts";
import type { AssignmentRecord } from "./record.ts";
import { currentEpoch, isConnected, type Snapshot } from "./snapshot.ts";

/**
 * A server that was restored from a backup does not know of attempts it confirmed later. The node does: it takes its slot again before anything
 * new is granted (a node that has not spoken yet counts as unavailable, so nobody is granted its share meanwhile).
 */
export function retakeSlot(snapshot: Snapshot, nodeId: NodeId, now: Instant): Decision | undefined {
  if (!isConnected(snapshot, nodeId)) return undefined;
  const held = snapshot.slots.get(nodeId);
  if (held !== undefined) return releaseOrphan(snapshot, held);
  const open = snapshot.observations.get(nodeId)?.observation.update.open;
  if (open?.confirmedBootId === undefined || snapshot.nodes.get(nodeId)?.writtenOff !== undefined) return undefined;
  const { attempt } = open;
  const slot: Slot = {
    id: `${attempt.rollout}:${nodeId}:${attempt.number}`,
    nodeId,
    holder: { kind: "rollout", ...attempt },
    epoch: currentEpoch(snapshot),
    grantedAt: now,
    budgets: snapshot.ledger.standings.get(nodeId)?.budgets.map(({ id }) => id) ?? [],
    confirmed: { at: now, bootId: open.confirmedBootId },
  };
  const changes: readonly DurableChange[] = [...retakenAssignment(snapshot, nodeId, open, now), { kind: "slot", value: slot }];
  const because = "the node is past the confirmation of an attempt that this server has no slot for";
  return { action: "retake-slot", subject: `rollout ${attempt.rollout} node ${nodeId}`, because, changes };
}

function retakenAssignment(snapshot: Snapshot, nodeId: NodeId, open: OpenAttempt, now: Instant): readonly DurableChange[] {
  const { attempt, base, phase } = open;
  const rollout = snapshot.rollouts.get(attempt.rollout);
  const assignment = snapshot.assignments.get(attempt.rollout)?.get(nodeId);
  if (rollout === undefined || assignment === undefined || rollout.settled || assignment.attempt > attempt.number) return [];
  const way = open.target.checksum === rollout.target.checksum ? "forward" : "back";
  const origin = way === "forward" ? { checksum: base.checksum, serial: base.serial, ref: "", version: "" } : { ...open.target, serial: 0 };
  const next: AssignmentRecord = {
    ...assignment,
    phase,
    since: now,
    attempt: attempt.number,
    way,
    base,
    origin: assignment.origin ?? origin,
    reason: "",
  };
  return [put(next)];
}

/** A slot of an attempt that no rollout here knows (it was created after the backup): given back by the same evidence as any other. */
function releaseOrphan(snapshot: Snapshot, slot: Slot): Decision | undefined {
  if (slot.holder.kind !== "rollout") return undefined;
  const known =
    snapshot.assignments.get(slot.holder.rollout)?.has(slot.nodeId) === true &&
    snapshot.rollouts.get(slot.holder.rollout)?.settled === false;
  if (known) return undefined;
  const observation = snapshot.observations.get(slot.nodeId)?.observation;
  if (observation === undefined) return undefined;
  const { open } = observation.update;
  if (open !== undefined && sameAttempt(open.attempt, slot.holder)) return undefined;
  const well =
    nextDeployment(observation.os)?.booted === true &&
    observation.health.bootId === observation.os.bootId &&
    observation.health.state === "green";
  if (!well) return undefined;
  const subject = `rollout ${slot.holder.rollout} node ${slot.nodeId}`;
  return {
    action: "release-slot",
    subject,
    because: "its attempt, unknown here, is closed; checks are green and nothing is staged",
    changes: released(slot),
  };
}
