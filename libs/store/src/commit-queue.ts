import type { EncodedBatch } from "./encoded-batch.ts";
import { AfterRefusedError, OverloadedError, type StoreError } from "./errors.ts";

export interface CommitQueueOptions {
  /** Makes the group durable up to the first batch it refuses. A rejection is the fate of all of them. */
  readonly commitGroup: (batches: readonly EncodedBatch[]) => Promise<GroupOutcome>;
  /** Batches waiting or under way beyond which one more is refused. */
  readonly maxPending?: number;
  /** Most batches in one group: bounds how long the first of them waits for the last. */
  readonly maxGroup?: number;
}

/** The first `durable` batches of a group are durable; the one after them was refused, and none after that one was tried. */
export interface GroupOutcome<Refusal = StoreError> {
  readonly durable: number;
  /** Present when `durable` is less than the whole group. */
  readonly refusal?: Refusal;
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
 * - What was written is a prefix of the `commit` calls: after the first refused batch, whatever the reason, no other is written.
 * - At most `maxPending` batches are held.
 */
export class CommitQueue {
  readonly #commitGroup: CommitQueueOptions["commitGroup"];
  readonly #maxPending: number;
  readonly #maxGroup: number;
  #waiting: Waiting[] = [];
  #underWay = 0;
  #running: Promise<void> | undefined;
  /** Set for good by the first refusal. */
  #afterRefused: AfterRefusedError | undefined;

  constructor({ commitGroup, maxPending = 10_000, maxGroup = 1_000 }: CommitQueueOptions) {
    this.#commitGroup = commitGroup;
    this.#maxPending = maxPending;
    this.#maxGroup = maxGroup;
  }

  /**
   * Resolves when the batch is durable. Encodes it within the call; what that throws is a refusal, too. Rejects with `OverloadedError` when
   * too many wait, and with `AfterRefusedError` when an earlier batch was refused.
   */
  commit(encode: () => EncodedBatch): Promise<void> {
    if (this.#afterRefused !== undefined) return Promise.reject(this.#afterRefused);
    return new Promise((resolve, reject) => {
      try {
        const pending = this.#waiting.length + this.#underWay;
        if (pending >= this.#maxPending) throw new OverloadedError({ pending });
        this.#waiting.push({ batch: encode(), resolve, reject });
        this.#running ??= this.#run();
      } catch (error) {
        // Those that wait are earlier ones: they go on.
        this.#noteRefusal(error);
        reject(error as Error);
      }
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
      const { durable, refusal } = await this.#commitGroup(group.map(({ batch }) => batch));
      for (const { resolve } of group.slice(0, durable)) resolve();
      const [refused, ...later] = group.slice(durable);
      if (refused === undefined) return;
      const afterRefused = this.#noteRefusal(refusal);
      refused.reject(refusal);
      for (const { reject } of [...later, ...this.#waiting.splice(0)]) reject(afterRefused);
    } catch (error) {
      const afterRefused = this.#noteRefusal(error);
      for (const { reject } of group) reject(error);
      for (const { reject } of this.#waiting.splice(0)) reject(afterRefused);
    } finally {
      this.#underWay = 0;
    }
  }

  #noteRefusal(refusal: unknown): AfterRefusedError {
    this.#afterRefused ??= AfterRefusedError.because(refusal);
    return this.#afterRefused;
  }
}
