import type { Fleet } from "@treeline/control";
import type { NodeId } from "@treeline/fleet";

/**
 * Cuts every connection of a node as soon as its revocation is durable. Returns how to stop.
 * INVARIANT: this happens before RevokeNode is answered, because the fleet tells its listeners before it gives a transaction's result. What
 * connects afterwards finds the revocation in the durable snapshot: every call and every request asks there.
 */
export function cutWhenRevoked(fleet: Fleet, cut: (nodeId: NodeId) => void): () => void {
  return fleet.onDurable((changes) => {
    for (const change of changes) if (change.kind === "node" && change.value.revokedAt !== undefined) cut(change.value.id);
  });
}
