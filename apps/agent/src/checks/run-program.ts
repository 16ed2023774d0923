import { spawn } from "node:child_process";

/** How much of what a program prints is kept: its last bytes. */
export const outputKept = 4096;
/** How long after the end of a program its output is still read, in milliseconds. */
const pipesMillis = 1000;

export interface ProgramResult {
  readonly passed: boolean;
  /** The last of standard output and standard error together, with a line about how it ended when it did not end with 0. At most `outputKept` characters. */
  readonly output: string;
}

export interface ProgramOptions {
  /** Without the program's own name. Default: none. */
  readonly arguments?: readonly string[];
  /** Beside PATH and the locale. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMillis: number;
  readonly signal: AbortSignal;
}

/**
 * Runs one program of the host's owner (a check, a hook) in a process group of its own and waits for its end. After the timeout, or when the signal aborts,
 * the whole group is killed: a program may have started others. What has left the group (setsid, a daemon) goes on, and is not waited for. No shell. Standard
 * input is empty; the environment is PATH, the locale C and what is given, so that a program finds at boot what it finds by hand. Never rejects: what could not be started has not passed.
 */
export function runProgram(path: string, options: ProgramOptions): Promise<ProgramResult> {
  const { timeoutMillis, signal } = options;
  const { promise, resolve } = Promise.withResolvers<ProgramResult>();
  const child = spawn(path, options.arguments ?? [], {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...options.environment, PATH: process.env["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
  });
  let output = Buffer.alloc(0);
  let stopped: string | undefined;
  const keep = (chunk: Buffer): void => {
    output = Buffer.concat([output, chunk]).subarray(-outputKept);
  };
  const killGroup = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is already gone.
    }
    // Somebody who left the group may hold the pipes open; nobody waits for them.
    pipes = setTimeout(() => [child.stdout, child.stderr].forEach((pipe) => pipe.destroy()), pipesMillis);
  };
  let pipes: NodeJS.Timeout | undefined;
  const stop = (because: string): void => {
    stopped ??= because;
    killGroup();
  };
  const onAbort = (): void => stop("stopped by the agent");
  const timer = setTimeout(() => stop(`timed out after ${timeoutMillis / 1000} s`), timeoutMillis);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });

  const end = (how: string | undefined): void => {
    clearTimeout(timer);
    clearTimeout(pipes);
    signal.removeEventListener("abort", onAbort);
    const text = output.toString("utf8").replaceAll("\0", "");
    const ending = how === undefined ? "" : `${text === "" || text.endsWith("\n") ? "" : "\n"}(${how})`;
    resolve({ passed: how === undefined, output: `${text}${ending}`.slice(-outputKept).toWellFormed() });
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.once("error", (error: NodeJS.ErrnoException) => end(`could not be started: ${error.code ?? error.message}; check its first line and its permissions`));
  // What a program leaves in the background would hold the pipes, and outlive its result.
  child.once("exit", killGroup);
  child.once("close", (code, endSignal) => end(stopped ?? (code === 0 ? undefined : code === null ? `killed by ${endSignal}` : `exit status ${code}`)));
  return promise;
}
