/** `npm test`: every check of the repository, each step whatever became of those before it, then a table. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { emptyCompileCache } from "./compile-cache.ts";
import { type RanStep, runStep, steps } from "./step.ts";
import { seconds, table } from "./table.ts";
import { holds, sum, wordsOf } from "./tally.ts";

const root = path.resolve(import.meta.dirname, "../../..");

function rowOf({ step, tally, skipped, elapsed }: RanStep): readonly string[] {
  const result = step.projects === undefined ? (holds(tally) ? "passed" : "failed") : wordsOf(tally);
  const hint = !holds(tally) && step.remedy !== undefined ? ` (${step.remedy})` : "";
  return [step.name, seconds(elapsed), `${result}${skipped > 0 ? `, ${skipped} skipped` : ""}${hint}`];
}

async function test(json: boolean): Promise<void> {
  const start = performance.now();
  // A report of an earlier run must not be counted.
  await rm(path.join(root, "reports"), { recursive: true, force: true });
  await emptyCompileCache(root);
  const ran: RanStep[] = [];
  for (const step of steps(root)) {
    process.stdout.write(`\n--- ${step.name}\n`);
    ran.push(await runStep(step, root));
  }
  const total = sum(ran.map(({ tally }) => tally));
  const ok = ran.every(({ tally }) => holds(tally));
  const failures = ran.flatMap((step) => step.failures);
  if (failures.length > 0) process.stdout.write(`\nfailed tests:\n${failures.map((failure) => `  ${failure}`).join("\n")}\n`);
  process.stdout.write(`\n${table([["step", "time", "result"], ...ran.map(rowOf)])}\n\n${wordsOf(total)}\n`);
  if (json) {
    const report = { test: ok ? "ok" : "failed", ...total, seconds: Math.round((performance.now() - start) / 100) / 10 };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
  process.exitCode = ok ? 0 : 1;
}

function jsonWanted(): boolean | undefined {
  try {
    return parseArgs({ options: { json: { type: "boolean", default: false } } }).values.json;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nusage: npm test [-- --json]; one project's tests: npx nx test NAME\n`);
    return undefined;
  }
}

const json = jsonWanted();
if (json === undefined) process.exitCode = 2;
else await test(json);
