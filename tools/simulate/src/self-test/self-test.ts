import type { RunOptions } from "../run.ts";
import { Pool, RunFailedError } from "../spread/pool.ts";
import { requireApplicable } from "./mutate.ts";
import { mutants, type Mutant } from "./mutants.ts";

/** A mutant that so many runs do not catch counts as missed. Most are seen in the first or second, the rarest in about one of thirty. */
const runsPerMutant = 250;
/** The engine as it is must come through so many. */
const runsUnbroken = 20;
const nodesPerRun = 30;
/** A defect may well be an endless loop. */
const runLimitMillis = 60_000;

export interface SelfTestOptions {
  /** Everything random follows from it. */
  readonly seed: number;
  readonly workers: number;
  readonly onProgress: (line: string) => void;
}

export interface SelfTest {
  readonly mutants: number;
  /** Names. */
  readonly missed: readonly string[];
}

/**
 * Plays broken engines until each is caught. First the engine as it is: a checker that always cries would catch every mutant.
 * @throws Error when a mutant does not fit the source any more, or the engine as it is is caught
 */
export async function selfTest(options: SelfTestOptions): Promise<SelfTest> {
  const { workers, onProgress } = options;
  for (const mutant of mutants) requireApplicable(mutant);
  await requireWhole(options);
  const missed: string[] = [];
  const waiting = [...mutants];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const caught = await firstCatch(mutant, options);
      if (caught === undefined) missed.push(mutant.name);
      onProgress(
        caught === undefined ? `${mutant.name}: NOT caught in ${runsPerMutant} runs` : `${mutant.name}: ${caught.by} in run ${caught.run}`,
      );
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { mutants: mutants.length, missed };
}

/** @throws Error when the engine as it is breaks something */
async function requireWhole({ seed, workers }: SelfTestOptions): Promise<void> {
  const pool = new Pool({ workers, limitMillis: runLimitMillis });
  try {
    const runs = Array.from({ length: runsUnbroken }, (_, run) => pool.play({ key: { seed, run, nodes: nodesPerRun, faults: "harsh" } }));
    const broken = (await Promise.all(runs)).find(({ violation }) => violation !== undefined);
    if (broken !== undefined)
      throw new Error(
        `the engine as it is breaks ${broken.violation?.invariant} in run ${broken.key.run} of seed ${seed} with ${nodesPerRun} nodes: mend that first`,
      );
  } finally {
    await pool.close();
  }
}

interface Catch {
  readonly by: string;
  readonly run: number;
}

/** By one of the invariants that it is known to break; another one is no catch. */
async function firstCatch({ expects, ...mutation }: Mutant, { seed, onProgress }: SelfTestOptions): Promise<Catch | undefined> {
  const pool = new Pool({ workers: 1, limitMillis: runLimitMillis, mutation });
  const others = new Set<string>();
  try {
    for (let run = 0; run < runsPerMutant; run++) {
      const options: RunOptions = { key: { seed, run, nodes: nodesPerRun, faults: "harsh" } };
      const by = await pool.play(options).then(
        ({ violation }) => violation?.invariant,
        (error: unknown) => {
          if (error instanceof RunFailedError) return "RunFails";
          throw error;
        },
      );
      if (by !== undefined && expects.includes(by)) return { by, run };
      if (by !== undefined) others.add(by);
    }
    if (others.size > 0) onProgress(`${mutation.name}: seen by ${[...others].join(", ")} only; by one of ${expects.join(", ")} it must be`);
    return undefined;
  } finally {
    await pool.close();
  }
}
