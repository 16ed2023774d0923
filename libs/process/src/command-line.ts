import { parseArgs } from "node:util";
import { UsageError } from "./exit-code.ts";
import { nearestName } from "./nearest-name.ts";

/** One `--flag`. The name is its key, written in kebab case. */
export type FlagDefinition =
  | { readonly type: "string"; readonly description: string; readonly valueName?: string; readonly short?: string }
  | { readonly type: "strings"; readonly description: string; readonly valueName?: string; readonly short?: string }
  | {
      readonly type: "integer";
      readonly description: string;
      readonly valueName?: string;
      readonly short?: string;
      readonly min?: number;
      readonly max?: number;
    }
  | { readonly type: "boolean"; readonly description: string; readonly short?: string };

export type FlagDefinitions = Readonly<Record<string, FlagDefinition>>;

/** The values of flags that were given; the others are missing. `strings` may be given several times. */
export type FlagValues<F extends FlagDefinitions> = {
  readonly [K in keyof F]?: F[K]["type"] extends "string"
    ? string
    : F[K]["type"] extends "integer"
      ? number
      : F[K]["type"] extends "boolean"
        ? boolean
        : readonly string[];
};

export interface CommandLine<F extends FlagDefinitions> {
  readonly program: string;
  /** One sentence. */
  readonly summary: string;
  readonly flags: F;
  /** Whole command lines, with what each does. */
  readonly examples: readonly { readonly command: string; readonly does: string }[];
}

export type ParsedCommandLine<F extends FlagDefinitions> =
  | { readonly kind: "run"; readonly values: FlagValues<F> }
  | { readonly kind: "help"; readonly text: string };

/**
 * Reads the command line of a daemon: flags only, no positional arguments. `--help` (or `-h`) anywhere gives the help text to print.
 * `--no-FLAG` switches a boolean off.
 * @param args what follows the program's name: `process.argv.slice(2)`
 * @throws UsageError for an unknown flag, a missing or unfit value, a value given twice, an argument that is no flag
 */
export function parseCommandLine<F extends FlagDefinitions>(line: CommandLine<F>, args: readonly string[]): ParsedCommandLine<F> {
  const { program, flags } = line;
  const { tokens } = parseArgs({ args: [...args], options: parseArgsOptions(flags), strict: false, allowNegative: true, tokens: true });
  const values: Record<string, string | number | boolean | readonly string[]> = {};
  let help = false;
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw usage(program, token.value, `${JSON.stringify(token.value)} is not a flag, and ${program} takes nothing else`);
    }
    if (token.name === "help" && token.value === undefined) {
      help = true;
      continue;
    }
    const negated = token.rawName.startsWith("--no-") && flags[token.rawName.slice(2)] === undefined;
    const name = negated ? token.rawName.slice(5) : token.name;
    const definition = Object.hasOwn(flags, name) ? flags[name] : undefined;
    if (definition === undefined || (negated && definition.type !== "boolean")) throw unknownFlag(line, token.rawName);
    const value =
      definition.type === "boolean" ? booleanOf(program, token, !negated) : valueOf(program, definition, token.rawName, token.value);
    const before = values[name];
    if (definition.type === "strings") values[name] = [...(Array.isArray(before) ? (before as readonly string[]) : []), value as string];
    else if (before !== undefined) throw usage(program, token.rawName, `${token.rawName} is given twice: give it once`);
    else values[name] = value;
  }
  return help ? { kind: "help", text: helpText(line) } : { kind: "run", values: values as FlagValues<F> };
}

function parseArgsOptions(flags: FlagDefinitions): Record<string, { type: "boolean" | "string"; short?: string }> {
  const entries = Object.entries(flags).map(([name, { type, short }]) => {
    return [
      name,
      { type: type === "boolean" ? ("boolean" as const) : ("string" as const), ...(short === undefined ? {} : { short }) },
    ] as const;
  });
  return { ...Object.fromEntries(entries), help: { type: "boolean", short: "h" } };
}

function booleanOf(program: string, token: { readonly rawName: string; readonly value: string | undefined }, value: boolean): boolean {
  if (token.value !== undefined) throw usage(program, token.rawName, `${token.rawName} takes no value: write ${token.rawName} alone`);
  return value;
}

function valueOf(
  program: string,
  definition: Exclude<FlagDefinition, { readonly type: "boolean" }>,
  rawName: string,
  value: string | undefined,
): string | number {
  // parseArgs without `strict` takes the next flag for a value: "--data --help" would name a directory "--help".
  if (value === undefined || value === "" || value.startsWith("--")) {
    throw usage(program, rawName, `${rawName} needs a value: write ${rawName}=${definition.valueName ?? "VALUE"}`);
  }
  if (definition.type !== "integer") return value;
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = definition;
  const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(Number.isSafeInteger(number) && number >= min && number <= max)) {
    throw usage(program, rawName, `${rawName} must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`);
  }
  return number;
}

function unknownFlag({ program, flags }: CommandLine<FlagDefinitions>, rawName: string): UsageError {
  const nearest = rawName.startsWith("--") ? nearestName(rawName.replace(/^--/, ""), [...Object.keys(flags), "help"]) : undefined;
  return usage(program, rawName, `unknown flag ${rawName}${nearest === undefined ? "" : `: did you mean --${nearest}?`}`);
}

function usage(program: string, subject: string, message: string): UsageError {
  return new UsageError(`${program}: ${message} (${program} --help lists the flags)`, { subject });
}

/** The text of `--help`. */
export function helpText({ program, summary, flags, examples }: CommandLine<FlagDefinitions>): string {
  const rows = [...Object.entries(flags), ["help", { type: "boolean", short: "h", description: "show this text" }] as const].map(
    ([name, flag]) => {
      const value = flag.type === "boolean" ? "" : ` ${flag.valueName ?? "VALUE"}`;
      const repeat = flag.type === "strings" ? " (may be given several times)" : "";
      return { left: `${flag.short === undefined ? "    " : `-${flag.short}, `}--${name}${value}`, right: flag.description + repeat };
    },
  );
  const width = Math.max(...rows.map((row) => row.left.length));
  return [
    `${program}: ${summary}`,
    "",
    `Usage: ${program} [flags]`,
    "",
    "Flags:",
    ...rows.map((row) => `  ${row.left.padEnd(width)}  ${row.right}`),
    ...(examples.length === 0 ? [] : ["", "Examples:", ...examples.flatMap(({ command, does }) => [`  # ${does}`, `  ${command}`])]),
    "",
  ].join("\n");
}
