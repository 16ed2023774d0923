import type { Observation, ObservationDelta } from "@treeline/fleet";
import type { AgentMessage } from "@treeline/rpc";
import { changedSections } from "../observe.ts";

export type ObservationMessage = Extract<AgentMessage, { readonly kind: "observation" }>;

/**
 * What of the agent's observation one stream has still to send.
 *
 * INVARIANTS
 * - The first message is full; each later one holds the sections that changed since the one before; sequence numbers run from 1 without gaps.
 * - It holds one observation, the newest: what the server did not hear in time it hears as the state of later. So a slow server costs no memory.
 * - At most `window` messages are unacknowledged.
 */
export class Outbox {
  readonly #window: number;
  #sent: Observation | undefined;
  #sequence = 0;
  #acknowledged = 0;

  constructor(options: { readonly window: number }) {
    this.#window = options.window;
  }

  /** The message to send now that `now` is what is so, or undefined. Asking counts as sending. */
  next(now: Observation | undefined): ObservationMessage | undefined {
    if (now === undefined || this.#sequence - this.#acknowledged >= this.#window) return undefined;
    const full = this.#sent === undefined;
    const delta: ObservationDelta | undefined = this.#sent === undefined ? now : changedSections(this.#sent, now);
    if (delta === undefined) return undefined;
    this.#sent = now;
    return { kind: "observation", sequence: ++this.#sequence, full, delta };
  }

  /** Everything up to `sequence` is durable at the server. A number never sent is ignored. */
  acknowledge(sequence: number): void {
    if (sequence <= this.#sequence) this.#acknowledged = Math.max(this.#acknowledged, sequence);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }
}
