import { homedir } from "node:os";
import { errnoOf, exitCode, type ExitCode } from "@treeline/process";
import { CommanderError } from "commander";
import { failureOf, renderFailure } from "./failure.ts";
import { createProgram } from "./program.ts";
import type { Shell } from "./shell.ts";

/** Runs the command line of this process and sets its exit status. */
export async function main(): Promise<void> {
  // `treeline … | head`: nobody reads on, which is no failure.
  process.stdout.on("error", (error) => {
    if (errnoOf(error) === "EPIPE") process.exit(exitCode.holds);
    throw error;
  });
  const shell: Shell = { env: process.env, home: homedir(), stdin: process.stdin, out: process.stdout, err: process.stderr, now: Date.now };
  process.exitCode = await run(shell, process.argv.slice(2));
}

/** Runs one command line; what goes wrong is told on `shell.err`. Never throws. */
export async function run(shell: Shell, args: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram(shell).parseAsync([...args], { from: "user" });
    return exitCode.holds;
  } catch (error) {
    // Commander has printed its own: help and version leave with 0, every mistake is wrong usage.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.holds : exitCode.notTried;
    const failure = failureOf(error);
    shell.err.write(renderFailure(failure));
    return failure.exitCode;
  }
}
