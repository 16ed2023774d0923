import type { Instant, Signed } from "@treeline/fleet";
import { placeToProto, policyToProto, targetToProto, type wire } from "@treeline/rpc";
import {
  awaitedApproval,
  emptyTally,
  explainNode,
  hasEnded,
  isConnected,
  tallyOf,
  type AssignmentRecord,
  type RolloutRecord,
  type RolloutState,
  type Snapshot,
  type Tally,
} from "@treeline/rollout";
import type { ProgressBoard } from "../progress.ts";

const wireState = {
  held: "ROLLOUT_STATE_HELD",
  running: "ROLLOUT_STATE_RUNNING",
  paused: "ROLLOUT_STATE_PAUSED",
  halted: "ROLLOUT_STATE_HALTED",
  "rolling-back": "ROLLOUT_STATE_ROLLING_BACK",
  aborted: "ROLLOUT_STATE_ABORTED",
  completed: "ROLLOUT_STATE_COMPLETED",
  "rolled-back": "ROLLOUT_STATE_ROLLED_BACK",
} as const satisfies Record<RolloutState, wire.RolloutState__Output>;

/** A rollout as an operator sees it, without its nodes. Costs its waves, however many nodes it has. */
export function rolloutView(snapshot: Snapshot, rollout: RolloutRecord, now: number): wire.Rollout {
  const tally = tallyOf(snapshot, rollout.name);
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
    waves: rollout.policy.waves.map((_, index) => waveStatus(rollout, tally, index, now)),
    nodesByStanding: tally.counts,
    slotsHeld: tally.slots,
    goingBack: rollout.way === "back",
    settled: rollout.settled,
  };
}

function waveStatus(rollout: RolloutRecord, tally: Tally, index: number, now: number): wire.WaveStatus {
  const wave = rollout.policy.waves[index]!;
  const approval = rollout.approvals[index];
  const state = waveState(rollout, tally, index, now);
  const baking = state === "WAVE_STATE_BAKING";
  return {
    name: wave.name,
    state,
    nodesByStanding: countsOf(tally, index),
    bakingSinceMillis: String(baking ? (rollout.bakingSince ?? 0) : 0),
    bakeEndsAtMillis: String(baking ? (bakeEndOf(rollout) ?? 0) : 0),
    needsApproval: wave.approval,
    approval: approval === undefined ? null : signedToProto(approval),
  };
}

/** What a wave is doing. A wave that is done can be at work again: nodes that join the rollout land in the wave they belong to. */
function waveState(rollout: RolloutRecord, tally: Tally, index: number, now: number): wire.WaveState__Output {
  const { openWave } = rollout;
  if (index > openWave) return awaitedApproval(rollout, tally, now) === index ? "WAVE_STATE_AWAITING_APPROVAL" : "WAVE_STATE_WAITING";
  const { waiting, moving } = countsOf(tally, index);
  if (moving > 0) return "WAVE_STATE_OPEN";
  // Whoever waits still was left out.
  if (waiting > 0) return hasEnded(rollout) || rollout.way === "back" ? "WAVE_STATE_WAITING" : "WAVE_STATE_OPEN";
  const bakeEnd = bakeEndOf(rollout);
  const bakes = rollout.state === "running" || rollout.state === "paused";
  return bakes && index === openWave && bakeEnd !== undefined && now < bakeEnd ? "WAVE_STATE_BAKING" : "WAVE_STATE_DONE";
}

/** When the bake of the open wave is over; undefined while none of it has begun. */
export function bakeEndOf({ bakingSince, openWave, policy }: RolloutRecord): number | undefined {
  return bakingSince === undefined ? undefined : bakingSince + (policy.waves[openWave]?.bakeMillis ?? 0);
}

function countsOf(tally: Tally, wave: number): Tally["counts"] {
  return tally.waves.get(wave)?.counts ?? emptyTally.counts;
}

export function signedToProto({ at, by, reason }: Signed): wire.Signed {
  return { atMillis: String(at), by, reason };
}

/** One node's place in a rollout as an operator sees it. */
export function rolloutNodeView(snapshot: Snapshot, assignment: AssignmentRecord, board: ProgressBoard): wire.RolloutNode {
  const { nodeId, rollout, phase, proof, attempt } = assignment;
  const progress = board.get(nodeId);
  const pulled = progress?.attempt.rollout === rollout && progress.attempt.number === attempt ? progress : undefined;
  const slot = snapshot.slots.get(nodeId);
  const ours = slot?.holder.kind === "rollout" && slot.holder.rollout === rollout;
  return {
    nodeId,
    name: nameOf(snapshot, nodeId),
    wave: assignment.wave,
    phase: placeToProto(phase === "pending" ? "Idle" : phase),
    class: assignment.failure ?? "",
    reason: assignment.reason,
    attempt,
    holdsSlot: ours,
    bytesPulled: String(pulled?.bytesDone ?? 0),
    bytesToPull: String(pulled?.bytesTotal ?? 0),
    confirmed: proof !== undefined || (ours && slot.confirmed !== undefined) || phase === "RolledBack",
    connected: isConnected(snapshot, nodeId),
    proved: proof !== undefined,
    goingBack: assignment.way === "back",
  };
}

/** Roughly how many characters a node takes in a message. */
export function nodeSize({ name, reason }: wire.RolloutNode): number {
  return 100 + (name?.length ?? 0) + (reason?.length ?? 0);
}

export function nameOf(snapshot: Snapshot, nodeId: string): string {
  return snapshot.nodes.get(nodeId)?.name ?? nodeId;
}

/** Reasons that say nothing which the phase does not say. */
const plain: ReadonlySet<string> = new Set(["under-way", "updated", "no-rollout"]);

/** A node that waits, with why: that is written nowhere, so it is asked of the snapshot. */
export function withReason(snapshot: Snapshot, node: wire.RolloutNode, now: Instant): wire.RolloutNode {
  const waits = node.phase === "UPDATE_PHASE_IDLE" || (node.phase === "UPDATE_PHASE_STAGED" && node.holdsSlot !== true);
  if (!waits || (node.reason ?? "") !== "") return node;
  const [first] = explainNode(snapshot, node.nodeId ?? "", now);
  return first === undefined || plain.has(first.code) ? node : { ...node, reason: first.reason };
}
