import { instanceOf, limitOf, type Limits, type Standing } from "@treeline/disruption";
import type { NodeRecord } from "@treeline/fleet";
import type { Share } from "./plan-rounds.ts";
import type { OwnBudget, RolloutPolicy } from "./policy.ts";
import type { Snapshot } from "./snapshot.ts";
import { ownBudgetName } from "./standing.ts";

/** One budget, or one failure domain of it, that holds for nodes of the planned rollout. */
export interface PlannedBudget {
  readonly id: string;
  /** Nodes it holds for, without those written off. */
  readonly members: number;
  /** Of those, unavailable for whatever reason now. */
  readonly taken: number;
  /** How many may be. */
  readonly limit: number;
}

interface Entry {
  readonly id: string;
  readonly limits: Limits;
  members: number;
  taken: number;
}

/** Unavailable already: to take it down on purpose needs no room. */
export function isDown(standing: Standing | undefined): boolean {
  return standing !== undefined && (standing.unavailable || standing.slot !== undefined);
}

/**
 * Every budget that would hold for the nodes of a rollout that does not exist yet: those that the ledger has for them, and the rollout's own, counted
 * here.
 */
export class PlannedBudgets {
  readonly #snapshot: Snapshot;
  readonly #own: readonly { readonly name: string; readonly budget: OwnBudget }[];
  readonly #indexes = new Map<string, number>();
  readonly #entries: Entry[] = [];

  constructor(snapshot: Snapshot, name: string, policy: RolloutPolicy) {
    this.#snapshot = snapshot;
    this.#own = policy.budgets.map((budget) => ({ name: ownBudgetName(name, budget.per), budget }));
  }

  /** Counts a node of the rollout in. Returns the budgets that hold for it, by their indexes. */
  add(node: NodeRecord, standing: Standing | undefined): readonly number[] {
    const indexes: number[] = [];
    for (const { id, limits } of standing?.budgets ?? []) indexes.push(this.#indexOf(id, limits, true));
    for (const { name, budget } of this.#own) {
      const index = this.#indexOf(instanceOf({ ...budget, name }, node.labels), budget, false);
      // The rollout exists with this very policy: the ledger has counted its budgets.
      if (indexes.includes(index)) continue;
      const entry = this.#entries[index]!;
      entry.members++;
      if (isDown(standing)) entry.taken++;
      indexes.push(index);
    }
    return indexes;
  }

  #indexOf(id: string, limits: Limits, isKnown: boolean): number {
    const before = this.#indexes.get(id);
    if (before !== undefined) return before;
    const known = isKnown ? this.#snapshot.ledger.instances.get(id) : undefined;
    const index = this.#entries.length;
    this.#entries.push({ id, limits, members: known?.members ?? 0, taken: known?.taken ?? 0 });
    this.#indexes.set(id, index);
    return index;
  }

  /** By index. */
  get all(): readonly PlannedBudget[] {
    return this.#entries.map(({ id, limits, members, taken }) => ({ id, members, taken, limit: limitOf({ limits, members }) }));
  }
}

/** Nodes that go, those under the same budgets counted together; in the order of the first of each. */
export class Shares {
  readonly #shares = new Map<string, { nodes: number; readonly budgets: readonly number[] }>();

  /** Counts a node in; `budgets` as `PlannedBudgets.add` gave them. */
  add(budgets: readonly number[]): void {
    const key = budgets.join();
    const share = this.#shares.get(key);
    if (share === undefined) this.#shares.set(key, { nodes: 1, budgets });
    else share.nodes++;
  }

  get all(): readonly Share[] {
    return [...this.#shares.values()];
  }
}
