import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CheckResult, Health } from "@treeline/fleet";
import { errnoOf, type Logger } from "@treeline/process";
import { runProgram } from "./run-program.ts";

/** How many results are reported at most; all checks run. */
const maxReported = 64;

export interface CheckOptions {
  /** Each may hold `required.d` and `wanted.d`. Those that do not exist are passed over. */
  readonly directories: readonly string[];
  /** For one check. */
  readonly timeoutMillis: number;
  readonly bootId: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Runs the host's health checks by greenboot's convention (https://github.com/fedora-iot/greenboot): the executables of every directory's `required.d`,
 * then those of `wanted.d`, in the order of their names; 0 is success. All run, also after a failure. Red when a required one failed; green otherwise,
 * also without any check. A file that is not executable is passed over with a warning, as greenboot does.
 */
export async function runChecks(options: CheckOptions): Promise<Health> {
  const { timeoutMillis, signal, logger, bootId } = options;
  const results: CheckResult[] = [];
  for (const { path, name, required } of await findChecks(options)) {
    const { passed, output } = await runProgram(path, { timeoutMillis, signal });
    if (signal.aborted) return { state: "unknown", bootId, checks: [] };
    if (!passed) logger.warn("a check failed", { check: path, required, output });
    results.push({ name: results.some((earlier) => earlier.name === name) ? path : name, required, passed, output });
  }
  const red = results.some((result) => result.required && !result.passed);
  return { state: red ? "red" : "green", bootId, checks: reported(results) };
}

interface Check {
  readonly path: string;
  readonly name: string;
  readonly required: boolean;
}

async function findChecks({ directories, logger }: CheckOptions): Promise<readonly Check[]> {
  const found: Check[] = [];
  for (const [folder, required] of [["required.d", true], ["wanted.d", false]] as const) {
    for (const directory of directories) {
      const at = join(directory, folder);
      for (const name of (await namesIn(at)).toSorted()) {
        const path = join(at, name);
        if (!(await stat(path).catch(() => undefined))?.isFile()) continue;
        if (await isExecutable(path)) found.push({ path, name, required });
        else logger.warn("a check is passed over, because it is not executable: chmod +x it, or move it away", { check: path });
      }
    }
  }
  return found;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return [];
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
