import type { Slot } from "@treeline/disruption";
import {
  bootedDeployment,
  type AttemptOrder,
  type FailureClass,
  type Instant,
  type Intent,
  type NodeId,
  type Target,
} from "@treeline/fleet";
import type { AuditEntry, DurableChange } from "./change.ts";
import { attemptOf, targetOf, type AssignmentPhase, type AssignmentRecord, type RolloutRecord } from "./record.ts";
import { nextGeneration, type Snapshot } from "./snapshot.ts";

/** One decision as data: what changes, and why. The changes and the reason are stored in one transaction. */
export interface Decision {
  readonly action:
    | "begin-attempt"
    | "begin-way-back"
    | "note-phase"
    | "grant-slot"
    | "withdraw-attempt"
    | "node-joined"
    | "node-left"
    | "node-updated"
    | "node-reverted"
    | "node-superseded"
    | "node-rolled-back"
    | "node-failed"
    | "node-lost"
    | "node-proved"
    | "retry-node"
    | "release-slot"
    | "retake-slot"
    | "release-base"
    | "open-wave"
    | "bake-wave"
    | "void-pardon"
    | "pause-rollout"
    | "halt-rollout"
    | "rollback-rollout"
    | "complete-rollout"
    | "settle-rollout";
  /** `rollout NAME`, `rollout NAME node ID` or `node ID`. */
  readonly subject: string;
  readonly because: string;
  readonly changes: readonly DurableChange[];
}

/** What is written down about decisions. What happens to a slot is written under its node as well: the history of the ledger. */
export function auditOf(decisions: readonly Decision[], at: Instant): readonly AuditEntry[] {
  return decisions.flatMap(({ action, subject, because, changes }) => [
    { at, actor: "controller", action, subject, because },
    ...changes.flatMap((change): AuditEntry[] => {
      if (change.kind === "slot")
        return [
          { at, actor: "controller", action: "slot-granted", subject: `node ${change.value.nodeId}`, because: `${subject}: ${because}` },
        ];
      if (change.kind === "slot-released")
        return [{ at, actor: "controller", action: "slot-released", subject: `node ${change.nodeId}`, because: `${subject}: ${because}` }];
      return [];
    }),
  ]);
}

export function decision(
  action: Decision["action"],
  assignment: AssignmentRecord,
  because: string,
  changes: readonly DurableChange[],
): Decision {
  return { action, subject: subjectOf(assignment), because, changes };
}

export function rolloutDecision(action: Decision["action"], rollout: RolloutRecord, because: string): Decision {
  return { action, subject: `rollout ${rollout.name}`, because, changes: [{ kind: "rollout", value: rollout }] };
}

export function subjectOf({ rollout, nodeId }: Pick<AssignmentRecord, "rollout" | "nodeId">): string {
  return `rollout ${rollout} node ${nodeId}`;
}

// ---- changes ----

export function put(assignment: AssignmentRecord): DurableChange {
  return { kind: "assignment", value: assignment };
}

/** The assignment in another phase; it is there from now on. What does not outlive a phase is left behind. */
export function inPhase(assignment: AssignmentRecord, phase: AssignmentPhase, now: Instant, reason: string): AssignmentRecord {
  const { failure: _, lostIn: __, ...rest } = assignment;
  return { ...rest, phase, reason, since: assignment.phase === phase ? assignment.since : now };
}

export function note(assignment: AssignmentRecord, reason: string): Decision | undefined {
  return assignment.reason === reason ? undefined : decision("note-phase", assignment, reason, [put({ ...assignment, reason })]);
}

export interface Failure {
  readonly failure: FailureClass;
  readonly reason: string;
  readonly now: Instant;
}

export function failed(assignment: AssignmentRecord, { failure, reason, now }: Failure, changes: readonly DurableChange[]): Decision {
  const next: AssignmentRecord = { ...inPhase(assignment, "Failed", now, reason), failure };
  return decision("node-failed", next, reason, [put(next), ...changes]);
}

export function released(slot: Slot | undefined): readonly DurableChange[] {
  return slot ? [{ kind: "slot-released", nodeId: slot.nodeId, id: slot.id }] : [];
}

/** The commit to keep on the node for a rollback of the whole rollout: none once it has gone back, or has nothing to go back to. */
function keepOf(assignment: AssignmentRecord): Pick<Intent, "keep"> {
  return assignment.origin === undefined || assignment.way === "back" ? {} : { keep: assignment.origin.checksum };
}

export function orderIntent(snapshot: Snapshot, rollout: RolloutRecord, assignment: AssignmentRecord, slot?: Slot): DurableChange {
  const { nodes, bytesPerSecond } = rollout.policy.staging;
  const attempt: AttemptOrder = {
    ref: attemptOf(assignment),
    soakMillis: rollout.policy.nodeSoakMillis,
    clearDenied: assignment.clearDenied ?? false,
    ...(slot ? { permission: { slot: slot.id, epoch: slot.epoch } } : {}),
    ...(assignment.way === "back" ? { back: true as const } : {}),
    ...(assignment.way === "forward" && rollout.policy.cure ? { cure: true as const } : {}),
    ...(nodes === undefined || bytesPerSecond === undefined ? {} : { maxBytesPerSecond: Math.floor(bytesPerSecond / nodes) }),
  };
  return intentChange(assignment.nodeId, {
    generation: nextGeneration(snapshot, assignment.nodeId),
    target: targetOf(rollout, assignment),
    attempt,
    ...keepOf(assignment),
  });
}

/** When an attempt ends, the node's intent becomes the commit it runs. The base is kept until the rollout is settled. */
export function stayIntent(snapshot: Snapshot, assignment: AssignmentRecord): DurableChange {
  return intentChange(assignment.nodeId, { ...stay(snapshot, assignment), ...keepOf(assignment) });
}

/** The same without keeping anything. */
export function releasingIntent(snapshot: Snapshot, assignment: AssignmentRecord): DurableChange {
  return intentChange(assignment.nodeId, stay(snapshot, assignment));
}

function stay(snapshot: Snapshot, { nodeId, base }: AssignmentRecord): Pick<Intent, "generation" | "target"> {
  const { serial: _, ...running } = runningTarget(snapshot, nodeId) ?? { checksum: base?.checksum ?? "", ref: "", version: "", serial: 0 };
  return { generation: nextGeneration(snapshot, nodeId), target: running };
}

/** What the node runs, as a target. */
export function runningTarget(snapshot: Snapshot, nodeId: NodeId): (Target & { readonly serial: number }) | undefined {
  const observation = snapshot.observations.get(nodeId)?.observation;
  const booted = observation && bootedDeployment(observation.os);
  return (
    booted && { checksum: booted.checksum, serial: booted.serial, ref: booted.refspec.replace(/^[^:/]*:/, ""), version: booted.version }
  );
}

function intentChange(nodeId: NodeId, intent: Intent): DurableChange {
  return { kind: "intent", value: { nodeId, intent } };
}
