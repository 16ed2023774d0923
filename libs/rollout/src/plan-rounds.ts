/** Nodes of one wave under exactly the same budgets. */
export interface Share {
  readonly nodes: number;
  /** Indexes into the rooms. */
  readonly budgets: readonly number[];
}

/** Rounds one after the other in which equally many nodes go. */
export interface Rounds {
  readonly count: number;
  /** How many nodes go in each. */
  readonly nodes: number;
}

export interface Filled {
  readonly rounds: readonly Rounds[];
  /** Nodes under a budget that has no room at all. */
  readonly stuck: number;
}

/**
 * In how many rounds the shares get through their budgets when every round fills all the room there is, the first share first, as the grants do.
 * `rooms`: how many nodes more may be unavailable in each budget; less than nothing counts as nothing. No round takes more from a budget than its room.
 *
 * A round is repeated until a share runs out: it costs shares x shares at most, whatever the number of nodes. There are at least
 * max(ceil(nodes in a budget / its room)) rounds.
 */
export function fillRounds(shares: readonly Share[], rooms: readonly number[]): Filled {
  const rounds: Rounds[] = [];
  const everyones = budgetsOfAll(shares);
  const room = [...rooms];
  let left = shares.filter(({ nodes }) => nodes > 0).map(({ nodes, budgets }) => ({ nodes, budgets, going: 0 }));
  let spent = 0;
  while (spent < left.length) {
    const going: typeof left = [];
    let nodes = 0;
    let count = Infinity;
    for (const share of left) {
      let most = share.nodes;
      for (const budget of share.budgets) if (room[budget]! < most) most = room[budget]!;
      if (most <= 0) continue;
      for (const budget of share.budgets) room[budget]! -= most;
      share.going = most;
      nodes += most;
      count = Math.min(count, Math.floor(share.nodes / most));
      going.push(share);
      // Where one budget holds for all, most rounds are full after a few shares.
      if (everyones.some((budget) => room[budget]! <= 0)) break;
    }
    if (going.length === 0) break;
    for (const share of going) {
      for (const budget of share.budgets) room[budget]! += share.going;
      share.nodes -= count * share.going;
      if (share.nodes === 0) spent++;
    }
    if (spent > left.length / 8) {
      left = left.filter((share) => share.nodes > 0);
      spent = 0;
    }
    const last = rounds.at(-1);
    if (last?.nodes === nodes) rounds[rounds.length - 1] = { count: last.count + count, nodes };
    else rounds.push({ count, nodes });
  }
  return { rounds, stuck: left.reduce((sum, { nodes }) => sum + nodes, 0) };
}

/** Budgets that hold for every share. */
function budgetsOfAll(shares: readonly Share[]): readonly number[] {
  return shares[0]?.budgets.filter((budget) => shares.every(({ budgets }) => budgets.includes(budget))) ?? [];
}
