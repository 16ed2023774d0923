import type { Kysely } from "kysely";
import type { Migration } from "./migration.ts";

/**
 * The audit says from where, with which outcome, what was before and after, and whose business it is; its rows are sealed by a chain of hashes, and the
 * chain is signed at checkpoints. Rows written before this step have none of the new fields; the server seals them as it finds them.
 */
export const auditSeals: Migration = {
  number: 4,
  name: "audit seals",
  since: "0.2.0",
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;

    // Not named as in the entries: FROM, BEFORE and AFTER are words of SQL.
    for (const column of ["peer", "outcome", "value_before", "value_after", "tenant", "pool"])
      await schema.alterTable("audit").addColumn(column, "text").execute();

    await schema
      .createTable("audit_seal")
      .addColumn("sequence", "bigint", (column) => column.notNull().primaryKey())
      .addColumn("hash", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("audit_checkpoint")
      .addColumn("sequence", "bigint", (column) => column.notNull().primaryKey())
      .addColumn("hash", "text", (column) => column.notNull())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("key_id", "text", (column) => column.notNull())
      .addColumn("signature", "text", (column) => column.notNull())
      .execute();
  },
};
