import type { ServerRunRecord } from "@treeline/fleet";
import { currentEpoch } from "@treeline/rollout";
import type { Fleet } from "./fleet.ts";

/** How often the server notes that it lives, in milliseconds: so coarse is the knowledge of when it was away. */
const aliveEveryMillis = 5_000;

/** How far above the server's own an agent's epoch may be. Farther is no restored backup but a mistake or an attack. */
export const maxEpochJump = 1_000_000;

/**
 * One life of the server. Its epoch is above every earlier one and fences all that is granted in it.
 */
export class ServerRun {
  readonly #fleet: Fleet;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #run: ServerRunRecord;

  private constructor(fleet: Fleet, now: () => number, run: ServerRunRecord) {
    this.#fleet = fleet;
    this.#now = now;
    this.#run = run;
    this.#timer = setInterval(() => void this.#noteAlive().catch(() => {}), aliveEveryMillis);
  }

  static async begin(fleet: Fleet, now: () => number): Promise<ServerRun> {
    const at = now();
    const run = { epoch: currentEpoch(fleet.working) + 1, startedAt: at, aliveAt: at };
    const audit = [{ at, actor: "server", action: "start", subject: `epoch ${run.epoch}`, because: "started" }];
    await fleet.transact(() => ({ changes: [{ kind: "server-run", value: run }], audit, result: undefined }));
    return new ServerRun(fleet, now, run);
  }

  get epoch(): number {
    return this.#run.epoch;
  }

  /**
   * The epoch to work in with an agent that has seen `seen`, once it is durable. A server that is behind was restored from a backup and goes
   * above it before any intent is sent. It is still the same life: `startedAt` stays, for the server was not away.
   */
  async above(seen: number): Promise<number> {
    return this.#fleet.transact(() => {
      const { epoch, startedAt } = this.#run;
      if (seen <= epoch) return { changes: [], result: epoch };
      const at = this.#now();
      this.#run = { epoch: seen + 1, startedAt, aliveAt: at };
      const audit = [{ at, actor: "server", action: "epoch-jump", subject: `epoch ${epoch} -> ${seen + 1}`, because: "an agent has seen a higher epoch" }];
      return { changes: [{ kind: "server-run", value: this.#run }], audit, result: seen + 1 };
    });
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#noteAlive();
  }

  async #noteAlive(): Promise<void> {
    await this.#fleet.transact(() => {
      this.#run = { ...this.#run, aliveAt: this.#now() };
      return { changes: [{ kind: "server-run", value: this.#run }], result: undefined };
    });
  }
}
