import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { exitCode, UsageError } from "@treeline/process";
import { checkoutRoot, removeSysroots } from "@treeline/testkit";
import { allCases } from "./matrix/cases.ts";
import { readOptions, type FaultsOptions } from "./options.ts";
import { missingTools } from "./missing-tools.ts";
import { playAll } from "./pool/pool.ts";
import { World } from "./play/world.ts";
import type { CaseResult } from "./play/play-case.ts";
import { renderedTable, resultLine } from "./table.ts";

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if ("help" in options) {
    process.stdout.write(options.help);
    return exitCode.holds;
  }
  const cases = allCases().filter(({ name, short }) => (options.only.length === 0 ? options.long || short : options.only.some((part) => name.includes(part))));
  if (cases.length === 0) throw new UsageError(`no case is named like ${options.only.join(" or ")}; --list --long shows them`, { subject: "--only" });
  if (options.list) {
    process.stdout.write(cases.map(({ name }) => `${name}\n`).join(""));
    return exitCode.holds;
  }
  const missing = await missingTools();
  for (const line of missing) say(line);
  return missing.length > 0 ? exitCode.notTried : play(cases, options);
}

async function play(cases: ReturnType<typeof allCases>, { json, workers }: FaultsOptions): Promise<number> {
  const directory = await mkdtemp(path.join(tmpdir(), "treeline-faults-"));
  const keepDirectory = path.join(checkoutRoot, "reports/faults");
  await mkdir(keepDirectory, { recursive: true });
  const results: CaseResult[] = [];
  const { signal } = interruption();
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1000);
  try {
    const prepared = path.join(directory, "prepared");
    await World.prepare(prepared);
    say(`prepared in ${seconds()} s`);
    await playAll(cases, {
      workers,
      prepared,
      signal,
      directory,
      keepDirectory,
      onResult: (result) => {
        results.push(result);
        say(resultLine(result, results.length, cases.length));
      },
    });
  } finally {
    await removeSysroots(directory).catch(() => {});
    await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  const out = json ? process.stderr : process.stdout;
  out.write(renderedTable(cases, results));
  out.write(`\n${results.length} cases, ${failed} failed, ${seconds()} s\n`);
  if (json) process.stdout.write(`${JSON.stringify({ faults: failed === 0 ? "ok" : "failed", cases: results.length, failed })}\n`);
  return failed === 0 ? exitCode.holds : exitCode.fails;
}

/** Aborts at the first signal; a second one ends the process at once, and with it all it started. */
function interruption(): AbortController {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => (abort.signal.aborted ? process.exit(exitCode.fails) : abort.abort(new UsageError(`interrupted by ${name}`, { subject: name }))));
  return abort;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function failed(error: unknown): number {
  say(error instanceof UsageError ? error.message : `faults: ${error instanceof Error ? error.stack : String(error)}`);
  return error instanceof UsageError ? exitCode.notTried : exitCode.fails;
}

process.exitCode = await main(process.argv.slice(2)).catch(failed);
