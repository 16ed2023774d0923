import type { CommitBatch, StorePort } from "@treeline/control";
import type { ServerRunRecord } from "@treeline/fleet";
import { createMemoryStore, type MemoryDisk } from "@treeline/store";
import type { DurableChange } from "@treeline/rollout";
import type { Draws } from "../kernel/chance.ts";
import type { VirtualTime } from "../kernel/virtual-time.ts";

export interface VirtualStoreOptions {
  readonly disk: MemoryDisk;
  readonly time: VirtualTime;
  readonly draws: Draws;
  /** Added to each access now, in milliseconds. */
  readonly lagMillis: () => number;
  /** Asked right before and right after a batch reaches the disk; false: the process dies there. */
  readonly mayGoOn: (point: "before-commit" | "after-commit") => boolean;
  readonly onSubmitted: (batch: CommitBatch) => void;
  readonly onDurable: (batch: CommitBatch) => void;
  readonly onRefused: (batch: CommitBatch, error: unknown) => void;
}

/**
 * The memory store as one server process reaches it: each access takes virtual time, batches reach the disk in order, and the process may die between
 * any two of these moments. Of a dead process nothing settles any more.
 */
export class VirtualStore implements StorePort {
  readonly #options: VirtualStoreOptions;
  readonly #inner: ReturnType<typeof createMemoryStore>;
  #reachesDiskAt = 0;
  #answersAt = 0;
  #cutUntil = 0;
  #dead = false;

  constructor(options: VirtualStoreOptions) {
    this.#options = options;
    this.#inner = createMemoryStore({ disk: options.disk });
  }

  newestRun(): Promise<ServerRunRecord | undefined> {
    return new Promise((resolve, reject) => this.#later(() => void this.#inner.newestRun().then(resolve, reject)));
  }

  load(): Promise<readonly DurableChange[]> {
    return new Promise((resolve, reject) => this.#later(() => void this.#inner.load().then(resolve, reject)));
  }

  commit(batch: CommitBatch): Promise<void> {
    const { onSubmitted } = this.#options;
    onSubmitted(batch);
    return new Promise((resolve, reject) => this.#later(() => this.#write(batch, resolve, reject)));
  }

  /** Nothing gets through to the disk for so long. */
  cut(millis: number): void {
    this.#cutUntil = this.#options.time.now + millis;
  }

  die(): void {
    this.#dead = true;
  }

  #write(batch: CommitBatch, resolve: () => void, reject: (error: unknown) => void): void {
    const { mayGoOn, onDurable, onRefused } = this.#options;
    if (!mayGoOn("before-commit")) return;
    // The memory store does its work within the call.
    void this.#inner.commit(batch).then(
      () => {
        onDurable(batch);
        if (mayGoOn("after-commit")) this.#answer(resolve);
      },
      (error: unknown) => {
        onRefused(batch, error);
        this.#answer(() => reject(error));
      },
    );
  }

  /** In the order of the commits, as one queue of a real store gives them. */
  #answer(settle: () => void): void {
    const { time, draws } = this.#options;
    this.#answersAt = Math.max(this.#answersAt, time.now + draws.millis(1, 20));
    time.at(this.#answersAt, () => this.#dead || settle());
  }

  #later(run: () => void): void {
    const { time, draws, lagMillis } = this.#options;
    const at = Math.max(time.now, this.#cutUntil) + draws.millis(1, 30) + lagMillis();
    this.#reachesDiskAt = Math.max(this.#reachesDiskAt, at);
    time.at(this.#reachesDiskAt, () => this.#dead || run());
  }
}
