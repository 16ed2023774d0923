import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseCommandLine, UsageError, type CommandLine, type FlagDefinitions } from "@treeline/process";
import type { FaultLevel } from "./plan/fleet-plan.ts";
import { readPolicyDocument } from "./plan/policy-document.ts";
import type { Only } from "./plan/run-plan.ts";
import { defaultStepsLimit } from "./run.ts";

const levels: readonly FaultLevel[] = ["none", "default", "harsh"];

const flags = {
  seed: {
    type: "integer",
    valueName: "S",
    min: 0,
    description: "everything that is random follows from it (default: random, and printed)",
  },
  runs: { type: "integer", valueName: "N", min: 1, max: 1_000_000, description: "how many runs, each with a plan of its own (default 20)" },
  nodes: { type: "integer", valueName: "M", min: 1, max: 10_000, description: "hosts in each run (default 50)" },
  policy: { type: "string", valueName: "FILE", description: "a rollout's policy document, instead of drawn policies" },
  faults: { type: "string", valueName: "LEVEL", description: `how much goes wrong: ${levels.join(", ")} (default default)` },
  json: { type: "boolean", description: "end with one JSON line on standard output" },
  "self-test": { type: "boolean", description: "break the engine on purpose, one defect at a time: each must be caught" },
  steps: {
    type: "integer",
    valueName: "LIMIT",
    min: 1,
    description: `a run that takes more steps never ends (default ${defaultStepsLimit})`,
  },
  workers: {
    type: "integer",
    valueName: "N",
    min: 1,
    max: 256,
    description: "threads (default: one per core); what comes out does not depend on it",
  },
  run: { type: "integer", valueName: "R", min: 0, description: "play this run of the seed alone" },
  trace: { type: "boolean", description: "print all that happens, on standard error; with --run" },
  "only-happenings": { type: "string", valueName: "LIST", description: "of what goes wrong in that run only these, by number; with --run" },
  "only-nodes": { type: "string", valueName: "LIST", description: "of that run's hosts only these; with --run" },
} as const satisfies FlagDefinitions;

const line: CommandLine<typeof flags> = {
  program: "npm run simulate --",
  summary: "plays the real engine against injected faults in virtual time, and holds every step against the invariants",
  flags,
  examples: [
    { command: "npm run simulate", does: "twenty runs of fifty hosts with a random seed" },
    { command: "npm run simulate -- --seed 7 --runs 200 --nodes 200 --faults harsh --json", does: "the full measure" },
    { command: "npm run simulate -- --seed 7 --run 12 --nodes 200 --faults harsh --trace", does: "one of its runs again, line by line" },
    { command: "npm run simulate -- --policy policy.yaml --nodes 100", does: "how a policy of yours fares" },
    { command: "npm run simulate -- --self-test", does: "whether broken engines are caught" },
  ],
};

export interface SimulateOptions {
  readonly seed: number;
  readonly seedGiven: boolean;
  readonly runs: number;
  readonly nodes: number;
  readonly faults: FaultLevel;
  /** The text of the document, and where it was read. */
  readonly policy: string | undefined;
  readonly policyFile: string | undefined;
  readonly json: boolean;
  readonly selfTest: boolean;
  readonly stepsLimit: number;
  readonly workers: number;
  /** One run alone. */
  readonly run: number | undefined;
  readonly trace: boolean;
  readonly only: Only;
}

/** @throws UsageError */
export function readOptions(args: readonly string[]): { readonly help: string } | SimulateOptions {
  const parsed = parseCommandLine(line, args);
  if (parsed.kind === "help") return { help: parsed.text };
  const { values } = parsed;
  const faults = levels.find((level) => level === (values.faults ?? "default"));
  if (faults === undefined)
    throw new UsageError(`--faults must be one of ${levels.join(", ")}, not ${JSON.stringify(values.faults)}`, { subject: "--faults" });
  for (const name of ["trace", "only-happenings", "only-nodes"] as const)
    if (values[name] !== undefined && values.run === undefined)
      throw new UsageError(`--${name} concerns one run: name it with --run=R`, { subject: `--${name}` });
  const happenings = values["only-happenings"] === undefined ? undefined : numbers(values["only-happenings"]);
  const nodes = values["only-nodes"] === undefined ? undefined : list(values["only-nodes"]);
  return {
    seed: values.seed ?? randomInt(2 ** 31),
    seedGiven: values.seed !== undefined,
    runs: values.runs ?? 20,
    nodes: values.nodes ?? 50,
    faults,
    policy: values.policy === undefined ? undefined : readPolicy(values.policy),
    policyFile: values.policy,
    json: values.json ?? false,
    selfTest: values["self-test"] ?? false,
    stepsLimit: values.steps ?? defaultStepsLimit,
    workers: values.workers ?? availableParallelism(),
    run: values.run,
    trace: values.trace ?? false,
    only: { ...(nodes === undefined ? {} : { nodes }), ...(happenings === undefined ? {} : { happenings }) },
  };
}

function readPolicy(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    readPolicyDocument(text);
    return text;
  } catch (cause) {
    throw new UsageError(`--policy: ${file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {
      subject: "--policy",
      cause,
    });
  }
}

function list(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function numbers(text: string): readonly number[] {
  return list(text).map((part) => {
    if (/^\d{1,9}$/.test(part)) return Number(part);
    throw new UsageError(
      `--only-happenings must be numbers joined by commas, as a violation prints them; ${JSON.stringify(part)} is none`,
      { subject: "--only-happenings" },
    );
  });
}
