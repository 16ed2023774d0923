import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { OstreeError, ostreeError } from "./ostree-error.ts";
import type { Cancellable } from "./ostree.ts";
import { CommandError, run } from "./run.ts";

/**
 * The lock between everybody of ours who changes the deployments of a host: the agent, and the boot guard, which is a shell script. ostree has a lock
 * of its own (fcntl on ostree/lock), but it covers one command, and flock(1) cannot take it.
 *
 * Invariants:
 * - One holder at a time, over all commands of one change: indices that one command printed still hold for the next.
 * - The lock belongs to the open file and not to a process, and every command gets that file. So it lasts until the last command has ended, also when
 *   this process is killed in between.
 */

export interface Lockable extends Cancellable {
  /** The file whose flock excludes others that change the deployments; made when it is missing. Without it nobody is excluded. */
  readonly lockFile?: string | undefined;
  /** The lock's descriptor, from a caller that holds it already. */
  readonly held?: number | undefined;
}

const patienceSeconds = 10;
/** flock's own way to say that the time was up; ostree never ends with it. */
const conflictStatus = 75;

/**
 * Runs `act` with the lock in hand, or without one when there is no `lockFile`. `act` passes the descriptor on to each command it runs. An abort while
 * it waits gives up; an abort later is for `act` to heed. @throws OstreeError locked (retryable), aborted, tool-missing, and what `act` throws
 */
export async function underSysrootLock<Result>(
  options: Lockable & { readonly phase: string; readonly subject: string; readonly patienceSeconds?: number },
  act: (descriptor: number | undefined) => Promise<Result>,
): Promise<Result> {
  const { lockFile, held, ...rest } = options;
  if (held !== undefined || lockFile === undefined) return act(held);
  await using file = await openLock(lockFile, rest);
  await take(file.fd, { ...rest, lockFile });
  return await act(file.fd);
}

async function openLock(lockFile: string, { phase, subject }: { readonly phase: string; readonly subject: string }): Promise<FileHandle> {
  try {
    await mkdir(dirname(lockFile), { recursive: true });
    // Nobody but root: who can open it can hold it.
    return await open(lockFile, "a", 0o600);
  } catch (cause) {
    throw new OstreeError({
      code: "bad-input",
      phase,
      subject,
      reason: `lock file: ${lockFile} cannot be opened (${cause instanceof Error ? cause.message : String(cause)})`,
      remedy: "Run as root, and see that the directory can be written.",
      retryable: true,
      cause,
    });
  }
}

async function take(
  descriptor: number,
  options: Cancellable & { readonly lockFile: string; readonly phase: string; readonly subject: string; readonly patienceSeconds?: number },
): Promise<void> {
  const { lockFile, phase, subject, signal } = options;
  const timeout = String(options.patienceSeconds ?? patienceSeconds);
  const args = ["--exclusive", "--timeout", timeout, "--conflict-exit-code", String(conflictStatus), "3"];
  try {
    await run({ command: "flock", args, descriptor, signal });
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    if (cause.exitCode !== conflictStatus) throw ostreeError({ phase, subject, cause });
    throw new OstreeError({
      code: "locked",
      phase,
      subject,
      reason: `somebody else has held ${lockFile} for ${timeout} s`,
      remedy: `It is tried again. If it stays, see who works on the deployments with \`fuser ${lockFile}\`.`,
      retryable: true,
      cause,
    });
  }
}
