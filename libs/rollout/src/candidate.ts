import type { Instant, NodeId } from "@treeline/fleet";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";

/** A node that could go on at once if there is room: in which order they are asked. */
export interface Candidate {
  readonly rollout: string;
  readonly nodeId: NodeId;
  readonly priority: number;
  readonly urgent: boolean;
  readonly createdAt: Instant;
  readonly wave: number;
  readonly name: string;
}

export function candidateOf(rollout: RolloutRecord, assignment: AssignmentRecord, name: string): Candidate {
  return {
    rollout: rollout.name,
    nodeId: assignment.nodeId,
    priority: rollout.policy.priority,
    urgent: assignment.urgent === true,
    createdAt: rollout.createdAt,
    wave: assignment.wave,
    name,
  };
}

/** Negative when `a` is asked first: higher priority, then who had failed, then the older rollout, the earlier wave, the name. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    b.priority - a.priority ||
    Number(b.urgent) - Number(a.urgent) ||
    a.createdAt - b.createdAt ||
    compareText(a.rollout, b.rollout) ||
    a.wave - b.wave ||
    compareText(a.name, b.name) ||
    compareText(a.nodeId, b.nodeId)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
