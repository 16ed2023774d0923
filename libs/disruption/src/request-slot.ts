import { sameAttempt, type Instant, type NodeId } from "@treeline/fleet";
import { judgeGrant, type Ledger } from "./ledger.ts";
import type { Slot, SlotHolder } from "./slot.ts";

export interface SlotRequest {
  readonly nodeId: NodeId;
  readonly holder: SlotHolder;
  /** The server's epoch: it fences the permission. */
  readonly epoch: number;
  readonly now: Instant;
}

/** The slot to store; or the budget, or the other work on the node, that is in the way. */
export type SlotAnswer =
  | { readonly granted: true; readonly slot: Slot }
  | { readonly granted: false; readonly budget: string; readonly taken: number; readonly limit: number }
  | { readonly granted: false; readonly heldBy: SlotHolder };

/**
 * The one way to a slot, whoever asks: rollouts, and later repairs, drains, removals. `held` is the node's slot, if it has one. The same work
 * asking again gets the slot it has; a later attempt of the same rollout takes over the slot of the one before (the caller stores the release and
 * the grant in one write).
 */
export function requestSlot(ledger: Ledger, held: Slot | undefined, { nodeId, holder, epoch, now }: SlotRequest): SlotAnswer {
  if (held !== undefined) {
    if (isSameWork(held.holder, holder)) return { granted: true, slot: held };
    if (!(held.holder.kind === "rollout" && holder.kind === "rollout" && held.holder.rollout === holder.rollout))
      return { granted: false, heldBy: held.holder };
  }
  const grant = judgeGrant(ledger, nodeId);
  if (!grant.granted) return grant;
  const id = holder.kind === "rollout" ? `${holder.rollout}:${nodeId}:${holder.number}` : `${holder.kind}:${nodeId}:${holder.id}`;
  return { granted: true, slot: { id, nodeId, holder, epoch, grantedAt: now, budgets: grant.budgets } };
}

function isSameWork(a: SlotHolder, b: SlotHolder): boolean {
  if (a.kind === "rollout" || b.kind === "rollout") return a.kind === "rollout" && b.kind === "rollout" && sameAttempt(a, b);
  return a.kind === b.kind && a.id === b.id;
}
