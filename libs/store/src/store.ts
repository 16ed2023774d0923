import type { EnrollmentRecord, NodeId } from "@treeline/fleet";
import type { AuditEntry, DurableChange } from "@treeline/rollout";
import type { AuditQuery } from "./audit-query.ts";

/**
 * Where the fleet's state is kept. One port, several backends, one conformance suite (`conformance.ts`) that each of them passes.
 *
 * INVARIANTS
 * - `commit` resolves only when the whole batch, changes and audit entries together, is durable; it rejects when nothing of it is. Only after
 *   `StoreGoneError` and `DatabaseError` `io` is it unknown which of the two holds, until the store is opened again; it is never in part.
 * - Batches become durable in the order of their `commit` calls.
 * - A batch of an epoch older than the newest server run is refused (`StaleEpochError`): a server that was replaced cannot write. So is a
 *   `server-run` whose number another server has already taken (same epoch, other `startedAt`).
 * - A second slot for a node, or a second token or operator with the same secret, is refused (`ConflictError`).
 * - A refused batch leaves nothing and does not touch its neighbours.
 * - `load` after any crash yields the changes of all resolved commits, folded: each record once, in its newest form, none released or cleared.
 */
export interface Store {
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
