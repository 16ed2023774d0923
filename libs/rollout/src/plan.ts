import type { Instant, NodeId, Target } from "@treeline/fleet";
import { differentPolicy } from "./command.ts";
import { layOut, type Layout } from "./layout.ts";
import { isDown, PlannedBudgets, Shares, type PlannedBudget } from "./plan-budget.ts";
import { conflictsWith, type PlannedConflict } from "./plan-conflict.ts";
import { nodeTimes } from "./plan-duration.ts";
import { etcOnRollback, planNode, type RefusedNode } from "./plan-node.ts";
import { timelineOf, type PlannedStep, type WaveNodes } from "./plan-timeline.ts";
import { warningsOf } from "./plan-warning.ts";
import type { PolicyDraft } from "./policy-draft.ts";
import type { RolloutRecord } from "./record.ts";
import type { Refused } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";

/** The dry run: what `createRollout` would do with this policy now. Durations in milliseconds. */
export interface RolloutPlan {
  readonly target: Target;
  readonly nodes: number;
  /** Exactly the waves that would be created. */
  readonly waves: readonly PlannedWave[];
  /** Every budget that would hold for one of the nodes, the one with the least room first. */
  readonly budgets: readonly PlannedBudget[];
  readonly steps: readonly PlannedStep[];
  /**
   * Until the last wave has baked, if nothing fails: an estimate from what `assumedMillis` says of a node and the room that the budgets have now.
   * The wait for approvals, for other rollouts and for nodes that are refused now is not in it.
   */
  readonly expectedMillis: number;
  /** Nodes that would not be updated now, and why. */
  readonly refused: readonly RefusedNode[];
  /** Nodes that run the release already: they count as updated without being disturbed. */
  readonly already: number;
  readonly conflicts: readonly PlannedConflict[];
  readonly warnings: readonly string[];
  /** What a rollback of the whole rollout would find, in nodes; those that run the release already are not taken back. */
  readonly rollback: { readonly etcKept: number; readonly etcMerged: number; readonly unknown: number };
}

export interface PlannedWave {
  readonly name: string;
  /** In the order of their names. */
  readonly nodes: readonly NodeId[];
  readonly selector?: string;
  readonly approval: boolean;
  readonly bakeMillis: number;
  /** From its opening to the end of its bake. */
  readonly expectedMillis: number;
}

export type PlanResult = { readonly ok: true; readonly plan: RolloutPlan } | Refused;

/**
 * Says what a rollout of this policy would do, without doing it; refuses what `createRollout` refuses. Costs a few looks per node and arithmetic over
 * the budgets, not a simulation.
 */
export function planRollout(
  snapshot: Snapshot,
  request: { readonly name: string; readonly policy: PolicyDraft },
  now: Instant,
): PlanResult {
  const laid = layOut(snapshot, request.name, request.policy);
  if (!laid.ok) return laid;
  const existing = snapshot.rollouts.get(request.name);
  const different = existing && differentPolicy(existing, laid.layout.policy);
  return different ?? { ok: true, plan: planOf(snapshot, imagined(request.name, laid.layout, now), laid.layout.waves) };
}

/** The rollout as it would be, every wave of it open. */
function imagined(name: string, { policy, target }: Layout, now: Instant): RolloutRecord {
  const openWave = policy.waves.length - 1;
  return {
    name,
    policy,
    target,
    state: "running",
    reason: "",
    createdAt: now,
    startedAt: now,
    way: "forward",
    openWave,
    approvals: {},
    pardons: {},
    settled: false,
  };
}

/** The nodes as they stand now. */
function surveyOf(snapshot: Snapshot, rollout: RolloutRecord, waves: Layout["waves"]): Survey {
  const budgets = new PlannedBudgets(snapshot, rollout.name, rollout.policy);
  const refused: RefusedNode[] = [];
  const rollback = { etcKept: 0, etcMerged: 0, unknown: 0 };
  let [already, unavailable] = [0, 0];
  const sorted = waves.map((wave): WaveNodes => {
    const needRoom = new Shares();
    let free = 0;
    for (const node of wave) {
      const standing = snapshot.ledger.standings.get(node.id);
      const observation = snapshot.observations.get(node.id)?.observation;
      const planned = planNode(snapshot, rollout, { node, observation, standing });
      const budgetsOfNode = budgets.add(node, standing);
      if (isDown(standing)) unavailable++;
      if (planned.kind === "refused") refused.push({ nodeId: node.id, name: node.name, code: planned.code, reason: planned.reason });
      else if (planned.kind === "already") already++;
      else if (planned.free) free++;
      else needRoom.add(budgetsOfNode);
      if (planned.kind !== "already") rollback[etcOnRollback(observation)]++;
    }
    return { nodes: wave.length, needRoom: needRoom.all, free };
  });
  return { waves: sorted, budgets, unavailable, already, refused, rollback };
}

interface Survey extends Pick<RolloutPlan, "already" | "refused" | "rollback"> {
  readonly waves: readonly WaveNodes[];
  readonly budgets: PlannedBudgets;
  /** Before the rollout starts. */
  readonly unavailable: number;
}

function planOf(snapshot: Snapshot, rollout: RolloutRecord, waves: Layout["waves"]): RolloutPlan {
  const { policy, target } = rollout;
  const nodes = waves.flat();
  const { budgets, already, refused, rollback, unavailable, waves: sorted } = surveyOf(snapshot, rollout, waves);
  const times = nodeTimes(policy, snapshot.releases.get(target.checksum)?.bytes ?? 0);
  const { steps, waveMillis, stuck } = timelineOf({ waves: sorted, policy, budgets, times, nodes: nodes.length, unavailable });
  return {
    target,
    nodes: nodes.length,
    waves: waves.map((wave, index): PlannedWave => {
      const { name, selector, approval, bakeMillis } = policy.waves[index]!;
      return {
        name,
        nodes: wave.map(({ id }) => id),
        ...(selector === undefined ? {} : { selector }),
        approval,
        bakeMillis,
        expectedMillis: waveMillis[index]!,
      };
    }),
    budgets: [...budgets.all].sort((a, b) => a.limit - a.taken - (b.limit - b.taken) || (a.id < b.id ? -1 : 1)),
    steps,
    expectedMillis: waveMillis.reduce((sum, millis) => sum + millis, 0),
    refused,
    already,
    conflicts: conflictsWith(snapshot, rollout, nodes),
    warnings: warningsOf(snapshot, { rollout, nodes, budgets: budgets.all, refused, already, stuck }),
    rollback,
  };
}
