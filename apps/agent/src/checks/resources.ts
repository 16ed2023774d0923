import { rm } from "node:fs/promises";
import { join } from "node:path";
import { lostResources, type AttemptRef, type ExtendedResources, sameAttempt } from "@treeline/fleet";
import { readFileIfExists, syncDirectory, writeFileDurably, type Logger } from "@treeline/process";
import { z } from "zod";
import { untilPassed, type Check } from "./check.ts";
import type { ProgramResult } from "./run-program.ts";

/** Where this host's extended resources can be read. */
export interface ResourceSource {
  /** Amounts by name; undefined when they are not known just now. May reject, which is the same. */
  read(signal: AbortSignal): Promise<ExtendedResources | undefined>;
}

const maxResources = 256;
const record = z.object({
  attempt: z.object({ rollout: z.string(), number: z.int() }),
  resources: z.record(z.string().max(400), z.number().nonnegative()).refine((resources) => Object.keys(resources).length <= maxResources),
});
type ResourceRecord = z.output<typeof record>;

export interface ResourceWatchOptions {
  readonly stateDirectory: string;
  readonly source: ResourceSource;
  readonly logger: Logger;
}

/**
 * What extended resources this host had before an attempt, and whether it has them still.
 *
 * INVARIANT: what was there is read once per attempt, before anything is drained (draining may take resources away), and is on the disk before the drain begins.
 * A drain that begins again, or a crash, does not replace it.
 */
export class ResourceWatch {
  readonly #options: ResourceWatchOptions;

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
  }

  get #path(): string {
    return join(this.#options.stateDirectory, "resources.json");
  }

  /** Keeps what is there now as what this attempt must not lose. What is not known now cannot be lost. @throws an error of the file system */
  async remember(attempt: AttemptRef, signal: AbortSignal): Promise<void> {
    const known = await this.#read();
    if (known !== undefined && sameAttempt(known.attempt, attempt)) return;
    const resources = await this.#now(signal);
    if (resources === undefined) this.#options.logger.warn("the extended resources of this host are not known before its update, so none will be missed after it");
    await writeFileDurably(this.#path, JSON.stringify({ attempt, resources: resources ?? {} } satisfies ResourceRecord));
  }

  /** The attempt is over. @throws an error of the file system */
  async forget(): Promise<void> {
    await rm(this.#path, { force: true });
    await syncDirectory(this.#options.stateDirectory);
  }

  /** "No extended resource is lost" as a check; undefined while there is nothing to compare with. */
  async check(timeoutMillis: number): Promise<Check | undefined> {
    const before = (await this.#read())?.resources;
    if (before === undefined || Object.keys(before).length === 0) return undefined;
    const once = async (signal: AbortSignal): Promise<ProgramResult> => {
      const now = await this.#now(signal);
      if (now === undefined) return { passed: false, output: "the extended resources of this host cannot be read" };
      const lost = lostResources(before, now);
      return lost.length === 0 ? { passed: true, output: "" } : { passed: false, output: `lost: ${lost.join(", ")}` };
    };
    // What offers the resources may start long after this agent.
    return { name: "extended-resources", path: this.#path, required: true, run: (signal) => untilPassed({ timeoutMillis, signal }, ({ end }) => once(end)) };
  }

  async #now(signal: AbortSignal): Promise<ExtendedResources | undefined> {
    try {
      return await this.#options.source.read(signal);
    } catch (err) {
      this.#options.logger.debug("extended resources cannot be read", { err });
      return undefined;
    }
  }

  /** One that cannot be understood was written by another version of this agent, or by nobody of us: then nothing is known. */
  async #read(): Promise<ResourceRecord | undefined> {
    const text = await readFileIfExists(this.#path);
    if (text === undefined) return undefined;
    try {
      return record.parse(JSON.parse(text.toString("utf8")));
    } catch (err) {
      this.#options.logger.warn("the record of extended resources cannot be understood and does not count", { file: this.#path, err });
      return undefined;
    }
  }
}
