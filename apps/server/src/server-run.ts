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

  /** An agent has seen a higher epoch: this server was restored from a backup. Go above it before any intent is sent. */
  async jumpAbove(epoch: number): Promise<void> {
    const at = this.#now();
    const from = this.#run.epoch;
    this.#run = { epoch: epoch + 1, startedAt: at, aliveAt: at };
    const audit = [{ at, actor: "server", action: "epoch-jump", subject: `epoch ${from} -> ${epoch + 1}`, because: "an agent has seen a higher epoch" }];
    await this.#fleet.transact(() => ({ changes: [{ kind: "server-run", value: this.#run }], audit, result: undefined }));
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#noteAlive();
  }

  async #noteAlive(): Promise<void> {
    this.#run = { ...this.#run, aliveAt: this.#now() };
    await this.#fleet.transact(() => ({ changes: [{ kind: "server-run", value: this.#run }], result: undefined }));
  }
}
