import type { AuditEntry, AuditOutcome } from "@treeline/rollout";
import type { AuditColumns } from "./schema.ts";
import type { StoredAuditEntry } from "./store.ts";

/**
 * An entry as its table has it.
 * INVARIANT: what is read back is what was written, to the byte, or its seal would not fit: lone surrogates, which UTF-8 cannot say, are replaced here.
 */
export function auditColumns(entry: AuditEntry): AuditColumns {
  const { at, actor, action, subject, because, from, outcome, before, after, scope } = entry;
  return {
    at,
    actor: actor.toWellFormed(),
    action: action.toWellFormed(),
    subject: subject.toWellFormed(),
    because: because.toWellFormed(),
    peer: textOrNull(from),
    outcome: outcome === "refused" ? outcome : null,
    value_before: textOrNull(before),
    value_after: textOrNull(after),
    tenant: textOrNull(scope?.tenant),
    pool: textOrNull(scope?.pool),
  };
}

/** The driver's row objects are its own; this is a plain one, which crosses a thread. */
export function auditEntryOf(row: AuditColumns & { readonly sequence: number }): StoredAuditEntry {
  const { sequence, at, actor, action, subject, because, peer, outcome, value_before, value_after, tenant, pool } = row;
  return {
    sequence,
    at: Number.isSafeInteger(at) ? at : -1,
    actor: text(actor),
    action: text(action),
    subject: text(subject),
    because: text(because),
    ...(peer === null ? {} : { from: text(peer) }),
    // Whatever stands there is shown and hashed, not only what was written there.
    ...(outcome === null ? {} : { outcome: text(outcome) as AuditOutcome }),
    ...(value_before === null ? {} : { before: text(value_before) }),
    ...(value_after === null ? {} : { after: text(value_after) }),
    ...(tenant === null && pool === null
      ? {}
      : { scope: { ...(tenant === null ? {} : { tenant: text(tenant) }), ...(pool === null ? {} : { pool: text(pool) }) } }),
  };
}

function textOrNull(value: string | undefined): string | null {
  return value === undefined || value === "" ? null : value.toWellFormed();
}

/** SQLite keeps other types in a column of text, if somebody puts them there; then the seal must not fit any more. */
function text(value: unknown): string {
  return typeof value === "string" ? value : `not text: ${JSON.stringify(value)}`;
}
