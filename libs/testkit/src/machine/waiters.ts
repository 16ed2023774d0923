/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds until a `timed-out` error; default 30 000. */
  readonly timeoutMs?: number;
}

interface Waiter {
  readonly holds: () => boolean;
  readonly settle: (error?: Error) => void;
}

/** Those who wait until something holds. Whoever changes what they may wait for calls `recheck` afterwards. */
export class Waiters {
  #waiting: readonly Waiter[] = [];

  /** Settles when `holds()`; rejects with what `timedOut` makes after the time given, or with the error of a `recheck`. */
  until(holds: () => boolean, timedOut: (timeoutMs: number) => Error, { timeoutMs = 30_000 }: WaitOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        holds,
        settle: (error) => {
          clearTimeout(timer);
          this.#waiting = this.#waiting.filter((other) => other !== waiter);
          if (error === undefined) {
            resolve();
          } else {
            reject(error);
          }
        },
      };
      const timer = setTimeout(() => waiter.settle(timedOut(timeoutMs)), timeoutMs);
      this.#waiting = [...this.#waiting, waiter];
    });
  }

  /** Lets go those whose condition holds; with a failure, which nothing will change any more, the others too. */
  recheck(failure: Error | undefined): void {
    for (const waiter of this.#waiting) {
      if (waiter.holds()) {
        waiter.settle();
      } else if (failure !== undefined) {
        waiter.settle(failure);
      }
    }
  }
}
