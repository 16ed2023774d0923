import { limitOf, type BudgetInstance, type BudgetRecord } from "@treeline/disruption";
import { formatAmount } from "@treeline/fleet";
import type { wire } from "@treeline/rpc";
import type { Snapshot } from "@treeline/rollout";
import { compareText, smallest } from "./page.ts";

/** A budget as an operator sees it, with the fullest of its instances: those with the least room first. */
export function budgetView(snapshot: Snapshot, budget: BudgetRecord, mostInstances: number): wire.Budget {
  const instances = instancesOf(snapshot, budget).map((instance) => instanceView({ ...instance, limit: limitOf(instance) }));
  return {
    name: budget.name,
    selector: budget.selector,
    ...(budget.per === undefined ? {} : { per: budget.per }),
    ...(budget.maxUnavailable === undefined ? {} : { maxUnavailable: formatAmount(budget.maxUnavailable) }),
    ...(budget.minAvailable === undefined ? {} : { minAvailable: formatAmount(budget.minAvailable) }),
    createdAtMillis: String(budget.createdAt),
    instances: [...smallest(instances, mostInstances, byRoom)],
    instanceCount: instances.length,
  };
}

type Instance = { readonly id: string; readonly members: number; readonly taken: number; readonly limit: number };

/** A budget without any limit does not exist; a number that the wire can carry stands for one that limits nothing. */
export function instanceView({ id, members, taken, limit }: Instance): Instance {
  return { id, members, taken, limit: Number.isFinite(limit) ? limit : members };
}

/** A budget nobody is in has no instance. */
function instancesOf(snapshot: Snapshot, { name, per }: BudgetRecord): readonly BudgetInstance[] {
  const { instances } = snapshot.ledger;
  if (per === undefined) return [instances.get(name) ?? []].flat();
  const prefix = `${name}/`;
  return [...instances.values()].filter(({ id }) => id.startsWith(prefix));
}

function byRoom(a: Instance, b: Instance): number {
  return a.limit - a.taken - (b.limit - b.taken) || compareText(a.id, b.id);
}
