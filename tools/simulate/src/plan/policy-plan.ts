import type { Draws } from "../kernel/chance.ts";
import { kinds, pools, type FaultLevel } from "./fleet-plan.ts";

/** Text as an operator writes it: "2" or "10%". */
export type AmountText = string;

export interface GatePlan {
  readonly maxFailures?: number;
  readonly failureRate?: {
    readonly acceptable: number;
    readonly unacceptable: number;
    readonly falseAlarm: number;
    readonly miss: number;
    readonly minSample: number;
  };
}

export interface WavePlan {
  readonly name: string;
  readonly size: { readonly count: number } | { readonly percent: number } | { readonly rest: true };
  readonly selector?: string;
  readonly bakeMillis: number;
  readonly approval: boolean;
  readonly gate?: GatePlan;
}

export interface LimitsPlan {
  readonly maxUnavailable?: AmountText;
  readonly minAvailable?: AmountText;
  readonly per?: "region" | "zone" | "rack";
}

/** A policy before the engine has checked it. All durations in milliseconds. */
export interface PolicyPlan {
  readonly selector: string;
  readonly priority: number;
  readonly cure: boolean;
  readonly waves: readonly WavePlan[];
  readonly budgets: readonly LimitsPlan[];
  readonly nodeSoakMillis: number;
  readonly gate?: GatePlan;
  readonly onFailure: "pause" | "halt" | "rollback";
  readonly timeouts: {
    readonly eligibleMillis?: number;
    readonly stagingMillis: number;
    readonly drainingMillis: number;
    readonly rebootingMillis: number;
    readonly verifyingMillis: number;
  };
  readonly retries: { readonly limit: number; readonly backoffMillis: number; readonly maxBackoffMillis: number };
  readonly staging: { readonly nodes?: number; readonly jitterMillis: number };
}

export interface BudgetPlan extends LimitsPlan {
  readonly name: string;
  readonly selector: string;
}

const minute = 60_000;

/** Tame without faults, else anything the checks let pass. */
export function planPolicy({ draws, faults }: { readonly draws: Draws; readonly faults: FaultLevel }): PolicyPlan {
  const wild = faults !== "none";
  const { gate } = gateOf(wild, draws);
  const percent = (from: number, to: number): string => `${draws.whole(from, to)}%`;
  return {
    selector: wild && draws.happens(0.25) ? draws.pick([`pool=${draws.pick(pools)}`, `kind!=${draws.pick(kinds)}`, "kind in (a,b)"]) : "*",
    priority: draws.whole(0, 2),
    cure: wild && draws.happens(0.1),
    waves: planWaves(draws, wild, gate),
    budgets: [
      { maxUnavailable: wild && draws.happens(0.3) ? String(draws.whole(1, 8)) : percent(5, 30) },
      ...(draws.happens(0.25) ? [{ maxUnavailable: percent(20, 60), per: draws.pick(["zone", "rack"] as const) }] : []),
    ],
    nodeSoakMillis: draws.pick([0, 10_000, 60_000, 3 * minute]),
    ...(gate === undefined ? {} : { gate }),
    onFailure: draws.pick(["pause", "halt", "rollback"] as const),
    timeouts: {
      ...(draws.happens(0.2) ? { eligibleMillis: draws.whole(10, 60) * minute } : {}),
      stagingMillis: draws.whole(5, 60) * minute,
      drainingMillis: draws.whole(3, 30) * minute,
      rebootingMillis: draws.whole(10, 30) * minute,
      verifyingMillis: draws.whole(15, 40) * minute,
    },
    retries: { limit: draws.whole(0, 3), backoffMillis: draws.whole(1, 60) * 1000, maxBackoffMillis: 10 * minute },
    staging: { ...(draws.happens(0.5) ? { nodes: draws.whole(1, 60) } : {}), jitterMillis: draws.pick([0, 30_000, 5 * minute]) },
  };
}

function planWaves(draws: Draws, wild: boolean, whole: GatePlan | undefined): readonly WavePlan[] {
  const wave = (name: string, size: WavePlan["size"], selector?: string): WavePlan => ({
    name,
    size,
    ...(selector === undefined ? {} : { selector }),
    bakeMillis: draws.pick([0, minute, 10 * minute]),
    approval: wild && draws.happens(0.2),
    ...gateOf(wild && draws.happens(0.4), draws, whole?.maxFailures),
  });
  const waves: WavePlan[] = [];
  if (draws.happens(0.8))
    waves.push(wave("canary", { count: draws.whole(1, 4) }, wild && draws.happens(0.25) ? `pool=${draws.pick(pools)}` : undefined));
  if (draws.happens(0.6)) waves.push(wave("early", { percent: draws.whole(5, 40) }));
  return [...waves, wave("rest", { rest: true })];
}

/** One that lets more nodes fail than the whole rollout may would be refused. */
function gateOf(wanted: boolean, draws: Draws, most = 10): { readonly gate?: GatePlan } {
  if (!wanted) return {};
  const failureRate = {
    acceptable: 0.02,
    unacceptable: draws.pick([0.1, 0.2, 0.4]),
    falseAlarm: 0.05,
    miss: 0.05,
    minSample: draws.whole(2, 8),
  };
  const maxFailures = draws.whole(0, most);
  return { gate: draws.pick([{ maxFailures }, { failureRate }, { maxFailures, failureRate }, { maxFailures }]) };
}

/** The fleet's own budgets: over everything, per pool, per failure domain. */
export function planBudgets({ draws, faults }: { readonly draws: Draws; readonly faults: FaultLevel }): readonly BudgetPlan[] {
  const budgets: BudgetPlan[] = [{ name: "fleet", selector: "*", maxUnavailable: `${draws.whole(10, 40)}%` }];
  if (draws.happens(0.7)) budgets.push({ name: "racks", selector: "*", per: "rack", maxUnavailable: draws.pick(["1", "2", "3", "34%"]) });
  if (draws.happens(0.5)) budgets.push({ name: "zones", selector: "*", per: "zone", maxUnavailable: `${draws.whole(15, 50)}%` });
  // Of a small pool it may let nobody go at all.
  if (draws.happens(0.5) && faults !== "none") {
    const pool = draws.pick(pools);
    budgets.push({ name: `pool-${pool}`, selector: `pool=${pool}`, minAvailable: `${draws.whole(50, faults === "harsh" ? 90 : 80)}%` });
  }
  return budgets;
}
