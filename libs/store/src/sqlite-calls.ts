import type { EnrollmentRecord, NodeId, ServerRunRecord } from "@treeline/fleet";
import type { AuditQuery } from "./audit-query.ts";
import type { GroupOutcome } from "./commit-queue.ts";
import type { EncodedBatch } from "./encoded-batch.ts";
import type { StoreFailure, StorePhase } from "./errors.ts";
import type { CommitCounters, RecordPage } from "./sql-store.ts";
import type { ConnectionSettings } from "./sqlite-file.ts";
import type { CheckpointRequest } from "./sql-audit-log.ts";
import type { AuditLogPage, AuditRange, AuditState, Sealed, SealRequest, StoredAuditEntry } from "./store.ts";

/** What the main thread may ask of the database's thread, and what it is answered. All of it is plain data. */
export interface SqliteCalls {
  readonly open: Call<{ readonly path: string }, { readonly migrated: readonly string[] }>;
  readonly commit: Call<{ readonly batches: readonly EncodedBatch[] }, GroupOutcome<StoreFailure>>;
  /** The next page of the load with this number, which the first such call begins; nothing after the last. */
  readonly loadPage: Call<{ readonly load: number }, RecordPage | undefined>;
  /** Gives up a load before its last page. */
  readonly endLoad: Call<{ readonly load: number }, undefined>;
  readonly newestRun: Call<Readonly<Record<string, never>>, ServerRunRecord | undefined>;
  readonly findEnrollment: Call<{ readonly tokenId: string; readonly publicKey: string }, EnrollmentRecord | undefined>;
  readonly findEnrollmentsOfNode: Call<{ readonly nodeId: NodeId }, readonly EnrollmentRecord[]>;
  readonly readAudit: Call<AuditQuery, readonly StoredAuditEntry[]>;
  readonly readAuditState: Call<Readonly<Record<string, never>>, AuditState>;
  readonly readAuditLog: Call<AuditRange, AuditLogPage>;
  readonly seal: Call<SealRequest, Sealed>;
  readonly addCheckpoint: Call<CheckpointRequest, undefined>;
  readonly statistics: Call<Readonly<Record<string, never>>, SqliteStatistics>;
  readonly close: Call<Readonly<Record<string, never>>, undefined>;
}

interface Call<Request, Answer> {
  readonly request: Request;
  readonly answer: Answer;
}

export type SqliteStatistics = CommitCounters & ConnectionSettings;

export type Operation = keyof SqliteCalls;

export type Question = {
  readonly [Op in Operation]: { readonly id: number; readonly op: Op; readonly request: SqliteCalls[Op]["request"] };
}[Operation];

export type Reply =
  | { readonly id: number; readonly answer: SqliteCalls[Operation]["answer"] }
  | { readonly id: number; readonly failure: StoreFailure };

export const phaseOf: Readonly<Record<Operation, StorePhase>> = {
  open: "open",
  commit: "commit",
  loadPage: "load",
  endLoad: "load",
  newestRun: "read",
  findEnrollment: "read",
  findEnrollmentsOfNode: "read",
  readAudit: "read",
  readAuditState: "read",
  readAuditLog: "read",
  seal: "seal",
  addCheckpoint: "seal",
  statistics: "read",
  close: "close",
};
