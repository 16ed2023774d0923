import type { AuditEntry } from "@treeline/rollout";

/** One row of the audit log: an entry and its place. Places are numbered from 1 without gaps. */
export interface AuditRow extends AuditEntry {
  readonly sequence: number;
}

/** One place of the log as it is kept. Both parts are there in a log that nobody touched, but for its unsealed tail. */
export interface AuditRecord {
  readonly sequence: number;
  /** Absent: there is a seal, but no row. */
  readonly row?: AuditRow;
  /** The hash (hex) that was stored when the row was sealed. Absent: not sealed yet. */
  readonly hash?: string;
}

/** How far the chain reaches. */
export interface SealHead {
  /** 0: nothing is sealed. */
  readonly sequence: number;
  readonly hash: string;
}
