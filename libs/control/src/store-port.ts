import type { ServerRunRecord } from "@treeline/fleet";
import type { AuditEntry, DurableChange } from "@treeline/rollout";

/**
 * Where the fleet's state is kept, as far as decisions need it.
 *
 * INVARIANTS that an implementation keeps: `commit` resolves only when the whole batch is durable; batches become durable in the order of their
 * calls; a batch of an epoch older than the newest `server-run` is refused, so that a server which was replaced cannot write; `load` yields the
 * changes of all resolved commits, folded.
 */
export interface StorePort {
  /** The newest life of a server that is durable, this one's or another's. */
  newestRun(): Promise<ServerRunRecord | undefined>;
  load(): Promise<readonly DurableChange[]>;
  commit(batch: CommitBatch): Promise<void>;
}

export interface CommitBatch {
  /** Of the server run that writes. */
  readonly epoch: number;
  readonly changes: readonly DurableChange[];
  readonly audit: readonly AuditEntry[];
}
