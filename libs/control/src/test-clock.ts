import type { Clock } from "./clock.ts";

interface Waiting {
  readonly due: number;
  readonly run: () => void;
}

/** Support for tests: time that passes when a test says so. */
export class TestClock implements Clock {
  /** What `now` does instead, while set. */
  failure: Error | undefined;
  #now = 1_000_000;
  #soon: (() => void)[] = [];
  #timers: Waiting[] = [];

  now(): number {
    if (this.failure !== undefined) throw this.failure;
    return this.#now;
  }

  soon(run: () => void): void {
    this.#soon.push(run);
  }

  after(millis: number, run: () => void): { cancel(): void } {
    const timer = { due: this.#now + millis, run };
    this.#timers.push(timer);
    return { cancel: () => void (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#soon.length;
  }

  get timers(): number {
    return this.#timers.length;
  }

  /** Lets everything happen that waits for no timer. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 300; turn++) {
      for (const run of this.#soon.splice(0)) run();
      await Promise.resolve();
    }
  }

  /** Lets so much time pass, with all that happens in it. */
  async pass(millis: number): Promise<void> {
    const end = this.#now + millis;
    await this.settle();
    for (;;) {
      const next = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.due;
      next.run();
      await this.settle();
    }
    this.#now = end;
  }
}
