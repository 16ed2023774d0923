import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { budgetsHold, judgeGrant, type Ledger } from "./ledger.ts";

const ledgerOf = (
  slots: readonly string[],
  unavailable: readonly string[],
  ...budgets: readonly (readonly [string, readonly string[], number])[]
): Ledger => ({
  slots: new Set(slots),
  unavailable: new Set(unavailable),
  budgets: budgets.map(([name, members, maxUnavailable]) => ({ name, members: new Set(members), maxUnavailable })),
});

describe("judgeGrant", () => {
  it("grants up to the budget and names what it counted under", () => {
    expect(judgeGrant(ledgerOf(["a"], [], ["pool", ["a", "b", "c"], 2]), "b")).toEqual({ granted: true, budgets: ["pool"] });
    expect(judgeGrant(ledgerOf(["a", "b"], [], ["pool", ["a", "b", "c"], 2]), "c")).toEqual({
      granted: false,
      budget: "pool",
      taken: 2,
      maxUnavailable: 2,
    });
  });

  it("counts a node once that holds a slot and is down", () => {
    expect(judgeGrant(ledgerOf(["a"], ["a"], ["pool", ["a", "b"], 2]), "b").granted).toBe(true);
  });

  it("counts nodes that are down for another reason", () => {
    expect(judgeGrant(ledgerOf([], ["a"], ["pool", ["a", "b"], 1]), "b").granted).toBe(false);
  });

  it("grants a node that is in the union already, however full it is", () => {
    expect(judgeGrant(ledgerOf(["a"], ["b", "c"], ["pool", ["a", "b", "c"], 1]), "b").granted).toBe(true);
  });

  it("looks only at budgets that hold for the node, and only at their members", () => {
    const ledger = ledgerOf(["x"], ["y"], ["zone-1", ["a", "b"], 1], ["zone-2", ["x", "y"], 1]);
    expect(judgeGrant(ledger, "a")).toEqual({ granted: true, budgets: ["zone-1"] });
  });

  it("refuses when any one of several budgets is full", () => {
    expect(judgeGrant(ledgerOf(["a"], [], ["pool", ["a", "b"], 2], ["rack", ["a", "b"], 1]), "b")).toMatchObject({
      granted: false,
      budget: "rack",
    });
  });
});

describe("budgetsHold", () => {
  it("counts the node's own slot, and refuses when others went down meanwhile", () => {
    expect(budgetsHold(ledgerOf(["a"], [], ["pool", ["a", "b"], 1]), "a").granted).toBe(true);
    expect(budgetsHold(ledgerOf(["a"], ["b"], ["pool", ["a", "b"], 1]), "a")).toEqual({
      granted: false,
      budget: "pool",
      taken: 2,
      maxUnavailable: 1,
    });
    expect(budgetsHold(ledgerOf([], ["b"], ["pool", ["a", "b"], 1]), "a")).toMatchObject({ granted: false, taken: 2 });
  });
});

describe("a ledger under any sequence of requests", () => {
  const nodes = ["a", "b", "c", "d", "e", "f"];
  const subset = fc.subarray(nodes);

  it("never grows the union past a budget by a grant", () => {
    fc.assert(
      fc.property(
        subset,
        fc.array(fc.tuple(subset, fc.integer({ min: 0, max: 6 })), { minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom(...nodes), { maxLength: 12 }),
        (unavailable, budgets, requests) => {
          const slots = new Set<string>();
          for (const request of requests) {
            const ledger = ledgerOf(
              [...slots],
              unavailable,
              ...budgets.map(([members, max], index) => [`budget ${index}`, members, max] as const),
            );
            const before = new Set([...slots, ...unavailable]);
            if (!judgeGrant(ledger, request).granted) continue;
            slots.add(request);
            const after = new Set([...slots, ...unavailable]);
            for (const [members, max] of budgets) {
              const size = (union: ReadonlySet<string>): number => members.filter((member) => union.has(member)).length;
              expect(size(after) <= max || size(after) === size(before)).toBe(true);
            }
          }
        },
      ),
    );
  });

  it("refuses only what would break a budget", () => {
    fc.assert(
      fc.property(
        subset,
        subset,
        subset,
        fc.integer({ min: 0, max: 6 }),
        fc.constantFrom(...nodes),
        (slots, unavailable, members, max, request) => {
          const grant = judgeGrant(ledgerOf(slots, unavailable, ["pool", members, max]), request);
          if (grant.granted) return;
          const union = new Set([...slots, ...unavailable].filter((member) => members.includes(member)));
          expect(grant).toEqual({ granted: false, budget: "pool", taken: union.size, maxUnavailable: max });
          expect(members).toContain(request);
          expect(union.has(request)).toBe(false);
          expect(union.size).toBeGreaterThanOrEqual(max);
        },
      ),
    );
  });
});
