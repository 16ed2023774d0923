import { basename } from "node:path";
import { silentLogger, type Logger } from "@treeline/process";
import { hookKinds, type HookKind, type HookResult } from "@treeline/upgrade";
import { runProgram } from "../checks/run-program.ts";
import { findHooks, HookError } from "./find-hooks.ts";

/** How much of a hook's last words goes into the reason, which travels in reports. */
const maxWords = 600;

/** The kinds that have a program. A kind whose programs cannot be read or must not be run has some: running them says what is wrong. */
export async function presentHooks({ directories }: { readonly directories: readonly string[] }): Promise<readonly HookKind[]> {
  const present: HookKind[] = [];
  for (const kind of hookKinds) {
    try {
      if ((await findHooks({ kind, directories, logger: silentLogger })).length > 0) present.push(kind);
    } catch (error) {
      if (!(error instanceof HookError)) throw error;
      present.push(kind);
    }
  }
  return present;
}

export interface HookOptions {
  readonly kind: HookKind;
  /** Each may hold a directory named as the kind. A later one wins over an earlier one: see `findHooks`. */
  readonly directories: readonly string[];
  /** For one program. */
  readonly timeoutMillis: number;
  /** Of the attempt (`hookEnvironment`); TREELINE_HOOK is added here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the program that runs, with its process group, by SIGKILL. The result is then a failure that says so; who aborted knows what it is worth. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Runs the programs of one kind, one after the other, each with its own timeout. The first that fails ends the run: what comes next may count on what came
 * before. Only of `post-update` all run, because each of them makes the host useful again. Nothing is remembered: after a crash they run again from the first.
 */
export async function runHooks(options: HookOptions): Promise<HookResult> {
  const { kind, timeoutMillis, signal, logger } = options;
  const environment = { ...options.environment, TREELINE_HOOK: kind };
  let programs: readonly string[];
  try {
    programs = await findHooks(options);
  } catch (error) {
    if (!(error instanceof HookError)) throw error;
    logger.error("hooks are not run", { kind, err: error });
    return { ok: false, reason: `${kind} hooks were not run: ${error.message}` };
  }
  const failures: string[] = [];
  for (const program of programs) {
    if (signal.aborted) return { ok: false, reason: `${kind} hooks were stopped by the agent before ${basename(program)}` };
    logger.info("hook", { kind, program });
    const { passed, output } = await runProgram(program, { timeoutMillis, signal, environment });
    if (passed) {
      logger.debug("hook ended", { kind, program, output });
      continue;
    }
    logger.error("a hook failed", { kind, program, output });
    failures.push(`${kind} hook ${program} failed: ${output.trim().slice(-maxWords)}`.toWellFormed());
    if (kind !== "post-update") break;
  }
  const [first, ...others] = failures;
  if (first === undefined) return { ok: true };
  return { ok: false, reason: others.length === 0 ? first : `${first} (and ${others.length} more)` };
}
