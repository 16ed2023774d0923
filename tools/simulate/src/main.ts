import { exitCode, UsageError } from "@treeline/process";
import { readOptions, type SimulateOptions } from "./options.ts";
import { describeShrunk, describeViolation } from "./report.ts";
import type { RunOptions, RunResult } from "./run.ts";
import { selfTest } from "./self-test/self-test.ts";
import { shrink } from "./shrink/shrink.ts";
import { Pool, RunFailedError } from "./spread/pool.ts";

/** Real time for one run: far more than the slowest needs on a busy machine. */
const runLimitMillis = 300_000;

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if ("help" in options) {
    process.stdout.write(options.help);
    return exitCode.holds;
  }
  return options.selfTest ? testItself(options) : simulateAll(options);
}

async function simulateAll(options: SimulateOptions): Promise<number> {
  const { seed, runs, nodes, faults, workers, run, json } = options;
  const begun = performance.now();
  const indexes = run === undefined ? Array.from({ length: runs }, (_, index) => index) : [run];
  say(`seed ${seed}: ${indexes.length} ${indexes.length === 1 ? "run" : "runs"} of ${nodes} nodes, faults ${faults}`);
  const pool = new Pool({ workers: Math.min(workers, indexes.length), limitMillis: runLimitMillis });
  try {
    const optionsOf = (index: number): RunOptions => ({
      key: { seed, run: index, nodes, faults },
      policy: options.policy,
      stepsLimit: options.stepsLimit,
      trace: options.trace,
      only: options.only,
    });
    const results = await playAll(pool, indexes.map(optionsOf));
    requireRollouts(results);
    const failed = results.filter(({ violation }) => violation !== undefined);
    for (const result of failed) say(describeViolation(result));
    if (options.trace) for (const line of results.flatMap(({ lines }) => lines)) say(line);
    const first = failed[0];
    if (first !== undefined && !options.trace) {
      const again = optionsOf(first.key.run);
      const shrunk = await shrink({ failed: first, replay: (changed) => pool.play({ ...again, ...changed }), onProgress: say });
      process.stdout.write(`${describeShrunk(shrunk, options)}\n`);
    }
    const steps = results.reduce((sum, result) => sum + result.steps, 0);
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    const verdict = failed.length === 0 ? "ok" : "failed";
    const summary = { simulate: verdict, seed, runs: indexes.length, violations: failed.length, steps, seconds };
    process.stdout.write(
      json
        ? `${JSON.stringify(summary)}\n`
        : `${verdict}: ${indexes.length} runs, ${failed.length} violations, ${steps} steps in ${seconds} s (seed ${seed})\n`,
    );
    return failed.length === 0 ? exitCode.holds : exitCode.fails;
  } finally {
    await pool.close();
  }
}

/** @throws UsageError when not one rollout began: then nothing was tried */
function requireRollouts(results: readonly RunResult[]): void {
  const refusals = results.flatMap((result) => result.refusals);
  if (
    results.some(({ violation }) => violation !== undefined) ||
    refusals.length < results.reduce((sum, { rollouts }) => sum + rollouts, 0)
  )
    return;
  throw new UsageError(`every rollout was refused, so nothing was tried: ${refusals[0]}`, { subject: "--policy" });
}

/** All runs, in their order, however they were spread. */
async function playAll(pool: Pool, all: readonly RunOptions[]): Promise<readonly RunResult[]> {
  let done = 0;
  return Promise.all(
    all.map(async (options) => {
      const result = await pool.play(options);
      done++;
      if (done % Math.max(1, Math.floor(all.length / 20)) === 0) say(`${done} of ${all.length} runs`);
      return result;
    }),
  );
}

async function testItself({ seed, json, workers }: SimulateOptions): Promise<number> {
  say(`seed ${seed}: broken engines, one defect each`);
  const { mutants, missed } = await selfTest({ seed, workers, onProgress: say });
  const summary = { simulate: "self-test", mutants, caught: mutants - missed.length };
  for (const name of missed) say(`NOT CAUGHT: ${name}`);
  process.stdout.write(json ? `${JSON.stringify(summary)}\n` : `${summary.caught} of ${mutants} broken engines were caught\n`);
  return missed.length === 0 ? exitCode.holds : exitCode.fails;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function failed(error: unknown): number {
  if (error instanceof UsageError) {
    say(error.message);
    return exitCode.notTried;
  }
  say(error instanceof RunFailedError ? `simulate: ${error.message}` : `simulate: ${error instanceof Error ? error.stack : String(error)}`);
  return exitCode.fails;
}

process.exitCode = await main(process.argv.slice(2)).catch(failed);
