import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillRounds, type Share } from "./plan-rounds.ts";

/** What `fillRounds` says in closed form, one round after the other. */
function oneByOne(shares: readonly Share[], rooms: readonly number[]): { readonly rounds: readonly number[]; readonly stuck: number } {
  const left = shares.map(({ nodes }) => nodes);
  const rounds: number[] = [];
  for (;;) {
    const room = [...rooms];
    const going = shares.map(({ budgets }, index) => {
      const most = Math.max(0, Math.min(left[index]!, ...budgets.map((budget) => room[budget]!)));
      for (const budget of budgets) room[budget]! -= most;
      left[index]! -= most;
      return most;
    });
    const total = going.reduce((sum, nodes) => sum + nodes, 0);
    if (total === 0) return { rounds, stuck: left.reduce((sum, nodes) => sum + nodes, 0) };
    for (const [budget, most] of rooms.entries()) {
      const taken = shares.reduce((sum, share, index) => sum + (share.budgets.includes(budget) ? going[index]! : 0), 0);
      expect(taken).toBeLessThanOrEqual(Math.max(0, most));
    }
    rounds.push(total);
  }
}

const expanded = (rounds: readonly { readonly count: number; readonly nodes: number }[]): readonly number[] =>
  rounds.flatMap(({ count, nodes }) => Array.from({ length: count }, () => nodes));

const budgetCount = 5;
const shares = fc.array(
  fc.record({ nodes: fc.integer({ min: 0, max: 40 }), budgets: fc.uniqueArray(fc.nat(budgetCount - 1), { minLength: 1, maxLength: 3 }) }),
  { maxLength: 8 },
);
const rooms = fc.array(fc.integer({ min: -2, max: 12 }), { minLength: budgetCount, maxLength: budgetCount });

describe("fillRounds", () => {
  it("needs one round per node where one may go at a time, whatever the number", () => {
    expect(fillRounds([{ nodes: 100_000, budgets: [0] }], [1])).toEqual({ rounds: [{ count: 100_000, nodes: 1 }], stuck: 0 });
  });

  it("needs as many rounds as the tightest of nested budgets: the zone lets two go, each of its racks one", () => {
    const racks = [6, 2, 2].map((nodes, rack) => ({ nodes, budgets: [0, rack + 1] }));
    const { rounds } = fillRounds(racks, [2, 1, 1, 1]);
    expect(rounds).toEqual([
      { count: 4, nodes: 2 },
      { count: 2, nodes: 1 },
    ]);
  });

  it("lets everybody go at once without a limit", () => {
    expect(
      fillRounds(
        [
          { nodes: 7, budgets: [0] },
          { nodes: 3, budgets: [] },
        ],
        [Infinity],
      ).rounds,
    ).toEqual([{ count: 1, nodes: 10 }]);
  });

  it("leaves out who has no room, and only those", () => {
    const two = [
      { nodes: 4, budgets: [0] },
      { nodes: 3, budgets: [1] },
    ];
    expect(fillRounds(two, [0, 3])).toEqual({ rounds: [{ count: 1, nodes: 3 }], stuck: 4 });
    expect(fillRounds(two, [-1, 0])).toEqual({ rounds: [], stuck: 7 });
  });

  it("is what filling one round after the other comes to, and takes from no budget more than its room", () => {
    fc.assert(
      fc.property(shares, rooms, (given, room) => {
        const { rounds, stuck } = fillRounds(given, room);
        const expected = oneByOne(given, room);
        expect(expanded(rounds)).toEqual(expected.rounds);
        expect(stuck).toBe(expected.stuck);
      }),
    );
  });

  it("never needs fewer rounds than a single budget does for its nodes", () => {
    fc.assert(
      fc.property(shares, rooms, (given, room) => {
        const { rounds } = fillRounds(given, room);
        const count = expanded(rounds).length;
        for (const [budget, most] of room.entries()) {
          const only = given.filter(({ budgets }) => budgets.includes(budget) && budgets.every((one) => room[one]! > 0));
          const nodes = only.reduce((sum, share) => sum + share.nodes, 0);
          if (most > 0) expect(count).toBeGreaterThanOrEqual(Math.ceil(nodes / most));
        }
      }),
    );
  });
});
