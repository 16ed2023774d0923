import type { AttemptRef, Instant, NodeId } from "@treeline/fleet";

/** Who makes a node unavailable on purpose: a rollout's attempt, or other work, by the id its own room gives it. */
export type SlotHolder =
  | ({ readonly kind: "rollout" } & AttemptRef)
  | { readonly kind: "repair" | "drain" | "removal" | "scale-down"; readonly id: string };

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
  /** Ids of the budgets it was granted under: a slot remembers its failure domains even if the node's labels change. */
  readonly budgets: readonly string[];
  /** Set by the committed answer to Confirm. From here the node may go down at any moment. */
  readonly confirmed?: { readonly at: Instant; readonly bootId: string };
}

/** For people: `rollout edge-2 attempt 3`, `repair r-17`. */
export function formatHolder(holder: SlotHolder): string {
  return holder.kind === "rollout" ? `rollout ${holder.rollout} attempt ${holder.number}` : `${holder.kind} ${holder.id}`;
}
