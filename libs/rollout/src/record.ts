import type { Checksum, Deployment, FailureClass, Instant, NodeId, Target, UpdatePhase } from "@treeline/fleet";
import type { RolloutPolicy } from "./policy.ts";

/**
 * held -> running <-> paused; running or paused -> halted (a node failed); running -> completed; held, running or paused -> halted (aborted).
 * halted and completed are end states.
 */
export type RolloutState = "held" | "running" | "paused" | "halted" | "completed";

export interface RolloutRecord {
  readonly name: string;
  readonly policy: RolloutPolicy;
  readonly target: Target;
  readonly state: RolloutState;
  /** Why it is in this state, for people. */
  readonly reason: string;
  readonly createdAt: Instant;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  /** The wave being worked on, from 0. */
  readonly openWave: number;
  /** It has ended, no attempt of it is open and every slot is back. */
  readonly settled: boolean;
}

/** `pending` until its first attempt and when one was called off; after that the node's own phases; `Updated`, `RolledBack`, `Failed` are ends. */
export type AssignmentPhase = "pending" | UpdatePhase;

/** One node's place in one rollout. */
export interface AssignmentRecord {
  readonly rollout: string;
  readonly nodeId: NodeId;
  readonly wave: number;
  readonly phase: AssignmentPhase;
  /** Number of the newest attempt; 0 before the first. */
  readonly attempt: number;
  /** How many retryable failures were tried again. */
  readonly retried: number;
  readonly reason: string;
  readonly failure?: FailureClass;
  /** What the node ran when the newest attempt began: where it must be back before its slot is released. */
  readonly base?: Pick<Deployment, "checksum" | "serial">;
  /** Set with `Updated`: what was shown. */
  readonly proof?: Proof;
  /** The next attempt goes although the node has denied the commit. */
  readonly clearDenied?: boolean;
}

/** The evidence of law 1 that made a node count as Updated. */
export interface Proof {
  readonly at: Instant;
  readonly bootId: string;
  readonly previousBootId: string;
  readonly checksum: Checksum;
  readonly soakedMillis: number;
}

export function isEnd(assignment: AssignmentRecord): boolean {
  return assignment.phase === "Updated" || assignment.phase === "RolledBack" || assignment.phase === "Failed";
}

/** No attempt is under way: the next one begins when its wave is open and the node is fit for it. */
export function isWaiting(assignment: AssignmentRecord): boolean {
  return assignment.phase === "pending" || assignment.phase === "NotEligible";
}
