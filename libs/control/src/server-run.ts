import type { ServerRunRecord } from "@treeline/fleet";
import type { Clock, Timer } from "./clock.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";

/** How often the server notes that it lives, in milliseconds: so coarse is the knowledge of when it was away. */
export const aliveEveryMillis = 5_000;

/** How far above the server's own an agent's epoch may be. Farther is no restored backup but a mistake or an attack. */
export const maxEpochJump = 1_000_000;

export interface ServerRunOptions {
  readonly fleet: Fleet;
  readonly clock: Clock;
}

/**
 * One life of the server. Its epoch is above every earlier one and fences all that is granted in it.
 */
export class ServerRun {
  readonly #fleet: Fleet;
  readonly #clock: Clock;
  #run: ServerRunRecord;
  #timer: Timer;

  private constructor({ fleet, clock }: ServerRunOptions, run: ServerRunRecord) {
    this.#fleet = fleet;
    this.#clock = clock;
    this.#run = run;
    this.#timer = this.#beatLater();
  }

  /**
   * Opens the fleet in a new life of the server. The life is durable before anything is read: from then on a server that this one replaces can
   * write nothing any more, so nothing of it comes after what is loaded.
   */
  static async begin({
    clock,
    ...options
  }: FleetOptions & { readonly clock: Clock }): Promise<{ readonly fleet: Fleet; readonly run: ServerRun }> {
    const at = clock.now();
    const run: ServerRunRecord = { epoch: ((await options.store.newestRun())?.epoch ?? 0) + 1, startedAt: at, aliveAt: at };
    const audit = [{ at, actor: "server", action: "start", subject: `epoch ${run.epoch}`, because: "started" }];
    await options.store.commit({ epoch: run.epoch, changes: [{ kind: "server-run", value: run }], audit });
    const fleet = await Fleet.open(options);
    return { fleet, run: new ServerRun({ fleet, clock }, run) };
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
      const at = this.#clock.now();
      this.#run = { epoch: seen + 1, startedAt, aliveAt: at };
      const audit = [
        {
          at,
          actor: "server",
          action: "epoch-jump",
          subject: `epoch ${epoch} -> ${seen + 1}`,
          because: "an agent has seen a higher epoch",
        },
      ];
      return { changes: [{ kind: "server-run", value: this.#run }], audit, result: seen + 1 };
    });
  }

  /** Notes for the last time that it lives. */
  async end(): Promise<void> {
    this.#timer.cancel();
    await this.#noteAlive();
  }

  #beatLater(): Timer {
    return this.#clock.after(aliveEveryMillis, () => {
      if (this.#fleet.ended) return;
      this.#timer = this.#beatLater();
      // Overloaded: the next one will do. Failed: the fleet has said so.
      this.#noteAlive().catch(() => {});
    });
  }

  async #noteAlive(): Promise<void> {
    await this.#fleet.transact(() => {
      this.#run = { ...this.#run, aliveAt: this.#clock.now() };
      return { changes: [{ kind: "server-run", value: this.#run }], result: undefined };
    });
  }
}
