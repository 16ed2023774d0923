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
}

/** What a node shall be. Level, not edge: the newest generation is the whole truth. */
export interface Intent {
  readonly generation: Generation;
  readonly target: Target;
  /** Absent: run what you run, and close what is open and not yet confirmed. */
  readonly attempt?: AttemptOrder;
}
