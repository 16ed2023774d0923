import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

export type CommandFailure = "exit" | "signal" | "aborted" | "not-found" | "output-limit";

/** An external command that did not end well. `command` and `stderrTail` have the caller's `redact` strings taken out. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly command: readonly string[];
  readonly failure: CommandFailure;
  /** Exit status, or null when the command was killed or never started. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last 4096 characters of standard error. */
  readonly stderrTail: string;

  constructor(options: {
    readonly command: readonly string[];
    readonly failure: CommandFailure;
    readonly exitCode: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stderrTail: string;
    readonly cause?: unknown;
  }) {
    const how = {
      exit: `ended with status ${options.exitCode}`,
      signal: `was killed by ${options.signal}`,
      aborted: "was stopped because its caller gave up",
      "not-found": "could not be started; install it or put it on PATH",
      "output-limit": "printed more than the caller allows",
    }[options.failure];
    const lastLine = options.stderrTail.trimEnd().split("\n").at(-1) ?? "";
    super(
      `${options.command.join(" ")} ${how}${lastLine ? `: ${lastLine}` : ""}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.command = options.command;
    this.failure = options.failure;
    this.exitCode = options.exitCode;
    this.signal = options.signal;
    this.stderrTail = options.stderrTail;
  }
}

export interface RunOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Added to the minimal environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. Without it standard input is /dev/null. */
  readonly input?: Uint8Array;
  /** A file descriptor that the command gets as its 3: a lock, say, which it then holds for as long as it lives, whatever becomes of this process. */
  readonly descriptor?: number | undefined;
  /** Most bytes of standard output to accept (default 16 MiB); a command that prints more is killed. Of standard error only the tail is kept. */
  readonly outputLimit?: number;
  /** Strings that must not appear in errors, for example the random path of a proxy. */
  readonly redact?: readonly string[];
}

export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
}

const defaultOutputLimit = 16 * 1024 * 1024;
const stderrKept = 64 * 1024;

/**
 * What a command inherits. A minimal list, because libcurl inside ostree would follow `http_proxy`, and OSTREE_REPO or OSTREE_SYSROOT would change
 * which machine we talk about. The python variables are for hosts (demo machines) whose python lives elsewhere.
 */
const inherited = ["PATH", "HOME", "TMPDIR", "OSTREE_SYSROOT_DEBUG", "PYTHONHOME", "PYTHONPATH"] as const;

function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const kept = inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...Object.fromEntries(kept), LC_ALL: "C.UTF-8", ...extra };
}

/** Finds setpriv by path and not through PATH: a command that runs as root must not depend on what PATH says first. */
const setprivPath = (): string | undefined => ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/**
 * Runs one external command to its end.
 *
 * Invariants:
 * - When the promise settles the command and its process group are gone: whoever awaits it may say "no child of ours is alive".
 * - No shell, ever: arguments are an array.
 * - Where `setpriv` exists the command dies with this process (parent-death signal), even when this process is killed.
 *
 * Killing is SIGKILL at once: ostree has no signal handlers, so TERM would leave the same state, and that state was measured to be safe
 * (a repeated command resumes). @throws CommandError
 */
export function run(options: RunOptions): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const redact = (text: string): string =>
    (options.redact ?? []).reduce((rest, secret) => (secret === "" ? rest : rest.replaceAll(secret, "…")), text);
  const fail = (
    failure: CommandFailure,
    rest: { exitCode?: number | null; signal?: NodeJS.Signals | null; stderr?: string; cause?: unknown } = {},
  ): void =>
    reject(
      new CommandError({
        command: [options.command, ...options.args].map(redact),
        failure,
        exitCode: rest.exitCode ?? null,
        signal: rest.signal ?? null,
        stderrTail: redact(rest.stderr ?? "").slice(-4096),
        cause: rest.cause,
      }),
    );
  if (options.signal?.aborted) {
    fail("aborted", { cause: options.signal.reason });
    return promise;
  }

  const setpriv = setprivPath();
  const [program, args] = setpriv
    ? [setpriv, ["--pdeathsig", "KILL", "--", options.command, ...options.args]]
    : [options.command, [...options.args]];
  // detached: its own process group, so that a kill reaches what the command itself started.
  const child = spawn(program, args, {
    env: environment(options.env ?? {}),
    detached: true,
    stdio: [
      options.input === undefined ? "ignore" : "pipe",
      "pipe",
      "pipe",
      ...(options.descriptor === undefined ? [] : [options.descriptor]),
    ],
  });

  const stdout: Buffer[] = [];
  let stdoutBytes = 0;
  let stderr = Buffer.alloc(0);
  let stopped: "aborted" | "output-limit" | undefined;
  const stop = (why: "aborted" | "output-limit"): void => {
    stopped ??= why;
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // The group is already gone.
    }
  };
  const onAbort = (): void => stop("aborted");
  options.signal?.addEventListener("abort", onAbort, { once: true });

  child.stdout?.on("data", (chunk: Buffer) => {
    stdoutBytes += chunk.length;
    if (stdoutBytes > (options.outputLimit ?? defaultOutputLimit)) stop("output-limit");
    else stdout.push(chunk);
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = Buffer.concat([stderr, chunk]).subarray(-stderrKept);
  });
  // A command that ends without reading its input closes the pipe; its exit status says what matters.
  child.stdin?.on("error", () => {});
  child.stdin?.end(options.input);

  child.once("error", (cause: NodeJS.ErrnoException) => {
    options.signal?.removeEventListener("abort", onAbort);
    fail("not-found", { cause });
  });
  child.once("close", (exitCode, signal) => {
    options.signal?.removeEventListener("abort", onAbort);
    const text = stderr.toString("utf8");
    if (stopped) fail(stopped, { exitCode, signal, stderr: text, cause: stopped === "aborted" ? options.signal?.reason : undefined });
    // setpriv answers 127 in place of the ENOENT that spawn would have given.
    else if (exitCode === 127 && setpriv && /failed to execute/.test(text)) fail("not-found", { exitCode, stderr: text });
    else if (exitCode !== 0) fail(signal ? "signal" : "exit", { exitCode, signal, stderr: text });
    else resolve({ stdout: Buffer.concat(stdout).toString("utf8"), stderr: redact(text) });
  });
  return promise;
}
