import type { AuditRecord, AuditRow, Checkpoint } from "@treeline/audit";
import { status } from "@grpc/grpc-js";
import type { AuditOutcome } from "@treeline/rollout";
import { RpcError } from "../error.ts";
import type { wire } from "../wire.ts";

/** An entry of the audit as it travels. What is absent stays absent: it is hashed as such. */
export function auditEntryToWire({ sequence, at, from, outcome, before, after, scope, ...texts }: AuditRow): wire.AuditEntry {
  return {
    sequence: String(sequence),
    atMillis: String(at),
    ...texts,
    ...(from === undefined ? {} : { from }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(before === undefined ? {} : { beforeJson: before }),
    ...(after === undefined ? {} : { afterJson: after }),
    ...(scope?.tenant === undefined ? {} : { tenant: scope.tenant }),
    ...(scope?.pool === undefined ? {} : { pool: scope.pool }),
  };
}

/** Believes nothing but the types. Throws RpcError INTERNAL for a number that is none. */
export function auditRowFromWire(entry: wire.AuditEntry__Output, sequence = integer("sequence", entry.sequence)): AuditRow {
  const { atMillis, actor, action, subject, because, from, outcome, beforeJson, afterJson, tenant, pool } = entry;
  return {
    sequence,
    at: integer("at_millis", atMillis),
    ...{ actor, action, subject, because },
    ...(from === undefined ? {} : { from }),
    ...(outcome === undefined ? {} : { outcome: outcome as AuditOutcome }),
    ...(beforeJson === undefined ? {} : { before: beforeJson }),
    ...(afterJson === undefined ? {} : { after: afterJson }),
    ...(tenant === undefined && pool === undefined
      ? {}
      : { scope: { ...(tenant === undefined ? {} : { tenant }), ...(pool === undefined ? {} : { pool }) } }),
  };
}

export function auditRecordToWire({ sequence, row, hash }: AuditRecord): wire.AuditRecord {
  return {
    sequence: String(sequence),
    ...(row === undefined ? {} : { entry: auditEntryToWire(row) }),
    ...(hash === undefined ? {} : { hash }),
  };
}

/** Throws RpcError INTERNAL for a number that is none. */
export function auditRecordFromWire({ sequence, entry, hash }: wire.AuditRecord__Output): AuditRecord {
  const place = integer("sequence", sequence);
  return {
    sequence: place,
    ...(entry === null ? {} : { row: auditRowFromWire(entry, place) }),
    ...(hash === undefined ? {} : { hash }),
  };
}

export function checkpointToWire({ sequence, hash, at, keyId, signature }: Checkpoint): wire.AuditCheckpoint {
  return { sequence: String(sequence), hash, atMillis: String(at), keyId, signature };
}

/** Throws RpcError INTERNAL for a number that is none. */
export function checkpointFromWire({ sequence, hash, atMillis, keyId, signature }: wire.AuditCheckpoint__Output): Checkpoint {
  return { sequence: integer("sequence", sequence), hash, at: integer("at_millis", atMillis), keyId, signature };
}

/** Negative ones, too: a log that somebody has tampered with is read as it is. */
function integer(field: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RpcError(`the audit log has ${field} ${text}, which is beyond 2^53`, {
    status: status.INTERNAL,
    reason: "AUDIT_MALFORMED",
    subject: field,
    remedy: "look at the database with sqlite3: somebody may have changed it",
  });
}
