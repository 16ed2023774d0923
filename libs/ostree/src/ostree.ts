import { ostreeError } from "./ostree-error.ts";
import { CommandError, run } from "./run.ts";
import type { RunOptions, RunResult } from "./run.ts";

/** What every operation of this library takes besides its own options. */
export interface Cancellable {
  /** Aborting kills the command; the promise settles once it is gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface OstreeCommand extends Cancellable, Pick<RunOptions, "descriptor"> {
  readonly args: readonly string[];
  /** For errors: the step, and what it was about. */
  readonly phase: string;
  readonly subject: string;
  readonly redact?: readonly string[];
  /** Bytes; default 16 MiB. */
  readonly outputLimit?: number;
}

/** Runs `command` and turns its failure into an OstreeError. @throws OstreeError */
export async function runTool(options: RunOptions & { readonly phase: string; readonly subject: string }): Promise<RunResult> {
  const { phase, subject, ...rest } = options;
  try {
    return await run(rest);
  } catch (cause) {
    if (cause instanceof CommandError) throw ostreeError({ phase, subject, cause });
    throw cause;
  }
}

/** Runs `ostree ARGS`. @throws OstreeError */
export function ostree(options: OstreeCommand): Promise<RunResult> {
  return runTool({ command: "ostree", ...options });
}

/** The `--sysroot` argument, or none for the booted host. */
export const sysrootArgs = (sysroot: string | undefined): readonly string[] => (sysroot === undefined ? [] : [`--sysroot=${sysroot}`]);

/** The path under which files of a sysroot are found: the sysroot itself, or `/` on the booted host. */
export const sysrootPath = (sysroot: string | undefined): string => sysroot ?? "/";

/** The repository of a sysroot. On the booted host the physical root is at /sysroot. */
export const sysrootRepo = (sysroot: string | undefined): string => `${sysroot ?? "/sysroot"}/ostree/repo`;
