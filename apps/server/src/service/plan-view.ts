import { targetToProto, type wire } from "@treeline/rpc";
import type { RolloutPlan, Snapshot } from "@treeline/rollout";
import { instanceView } from "./budget-view.ts";

/** What of a long plan goes into one message; the counts beside the lists are whole. */
const most = { firstNodes: 10, budgets: 200, steps: 1_000, refused: 500, conflicts: 100, warnings: 100 };

export function planToProto(snapshot: Snapshot, plan: RolloutPlan): wire.RolloutPlan {
  const nameOf = (nodeId: string): string => snapshot.nodes.get(nodeId)?.name ?? nodeId;
  return {
    target: targetToProto(plan.target),
    nodeCount: plan.nodes,
    waves: plan.waves.map(({ name, nodes, selector, approval, bakeMillis, expectedMillis }) => ({
      ...{ name, selector: selector ?? "", approval, bakeMillis, expectedMillis: whole(expectedMillis) },
      nodeCount: nodes.length,
      firstNodes: nodes.slice(0, most.firstNodes).map(nameOf),
    })),
    budgets: plan.budgets.slice(0, most.budgets).map(instanceView),
    budgetCount: plan.budgets.length,
    steps: thinned(plan.steps, most.steps).map((step) => ({ ...step, atMillis: whole(step.atMillis) })),
    stepCount: plan.steps.length,
    expectedMillis: whole(plan.expectedMillis),
    refused: plan.refused.slice(0, most.refused),
    refusedCount: plan.refused.length,
    conflicts: plan.conflicts.slice(0, most.conflicts),
    warnings: plan.warnings.slice(0, most.warnings),
    rollback: plan.rollback,
    alreadyCount: plan.already,
  };
}

function whole(millis: number): string {
  return String(Math.round(millis));
}

/** At most so many of a list, evenly, the first and the last among them. */
export function thinned<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, index) => items[Math.round((index * (items.length - 1)) / (count - 1))]!);
}
