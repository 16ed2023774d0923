import type { RunOptions } from "../run.ts";
import { Pool, RunFailedError } from "../spread/pool.ts";
import { requireApplicable } from "./mutate.ts";
import { mutants, type Mutant } from "./mutants.ts";

/** A mutant that this many runs do not catch counts as missed. */
const runsPerMutant = 20;
const nodesPerRun = 30;
/** A defect may well be an endless loop. */
const runLimitMillis = 60_000;
const seed = 1;

export interface SelfTest {
  readonly mutants: number;
  /** Names. */
  readonly missed: readonly string[];
}

/**
 * Plays broken engines until each is caught. First the engine as it is: a checker that always cries would catch every mutant.
 * @throws Error when a mutant does not fit the source any more, or the engine as it is is caught
 */
export async function selfTest({
  workers,
  onProgress,
}: {
  readonly workers: number;
  readonly onProgress: (line: string) => void;
}): Promise<SelfTest> {
  for (const mutant of mutants) requireApplicable(mutant);
  await requireWhole(workers);
  const missed: string[] = [];
  const waiting = [...mutants];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const caught = await firstCatch(mutant, onProgress);
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
async function requireWhole(workers: number): Promise<void> {
  const pool = new Pool({ workers, limitMillis: runLimitMillis });
  try {
    const runs = Array.from({ length: runsPerMutant }, (_, run) => pool.play({ key: { seed, run, nodes: nodesPerRun, faults: "harsh" } }));
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
async function firstCatch({ expects, ...mutation }: Mutant, onProgress: (line: string) => void): Promise<Catch | undefined> {
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
