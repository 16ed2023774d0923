import type {
  AttemptRef,
  Checksum,
  Deployment,
  ExtendedResources,
  FailureClass,
  Instant,
  NodeId,
  Persons,
  Signed,
  Target,
  UpdatePhase,
} from "@treeline/fleet";
import type { RolloutPolicy } from "./policy.ts";

/**
 * held -> running <-> paused
 * running -> paused | halted | rolling-back (its gate closed, as `onFailure` says)
 * halted -> running (failed nodes tried again)
 * running, paused, halted, aborted, completed -> rolling-back <-> paused
 * held, running, paused, halted, rolling-back -> aborted
 * running -> completed, rolling-back -> rolled-back
 *
 * Ended: aborted, completed, rolled-back. Halted is not: it waits for a person to retry, roll back or abort.
 */
export type RolloutState = "held" | "running" | "paused" | "halted" | "rolling-back" | "aborted" | "completed" | "rolled-back";

export interface RolloutRecord {
  readonly name: string;
  readonly policy: RolloutPolicy;
  readonly target: Target;
  readonly state: RolloutState;
  /** Why it is in this state, for people. */
  readonly reason: string;
  readonly createdAt: Instant;
  /** Who created it, and everybody behind them; none of them approves its waves. Absent: created before that was kept. */
  readonly createdBy?: Persons;
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
  /** With `paused`: its gate closed, nobody paused it. To resume it is to pardon what closed the gate. */
  readonly gateClosed?: true;
  /** `back` once it is being rolled back: a pause does not forget it. */
  readonly way: "forward" | "back";
  /** The newest open wave, from 0; -1 before the first is open. */
  readonly openWave: number;
  readonly waveOpenedAt?: Instant;
  /** Since when every node of the open wave has ended: the bake. */
  readonly bakingSince?: Instant;
  /** By wave: who approved it. */
  readonly approvals: Readonly<Record<number, Signed>>;
  /** By wave: results that a person has looked at and gone on from; its gate does not count them again. */
  readonly pardons: Readonly<Record<number, Results>>;
  /** It has ended or halted, no attempt of it is open and every slot is back: nothing is left to decide about it. */
  readonly settled: boolean;
}

/** What a gate judges: nodes with a result, and how many of them failed. */
export interface Results {
  readonly ended: number;
  readonly failed: number;
}

/**
 * `pending` until its first attempt and when one was called off; after that the node's own phases.
 * Ends: `Updated`, `RolledBack`, `Failed`; `Reverted`: taken back with the whole rollout; `Superseded`: a rollout of higher priority updated the node.
 * `Updated` may still become `Failed` while its wave is open, `Reverted` when the rollout is rolled back.
 */
export type AssignmentPhase = "pending" | UpdatePhase | "Reverted" | "Superseded";

/** One node's place in one rollout. */
export interface AssignmentRecord {
  readonly rollout: string;
  readonly nodeId: NodeId;
  readonly wave: number;
  readonly phase: AssignmentPhase;
  /** Since when it is in this phase. */
  readonly since: Instant;
  /** Number of the newest attempt; 0 before the first. */
  readonly attempt: number;
  /** Where the newest attempt leads: to the release, or back to `origin`. */
  readonly way: "forward" | "back";
  /** How many retryable failures were tried again. */
  readonly retried: number;
  /** Not before this the next attempt begins: backoff, or the start jitter. */
  readonly notBefore?: Instant;
  readonly reason: string;
  readonly failure?: FailureClass;
  /**
   * What the node ran when the newest attempt was ordered, and, once its agent has begun, what it says it began on: where it must be back before
   * its slot is released.
   */
  readonly base?: Pick<Deployment, "checksum" | "serial">;
  /** What the node ran before this rollout touched it: where a rollback of the whole rollout leads. */
  readonly origin?: Target & { readonly serial: number };
  /** The extended resources it had when the newest attempt began. */
  readonly resources?: ExtendedResources;
  /** Set with `Updated` and `Reverted`: what was shown. */
  readonly proof?: Proof;
  /** The next attempt goes although the node has denied the commit. */
  readonly clearDenied?: boolean;
  /** With `Lost`: the phase it made no progress in. Only a report of another one, or of the end, takes it out of `Lost`. */
  readonly lostIn?: UpdatePhase;
  /** It failed (and may wait to be tried again), but had shown that it booted the release: a rollback of the whole rollout must take it back. */
  readonly booted?: true;
  /** It had failed before its way back began: it goes back before those that are well. */
  readonly urgent?: true;
}

/** The evidence of law 1 that made a node count as Updated. */
export interface Proof {
  readonly at: Instant;
  readonly bootId: string;
  readonly previousBootId: string;
  readonly checksum: Checksum;
  readonly soakedMillis: number;
}

export function attemptOf({ rollout, attempt }: Pick<AssignmentRecord, "rollout" | "attempt">): AttemptRef {
  return { rollout, number: attempt };
}

/** Where the newest attempt of an assignment leads. */
export function targetOf(rollout: RolloutRecord, { way, origin }: Pick<AssignmentRecord, "way" | "origin">): Target {
  if (way === "forward" || origin === undefined) return rollout.target;
  const { serial: _, ...target } = origin;
  return target;
}

/** May nodes join it, leave it or change their wave? */
export function takesNodes({ way, state }: RolloutRecord): boolean {
  return way === "forward" && (state === "held" || state === "running" || state === "paused");
}

/** Nothing is done any more but to let nodes finish what cannot be called back. */
export function hasEnded({ state }: RolloutRecord): boolean {
  return state === "aborted" || state === "completed" || state === "rolled-back";
}
