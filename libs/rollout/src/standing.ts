import { instanceOf, withStanding, type Budget, type BudgetRecord, type Membership, type Standing } from "@treeline/disruption";
import { parseSelector, selects, type NodeId, type NodeRecord } from "@treeline/fleet";
import type { Snapshot } from "./snapshot.ts";

/** A stored budget, ready for use. Its selector was checked when it was stored. */
export function parsedBudget({ name, selector, ...rest }: BudgetRecord): Budget {
  const parsed = parseSelector(selector);
  // One that nothing can read holds for every node: too careful, never too careless.
  return { name, ...rest, selector: parsed.ok ? parsed.selector : [] };
}

/** Unavailable for a reason of its own: silent, revoked, or with a red required check. */
export function isUnavailable(snapshot: Snapshot, nodeId: NodeId, node = snapshot.nodes.get(nodeId)): boolean {
  if (snapshot.contacts.get(nodeId)?.connected !== true || node?.revokedAt !== undefined) return true;
  return snapshot.observations.get(nodeId)?.observation.health.state === "red";
}

/** Every budget that holds for the node: the fleet's, by its labels, and those of the rollouts it is in. */
function membershipsOf(snapshot: Snapshot, node: NodeRecord): readonly Membership[] {
  const memberships: Membership[] = [];
  for (const budget of snapshot.fleetBudgets)
    if (selects(budget.selector, node.labels)) memberships.push({ id: instanceOf(budget, node.labels), limits: budget });
  for (const name of snapshot.claims.get(node.id) ?? [])
    for (const own of snapshot.rollouts.get(name)?.policy.budgets ?? [])
      memberships.push({ id: instanceOf({ ...own, name: ownBudgetName(name, own.per) }, node.labels), limits: own });
  return memberships;
}

/** How a rollout's own budgets are named in the ledger. */
export function ownBudgetName(rollout: string, per?: string): string {
  return per === undefined ? `rollout ${rollout}` : `rollout ${rollout} per ${per}`;
}

/**
 * The snapshot with the ledger's view of a node brought up to date. `budgets` says that the set of budgets that hold for it may have changed,
 * too; else only whether it is available and holds a slot is looked at, which costs next to nothing when neither changed.
 */
export function restand(snapshot: Snapshot, nodeId: NodeId, what: "budgets" | "state"): Snapshot {
  const node = snapshot.nodes.get(nodeId);
  const before = snapshot.ledger.standings.get(nodeId);
  if (node === undefined) return snapshot;
  const slot = snapshot.slots.get(nodeId)?.budgets;
  const counted = node.writtenOff === undefined && (node.revokedAt === undefined || slot !== undefined);
  const unavailable = isUnavailable(snapshot, nodeId, node);
  if (what === "state" && before !== undefined && before.counted === counted && before.unavailable === unavailable && before.slot === slot)
    return snapshot;
  const budgets = what === "state" && before !== undefined ? before.budgets : membershipsOf(snapshot, node);
  const standing: Standing = { budgets, counted, unavailable, ...(slot === undefined ? {} : { slot }) };
  return { ...snapshot, ledger: withStanding(snapshot.ledger, nodeId, standing) };
}
