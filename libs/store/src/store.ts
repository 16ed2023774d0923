import type { EnrollmentRecord, NodeId, ServerRunRecord } from "@treeline/fleet";
import type { AuditEntry, DurableChange } from "@treeline/rollout";
import type { AuditQuery } from "./audit-query.ts";

/**
 * Where the fleet's state is kept. One port, several backends, one conformance suite (`conformance.ts`) that each of them passes.
 *
 * INVARIANTS
 * - `commit` resolves only when the whole batch, changes and audit entries together, is durable; it rejects when nothing of it is. Only after
 *   `StoreGoneError` and `DatabaseError` `io` is it unknown which of the two holds, until the store is opened again; it is never in part.
 * - Batches become durable in the order of their `commit` calls.
 * - A later batch rests on an earlier one: what becomes durable through one opened store is a prefix of its `commit` calls. The first batch
 *   that is refused, whatever the reason, leaves nothing, and none after it is written: those already waiting and those that come are refused
 *   with `AfterRefusedError`, until the store is opened again. Loading and reading go on.
 * - A batch of an epoch older than the newest server run is refused (`StaleEpochError`): a server that was replaced cannot write. So is a
 *   `server-run` whose number another server has already taken (same epoch, other `startedAt`).
 * - A second slot for a node, or a second token or operator with the same secret, is refused (`ConflictError`).
 * - `load` after any crash yields the changes of all resolved commits, folded: each record once, in its newest form, none released, removed
 *   or lifted.
 */
export interface Store {
  /** The newest life of a server that is durable, whoever's. */
  newestRun(): Promise<ServerRunRecord | undefined>;
  /** By kind, a record after those it refers to; without enrollments. */
  load(): Promise<readonly DurableChange[]>;
  commit(batch: Batch): Promise<void>;
  /** Kept out of `load`, because there may be many and each is asked for once: the answer an enrollment got. */
  findEnrollment(key: { readonly tokenId: string; readonly publicKey: string }): Promise<EnrollmentRecord | undefined>;
  findEnrollmentsOfNode(nodeId: NodeId): Promise<readonly EnrollmentRecord[]>;
  /** The newest audit entries first. */
  readAudit(query: AuditQuery): Promise<readonly StoredAuditEntry[]>;
  /** Waits for what was committed, then closes. Later calls reject with `StoreClosedError`. */
  close(): Promise<void>;
}

export interface Batch {
  readonly epoch: number;
  readonly changes: readonly DurableChange[];
  readonly audit: readonly AuditEntry[];
}

export interface StoredAuditEntry extends AuditEntry {
  readonly sequence: number;
}
