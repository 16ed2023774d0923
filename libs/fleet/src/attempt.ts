import type { Generation } from "./generation.ts";
import type { Checksum } from "./identity.ts";
import type { Deployment, Target } from "./deployment.ts";
import type { FailureClass, RollbackCause, UpdatePhase } from "./phase.ts";

/** One attempt of one rollout on one node. Repeating a command of the same attempt does nothing. */
export interface AttemptRef {
  readonly rollout: string;
  readonly number: number;
}

export function sameAttempt(a: AttemptRef, b: AttemptRef): boolean {
  return a.rollout === b.rollout && a.number === b.number;
}

/** How an attempt ended on the host. `abandoned`: called off before the point of no return. */
export type Outcome =
  | { readonly kind: "updated"; readonly bootId: string; readonly soakedMillis: number }
  | { readonly kind: "rolled-back"; readonly cause: RollbackCause; readonly reason: string; readonly bootId: string }
  | { readonly kind: "failed"; readonly failure: FailureClass; readonly reason: string; readonly bootId: string }
  | { readonly kind: "abandoned"; readonly reason: string; readonly bootId: string };

export interface ClosedAttempt {
  readonly attempt: AttemptRef;
  readonly target: Target;
  readonly outcome: Outcome;
  /** The boot on which the attempt was confirmed; absent when it never was. */
  readonly confirmedBootId?: string;
}

/** The part of an open attempt that the agent reports. */
export interface OpenAttempt {
  readonly attempt: AttemptRef;
  readonly target: Target;
  readonly base: Pick<Deployment, "checksum" | "serial">;
  readonly phase: UpdatePhase;
  readonly confirmedBootId?: string;
}

/** A commit this node will not be given again unless an operator clears it. */
export interface DeniedCommit {
  readonly checksum: Checksum;
  readonly reason: string;
}

/** The right to ask for the point of no return: a slot of the ledger, fenced by the epoch in which it was granted. */
export interface Permission {
  readonly slot: string;
  readonly epoch: number;
}

/** What a node shall do about one attempt. */
export interface AttemptOrder {
  readonly ref: AttemptRef;
  readonly soakMillis: number;
  /** The attempt goes although the node has denied the commit: its earlier failure was the server's own absence. */
  readonly clearDenied: boolean;
  readonly permission?: Permission;
  /**
   * A way back that the server ordered: the target is a commit this node ran before the rollout. It is not downloaded when it is still here, it
   * goes although required checks are red, and nothing returns from it to what is being left.
   */
  readonly back?: true;
  /** It goes although required checks are red: the release is to cure them. */
  readonly cure?: true;
  /** How fast to pull at most, in bytes per second; absent: as fast as the agent's own configuration allows. */
  readonly maxBytesPerSecond?: number;
}

/** What a node shall be. Level, not edge: the newest generation is the whole truth. */
export interface Intent {
  readonly generation: Generation;
  readonly target: Target;
  /** Absent: run what you run, and close what is open and not yet confirmed. */
  readonly attempt?: AttemptOrder;
  /** A commit to keep by a local ref whatever is deployed: where a rollback of the whole rollout would lead. Absent: keep none. */
  readonly keep?: Checksum;
}
