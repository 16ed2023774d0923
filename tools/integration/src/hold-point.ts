import { rm, stat } from "node:fs/promises";
import path from "node:path";
import type { Machine } from "@treeline/testkit";

const pollMillis = 10;
/** Past any reason to hope, in milliseconds. */
const patienceMillis = 120_000;

/** Looks every few milliseconds until something holds: for moments that pass quickly. */
export async function soon(what: string, holds: () => Promise<boolean>, everyMillis = pollMillis): Promise<void> {
  const deadline = performance.now() + patienceMillis;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${patienceMillis} ms`);
    await new Promise((resolve) => setTimeout(resolve, everyMillis));
  }
}

/** The environment of an agent that stops at a point of its upgrades until it is let go on (see the agent's README). */
export function holdAt(point: string): Readonly<Record<string, string>> {
  return { TREELINE_TEST_HOLD: point };
}

/** The point at which a machine's agent, started with `holdAt`, stops. It stops there each time it comes by, after a restart too. */
export class HoldPoint {
  readonly #file: string;
  readonly #name: string;

  constructor(machine: Machine, point: string) {
    this.#name = `${machine.name} reaches ${point}`;
    this.#file = path.join(machine.varDirectory, "lib/treeline/test-hold", point);
  }

  /** Waits until the agent stands there. */
  async reached(): Promise<void> {
    await soon(this.#name, async () => (await stat(this.#file).catch(() => undefined)) !== undefined);
  }

  /** Lets it go on. An agent that was killed there leaves its mark: `release`, and the next one makes its own. */
  async release(): Promise<void> {
    await rm(this.#file, { force: true });
  }

  /** Lets it go on whenever it comes by, from now until the result is disposed of. */
  open(): Disposable {
    const timer = setInterval(() => void this.release(), pollMillis);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }
}
