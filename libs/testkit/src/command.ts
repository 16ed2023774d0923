import { spawn } from "node:child_process";
import { TestkitError } from "./errors.ts";

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status; 128 + signal number when a signal ended the command, as a shell counts. */
  readonly code: number;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Written to standard input, which is empty otherwise. */
  readonly input?: string;
  /** The command gets SIGKILL after this many milliseconds; without it, it may run for ever. */
  readonly timeoutMs?: number;
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** Runs a command to its end. A status other than 0 is a result, not an error; it rejects only when the program cannot be started. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [file, ...rest] = argv;
  if (file === undefined) {
    return Promise.reject(
      new TestkitError({
        code: "invalid-option",
        phase: "run",
        subject: "argv",
        reason: "it is empty",
        remedy: "Give a program and its arguments.",
      }),
    );
  }
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, {
      stdio: ["pipe", "pipe", "pipe"],
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: "SIGKILL" as const }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.once("error", (cause) =>
      reject(
        new TestkitError({
          code: "command-failed",
          phase: "run",
          subject: file,
          reason: `it could not be started (${cause.message})`,
          remedy: "requirements() names the package to install.",
          cause,
        }),
      ),
    );
    child.once("close", (code, signal) =>
      resolve({
        stdout: Buffer.concat(stdout).toString("utf8"),
        stderr: Buffer.concat(stderr).toString("utf8"),
        code: code ?? 128 + (signal === null ? 0 : (signalNumbers[signal] ?? 0)),
      }),
    );
    // A command that ends without reading its input closes the pipe early: its status tells the story, EPIPE does not.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

/** As `run`, but a status other than 0 is a `command-failed` error that carries what the command said; returns standard output. */
export async function runOrThrow(phase: string, argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { stdout, stderr, code } = await run(argv, options);
  if (code !== 0) {
    throw new TestkitError({
      code: "command-failed",
      phase,
      subject: argv.join(" "),
      reason: `it ended with status ${code}: ${stderr.trim() || stdout.trim() || "(no output)"}`,
      remedy: "Run that line by hand to look into it.",
    });
  }
  return stdout;
}
