import type { wire } from "@treeline/rpc";
import { formatSince } from "../output/format.ts";
import type { Colour } from "../output/style.ts";
import { fieldLines, tableLines } from "../output/table.ts";
import { instantOf } from "./instant.ts";
import { formatLimits } from "./policy.ts";

/** A budget, or one failure domain's part of it. */
export interface BudgetInstanceView {
  readonly id: string;
  readonly members: number;
  readonly taken: number;
  readonly limit: number;
}

/** A budget as machines read it; of many instances the fullest. */
export interface BudgetView {
  readonly name: string;
  readonly selector: string;
  readonly per: string | null;
  readonly maxUnavailable: string | null;
  readonly minAvailable: string | null;
  readonly createdAt: string | null;
  readonly instances: readonly BudgetInstanceView[];
  readonly instanceCount: number;
}

export function budgetInstanceView({ id, members, taken, limit }: wire.BudgetInstance__Output): BudgetInstanceView {
  return { id, members, taken, limit };
}

export function budgetView(budget: wire.Budget__Output): BudgetView {
  const { name, selector = "", per, maxUnavailable, minAvailable, instanceCount } = budget;
  return {
    name,
    selector,
    per: per ?? null,
    maxUnavailable: maxUnavailable ?? null,
    minAvailable: minAvailable ?? null,
    createdAt: instantOf(budget.createdAtMillis),
    instances: budget.instances.map(budgetInstanceView),
    instanceCount,
  };
}

/** One line for each budget, with the instance that has the least room. */
export function budgetTable(budgets: readonly BudgetView[], now: number): readonly string[] {
  return tableLines(
    [
      { title: "NAME", cell: ({ name }) => name },
      { title: "SELECTOR", cell: ({ selector }) => selector },
      { title: "PER", cell: ({ per }) => per ?? "" },
      { title: "LIMIT", cell: limitsText },
      { title: "DOMAINS", cell: ({ per, instanceCount }) => (per === null ? "" : String(instanceCount)), align: "right" },
      {
        title: "FULLEST",
        cell: ({ instances: [first] }) => (first === undefined ? "" : `${first.id}: ${first.taken} of ${first.limit} taken`),
      },
      { title: "AGE", cell: ({ createdAt }) => formatSince(createdAt, now) },
    ],
    budgets,
  );
}

export function budgetDetails(budget: BudgetView, now: number): readonly string[] {
  const { instances, instanceCount } = budget;
  return [
    ...fieldLines([
      ["Name", budget.name],
      ["Selector", budget.selector],
      ["Per", budget.per ?? "all of them together"],
      ["Limit", limitsText(budget)],
      ["Created", budget.createdAt === null ? "" : `${formatSince(budget.createdAt, now)} ago (${budget.createdAt})`],
    ]),
    "",
    ...(instances.length === 0 ? ["No node matches."] : budgetInstanceTable(instances)),
    ...(instanceCount > instances.length ? [`… and ${instanceCount - instances.length} more`] : []),
  ];
}

export function budgetInstanceTable(instances: readonly BudgetInstanceView[]): readonly string[] {
  return tableLines(
    [
      { title: "BUDGET", cell: ({ id }) => id },
      { title: "NODES", cell: ({ members }) => String(members), align: "right" },
      { title: "TAKEN", cell: ({ taken }) => String(taken), align: "right" },
      { title: "LIMIT", cell: ({ limit }) => String(limit), align: "right" },
      { title: "ROOM", cell: ({ limit, taken }) => String(Math.max(0, limit - taken)), align: "right", colour: roomColour },
    ],
    instances,
  );
}

function limitsText({ maxUnavailable, minAvailable }: BudgetView): string {
  return formatLimits({ maxUnavailable: maxUnavailable ?? undefined, minAvailable: minAvailable ?? undefined });
}

function roomColour({ limit, taken }: BudgetInstanceView): Colour | undefined {
  return taken > limit ? "red" : undefined;
}
