import type { AuditRecord, AuditRow, Checkpoint, SealHead } from "@treeline/audit";
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
 * - Audit entries become rows numbered from 1 without gaps, in the order of their commits; none is ever changed or taken away.
 * - Seals are a chain (`@treeline/audit`) over the rows from 1 on, without gaps; `seal` alone adds to it, and only at its head. The head is never more
 *   than `maxRowsPerCheckpoint` rows past the newest checkpoint, and nothing is sealed before there is one. So after a crash at any moment what is
 *   there verifies: rows, the seals of a prefix of them, checkpoints on some of those.
 * - Sealing waits for no commit and is no part of one; a commit waits for a page of seals at most.
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
  /** How far the audit log, its seals and its checkpoints reach. */
  readAuditState(): Promise<AuditState>;
  /** The audit log for its verification, the oldest first: rows, and seals, whether or not they fit together. */
  readAuditLog(range: AuditRange): Promise<AuditLogPage>;
  /**
   * Seals the oldest unsealed rows. Rejects with `StaleEpochError` when a newer server runs: that one seals now. A rejection, here and of
   * `addCheckpoint`, has no bearing on commits.
   */
  seal(request: SealRequest): Promise<Sealed>;
  /**
   * Stores a checkpoint past the newest one. Rejects with `InvalidRequestError` when it does not name a sealed row with its hash, or does not reach past
   * the newest.
   */
  addCheckpoint(request: { readonly epoch: number; readonly checkpoint: Checkpoint }): Promise<void>;
  /** Waits for what was committed, then closes. Later calls reject with `StoreClosedError`. */
  close(): Promise<void>;
}

export interface Batch {
  readonly epoch: number;
  readonly changes: readonly DurableChange[];
  readonly audit: readonly AuditEntry[];
}

/** A row of the audit as it is stored. */
export type StoredAuditEntry = AuditRow;

export interface AuditState {
  /** Of the newest row; 0 when there is none. */
  readonly last: number;
  readonly sealed: SealHead;
  readonly checkpoint?: Checkpoint;
}

export interface SealRequest {
  /** Of the server run that seals. */
  readonly epoch: number;
  /** At most so many rows: bounds how long a commit may have to wait; from 1 to 1,000. */
  readonly most: number;
}

export interface Sealed {
  /** The head it went on from. */
  readonly from: SealHead;
  /** The head now. */
  readonly head: SealHead;
  /** Whether there are rows left that could be sealed at once: call again. */
  readonly more: boolean;
}

export interface AuditRange {
  /** Only what comes after this place; absent: from the first there is, whatever its number. */
  readonly after?: number;
  /** At most so many places; from 1 to 1,000. */
  readonly limit: number;
}

export interface AuditLogPage {
  /** By place. Fewer than `limit`: there are no more now. */
  readonly records: readonly AuditRecord[];
  /** By place, those within the page; on the last page all that are left. */
  readonly checkpoints: readonly Checkpoint[];
}
