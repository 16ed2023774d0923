import type { AttemptRef, Instant, NodeId } from "@treeline/fleet";

/** Who makes a node unavailable on purpose. Repairs, drains and removals will stand here beside rollouts. */
export type SlotHolder = { readonly kind: "rollout" } & AttemptRef;

/**
 * A persisted lease on the right to make one node unavailable.
 * INVARIANTS: at most one slot per node; released only by evidence or by an operator's write-off, never by time.
 */
export interface Slot {
  readonly id: string;
  readonly nodeId: NodeId;
  readonly holder: SlotHolder;
  /** The server epoch in which it was granted: the fencing token of the permission. */
  readonly epoch: number;
  readonly grantedAt: Instant;
  /** The budgets it was granted under, by name: a slot remembers them even if the node's labels change. */
  readonly budgets: readonly string[];
  /** Set by the committed answer to Confirm. From here the node may go down at any moment. */
  readonly confirmed?: { readonly at: Instant; readonly bootId: string };
}
