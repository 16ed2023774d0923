import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { runOrThrow } from "@treeline/testkit";
import { type Accelerator, detectAccelerator } from "./accelerator.ts";
import { agentFiles } from "./agent-files.ts";
import { baseTree, imageDirectory } from "./base-tree.ts";
import { Fleet } from "./fleet.ts";
import type { Machine } from "./machine.ts";
import { Patience } from "./patience.ts";
import { type Release, ReleaseLine, releaseRef } from "./release-line.ts";
import type { Scenario } from "./scenario.ts";

const stallMillis = 5 * 60_000;
/** Sparse: what is not written takes no room. */
const diskMiB = 2048;
const machineNames = ["atlas", "borealis", "cirrus"] as const;
const logsName = "logs";

export interface RunOptions {
  /** The one directory that is kept from run to run. */
  readonly cache: string;
  readonly scenarios: readonly Scenario[];
  /** How many machines the form of the run has. */
  readonly machines: number;
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface Played {
  readonly scenario: Scenario;
  readonly ok: boolean;
  readonly seconds: number;
  /** Kernels that started in it. */
  readonly boots: number;
  /** Why it failed. */
  readonly reason?: string;
}

/** What the system says afterwards. */
export interface RunResult {
  readonly played: readonly Played[];
  /** Machines that enrolled with a server. */
  readonly machines: number;
  readonly accelerator: Accelerator;
  /** Where the console logs of failed scenarios are; absent when none failed. */
  readonly logs?: string;
}

/** A fleet and what its machines run. */
interface Standing {
  readonly fleet: Fleet;
  /** By machine. */
  readonly runs: Map<string, Release>;
}

/** Builds the tree, the agent and a disk, and plays the scenarios one after the other, each whatever became of those before it. */
export async function runScenarios(options: RunOptions): Promise<RunResult> {
  const { cache, scenarios, deadline, signal, say } = options;
  await removeDeadRuns(cache);
  const directory = await mkdtemp(path.join(cache, `run-${process.pid}-`));
  const machines: Machine[] = [];
  const patience = new Patience({ stallMillis, deadline, signal, pulse: () => machines.map((machine) => machine.consoleLength()).join(" ") });
  try {
    const base = await step(say, "Building a Debian tree from packages", () => baseTree(cache), ({ cached }) => (cached ? "in the cache" : ""));
    const { accelerator } = await step(say, "Trying whether a guest runs under KVM", () => detectAccelerator({ ...base, signal }), ({ accelerator: found, why }) => `${found}: ${why}`);
    const agent = path.join(directory, "agent");
    await step(say, "Building the agent", () => agentFiles(agent));
    const releases = await step(say, "Making the releases' repository", () => ReleaseLine.start({ directory, base, agent }));
    const first = await releases.compose("1.0");
    const disk = path.join(directory, "installed.disk");
    await step(say, "Making a disk that boots", () => runOrThrow("disk", ["sh", path.join(imageDirectory, "build-disk"), releases.repo, `treeline:${releaseRef}`, first.checksum, disk, String(diskMiB)]));

    const names = machineNames.slice(0, options.machines);
    const played: Played[] = [];
    const failures: string[] = [];
    let standing: Standing | undefined;
    let enrolled = 0;
    const leave = async (): Promise<void> => {
      if (standing === undefined) return;
      enrolled += await standing.fleet.operator.nodes().then((nodes) => nodes.length, () => 0);
      await standing.fleet.destroy();
      standing = undefined;
    };
    try {
      for (const [index, scenario] of scenarios.entries()) {
        signal.throwIfAborted();
        say(`\n${scenario.name}: ${scenario.promise}`);
        const begun = performance.now();
        const bootsBefore = machines.reduce((sum, { boots }) => sum + boots, 0);
        let reason: string | undefined;
        try {
          if (standing === undefined) {
            const fleet: Fleet = await Fleet.start({ directory: path.join(directory, `fleet-${index + 1}`), releases, disk, first, accelerator, patience, machines });
            standing = { fleet, runs: new Map(names.map((name) => [name, first])) };
          }
          const { fleet, runs } = standing;
          const brought = await fleet.bring(names);
          await scenario.play({ fleet, machines: brought, names, runs, version: `${index + 2}.0`, say: (line) => say(`  ${line}`) });
        } catch (error) {
          reason = error instanceof Error ? error.message : String(error);
          failures.push(await keepLogs({ cache, scenario, standing, reason }));
          await leave();
        }
        const boots = machines.reduce((sum, machine) => sum + machine.boots, 0) - bootsBefore;
        const seconds = Math.round((performance.now() - begun) / 1000);
        say(`  ${reason === undefined ? "ok" : `FAILED: ${reason}`} (${seconds} s, ${boots} boots)`);
        played.push({ scenario, ok: reason === undefined, seconds, boots, ...(reason === undefined ? {} : { reason }) });
      }
    } finally {
      await leave();
    }
    const [logs] = failures;
    return { played, machines: enrolled, accelerator, ...(logs === undefined ? {} : { logs }) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Disks of runs that were killed: they are large. */
async function removeDeadRuns(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  for (const name of await readdir(cache)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rm(path.join(cache, name), { recursive: true, force: true });
  }
}

async function step<Result>(say: (line: string) => void, text: string, work: () => Promise<Result>, note: (result: Result) => string = () => ""): Promise<Result> {
  const begun = performance.now();
  const result = await work();
  say(`${text}: ${[`${((performance.now() - begun) / 1000).toFixed(1)} s`, note(result)].filter(Boolean).join(", ")}`);
  return result;
}

/** Keeps what the machines' consoles and the server said. Returns where all such logs are. */
async function keepLogs(options: { readonly cache: string; readonly scenario: Scenario; readonly standing: Standing | undefined; readonly reason: string }): Promise<string> {
  const { cache, scenario, standing, reason } = options;
  const logs = path.join(cache, logsName);
  const own = path.join(logs, scenario.name);
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { recursive: true });
  await writeFile(path.join(own, "reason.txt"), `${reason}\n`);
  if (standing !== undefined) {
    for (const machine of standing.fleet.machines.values()) await writeFile(path.join(own, `${machine.name}.console`), machine.console(), "latin1");
    await writeFile(path.join(own, "server.log"), await standing.fleet.serverLog(200_000));
  }
  return logs;
}
