/**
 * Lets one loop sleep until something happened or a time has come.
 * INVARIANT: a wake that comes while nobody waits is kept: the next wait returns at once. So nothing that happened during a step is missed.
 */
export class Wakeup {
  #pending = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#pending = true;
    this.#resolve?.();
  }

  /** Returns when woken, after `millis`, or when the signal aborts. */
  async wait(millis: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      const { promise, resolve: settle } = Promise.withResolvers<void>();
      const resolve = (): void => settle();
      this.#resolve = resolve;
      const timer = setTimeout(resolve, Math.max(0, millis));
      signal.addEventListener("abort", resolve, { once: true });
      await promise;
      clearTimeout(timer);
      signal.removeEventListener("abort", resolve);
      this.#resolve = undefined;
    }
    this.#pending = false;
  }
}
