import { Chance } from "../kernel/chance.ts";
import { planFleet, type FaultLevel, type NodePlan } from "./fleet-plan.ts";
import type { Happening } from "./happening.ts";
import { planHappenings } from "./happenings-plan.ts";
import { labelsFor, readPolicyDocument } from "./policy-document.ts";
import { planBudgets, planPolicy, type BudgetPlan, type PolicyPlan } from "./policy-plan.ts";
import { planReleases, type ReleasePlan } from "./release-plan.ts";

/** What tells one run from every other. */
export interface RunKey {
  readonly seed: number;
  readonly run: number;
  readonly nodes: number;
  readonly faults: FaultLevel;
}

export interface RolloutPlan {
  readonly name: string;
  readonly release: ReleasePlan;
  readonly policy: PolicyPlan;
  /** Given by a person: holds instead of `policy`, but for the release. */
  readonly document?: string;
  readonly createdAt: number;
  /** Created on hold: somebody has to start it. */
  readonly held: boolean;
}

/** One run before it begins, as data: the same key gives the same plan. */
export interface RunPlan {
  readonly key: RunKey;
  readonly nodes: readonly NodePlan[];
  readonly releases: readonly ReleasePlan[];
  readonly budgets: readonly BudgetPlan[];
  readonly rollouts: readonly RolloutPlan[];
  readonly happenings: readonly Happening[];
}

/** The part of a plan that is played; absent: all of it. */
export interface Only {
  readonly nodes?: readonly string[];
  readonly happenings?: readonly number[];
}

export interface PlanOptions {
  /** A policy document for every rollout, instead of drawn ones. */
  readonly policy?: string | undefined;
  readonly only?: Only | undefined;
}

/** Everything is drawn for the whole plan, then the part is taken: what is left is what it was in the whole. */
export function planRun(key: RunKey, { policy, only = {} }: PlanOptions = {}): RunPlan {
  const { faults } = key;
  const chance = new Chance(key);
  const document = policy === undefined ? undefined : readPolicyDocument(policy);
  const nodes = planFleet({ chance, nodes: key.nodes, faults }).map(
    (node): NodePlan =>
      document === undefined ? node : { ...node, labels: { ...node.labels, ...labelsFor(document, chance.stream(`labels ${node.id}`)) } },
  );
  const shape = chance.stream("rollouts");
  const count = faults === "none" ? 1 : shape.pick([1, 1, 2, 2, 3]);
  const keptNodes = only.nodes && new Set(only.nodes);
  const keptHappenings = only.happenings && new Set(only.happenings);
  const releases = planReleases({ chance, count, faults });
  const rollouts = releases.map((release, index): RolloutPlan => {
    const draws = chance.stream(`rollout ${index}`);
    const held = faults !== "none" && draws.happens(0.1);
    const createdAt = 60_000 + (index === 0 ? 0 : draws.whole(0, 40 * 60_000));
    return {
      name: `r${index}`,
      release,
      policy: planPolicy({ draws, faults }),
      ...(policy === undefined ? {} : { document: policy }),
      createdAt,
      held,
    };
  });
  const happenings = planHappenings({ chance, nodeIds: nodes.map(({ id }) => id), faults });
  return {
    key,
    nodes: nodes.filter(({ id }) => keptNodes?.has(id) !== false),
    releases,
    budgets: planBudgets({ draws: chance.stream("budgets"), faults }),
    rollouts,
    happenings: happenings.filter(({ ordinal }) => keptHappenings?.has(ordinal) !== false),
  };
}
