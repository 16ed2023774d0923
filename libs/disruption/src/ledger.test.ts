import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instanceOf, type Limits } from "./budget.ts";
import { budgetsHold, emptyLedger, judgeGrant, limitOf, roomIn, withStanding, type Ledger, type Standing } from "./ledger.ts";

interface Given {
  readonly slots?: readonly string[];
  readonly unavailable?: readonly string[];
  readonly writtenOff?: readonly string[];
}

type BudgetOf = readonly [id: string, members: readonly string[], limits: Limits];

const max = (count: number): Limits => ({ maxUnavailable: { count } });

/** A ledger of these budgets; a slot remembers every budget that holds for its node. */
function ledgerOf({ slots = [], unavailable = [], writtenOff = [] }: Given, ...budgets: readonly BudgetOf[]): Ledger {
  const nodes = new Set(budgets.flatMap(([, members]) => members));
  return [...nodes].reduce((ledger, node) => {
    const own = budgets.filter(([, members]) => members.includes(node)).map(([id, , limits]) => ({ id, limits }));
    const slot = slots.includes(node) ? { slot: own.map(({ id }) => id) } : {};
    return withStanding(ledger, node, {
      budgets: own,
      counted: !writtenOff.includes(node),
      unavailable: unavailable.includes(node),
      ...slot,
    });
  }, emptyLedger);
}

describe("judgeGrant", () => {
  it("grants up to the budget and names what it counted under", () => {
    expect(judgeGrant(ledgerOf({ slots: ["a"] }, ["pool", ["a", "b", "c"], max(2)]), "b")).toEqual({ granted: true, budgets: ["pool"] });
    const full = ledgerOf({ slots: ["a", "b"] }, ["pool", ["a", "b", "c"], max(2)]);
    expect(judgeGrant(full, "c")).toEqual({ granted: false, budget: "pool", taken: 2, limit: 2 });
  });

  it("counts a node once that holds a slot and is down", () => {
    expect(judgeGrant(ledgerOf({ slots: ["a"], unavailable: ["a"] }, ["pool", ["a", "b"], max(2)]), "b").granted).toBe(true);
  });

  it("counts nodes that are down for another reason", () => {
    expect(judgeGrant(ledgerOf({ unavailable: ["a"] }, ["pool", ["a", "b"], max(1)]), "b").granted).toBe(false);
  });

  it("grants a node that is in the union already, however full it is", () => {
    expect(judgeGrant(ledgerOf({ slots: ["a"], unavailable: ["b", "c"] }, ["pool", ["a", "b", "c"], max(1)]), "b").granted).toBe(true);
  });

  it("looks only at budgets that hold for the node, and refuses when any one of them is full", () => {
    const two: readonly BudgetOf[] = [
      ["zone-1", ["a", "b"], max(1)],
      ["zone-2", ["x", "y"], max(1)],
    ];
    expect(judgeGrant(ledgerOf({ slots: ["x"] }, ...two), "a")).toEqual({ granted: true, budgets: ["zone-1"] });
    const nested = ledgerOf({ slots: ["a"] }, ["pool", ["a", "b"], max(2)], ["rack", ["a", "b"], max(1)]);
    expect(judgeGrant(nested, "b")).toMatchObject({ granted: false, budget: "rack" });
  });

  it("knows no node that was written off or that it never heard of", () => {
    const ledger = ledgerOf({ writtenOff: ["a"] }, ["pool", ["a", "b"], max(2)]);
    expect([judgeGrant(ledger, "a").granted, judgeGrant(ledger, "stranger").granted, judgeGrant(ledger, "b").granted]).toEqual([
      false,
      false,
      true,
    ]);
  });
});

describe("limits", () => {
  const limit = (members: number, limits: Limits): number => limitOf({ limits, members });

  it("rounds maxUnavailable down, to at least 1 unless 0 is written", () => {
    const percent = (share: number): Limits => ({ maxUnavailable: { percent: share } });
    expect([limit(10, percent(25)), limit(3, percent(10)), limit(3, percent(0)), limit(5, max(0)), limit(0, percent(50))]).toEqual([
      2, 1, 0, 0, 1,
    ]);
  });

  it("rounds minAvailable up, and lets nothing go when fewer are there than must be", () => {
    const percent = (share: number): Limits => ({ minAvailable: { percent: share } });
    expect([limit(10, percent(75)), limit(3, percent(50)), limit(3, { minAvailable: { count: 5 } })]).toEqual([2, 1, 0]);
  });

  it("takes the tighter of the two", () => {
    expect(limit(10, { maxUnavailable: { count: 5 }, minAvailable: { count: 8 } })).toBe(2);
    expect(limit(10, { maxUnavailable: { count: 1 }, minAvailable: { count: 8 } })).toBe(1);
  });

  it("counts percentages of the members that are not written off, and a written-off node neither there nor as unavailable", () => {
    const nodes = Array.from({ length: 10 }, (_, index) => `n${index}`);
    const half: BudgetOf = ["pool", nodes, { maxUnavailable: { percent: 50 } }];
    expect(roomIn(ledgerOf({ unavailable: ["n0", "n1"] }, half), "pool")).toBe(3);
    expect(roomIn(ledgerOf({ unavailable: ["n0", "n1"], writtenOff: ["n0", "n1"] }, half), "pool")).toBe(4);
  });

  it("has room without end in a budget that nobody is in", () => {
    expect(roomIn(emptyLedger, "pool")).toBe(Infinity);
  });
});

describe("domains", () => {
  const labels = (zone: string, rack?: string) => ({
    "topology.kubernetes.io/region": "eu",
    "topology.kubernetes.io/zone": zone,
    ...(rack === undefined ? {} : { "treeline.dev/rack": rack }),
  });

  it("nest: a rack of the same name in another zone is another rack, and what is not labelled shares one", () => {
    const racks = { name: "racks", per: "rack" as const };
    expect(instanceOf(racks, labels("eu-1", "r1"))).toBe("racks/eu/eu-1/r1");
    expect(instanceOf(racks, labels("eu-2", "r1"))).toBe("racks/eu/eu-2/r1");
    expect(instanceOf(racks, labels("eu-1"))).toBe("racks/eu/eu-1/-");
    expect(instanceOf({ name: "pool" }, labels("eu-1"))).toBe("pool");
  });

  it("are remembered by a slot after its node was relabelled, and forgotten with it", () => {
    const inZone = (zone: string) => [{ id: `zones/eu/${zone}`, limits: max(1) }];
    const other: Standing = { budgets: inZone("eu-1"), counted: true, unavailable: false };
    const moved: Standing = { budgets: inZone("eu-2"), counted: true, unavailable: true, slot: ["zones/eu/eu-1"] };
    const ledger = withStanding(withStanding(emptyLedger, "b", other), "a", moved);
    expect([roomIn(ledger, "zones/eu/eu-1"), roomIn(ledger, "zones/eu/eu-2")]).toEqual([0, 0]);
    expect(judgeGrant(ledger, "b")).toMatchObject({ granted: false, budget: "zones/eu/eu-1" });
    const { slot: _, ...without } = moved;
    expect(roomIn(withStanding(ledger, "a", { ...without, unavailable: false }), "zones/eu/eu-1")).toBe(1);
  });
});

describe("budgetsHold", () => {
  it("counts the node's own slot, and refuses when others went down meanwhile", () => {
    const pool: BudgetOf = ["pool", ["a", "b"], max(1)];
    expect(budgetsHold(ledgerOf({ slots: ["a"] }, pool), "a").granted).toBe(true);
    expect(budgetsHold(ledgerOf({ slots: ["a"], unavailable: ["b"] }, pool), "a")).toEqual({
      granted: false,
      budget: "pool",
      taken: 2,
      limit: 1,
    });
    expect(budgetsHold(ledgerOf({ unavailable: ["b"] }, pool), "a")).toMatchObject({ granted: false, taken: 1 });
  });

  it("does not refuse a node that is down anyway", () => {
    expect(budgetsHold(ledgerOf({ slots: ["a"], unavailable: ["a", "b"] }, ["pool", ["a", "b"], max(1)]), "a").granted).toBe(true);
  });
});

// ---- under any sequence ----

const nodes = ["a", "b", "c", "d", "e", "f"];
const zones = ["z1", "z2"];
const amount = fc.oneof(fc.record({ count: fc.nat(6) }), fc.record({ percent: fc.constantFrom(0, 10, 34, 50, 100) }));
const limits: fc.Arbitrary<Limits> = fc.oneof(
  fc.record({ maxUnavailable: amount }),
  fc.record({ minAvailable: amount }),
  fc.record({ maxUnavailable: amount, minAvailable: amount }),
);
type Step =
  | { readonly kind: "request" | "release" | "toggle" | "write-off"; readonly node: string }
  | { readonly kind: "relabel"; readonly node: string; readonly zone: string };
const node = fc.constantFrom(...nodes);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("request" as const), node }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("release" as const, "toggle" as const, "write-off" as const), node }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("relabel" as const), node, zone: fc.constantFrom(...zones) }) },
);

/** The same fleet as plain records, counted anew each time. */
interface Plain {
  zone: string;
  down: boolean;
  writtenOff: boolean;
  slot?: readonly string[];
}

function standingOf({ zone, down, writtenOff, slot }: Plain, pool: Limits, perZone: Limits): Standing {
  const budgets = [
    { id: "pool", limits: pool },
    { id: `zone/${zone}`, limits: perZone },
  ];
  return { budgets, counted: !writtenOff, unavailable: down, ...(slot === undefined ? {} : { slot }) };
}

function countedAnew(plain: ReadonlyMap<string, Plain>, id: string): { readonly members: number; readonly taken: number } {
  const counted = [...plain.values()].filter(({ writtenOff }) => !writtenOff);
  const members = counted.filter(({ zone }) => id === "pool" || id === `zone/${zone}`);
  const remembered = counted.filter((one) => !members.includes(one) && one.slot?.includes(id) === true);
  return { members: members.length, taken: members.filter(({ down, slot }) => down || slot !== undefined).length + remembered.length };
}

describe("a ledger under any sequence of changes", () => {
  it("counts as one that is made anew, and no grant ever makes more unavailable than a budget allows", () => {
    fc.assert(
      fc.property(limits, limits, fc.array(step, { maxLength: 60, size: "max" }), (pool, perZone, steps) => {
        const plain = new Map<string, Plain>(nodes.map((id, index) => [id, { zone: zones[index % 2]!, down: false, writtenOff: false }]));
        let ledger = nodes.reduce((sofar, id) => withStanding(sofar, id, standingOf(plain.get(id)!, pool, perZone)), emptyLedger);
        for (const { node: id, ...one } of steps) {
          const now = plain.get(id)!;
          if (one.kind === "toggle") now.down = !now.down;
          if (one.kind === "relabel") now.zone = one.zone;
          if (one.kind === "release") delete now.slot;
          if (one.kind === "write-off") {
            now.writtenOff = !now.writtenOff;
            delete now.slot;
          }
          if (one.kind === "request") {
            const grant = judgeGrant(ledger, id);
            const before = ["pool", `zone/${now.zone}`].map((budget) => countedAnew(plain, budget).taken);
            if (grant.granted) now.slot ??= grant.budgets;
            for (const [index, budget] of ["pool", `zone/${now.zone}`].entries()) {
              const after = countedAnew(plain, budget);
              const limit = limitOf({ limits: index === 0 ? pool : perZone, members: after.members });
              expect(after.taken <= limit || after.taken === before[index]).toBe(true);
              // And it refuses only what would break a budget.
              if (!grant.granted && grant.budget === budget) expect(before[index]! + 1).toBeGreaterThan(limit);
            }
          }
          ledger = withStanding(ledger, id, standingOf(now, pool, perZone));
          const anew = [...nodes]
            .reverse()
            .reduce((sofar, each) => withStanding(sofar, each, standingOf(plain.get(each)!, pool, perZone)), emptyLedger);
          expect(Object.fromEntries(ledger.instances)).toEqual(Object.fromEntries(anew.instances));
          for (const [budget, { members, taken }] of ledger.instances) expect({ members, taken }).toEqual(countedAnew(plain, budget));
        }
      }),
      { numRuns: 300 },
    );
  });
});
