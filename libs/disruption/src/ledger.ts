import { maxUnavailableOf, minAvailableOf, type NodeId } from "@treeline/fleet";
import { Map as PersistentMap } from "immutable";
import type { Limits } from "./budget.ts";

/** One budget as it holds for some nodes: a whole budget, or one failure domain of it. */
export interface BudgetInstance {
  readonly id: string;
  readonly limits: Limits;
  /** Nodes it holds for, without those written off. */
  readonly members: number;
  /** Nodes of slots ∪ unavailable, by node: none counted twice. */
  readonly taken: number;
}

export interface Membership {
  readonly id: string;
  readonly limits: Limits;
}

/** A node as the ledger sees it. */
export interface Standing {
  /** Every budget that holds for the node now. */
  readonly budgets: readonly Membership[];
  /** False when it was written off or has left the fleet: it is neither in the numerator nor in the denominator. */
  readonly counted: boolean;
  /** Unavailable for any reason but a slot: silent, or red. */
  readonly unavailable: boolean;
  /** The ids of the budgets its slot was granted in; absent when it holds none. */
  readonly slot?: readonly string[];
}

/**
 * Who is unavailable, and on whose account: the one place that says whether a node may be made unavailable on purpose, whoever asks.
 * INVARIANT: the counts of every instance are the sums over the standings (property: incremental = rebuilt).
 */
export interface Ledger {
  readonly standings: PersistentMap<NodeId, Standing>;
  readonly instances: PersistentMap<string, BudgetInstance>;
}

export const emptyLedger: Ledger = { standings: PersistentMap(), instances: PersistentMap() };

/** The ledger with this node standing so; without it when `standing` is absent. Costs the budgets of the node. */
export function withStanding(ledger: Ledger, nodeId: NodeId, standing: Standing | undefined): Ledger {
  const before = ledger.standings.get(nodeId);
  if (before === standing) return ledger;
  const standings = standing === undefined ? ledger.standings.delete(nodeId) : ledger.standings.set(nodeId, standing);
  const instances = ledger.instances.withMutations((map) => {
    if (standing !== undefined) count(map, standing, 1);
    if (before !== undefined) count(map, before, -1);
  });
  return { standings, instances };
}

function count(instances: PersistentMap<string, BudgetInstance>, standing: Standing, sign: 1 | -1): void {
  if (!standing.counted) return;
  const taken = isInUnion(standing) ? sign : 0;
  for (const { id, limits } of standing.budgets) {
    const now = instances.get(id);
    put(instances, {
      id,
      limits: sign === 1 ? limits : (now?.limits ?? limits),
      members: (now?.members ?? 0) + sign,
      taken: (now?.taken ?? 0) + taken,
    });
  }
  // A slot remembers the domains it was granted in: the node counts there although its labels say otherwise by now.
  for (const id of rememberedOnly(standing)) {
    const now = instances.get(id);
    put(instances, { id, limits: now?.limits ?? {}, members: now?.members ?? 0, taken: (now?.taken ?? 0) + taken });
  }
}

function put(instances: PersistentMap<string, BudgetInstance>, instance: BudgetInstance): void {
  if (instance.members === 0 && instance.taken === 0) instances.delete(instance.id);
  // Without members nobody is left to be limited; what was known of the limits must not depend on the way here.
  else instances.set(instance.id, instance.members === 0 ? { ...instance, limits: {} } : instance);
}

function rememberedOnly({ budgets, slot }: Standing): readonly string[] {
  return slot === undefined ? [] : slot.filter((id) => !budgets.some((budget) => budget.id === id));
}

function isInUnion(standing: Standing): boolean {
  return standing.unavailable || standing.slot !== undefined;
}

/** How many of the instance's members may be unavailable at once; Infinity without a limit. */
export function limitOf({ limits, members }: Pick<BudgetInstance, "limits" | "members">): number {
  const most = limits.maxUnavailable === undefined ? Infinity : maxUnavailableOf(limits.maxUnavailable, members);
  const least = limits.minAvailable === undefined ? Infinity : Math.max(0, members - minAvailableOf(limits.minAvailable, members));
  return Math.min(most, least);
}

/** How many more may become unavailable; negative when too many are. Infinity for an instance that nobody is in. */
export function roomIn(ledger: Ledger, instanceId: string): number {
  const instance = ledger.instances.get(instanceId);
  return instance === undefined ? Infinity : limitOf(instance) - instance.taken;
}

export type Grant =
  | { readonly granted: true; readonly budgets: readonly string[] }
  | { readonly granted: false; readonly budget: string; readonly taken: number; readonly limit: number };

/**
 * May this node be made unavailable now?
 *
 * INVARIANT: a grant never enlarges (slots ∪ unavailable) past a budget that holds for the node. A node that is already in the union does not
 * enlarge it and is granted whatever the counts are. A node that was written off, or that the ledger does not know, is refused.
 */
export function judgeGrant(ledger: Ledger, nodeId: NodeId): Grant {
  const standing = ledger.standings.get(nodeId);
  if (standing === undefined || !standing.counted) return { granted: false, budget: "fleet", taken: 0, limit: 0 };
  const ids = standing.budgets.map(({ id }) => id);
  if (isInUnion(standing)) return { granted: true, budgets: ids };
  return firstExceeded(ledger, ids, 1) ?? { granted: true, budgets: ids };
}

/**
 * Do the budgets still hold with this node's own slot counted? Asked again at Confirm: until then the node is up, and keeping it up when others
 * went down meanwhile is the careful answer. A node that is down anyway takes nothing from anybody and is not refused.
 */
export function budgetsHold(ledger: Ledger, nodeId: NodeId): Grant {
  const standing = ledger.standings.get(nodeId);
  if (standing === undefined || !standing.counted) return { granted: false, budget: "fleet", taken: 0, limit: 0 };
  const ids = [...standing.budgets.map(({ id }) => id), ...rememberedOnly(standing)];
  if (standing.unavailable) return { granted: true, budgets: ids };
  return firstExceeded(ledger, ids, isInUnion(standing) ? 0 : 1) ?? { granted: true, budgets: ids };
}

function firstExceeded(ledger: Ledger, ids: readonly string[], more: 0 | 1): Grant | undefined {
  for (const id of ids) {
    const instance = ledger.instances.get(id);
    if (instance === undefined) continue;
    const limit = limitOf(instance);
    if (instance.taken + more > limit) return { granted: false, budget: id, taken: instance.taken, limit };
  }
  return undefined;
}
