import type { Kysely } from "kysely";
import type { Migration } from "./migration.ts";

/** All that a fleet with rollouts and a ledger of slots needs. */
export const firstSchema: Migration = {
  number: 1,
  name: "first schema",
  since: "0.1.0",
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;

    await schema
      .createTable("server_run")
      .addColumn("epoch", "bigint", (column) => column.notNull().primaryKey())
      .addColumn("started_at", "bigint", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("operator")
      .addColumn("name", "text", (column) => column.notNull().primaryKey())
      .addColumn("secret_hash", "text", (column) => column.notNull().unique())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("token")
      .addColumn("id", "text", (column) => column.notNull().primaryKey())
      .addColumn("secret_hash", "text", (column) => column.notNull().unique())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("enrollment")
      .addColumn("token_id", "text", (column) => column.notNull())
      .addColumn("public_key", "text", (column) => column.notNull())
      .addColumn("node_id", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("enrollment_key", ["token_id", "public_key"])
      .execute();
    await schema.createIndex("enrollment_of_node").on("enrollment").column("node_id").execute();

    await schema
      .createTable("release")
      .addColumn("checksum", "text", (column) => column.notNull().primaryKey())
      .addColumn("ref", "text", (column) => column.notNull())
      .addColumn("version", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("node")
      .addColumn("id", "text", (column) => column.notNull().primaryKey())
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("rollout")
      .addColumn("name", "text", (column) => column.notNull().primaryKey())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("assignment")
      .addColumn("rollout", "text", (column) => column.notNull())
      .addColumn("node_id", "text", (column) => column.notNull())
      .addColumn("phase", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("assignment_key", ["rollout", "node_id"])
      .execute();

    await schema
      .createTable("slot")
      .addColumn("id", "text", (column) => column.notNull().primaryKey())
      .addColumn("node_id", "text", (column) => column.notNull().unique())
      .addColumn("rollout", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("intent")
      .addColumn("node_id", "text", (column) => column.notNull().primaryKey())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("denied")
      .addColumn("node_id", "text", (column) => column.notNull())
      .addColumn("checksum", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("denied_key", ["node_id", "checksum"])
      .execute();

    await schema
      .createTable("observation")
      .addColumn("node_id", "text", (column) => column.notNull().primaryKey())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("audit")
      .addColumn("sequence", "integer", (column) => column.primaryKey().autoIncrement())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("actor", "text", (column) => column.notNull())
      .addColumn("action", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("because", "text", (column) => column.notNull())
      .execute();
    await schema.createIndex("audit_of_subject").on("audit").columns(["subject", "sequence"]).execute();
  },
};
