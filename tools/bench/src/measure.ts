import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { figureOf } from "./figure.ts";

export interface MeasureOptions {
  readonly benchmark: Benchmark;
  readonly options: Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
  /** Takes each finished line, without its end: JSON figures. */
  readonly print: (line: string) => void;
  /** Takes lines for people. */
  readonly progress: (line: string) => void;
}

/**
 * Runs a benchmark and prints its figures. True when every figure that is not optional was measured and nothing failed.
 * What was measured before a failure is printed all the same: a figure is never hidden.
 */
export async function measure({ benchmark, options, signal, print, progress }: MeasureOptions): Promise<boolean> {
  const samples = new Map<string, number[]>(Object.keys(benchmark.figures).map((name) => [name, []]));
  const remarks = [`${availableParallelism()} CPUs, Node ${process.version}`];
  const failures: string[] = [];
  const directory = await mkdtemp(path.join(tmpdir(), `treeline-bench-${benchmark.name}-`));
  try {
    await benchmark.run({
      options,
      directory,
      signal,
      progress,
      remark: (text) => remarks.unshift(text),
      record: (figure, sample) => {
        const taken = samples.get(figure);
        if (taken === undefined) throw new Error(`benchmark ${benchmark.name} recorded "${figure}", which is not among its figures`);
        if (Number.isFinite(sample)) taken.push(sample);
        else failures.push(`${figure}: measured ${sample}, which is not a finite number`);
      },
    });
  } catch (error) {
    failures.push(signal.aborted ? "interrupted" : error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  const missing = [...samples].filter(([figure, taken]) => taken.length === 0 && benchmark.figures[figure]?.optional !== true).map(([figure]) => figure);
  if (missing.length > 0) failures.push(`no measurement of ${missing.join(", ")}`);
  for (const [figure, taken] of samples) {
    const definition = benchmark.figures[figure];
    if (definition && taken.length > 0) print(JSON.stringify(figureOf({ bench: benchmark.name, figure, definition, samples: taken, remarks })));
  }
  for (const failure of failures) progress(`bench ${benchmark.name}: FAILED: ${failure}`);
  return failures.length === 0;
}
