import { describe, expect, expectTypeOf, it } from "vitest";
import { type CommandLine, parseCommandLine } from "./command-line.ts";
import { UsageError } from "./exit-code.ts";

const flags = {
  config: { type: "string", description: "configuration file", valueName: "FILE", short: "c" },
  "listen-front": { type: "string", description: "address of the front listener", valueName: "HOST:PORT" },
  workers: { type: "integer", description: "number of workers", min: 1, max: 64 },
  label: { type: "strings", description: "label of this host", valueName: "KEY=VALUE" },
  json: { type: "boolean", description: "print JSON" },
} as const;

const line: CommandLine<typeof flags> = {
  program: "treeline-agent",
  summary: "keeps this host on the release its server asks for.",
  flags,
  examples: [{ command: "treeline-agent --config /etc/treeline/agent.yaml", does: "run with a configuration file" }],
};

function refusal(...args: string[]): UsageError {
  try {
    parseCommandLine(line, args);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return error as UsageError;
  }
  throw new Error("it was accepted");
}

function valuesOf(...args: string[]) {
  const parsed = parseCommandLine(line, args);
  if (parsed.kind !== "run") throw new Error("it asked for help");
  return parsed.values;
}

describe("parseCommandLine", () => {
  it("gives typed values, and only of what was given", () => {
    const values = valuesOf("--config=a.yaml", "--workers", "4", "--label", "a=1", "--label=b=2", "--json");
    expect(values).toEqual({ config: "a.yaml", workers: 4, label: ["a=1", "b=2"], json: true });
    expectTypeOf(values.workers).toEqualTypeOf<number | undefined>();
    expectTypeOf(values.label).toEqualTypeOf<readonly string[] | undefined>();
    expect(valuesOf()).toEqual({});
    expect(valuesOf("-c", "b.yaml", "--no-json")).toEqual({ config: "b.yaml", json: false });
    expect(valuesOf("--workers=4", "--label=-x")).toEqual({ workers: 4, label: ["-x"] });
  });

  it("names the nearest flag for an unknown one, and exits 2", () => {
    const error = refusal("--lisen-front", "x");
    expect(error.message).toContain("unknown flag --lisen-front: did you mean --listen-front?");
    expect(error.exitCode).toBe(2);
    expect(error.subject).toBe("--lisen-front");
    expect(refusal("--zzzzzzzz").message).not.toContain("did you mean");
    expect(refusal("-x").message).toContain("unknown flag -x");
    expect(refusal("--no-config").message).toContain("unknown flag --no-config");
    expect(refusal("--constructor").message).toContain("unknown flag");
    expect(refusal("--__proto__=1").message).toContain("unknown flag");
  });

  it.each([
    ["a value is missing", ["--config"], "--config needs a value: write --config=FILE"],
    ["a value is empty", ["--config="], "needs a value"],
    ["the next flag stands for a value", ["--config", "--json"], "needs a value"],
    ["a number is none", ["--workers", "four"], "whole number from 1 to 64"],
    ["a number is broken", ["--workers", "1.5"], "whole number"],
    ["a number is too large", ["--workers=65"], "whole number from 1 to 64"],
    ["a number is empty", ["--workers="], "needs a value"],
    ["a switch has a value", ["--json=false"], "takes no value"],
    ["a flag is there twice", ["--config=a", "--config=b"], "given twice"],
    ["an argument is no flag", ["start"], '"start" is not a flag'],
    ["an argument follows --", ["--", "--json"], "is not a flag"],
  ])("refuses when %s", (_title, args, message) => {
    expect(refusal(...args).message).toContain(message);
  });

  it.each([["--help"], ["-h"]])("gives the help text for %s, with every flag and an example", (arg) => {
    const parsed = parseCommandLine(line, ["--json", arg]);
    expect(parsed.kind).toBe("help");
    const text = parsed.kind === "help" ? parsed.text : "";
    for (const name of [...Object.keys(flags), "help"]) expect(text).toContain(`--${name}`);
    expect(text).toContain("-c, --config FILE");
    expect(text).toContain("(may be given several times)");
    expect(text).toContain("  # run with a configuration file\n  treeline-agent --config /etc/treeline/agent.yaml\n");
  });
});
