import { exitCode, nearestName, parseCommandLine, UsageError, type FlagDefinition } from "@treeline/process";
import type { Benchmark } from "./benchmark.ts";
import { measure } from "./measure.ts";
import { benchmarks } from "./registry.ts";

/** Exit status of a program that was interrupted: 128 + SIGINT. */
const interruptedStatus = 130;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help" || name === "-h") {
    process.stdout.write(listing());
    return exitCode.holds;
  }
  const benchmark = benchmarks.find((candidate) => candidate.name === name);
  if (benchmark === undefined) throw unknown(name);
  const options = optionsOf(benchmark, args);
  if (options === undefined) return exitCode.holds;
  const { signal } = interruption();
  const measured = await measure({
    benchmark,
    options,
    signal,
    print: (line) => process.stdout.write(`${line}\n`),
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  if (signal.aborted) return interruptedStatus;
  return measured ? exitCode.holds : exitCode.fails;
}

function listing(): string {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  const rows = benchmarks.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `npm run bench -- NAME [flags]; NAME --help lists the flags. One JSON line per figure on standard output.\n\n${rows.join("\n")}\n`;
}

function unknown(name: string): UsageError {
  const known = benchmarks.map((benchmark) => benchmark.name);
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? `there are: ${known.join(", ")}` : `did you mean ${nearest}?`;
  return new UsageError(`bench: there is no benchmark ${JSON.stringify(name.slice(0, 80))}: ${hint}`, { subject: name });
}

/** The value of every option of the benchmark; undefined when help was asked for and given. */
function optionsOf(benchmark: Benchmark, args: readonly string[]): Readonly<Record<string, number>> | undefined {
  const { name, summary, options } = benchmark;
  const integers = Object.entries(options).map(([key, { description, normal, quick, min, max }]): [string, FlagDefinition] => [
    key,
    { type: "integer", valueName: "N", min, max, description: `${description} (default ${normal}, with --quick ${quick})` },
  ]);
  const quick: FlagDefinition = { type: "boolean", description: "a smoke test: small, fast, its figures mean little" };
  const flags: Record<string, FlagDefinition> = { ...Object.fromEntries(integers), quick };
  const parsed = parseCommandLine({ program: `npm run bench -- ${name}`, summary, flags, examples: [] }, args);
  if (parsed.kind === "help") {
    process.stdout.write(parsed.text);
    return undefined;
  }
  const values: Readonly<Record<string, unknown>> = parsed.values;
  const chosen = Object.entries(options).map(([key, definition]): [string, number] => {
    const given = values[key];
    return [key, typeof given === "number" ? given : values["quick"] === true ? definition.quick : definition.normal];
  });
  return Object.fromEntries(chosen);
}

/** Aborts at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process at once, and with it all it started. */
function interruption(): AbortController {
  const abort = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => (abort.signal.aborted ? process.exit(interruptedStatus) : abort.abort()));
  return abort;
}

function failed(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    return exitCode.notTried;
  }
  process.stderr.write(`bench: ${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCode.fails;
}

process.exitCode = await main(process.argv.slice(2)).catch(failed);
