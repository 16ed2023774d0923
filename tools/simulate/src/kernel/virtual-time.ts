import TinyQueue from "tinyqueue";

/** Something that is due at an instant, until it is cancelled. */
export interface Timer {
  readonly at: number;
  cancel(): void;
}

interface Due extends Timer {
  readonly order: number;
  cancelled: boolean;
  readonly run: () => void;
}

/**
 * The only clock of a run, in milliseconds. It stands still while something happens and jumps to what is due next.
 * INVARIANT: what is due at the same instant runs in the order in which it was asked for.
 */
export class VirtualTime {
  #now = 0;
  #asked = 0;
  readonly #queue = new TinyQueue<Due>([], (a, b) => a.at - b.at || a.order - b.order);

  get now(): number {
    return this.#now;
  }

  /** Not before now: what is asked for in the past is due at once. */
  at(instant: number, run: () => void): Timer {
    const due: Due = {
      at: Math.max(this.#now, Math.ceil(instant)),
      order: this.#asked++,
      cancelled: false,
      run,
      cancel: () => void (due.cancelled = true),
    };
    this.#queue.push(due);
    return due;
  }

  after(millis: number, run: () => void): Timer {
    return this.at(this.#now + millis, run);
  }

  /** Goes to what is due next and returns it; undefined when nothing is, or not until `limit`. */
  next(limit: number): (() => void) | undefined {
    for (;;) {
      const due = this.#queue.peek();
      if (due === undefined || (due.at > limit && !due.cancelled)) return undefined;
      this.#queue.pop();
      if (due.cancelled) continue;
      this.#now = due.at;
      return due.run;
    }
  }

  /** Goes on to an instant at which nothing was due. */
  skipTo(instant: number): void {
    this.#now = Math.max(this.#now, instant);
  }
}
