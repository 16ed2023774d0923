import { describe, expect, it } from "vitest";
import { checkBudget } from "./check-budget.ts";
import type { BudgetDraft } from "./policy-draft.ts";

const draft: BudgetDraft = { name: "racks", selector: "pool=edge", maxUnavailable: "1" };

describe("checkBudget", () => {
  it("keeps what is written, and only that", () => {
    expect(checkBudget({ name: "edge", selector: " pool=edge ", per: "rack", maxUnavailable: "10%", minAvailable: "3" })).toEqual({
      ok: true,
      budget: { name: "edge", selector: "pool=edge", per: "rack", maxUnavailable: { percent: 10 }, minAvailable: { count: 3 } },
    });
    expect(checkBudget(draft)).toEqual({ ok: true, budget: { name: "racks", selector: "pool=edge", maxUnavailable: { count: 1 } } });
  });

  it.each<[string, Partial<BudgetDraft>]>([
    ["no node", { maxUnavailable: "0" }],
    ["0%", { maxUnavailable: "0%" }],
    ["everything kept", { maxUnavailable: undefined, minAvailable: "100%" }],
  ])("may freeze its nodes: %s", (_name, change) => expect(checkBudget({ ...draft, ...change }).ok).toBe(true));

  it.each<[string, Partial<BudgetDraft>, readonly string[]]>([
    ["neither limit", { maxUnavailable: undefined }, ["spec"]],
    ["minAvailable above 100%", { minAvailable: "101%" }, ["spec.minAvailable"]],
    ["maxUnavailable that is no amount", { maxUnavailable: "some" }, ["spec.maxUnavailable"]],
    ["an empty limit", { maxUnavailable: "" }, ["spec.maxUnavailable"]],
    ["no selector", { selector: undefined }, ["spec.selector"]],
    ["an empty selector", { selector: " " }, ["spec.selector"]],
    ["another level", { per: "row" }, ["spec.per"]],
    ["an empty name", { name: "" }, ["metadata.name"]],
    // Instances of a budget are named `racks/eu/eu-1`, those of a rollout `rollout NAME`.
    ["a name with a slash", { name: "racks/eu" }, ["metadata.name"]],
    ["a name with a space", { name: "rollout edge" }, ["metadata.name"]],
    ["a name too long", { name: "a".repeat(64) }, ["metadata.name"]],
    [
      "everything wrong",
      { name: "", selector: "", per: "", maxUnavailable: "x" },
      ["metadata.name", "spec.selector", "spec.per", "spec.maxUnavailable"],
    ],
  ])("refuses %s", (_name, change, fields) => {
    const checked = checkBudget({ ...draft, ...change });
    expect(checked.ok ? [] : checked.violations.map(({ field }) => field)).toEqual(fields);
  });
});
