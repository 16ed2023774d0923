import { domainKeys, type BudgetRecord, type Domain, type Limits } from "@treeline/disruption";
import type { Amount } from "@treeline/fleet";
import { checkAmount, checkSelector, type Wrong } from "./check-field.ts";
import type { FieldViolation, OwnBudget } from "./policy.ts";
import type { BudgetDraft, LimitsDraft, OwnBudgetDraft, PolicyDraft } from "./policy-draft.ts";

export type CheckedBudget =
  | { readonly ok: true; readonly budget: Omit<BudgetRecord, "createdAt"> }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

const budgetName = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

/**
 * Checks a budget of the fleet and names all that is wrong at once. A budget that allows no node to be unavailable is allowed: it freezes its
 * nodes. Whether nodes match is not asked: a budget may stand before its nodes are there.
 */
export function checkBudget(draft: BudgetDraft): CheckedBudget {
  const violations: FieldViolation[] = [];
  const wrong: Wrong = (field, description) => void violations.push({ field, description });
  if (!budgetName.test(draft.name))
    wrong(
      "metadata.name",
      `"${draft.name.slice(0, 80)}" must be 1 to 63 lower-case letters, digits, '-' or '.', beginning and ending with a letter or digit`,
    );
  const budget = {
    name: draft.name,
    selector: checkSelector(draft.selector ?? "", "spec.selector", wrong),
    ...checkPer(draft.per, "spec.per", wrong),
    ...checkLimits(draft, "spec", wrong),
  };
  return violations.length > 0 ? { ok: false, violations } : { ok: true, budget };
}

/** The budgets that a rollout brings: the one of `maxUnavailable` first. With neither that nor `budgets` one node may be unavailable at a time. */
export function checkOwnBudgets({ maxUnavailable, budgets = [] }: PolicyDraft, wrong: Wrong): readonly OwnBudget[] {
  const short = maxUnavailable === undefined || maxUnavailable.trim() === "" ? undefined : maxUnavailable;
  if (short === undefined && budgets.length === 0) return [{ maxUnavailable: { count: 1 } }];
  const first = new Map<string, string>();
  const own = (draft: OwnBudgetDraft, field: string, prefix: string): OwnBudget => {
    const budget = { ...checkPer(draft.per, `${prefix}.per`, wrong), ...checkLimits(draft, prefix, wrong) };
    forbidNothingToGo(budget, prefix, wrong);
    const over = budget.per === undefined ? "all nodes of the rollout" : `every ${budget.per}`;
    const before = first.get(over);
    if (before !== undefined) wrong(field, `is a second budget over ${over}, beside ${before}; put both limits into one`);
    else first.set(over, field);
    return budget;
  };
  if (budgets.length > maxOwnBudgets)
    wrong("spec.budgets", `has ${budgets.length} entries; one over all nodes and one per region, zone and rack is all there can be`);
  return [
    ...(short === undefined ? [] : [own({ maxUnavailable: short }, "spec.maxUnavailable", "spec")]),
    ...budgets.slice(0, maxOwnBudgets).map((draft, index) => own(draft, `spec.budgets[${index}]`, `spec.budgets[${index}]`)),
  ];
}

const maxOwnBudgets = 4;

/** A rollout whose own budget lets nothing go could never do anything. */
function forbidNothingToGo({ maxUnavailable, minAvailable }: Limits, prefix: string, wrong: Wrong): void {
  if (maxUnavailable !== undefined && sizeOf(maxUnavailable) === 0)
    wrong(`${prefix}.maxUnavailable`, "is 0, so no node could ever be updated; allow at least 1");
  if (minAvailable !== undefined && "percent" in minAvailable && minAvailable.percent === 100)
    wrong(`${prefix}.minAvailable`, "is 100%, so no node could ever be updated; leave room for at least one");
}

function checkLimits(draft: LimitsDraft, prefix: string, wrong: Wrong): Limits {
  if (draft.maxUnavailable === undefined && draft.minAvailable === undefined)
    wrong(prefix, "limits nothing; write maxUnavailable, minAvailable or both");
  return {
    ...(draft.maxUnavailable === undefined ? {} : { maxUnavailable: checkAmount(draft.maxUnavailable, `${prefix}.maxUnavailable`, wrong) }),
    ...(draft.minAvailable === undefined ? {} : { minAvailable: checkAmount(draft.minAvailable, `${prefix}.minAvailable`, wrong) }),
  };
}

function checkPer(per: string | undefined, field: string, wrong: Wrong): { readonly per?: Domain } {
  if (per === undefined) return {};
  if (isDomain(per)) return { per };
  wrong(field, `is "${per.slice(0, 80)}"; write one of ${Object.keys(domainKeys).join(", ")}, or leave it out for all nodes together`);
  return {};
}

function isDomain(text: string): text is Domain {
  return Object.hasOwn(domainKeys, text);
}

function sizeOf(amount: Amount): number {
  return "count" in amount ? amount.count : amount.percent;
}
