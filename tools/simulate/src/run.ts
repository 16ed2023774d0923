import { Checker, type Violation } from "./invariants/checker.ts";
import { EventLog } from "./kernel/event-log.ts";
import { planRun, type Only, type RunKey } from "./plan/run-plan.ts";
import { World } from "./world/world.ts";

/** More steps than this, and a run is taken for one that never ends. Longest seen by far: a fifth of it. */
export const defaultStepsLimit = 2_000_000;

export interface RunOptions {
  readonly key: RunKey;
  /** A policy document for every rollout, instead of drawn ones. */
  readonly policy?: string | undefined;
  readonly only?: Only | undefined;
  readonly stepsLimit?: number;
  /** Keep what happened as lines, for people. */
  readonly trace?: boolean;
}

export interface RunResult {
  readonly key: RunKey;
  readonly steps: number;
  /** Of everything that happened: equal hashes are equal runs. */
  readonly digest: string;
  readonly violation?: Violation;
  /** Ordinals of the happenings that struck. */
  readonly struck: readonly number[];
  readonly nodes: readonly string[];
  readonly rollouts: number;
  /** Why some of them were refused. */
  readonly refusals: readonly string[];
  /** Empty unless a trace was asked for. */
  readonly lines: readonly string[];
}

/** One run from its plan to its end or its first violation. The same options give the same result, to the byte. */
export async function simulate({ key, policy, only, stepsLimit = defaultStepsLimit, trace = false }: RunOptions): Promise<RunResult> {
  const plan = planRun(key, { policy, only });
  const log = new EventLog({ keep: trace });
  const checker: Checker = new Checker({ time: () => world.time });
  const world = new World({ plan, judge: checker, log, stepsLimit });
  const steps = await world.play();
  const { violation } = checker;
  if (violation !== undefined) log.note(violation.at, `VIOLATION ${violation.invariant}: ${violation.message}`);
  return {
    key,
    steps,
    digest: log.digest(),
    ...(violation === undefined ? {} : { violation }),
    struck: [...world.struck].sort((a, b) => a - b),
    nodes: plan.nodes.map(({ id }) => id),
    rollouts: plan.rollouts.length,
    refusals: world.refusals,
    lines: log.lines,
  };
}
