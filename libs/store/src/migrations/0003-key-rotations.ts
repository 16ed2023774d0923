import type { Kysely } from "kysely";
import type { Migration } from "./migration.ts";

/**
 * Signed key rotations. With this step releases may also be marked unmanaged: their rows stay as they are, but a program that does not know the mark
 * would give such a release to nodes, and so must not open this database any more.
 */
export const keyRotations: Migration = {
  number: 3,
  name: "key rotations",
  since: "0.2.0",
  async up(db: Kysely<never>): Promise<void> {
    await db.schema
      .createTable("key_rotation")
      .addColumn("serial", "bigint", (column) => column.notNull().primaryKey())
      .addColumn("published_at", "bigint", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
  },
};
