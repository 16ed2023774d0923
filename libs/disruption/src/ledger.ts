import type { NodeId } from "@treeline/fleet";

/** How many of its members may be unavailable at once, for whatever reason. */
export interface Budget {
  readonly name: string;
  readonly members: ReadonlySet<NodeId>;
  /** Nodes, already resolved from a count or a percentage. */
  readonly maxUnavailable: number;
}

/** What the ledger must know to judge one request. */
export interface Ledger {
  /** Nodes that hold a slot. */
  readonly slots: ReadonlySet<NodeId>;
  /** Nodes unavailable for any other reason: silent, or red. */
  readonly unavailable: ReadonlySet<NodeId>;
  readonly budgets: readonly Budget[];
}

export type Grant =
  | { readonly granted: true; readonly budgets: readonly string[] }
  | { readonly granted: false; readonly budget: string; readonly taken: number; readonly maxUnavailable: number };

/**
 * May this node take a slot now?
 *
 * INVARIANT: a grant never enlarges (slots ∪ unavailable) past a budget that holds for the node. The union is by node, so none is counted
 * twice; a node that is already in the union does not enlarge it and is granted whatever the count is.
 */
export function judgeGrant(ledger: Ledger, nodeId: NodeId): Grant {
  const holding = ledger.budgets.filter((budget) => budget.members.has(nodeId));
  for (const budget of holding) {
    if (inUnion(ledger, nodeId)) continue;
    const taken = unionSize(ledger, budget);
    if (taken + 1 > budget.maxUnavailable) return { granted: false, budget: budget.name, taken, maxUnavailable: budget.maxUnavailable };
  }
  return { granted: true, budgets: holding.map((budget) => budget.name) };
}

/**
 * Do the budgets still hold with this node's own slot counted? Asked again at Confirm: until then the node is up, and keeping it up when
 * others went down meanwhile is the careful answer.
 */
export function budgetsHold(ledger: Ledger, nodeId: NodeId): Grant {
  const holding = ledger.budgets.filter((budget) => budget.members.has(nodeId));
  for (const budget of holding) {
    const taken = unionSize(ledger, budget) + (inUnion(ledger, nodeId) ? 0 : 1);
    if (taken > budget.maxUnavailable) return { granted: false, budget: budget.name, taken, maxUnavailable: budget.maxUnavailable };
  }
  return { granted: true, budgets: holding.map((budget) => budget.name) };
}

function inUnion(ledger: Ledger, nodeId: NodeId): boolean {
  return ledger.slots.has(nodeId) || ledger.unavailable.has(nodeId);
}

function unionSize(ledger: Ledger, budget: Budget): number {
  let size = 0;
  for (const nodeId of ledger.slots) if (budget.members.has(nodeId)) size++;
  for (const nodeId of ledger.unavailable) if (budget.members.has(nodeId) && !ledger.slots.has(nodeId)) size++;
  return size;
}
