import { sql, type Kysely } from "kysely";
import type { Migration } from "./migration.ts";

/**
 * Roles, bindings, API tokens, tenants and pools. An operator of before is an API token that has the role it had over the whole fleet; there was none but the
 * administrator, whom the server made.
 */
export const access: Migration = {
  number: 5,
  name: "access",
  since: "0.2.0",
  async up(db: Kysely<never>): Promise<void> {
    const { schema } = db;
    for (const name of ["role", "tenant", "pool"])
      await schema
        .createTable(name)
        .addColumn("name", "text", (column) => column.notNull().primaryKey())
        .addColumn("body", "text", (column) => column.notNull())
        .execute();
    await schema
      .createTable("role_binding")
      .addColumn("name", "text", (column) => column.notNull().primaryKey())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("scope", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
    await schema
      .createTable("api_token")
      .addColumn("name", "text", (column) => column.notNull().primaryKey())
      .addColumn("secret_hash", "text", (column) => column.notNull().unique())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
    const operators = await sql<{ readonly body: string }>`select body from operator`.execute(db);
    for (const { body } of operators.rows) {
      const { name, role, secretHash, createdAt } = JSON.parse(body) as Operator;
      const token: ApiToken = { name, secretHash, grants: [{ role, scope: "fleet" }], createdAt, owners: ["server"] };
      await sql`insert into api_token (name, secret_hash, body) values (${name}, ${secretHash}, ${JSON.stringify(token)})`.execute(db);
    }
    await schema.dropTable("operator").execute();
  },
};

/** As they were when this step was written. */
interface Operator {
  readonly name: string;
  readonly role: string;
  readonly secretHash: string;
  readonly createdAt: number;
}

interface ApiToken {
  readonly name: string;
  readonly secretHash: string;
  readonly grants: readonly { readonly role: string; readonly scope: "fleet" }[];
  readonly createdAt: number;
  readonly owners: readonly string[];
}
