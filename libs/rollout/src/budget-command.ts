import type { BudgetRecord } from "@treeline/disruption";
import type { Instant } from "@treeline/fleet";
import type { DurableChange } from "./change.ts";
import { checkBudget } from "./check-budget.ts";
import type { BudgetDraft } from "./policy-draft.ts";
import { invalid, refuse, type Refused } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";

export type BudgetResult = { readonly ok: true; readonly budget: BudgetRecord; readonly changes: readonly DurableChange[] } | Refused;

/** Stores a budget of the fleet, or replaces the one of that name. */
export function putBudget(snapshot: Snapshot, draft: BudgetDraft, now: Instant): BudgetResult {
  const checked = checkBudget(draft);
  if (!checked.ok) return invalid("the budget is not valid", checked.violations);
  const before = snapshot.budgets.get(draft.name);
  const budget: BudgetRecord = { ...checked.budget, createdAt: before?.createdAt ?? now };
  if (before !== undefined && JSON.stringify(before) === JSON.stringify(budget)) return { ok: true, budget: before, changes: [] };
  return { ok: true, budget, changes: [{ kind: "budget", value: budget }] };
}

/** Takes a budget away: what it held back may go at once. */
export function removeBudget(snapshot: Snapshot, name: string): BudgetResult {
  const budget = snapshot.budgets.get(name);
  if (budget === undefined) return refuse("not-found", `there is no budget ${name}`, "see `treeline budget list`");
  return { ok: true, budget, changes: [{ kind: "budget-removed", name }] };
}
