import { RefusalCollector, type RefusedRequest } from "@treeline/audit";
import type { Clock, Fleet, Timer } from "@treeline/control";
import type { AuditEntry } from "@treeline/rollout";

/** How often minutes that are over are looked for. */
const everyMillis = 5_000;

/** Writes refusals to the audit log, without waiting and without failing: the one who was refused is answered in any case. */
export class Refusals {
  readonly #options: { readonly fleet: Fleet; readonly clock: Clock };
  readonly #collector = new RefusalCollector();
  #timer: Timer;

  constructor(options: { readonly fleet: Fleet; readonly clock: Clock }) {
    this.#options = options;
    this.#timer = this.#later();
  }

  recordRefusal(refusal: RefusedRequest): void {
    void this.#write(this.#collector.note(refusal, this.#options.clock.now()));
  }

  /** Writes what is counted. Never rejects. */
  async close(): Promise<void> {
    this.#timer.cancel();
    await this.#write(this.#collector.due(this.#options.clock.now(), Infinity));
  }

  #later(): Timer {
    return this.#options.clock.after(everyMillis, () => {
      void this.#write(this.#collector.due(this.#options.clock.now()));
      this.#timer = this.#later();
    });
  }

  async #write(audit: readonly AuditEntry[]): Promise<void> {
    if (audit.length === 0) return;
    // Overloaded or ended: the fleet has said so, and refusals are the last that may cost it anything.
    await this.#options.fleet.transact(() => ({ changes: [], audit, result: undefined })).catch(() => undefined);
  }
}
