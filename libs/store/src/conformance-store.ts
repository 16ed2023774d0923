import type { DurableChange } from "@treeline/rollout";
import { StoreError } from "./errors.ts";
import type { Store } from "./store.ts";

/** A store under the conformance suite. */
export interface OpenedStore {
  readonly store: Store;
  /** Opens one more store on the same state, whether or not the first was closed. */
  readonly reopen: () => Promise<Store>;
}

export async function restart({ store, reopen }: OpenedStore): Promise<Store> {
  await store.close();
  return reopen();
}

export function commit(store: Store, changes: readonly DurableChange[], epoch = 1): Promise<void> {
  return store.commit({ epoch, changes, audit: [] });
}

/** What each of the commits came to: `durable`, or the code of the refusal. */
export async function fatesOf(commits: readonly Promise<void>[]): Promise<readonly string[]> {
  return (await Promise.allSettled(commits)).map((outcome) => {
    if (outcome.status === "fulfilled") return "durable";
    return outcome.reason instanceof StoreError ? outcome.reason.code : String(outcome.reason);
  });
}
