import type { PlannedBudgets } from "./plan-budget.ts";
import { waveTimes, type NodeTimes } from "./plan-duration.ts";
import { fillRounds, type Share } from "./plan-rounds.ts";
import type { RolloutPolicy } from "./policy.ts";

/** From this moment, counted from the start in milliseconds, so many nodes of the rollout are unavailable and so many are left. */
export interface PlannedStep {
  /** Index of the wave, from 0. */
  readonly wave: number;
  readonly atMillis: number;
  readonly unavailable: number;
  readonly available: number;
  /** So many rounds in a row, each as large; 0 for the end of a wave, when all its nodes are back. */
  readonly rounds: number;
}

/** The nodes of a wave, sorted by what they need. */
export interface WaveNodes {
  readonly nodes: number;
  /** They go when there is room for them. */
  readonly needRoom: readonly Share[];
  /** They go, and are unavailable already. */
  readonly free: number;
}

export interface Timeline {
  readonly steps: readonly PlannedStep[];
  /** By wave: from its opening to the end of its bake. */
  readonly waveMillis: readonly number[];
  /** Nodes that never go as things stand: a budget has no room at all for them. */
  readonly stuck: number;
}

export interface TimelineOptions {
  readonly waves: readonly WaveNodes[];
  readonly policy: RolloutPolicy;
  readonly budgets: PlannedBudgets;
  readonly times: NodeTimes;
  /** Nodes of the rollout, and how many of them are unavailable before it starts. */
  readonly nodes: number;
  readonly unavailable: number;
}

/** One wave after the other, each in rounds that fill the budgets. The room of a budget is what it has now; a node that is down stays down. */
export function timelineOf({ waves, policy, budgets, times, nodes, unavailable }: TimelineOptions): Timeline {
  const rooms = budgets.all.map(({ limit, taken }) => limit - taken);
  const steps: PlannedStep[] = [];
  const waveMillis: number[] = [];
  let [clock, stuck] = [0, 0];
  const step = (wave: number, atMillis: number, more: number, rounds: number): void =>
    void steps.push({ wave, atMillis, unavailable: unavailable + more, available: nodes - unavailable - more, rounds });
  for (const [wave, { needRoom, free, nodes: all }] of waves.entries()) {
    const filled = fillRounds(needRoom, rooms);
    // Who is down already goes at once and takes nothing from anybody.
    const rounds = filled.rounds.length === 0 && free > 0 ? [{ count: 1, nodes: 0 }] : filled.rounds;
    const going = needRoom.reduce((sum, share) => sum + share.nodes, 0) - filled.stuck + free;
    const { first, interval, end } = waveTimes(policy.staging, times, {
      nodes: going,
      rounds: rounds.reduce((sum, { count }) => sum + count, 0),
    });
    let before = 0;
    for (const { count, nodes: more } of rounds) {
      step(wave, clock + first + before * interval, more, count);
      before += count;
    }
    if (going > 0) step(wave, clock + end, 0, 0);
    // A wave without nodes has nothing to be watched.
    const millis = all === 0 ? 0 : end + policy.waves[wave]!.bakeMillis;
    waveMillis.push(millis);
    clock += millis;
    stuck += filled.stuck;
  }
  return { steps, waveMillis, stuck };
}
