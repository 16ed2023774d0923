import type { ServerRunRecord } from "@treeline/fleet";
import { applyAll, currentEpoch, emptySnapshot, type DurableChange } from "@treeline/rollout";
import type { CommitBatch, StorePort } from "./store-port.ts";

/** Support for tests: what outlives a server, in memory. It fences epochs; commits wait for `gate`, and `fate` may refuse some. */
export class TestStore implements StorePort {
  readonly batches: CommitBatch[] = [];
  gate: Promise<void> = Promise.resolve();
  fate: (batch: CommitBatch) => void = () => {};

  async newestRun(): Promise<ServerRunRecord | undefined> {
    const snapshot = applyAll(emptySnapshot, this.#changes);
    return snapshot.runs.get(currentEpoch(snapshot));
  }

  async load(): Promise<readonly DurableChange[]> {
    return this.#changes;
  }

  get #changes(): readonly DurableChange[] {
    return this.batches.flatMap(({ changes }) => changes);
  }

  async commit(batch: CommitBatch): Promise<void> {
    await this.gate;
    this.fate(batch);
    const newest = currentEpoch(applyAll(emptySnapshot, this.#changes));
    if (batch.epoch < newest) throw new Error(`epoch ${batch.epoch} is over: ${newest} writes now`);
    this.batches.push(batch);
  }

  /** The actions in the audit, in order. */
  get actions(): readonly string[] {
    return this.batches.flatMap(({ audit }) => audit.map(({ action }) => action));
  }

  /** Commits wait from now on, until this is called. */
  close(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate = promise;
    return resolve;
  }
}
