import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { LastLine } from "./last-line.ts";

export interface GroupOptions {
  /** Program and arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Milliseconds until the whole group is told to stop. */
  readonly limit: number;
  /** Milliseconds between being told to stop and being killed. */
  readonly grace: number;
  /** Where its standard output goes as it comes. Its standard error goes to ours. */
  readonly output: (chunk: Buffer) => void;
  /** Tells the group to stop before its limit. */
  readonly signal?: AbortSignal;
}

export interface GroupEnd {
  /** Null when a signal ended it, or the program could not be started. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  /** The last line of its standard output that is not blank. */
  readonly lastLine: string;
  /** Milliseconds. */
  readonly elapsed: number;
}

/** Runs a program in a process group of its own: nothing that it started in that group outlives it, or its limit. */
export async function runGroup(options: GroupOptions): Promise<GroupEnd> {
  const { argv, cwd, limit, grace, output, signal } = options;
  const [program, ...args] = argv;
  const start = performance.now();
  const child = spawn(program, args, { cwd, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const signalGroup = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch (error) {
      // ESRCH: every process of the group has ended already.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };

  const lastLine = new LastLine();
  const decoder = new TextDecoder();
  child.stdout.on("data", (chunk: Buffer) => {
    lastLine.add(decoder.decode(chunk, { stream: true }));
    output(chunk);
  });
  const closed = once(child, "close").catch(() => undefined);

  let timedOut = false;
  let kill: NodeJS.Timeout | undefined;
  const stop = (): void => {
    signalGroup("SIGTERM");
    kill ??= setTimeout(() => signalGroup("SIGKILL"), grace);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, limit);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  try {
    const exitCode = await new Promise<number | null>((resolve) => {
      child.once("exit", resolve);
      child.once("error", (error) => {
        process.stderr.write(`${program}: ${error.message}\n`);
        resolve(null);
      });
    });
    // What it left behind in its group would run on beside the next stage. Then the rest of its output; a process that moved to another
    // group and holds the pipe open must not hold us.
    signalGroup("SIGKILL");
    await Promise.race([closed, sleep(2000, undefined, { ref: false })]);
    return { exitCode, timedOut, lastLine: lastLine.toString(), elapsed: performance.now() - start };
  } finally {
    clearTimeout(timer);
    clearTimeout(kill);
    signal?.removeEventListener("abort", stop);
    child.stdout.destroy();
  }
}
