import { formatAmount } from "@treeline/fleet";
import { phaseToProto, targetToProto, type wire } from "@treeline/rpc";
import { assignmentsOf, isConnected, type AssignmentRecord, type PolicyDraft, type RolloutPolicy, type RolloutRecord, type RolloutState, type Snapshot } from "@treeline/rollout";
import type { ProgressBoard } from "../progress.ts";

const wireState = {
  held: "ROLLOUT_STATE_HELD",
  running: "ROLLOUT_STATE_RUNNING",
  paused: "ROLLOUT_STATE_PAUSED",
  halted: "ROLLOUT_STATE_HALTED",
  completed: "ROLLOUT_STATE_COMPLETED",
} as const satisfies Record<RolloutState, wire.RolloutState__Output>;

/** A rollout as an operator sees it; with its nodes, or without for lists. */
export function rolloutView(snapshot: Snapshot, rollout: RolloutRecord, progress?: ProgressBoard): wire.Rollout {
  return {
    name: rollout.name,
    policy: policyToProto(rollout.policy),
    state: wireState[rollout.state],
    reason: rollout.reason,
    target: targetToProto(rollout.target),
    createdAtMillis: String(rollout.createdAt),
    startedAtMillis: String(rollout.startedAt ?? 0),
    endedAtMillis: String(rollout.endedAt ?? 0),
    openWave: rollout.openWave,
    nodes: progress ? [...assignmentsOf(snapshot, rollout.name)].sort(byWaveAndName(snapshot)).map((assignment) => nodeOf(snapshot, assignment, progress)) : [],
  };
}

function nodeOf(snapshot: Snapshot, assignment: AssignmentRecord, board: ProgressBoard): wire.RolloutNode {
  const { nodeId } = assignment;
  const progress = board.get(nodeId);
  const slot = snapshot.slots.get(nodeId);
  const ours = slot !== undefined && slot.holder.rollout === assignment.rollout;
  return {
    nodeId,
    name: snapshot.nodes.get(nodeId)?.name ?? nodeId,
    wave: assignment.wave,
    phase: phaseToProto(assignment.phase === "pending" ? "Idle" : assignment.phase),
    class: assignment.failure ?? "",
    reason: assignment.reason,
    attempt: assignment.attempt,
    holdsSlot: ours,
    bytesPulled: String(progress?.attempt.rollout === assignment.rollout ? progress.bytesDone : 0),
    confirmed: assignment.proof !== undefined || (ours && slot.confirmed !== undefined) || assignment.phase === "RolledBack",
    connected: isConnected(snapshot, nodeId),
    proved: assignment.proof !== undefined,
  };
}

function byWaveAndName(snapshot: Snapshot): (a: AssignmentRecord, b: AssignmentRecord) => number {
  const name = (assignment: AssignmentRecord): string => snapshot.nodes.get(assignment.nodeId)?.name ?? assignment.nodeId;
  return (a, b) => a.wave - b.wave || (name(a) < name(b) ? -1 : 1);
}

function policyToProto(policy: RolloutPolicy): wire.RolloutPolicy {
  return {
    release: policy.release,
    selector: policy.selector,
    waves: policy.waves.map((wave) => ({ ...wave })),
    maxUnavailable: formatAmount(policy.maxUnavailable),
    nodeSoakMillis: policy.nodeSoakMillis,
    retries: policy.retries,
  };
}

/** A policy as it came over the wire, not yet checked. */
export function draftFromProto(policy: wire.RolloutPolicy__Output | null): PolicyDraft {
  return {
    release: policy?.release ?? "",
    selector: policy?.selector ?? "",
    waves: (policy?.waves ?? []).map((wave) => {
      if (wave.size === "count") return { count: wave.count ?? Number.NaN };
      if (wave.size === "percent") return { percent: wave.percent ?? Number.NaN };
      return wave.size === "rest" && wave.rest === true ? { rest: true } : { count: Number.NaN };
    }),
    maxUnavailable: policy?.maxUnavailable ?? "",
    nodeSoakMillis: policy?.nodeSoakMillis ?? 0,
    ...(policy?._retries === "retries" && policy.retries !== undefined ? { retries: policy.retries } : {}),
  };
}
