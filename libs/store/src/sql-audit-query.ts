import type { AuditScope } from "@treeline/rollout";
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from "kysely";
import { rangeBeneath, type AuditQuery } from "./audit-query.ts";
import { auditEntryOf } from "./audit-row.ts";
import type { Schema } from "./schema.ts";
import type { StoredAuditEntry } from "./store.ts";

/**
 * The page's sequences come from the index by subject alone, where one is asked for; only the entries on it are read whole. That index must compare
 * text by code point, as SQLite does; in PostgreSQL the column needs `collate "C"`.
 */
export async function readAudit(db: Kysely<Schema>, query: AuditQuery): Promise<readonly StoredAuditEntry[]> {
  const { limit, subject, under, before, after, actor, action, outcome, since, until, within } = query;
  let page = db.selectFrom("audit").select("sequence");
  if (subject !== undefined) page = page.where("subject", "=", subject);
  if (under !== undefined) page = page.where((eb) => isUnder(eb, under));
  if (before !== undefined) page = page.where("sequence", "<", before);
  if (after !== undefined) page = page.where("sequence", ">", after);
  if (actor !== undefined) page = page.where("actor", "=", actor);
  if (action !== undefined) page = page.where("action", "=", action);
  if (outcome === "refused") page = page.where("outcome", "=", outcome);
  if (outcome === "done") page = page.where("outcome", "is", null);
  if (since !== undefined) page = page.where("at", ">=", since);
  if (until !== undefined) page = page.where("at", "<", until);
  if (within !== undefined) page = page.where((eb) => eb.or(within.map((scope) => isWithin(eb, scope))));
  const newest = page.orderBy("sequence", "desc").limit(limit);
  const rows = await db.selectFrom("audit").selectAll().where("sequence", "in", newest).orderBy("sequence", "desc").execute();
  return rows.map(auditEntryOf);
}

function isUnder(eb: ExpressionBuilder<Schema, "audit">, under: string): Expression<SqlBool> {
  const { from, to } = rangeBeneath(under);
  return eb.or([eb("subject", "=", under), eb.and([eb("subject", ">=", from), eb("subject", "<", to)])]);
}

/** A scope that names nothing holds nothing. */
function isWithin(eb: ExpressionBuilder<Schema, "audit">, { tenant, pool }: AuditScope): Expression<SqlBool> {
  const named = [...(tenant === undefined ? [] : [eb("tenant", "=", tenant)]), ...(pool === undefined ? [] : [eb("pool", "=", pool)])];
  return named.length === 0 ? eb.lit(false) : eb.and(named);
}
