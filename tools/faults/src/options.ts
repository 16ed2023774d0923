import { parseCommandLine, UsageError, type FlagDefinitions } from "@treeline/process";

const flags = {
  long: { type: "boolean", description: "all cases; without it, the short form" },
  only: { type: "strings", description: "cases of either form whose name contains this (repeat for more)", valueName: "PATTERN" },
  list: { type: "boolean", description: "say which cases there are, and play none" },
  workers: { type: "string", description: "how many cases are played at once (default 3)", valueName: "N" },
  json: { type: "boolean", description: "end with one JSON line on standard output; everything else goes to standard error" },
} as const satisfies FlagDefinitions;

export interface FaultsOptions {
  readonly long: boolean;
  readonly only: readonly string[];
  readonly list: boolean;
  readonly workers: number;
  readonly json: boolean;
}

const mostWorkers = 16;

/** @throws UsageError */
export function readOptions(args: readonly string[]): FaultsOptions | { readonly help: string } {
  const line = parseCommandLine(
    {
      program: "npm run faults --",
      summary: "every step of an upgrade against every fault, on machines with real ostree.",
      flags,
      examples: [
        { command: "npm run faults", does: "the short form, as in CI" },
        { command: "npm run faults -- --long", does: "all of it" },
        { command: "npm run faults -- --only deploy/power-cut", does: "one case" },
      ],
    },
    args,
  );
  if (line.kind !== "run") return { help: line.text };
  const { long = false, only = [], list = false, workers = "3", json = false } = line.values;
  const count = Number(workers);
  if (!Number.isInteger(count) || count < 1 || count > mostWorkers)
    throw new UsageError(`--workers must be a number from 1 to ${mostWorkers}, not ${JSON.stringify(workers)}`, { subject: "--workers" });
  return { long, only, list, workers: count, json };
}
