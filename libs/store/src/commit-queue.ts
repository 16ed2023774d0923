import type { EncodedBatch } from "./encoded-batch.ts";
import { OverloadedError, type StoreError } from "./errors.ts";

export interface CommitQueueOptions {
  /** Makes the group durable. Per batch, in order: nothing, or why it was refused. A rejection is the fate of all of them. */
  readonly commitGroup: (batches: readonly EncodedBatch[]) => Promise<readonly (StoreError | undefined)[]>;
  /** Batches waiting or under way beyond which more are turned away. */
  readonly maxPending?: number;
  /** Most batches in one group: bounds how long the first of them waits for the last. */
  readonly maxGroup?: number;
}

interface Waiting {
  readonly batch: EncodedBatch;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit (DeWitt et al., "Implementation techniques for main memory database systems", SIGMOD 1984): one group is under way at a
 * time; what comes meanwhile becomes the next, so that the cost of reaching the disk is shared by all that wait for it.
 *
 * INVARIANTS
 * - Groups are made and written in the order of the `commit` calls.
 * - At most `maxPending` batches are held.
 */
export class CommitQueue {
  readonly #commitGroup: CommitQueueOptions["commitGroup"];
  readonly #maxPending: number;
  readonly #maxGroup: number;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #running: Promise<void> | undefined;

  constructor({ commitGroup, maxPending = 10_000, maxGroup = 1_000 }: CommitQueueOptions) {
    this.#commitGroup = commitGroup;
    this.#maxPending = maxPending;
    this.#maxGroup = maxGroup;
  }

  /** Resolves when the batch is durable. Rejects with `OverloadedError` at once when too many wait. */
  commit(batch: EncodedBatch): Promise<void> {
    const pending = this.#waiting.length + this.#underWay;
    if (pending >= this.#maxPending) return Promise.reject(new OverloadedError({ pending }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits. */
  async drained(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Lets the caller finish its turn: what it commits in one go is one group.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#commitNext();
    this.#running = undefined;
  }

  async #commitNext(): Promise<void> {
    const group = this.#waiting.splice(0, this.#maxGroup);
    this.#underWay = group.length;
    try {
      const refusals = await this.#commitGroup(group.map(({ batch }) => batch));
      for (const [index, { resolve, reject }] of group.entries()) {
        const refusal = refusals[index];
        if (refusal === undefined) resolve();
        else reject(refusal);
      }
    } catch (error) {
      for (const { reject } of group) reject(error);
    } finally {
      this.#underWay = 0;
    }
  }
}
