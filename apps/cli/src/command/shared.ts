import { Command, Option } from "commander";
import { outputFormats, serialized, type OutputFormat } from "../output/format.ts";
import { timeoutOption } from "../option.ts";
import type { Shell } from "../shell.ts";

/** What every command takes, before or after its name. */
export interface SharedOptions {
  readonly output: OutputFormat;
  readonly credential?: string;
  readonly context?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

const group = "Common options:";

/** Adds the options that say which server and how long. */
export function withServerOptions(command: Command): Command {
  return command
    .addOption(new Option("--credential <file>", "talk to the server of this credential file (TREELINE_CREDENTIAL)").helpGroup(group))
    .addOption(new Option("--context <name>", "talk to the server of this context (TREELINE_CONTEXT)").helpGroup(group))
    .addOption(
      new Option("--timeout <duration>", "give up after this long (default: each call after 15s)")
        .argParser(timeoutOption)
        .helpGroup(group),
    );
}

export function withOutputOption(command: Command): Command {
  return command
    .addOption(new Option("-o, --output <format>", "what to print (default: table)").choices([...outputFormats]).helpGroup(group))
    .addOption(new Option("--json", "the same as -o json").conflicts("output").helpGroup(group));
}

/** A command that asks the server and prints what it says. */
export function serverCommand(name: string, description: string, examples: readonly string[]): Command {
  return withServerOptions(withOutputOption(plainCommand(name, description, examples)));
}

export function plainCommand(name: string, description: string, examples: readonly string[]): Command {
  return new Command(name)
    .description(description)
    .addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}\n`).join("")}`);
}

/** The shared options of a command, from itself or from in front of its noun. What stands nearer to the command's name wins. */
export function sharedOptions(command: Command): SharedOptions {
  const merged: Record<string, unknown> = {};
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const own = at.opts<Record<string, unknown>>();
    if (own["json"] === true) merged["output"] ??= "json";
    for (const key of ["output", "credential", "context", "timeout"]) merged[key] ??= own[key];
  }
  const { output = "table", ...rest } = merged;
  return { output, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) } as SharedOptions;
}

/** The deadline of one call, as the clients take it. */
export function callOptions({ timeout }: SharedOptions): { readonly deadlineMillis?: number } {
  return timeout === undefined ? {} : { deadlineMillis: timeout };
}

/** Prints data: lines for people, or one document for machines. */
export function print(shell: Shell, format: OutputFormat, value: unknown, lines: () => readonly string[]): void {
  shell.out.write(
    format === "table"
      ? lines()
          .map((line) => `${line}\n`)
          .join("")
      : serialized(value, format),
  );
}
