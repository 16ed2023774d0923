import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Accelerator } from "./accelerator.ts";
import { Fleet } from "./fleet.ts";
import type { Machine } from "./machine.ts";
import { Patience } from "./patience.ts";
import type { Release, ReleaseLine } from "./release-line.ts";
import type { Scenario } from "./scenario.ts";

const stallMillis = 5 * 60_000;

export interface PlayerOptions {
  /** For everything that ends with the run. */
  readonly directory: string;
  /** Where consoles and logs of failed scenarios go. */
  readonly logs: string;
  readonly releases: ReleaseLine;
  readonly first: Release;
  /** A disk installed with `first`. */
  readonly disk: string;
  readonly accelerator: Accelerator;
  /** Names of the machines. */
  readonly names: readonly string[];
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

/** A fleet and what its machines run. */
interface Standing {
  readonly fleet: Fleet;
  /** By machine. */
  readonly runs: Map<string, Release>;
}

/**
 * Plays scenarios one after the other. INVARIANT: a scenario that failed leaves nothing to the next one, neither server nor machines; one that held leaves both,
 * because an emulated boot is what costs the time.
 */
export class Player {
  readonly #options: PlayerOptions;
  readonly #patience: Patience;
  /** All that there ever were. */
  readonly #machines: Machine[] = [];
  #standing: Standing | undefined;
  #count = 0;
  #enrolled = 0;

  constructor(options: PlayerOptions) {
    const { deadline, signal } = options;
    this.#options = options;
    this.#patience = new Patience({ stallMillis, deadline, signal, pulse: () => this.#machines.map((machine) => machine.consoleLength()).join(" ") });
  }

  /** Machines that enrolled with a server, as far as servers that are gone can say. */
  get enrolled(): number {
    return this.#enrolled;
  }

  async play(scenario: Scenario): Promise<Played> {
    const { deadline, say } = this.#options;
    say(`\n${scenario.name}: ${scenario.promise}`);
    const begun = performance.now();
    const bootsBefore = this.#boots();
    let reason: string | undefined;
    try {
      if (begun > deadline) throw new Error("not played: the time for the whole run is used up");
      await this.#play(scenario);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      await this.#keepLogs(scenario, reason);
      await this.leave();
    }
    const boots = this.#boots() - bootsBefore;
    const seconds = Math.round((performance.now() - begun) / 1000);
    say(`  ${reason === undefined ? "ok" : `FAILED: ${reason}`} (${seconds} s, ${boots} boots)`);
    return { scenario, ok: reason === undefined, seconds, boots, ...(reason === undefined ? {} : { reason }) };
  }

  /** Ends server and machines. */
  async leave(): Promise<void> {
    const standing = this.#standing;
    this.#standing = undefined;
    if (standing === undefined) return;
    this.#enrolled += await standing.fleet.operator.nodes().then(
      (nodes) => nodes.length,
      () => 0,
    );
    await standing.fleet.destroy();
  }

  async #play(scenario: Scenario): Promise<void> {
    const { names, say } = this.#options;
    this.#count += 1;
    const { fleet, runs } = (this.#standing ??= await this.#newFleet());
    const machines = await fleet.bring(names);
    await scenario.play({ fleet, machines, names, runs, version: `${this.#count + 1}.0`, say: (line) => say(`  ${line}`) });
  }

  async #newFleet(): Promise<Standing> {
    const { directory, releases, first, disk, accelerator, names } = this.#options;
    const fleet = await Fleet.start({
      directory: path.join(directory, `fleet-${this.#count}`),
      ...{ releases, first, disk, accelerator, patience: this.#patience, machines: this.#machines },
    });
    return { fleet, runs: new Map(names.map((name) => [name, first])) };
  }

  #boots(): number {
    return this.#machines.reduce((sum, machine) => sum + machine.boots, 0);
  }

  /** Keeps what the machines' consoles and the server said. */
  async #keepLogs(scenario: Scenario, reason: string): Promise<void> {
    const own = path.join(this.#options.logs, scenario.name);
    await rm(own, { recursive: true, force: true });
    await mkdir(own, { recursive: true });
    await writeFile(path.join(own, "reason.txt"), `${reason}\n`);
    if (this.#standing === undefined) return;
    const { fleet } = this.#standing;
    for (const machine of fleet.machines.values()) await writeFile(path.join(own, `${machine.name}.console`), machine.console(), "latin1");
    await writeFile(path.join(own, "server.log"), await fleet.serverLog(200_000));
  }
}
