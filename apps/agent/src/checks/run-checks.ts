import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CheckResult, Health } from "@treeline/fleet";
import { errnoOf, type Logger } from "@treeline/process";
import type { Probe } from "../configuration.ts";
import type { Check } from "./check.ts";
import { failedUnitsCheck, type FailedUnitsOptions } from "./failed-units.ts";
import { probeCheck } from "./probe.ts";
import type { ResourceWatch } from "./resources.ts";
import { runProgram, type ProgramOptions, type ProgramResult } from "./run-program.ts";
import { distrust } from "./trusted-program.ts";

/** How many results are reported at most; all checks run. */
const maxReported = 64;

export interface CheckOptions {
  /** Each may hold `required.d` and `wanted.d`. Those that do not exist are passed over. */
  readonly directories: readonly string[];
  /** For one check. */
  readonly timeoutMillis: number;
  /** Whether systemd units that failed are a check of their own. Default: they are not. */
  readonly failedUnits?: FailedUnitsOptions;
  readonly probes?: readonly Probe[];
  /** What must not be lost by an update; default: nothing is watched. */
  readonly resources?: ResourceWatch;
  readonly bootId: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Runs the host's health checks. First programs, by greenboot's convention (https://github.com/fedora-iot/greenboot): those of every directory's `required.d`,
 * then those of `wanted.d`, in the order of their names; 0 is success. Then, side by side, what needs no program of its own: extended resources, failed units,
 * probes. All run, also after a failure. Red when a required one failed; green otherwise, also without any check.
 */
export async function runChecks(options: CheckOptions): Promise<Health> {
  const { signal, logger, bootId } = options;
  const results: CheckResult[] = [];
  const note = ({ path, name, required }: Check, { passed, output }: ProgramResult): void => {
    if (!passed) logger.warn("a check failed", { check: path, required, output });
    results.push({ name: results.some((earlier) => earlier.name === name) ? path : name, required, passed, output });
  };
  for (const check of await findPrograms(options)) {
    const result = await check.run(signal);
    if (signal.aborted) return { state: "unknown", bootId, checks: [] };
    note(check, result);
  }
  const builtIn = await builtInChecks(options);
  const builtInResults = await Promise.all(builtIn.map(async (check) => ({ check, result: await check.run(signal) })));
  if (signal.aborted) return { state: "unknown", bootId, checks: [] };
  for (const { check, result } of builtInResults) note(check, result);
  const red = results.some((result) => result.required && !result.passed);
  return { state: red ? "red" : "green", bootId, checks: reported(results) };
}

async function builtInChecks({ timeoutMillis, failedUnits, probes = [], resources }: CheckOptions): Promise<readonly Check[]> {
  const units = failedUnits === undefined ? undefined : await failedUnitsCheck(failedUnits);
  const watch = await resources?.check(timeoutMillis);
  return [watch, units, ...probes.map((probe, index) => probeCheck(probe, index, timeoutMillis))].filter((check) => check !== undefined);
}

async function findPrograms({ directories, timeoutMillis, logger }: CheckOptions): Promise<readonly Check[]> {
  const found: Check[] = [];
  for (const [folder, required] of [["required.d", true], ["wanted.d", false]] as const) {
    for (const directory of directories) {
      const at = join(directory, folder);
      for (const name of (await namesIn(at, logger)).toSorted()) {
        const path = join(at, name);
        if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
        const command = await commandOf(path);
        if (command === undefined) logger.warn("a check is passed over, because it is not executable: chmod +x it, or move it away", { check: path });
        else found.push({ path, name, required, run: (signal) => runTrusted(path, command, { timeoutMillis, signal }) });
      }
    }
  }
  return found;
}

/** What must not be run has failed, and says why: left out in silence, a required check would be green. Looked at right before it is run. */
async function runTrusted(path: string, command: Command, options: Pick<ProgramOptions, "timeoutMillis" | "signal">): Promise<ProgramResult> {
  const found = await distrust(path);
  if (found !== undefined) return { passed: false, output: `not run: ${found.subject} ${found.problem}` };
  return await runProgram(command.program, { ...command, ...options });
}

interface Command {
  readonly program: string;
  readonly arguments?: readonly string[];
}

/** As greenboot starts it: `*.sh` by bash, executable or not; everything else by itself, if it is executable. */
async function commandOf(path: string): Promise<Command | undefined> {
  if (await isExecutable(path)) return { program: path };
  return path.endsWith(".sh") ? { program: "bash", arguments: [path] } : undefined;
}

async function namesIn(directory: string, logger: Logger): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    if (errnoOf(error) === "ENOTDIR") {
      logger.warn(`no check is looked for in ${directory}: it is not a directory, or lies below something that is none: make it one, or correct checks.directories`, { directory });
      return [];
    }
    throw error;
  }
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Failures first when not all of them fit. */
function reported(results: readonly CheckResult[]): readonly CheckResult[] {
  if (results.length <= maxReported) return results;
  const weight = (result: CheckResult): number => (result.passed ? 2 : 0) + (result.required ? 0 : 1);
  return results.toSorted((a, b) => weight(a) - weight(b)).slice(0, maxReported);
}
