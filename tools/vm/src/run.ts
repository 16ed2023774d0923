import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { runOrThrow } from "@treeline/testkit";
import { type Accelerator, detectAccelerator } from "./accelerator.ts";
import { agentFiles } from "./agent-files.ts";
import { baseTree, imageDirectory } from "./base-tree.ts";
import { type Played, Player } from "./player.ts";
import { type Release, ReleaseLine, releaseRef } from "./release-line.ts";
import type { Scenario } from "./scenario.ts";

/** Sparse: what is not written takes no room. */
const diskMiB = 2048;
const machineNames = ["atlas", "borealis", "cirrus"];

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

/** What the system says afterwards. */
export interface RunResult {
  readonly played: readonly Played[];
  /** Machines that enrolled with a server. */
  readonly machines: number;
  readonly accelerator: Accelerator;
  /** Where consoles and logs of failed scenarios are. */
  readonly logs: string;
}

/** Builds the tree, the agent and a disk, and plays the scenarios one after the other, each whatever became of those before it. */
export async function runScenarios(options: RunOptions): Promise<RunResult> {
  const { cache, scenarios, machines, deadline, signal, say } = options;
  await removeDeadRuns(cache);
  const directory = await mkdtemp(path.join(cache, `run-${process.pid}-`));
  try {
    const prepared = await prepare({ cache, directory, signal, say });
    const logs = path.join(cache, "logs");
    const player = new Player({ directory, logs, ...prepared, names: machineNames.slice(0, machines), deadline, signal, say });
    const played: Played[] = [];
    try {
      for (const scenario of scenarios) {
        signal.throwIfAborted();
        played.push(await player.play(scenario));
      }
    } finally {
      await player.leave();
    }
    signal.throwIfAborted();
    return { played, machines: player.enrolled, accelerator: prepared.accelerator, logs };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Prepared {
  readonly accelerator: Accelerator;
  readonly releases: ReleaseLine;
  readonly first: Release;
  /** A disk installed with `first`. */
  readonly disk: string;
}

async function prepare({ cache, directory, signal, say }: Pick<RunOptions, "cache" | "signal" | "say"> & { readonly directory: string }): Promise<Prepared> {
  const step = async <Result>(text: string, work: () => Promise<Result>, note: (result: Result) => string = () => ""): Promise<Result> => {
    signal.throwIfAborted();
    const begun = performance.now();
    const result = await work();
    say(`${text}: ${[`${((performance.now() - begun) / 1000).toFixed(1)} s`, note(result)].filter(Boolean).join(", ")}`);
    return result;
  };
  const base = await step("Building a Debian tree from packages", () => baseTree(cache), ({ cached }) => (cached ? "in the cache" : ""));
  const agent = path.join(directory, "agent");
  const [{ accelerator }] = await Promise.all([
    step("Trying whether a guest runs under KVM", () => detectAccelerator({ ...base, signal }), ({ accelerator: found, why }) => `${found}: ${why}`),
    step("Building the agent", () => agentFiles(agent)),
  ]);
  const releases = await step("Making the releases' repository", () => ReleaseLine.start({ directory, base, agent }));
  const first = await releases.compose("1.0");
  const disk = path.join(directory, "installed.disk");
  const build = ["sh", path.join(imageDirectory, "build-disk"), releases.repo, `treeline:${releaseRef}`, first.checksum, disk, String(diskMiB)];
  await step("Making a disk that boots", () => runOrThrow("disk", build));
  return { accelerator, releases, first, disk };
}

/** Disks of runs that were killed: they are large. */
async function removeDeadRuns(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  for (const name of await readdir(cache)) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await rm(path.join(cache, name), { recursive: true, force: true });
  }
}
