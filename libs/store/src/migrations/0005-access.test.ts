import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { expect, it } from "vitest";
import type { Schema } from "../schema.ts";
import { NodeSqliteDialect } from "../sqlite-dialect.ts";
import { migrate, migrations } from "./migrate.ts";

it("makes an API token of the administrator of before, with the same secret", async () => {
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(new DatabaseSync(":memory:")) });
  await migrate({ db, subject: "test", known: migrations.slice(0, 4) });
  const body = '{"name":"admin","role":"fleet-admin","secretHash":"hash","createdAt":7}';
  await sql`insert into operator (name, secret_hash, body) values ('admin', 'hash', ${body})`.execute(db);
  expect(await migrate({ db, subject: "test", known: migrations.slice(0, 5) })).toEqual(["access"]);
  const token = { name: "admin", secretHash: "hash", grants: [{ role: "fleet-admin", scope: "fleet" }], createdAt: 7, owners: ["server"] };
  const [row] = await db.selectFrom("api_token").selectAll().execute();
  expect({ ...row, body: JSON.parse(row!.body) }).toEqual({ name: "admin", secret_hash: "hash", body: token });
  await expect(sql`select 1 from operator`.execute(db)).rejects.toThrow(/operator/);
});
