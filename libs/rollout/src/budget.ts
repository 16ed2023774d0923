import type { Budget, Ledger } from "@treeline/disruption";
import { maxUnavailableOf, type NodeId } from "@treeline/fleet";
import type { RolloutRecord } from "./record.ts";
import { isUnavailable, type Snapshot } from "./snapshot.ts";

/** The ledger as it concerns one rollout: its own maxUnavailable over the nodes it was given. */
export function ledgerOf(snapshot: Snapshot, rollout: RolloutRecord): Ledger {
  const members = new Set<NodeId>(snapshot.assignments.get(rollout.name)?.keys());
  const budget: Budget = {
    name: `rollout ${rollout.name}`,
    members,
    maxUnavailable: maxUnavailableOf(rollout.policy.maxUnavailable, members.size),
  };
  const unavailable = new Set([...members].filter((nodeId) => isUnavailable(snapshot, nodeId)));
  return { slots: new Set(snapshot.slots.keys()), unavailable, budgets: [budget] };
}
