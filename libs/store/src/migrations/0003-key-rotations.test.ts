import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { expect, it } from "vitest";
import type { Schema } from "../schema.ts";
import { NodeSqliteDialect } from "../sqlite-dialect.ts";
import { migrate, migrations, schemaNumber } from "./migrate.ts";

it("brings a database of schema 2 to key rotations, and leaves its releases as they are: all of them managed", async () => {
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(new DatabaseSync(":memory:")) });
  await migrate({ db, subject: "test", known: migrations.slice(0, 2) });
  const body = '{"checksum":"aa","ref":"os/stable","version":"1","publishedAt":1,"signedBy":[],"objects":1,"bytes":1}';
  await sql`insert into release (checksum, ref, version, body) values ('aa', 'os/stable', '1', ${body})`.execute(db);
  // What an older program would say of it from now on: newer than I know.
  expect(await migrate({ db, subject: "test", known: migrations.slice(0, 3) })).toEqual(["key rotations"]);
  await expect(schemaNumber({ db, subject: "test", known: migrations.slice(0, 2) })).rejects.toMatchObject({ code: "newer-schema" });
  expect(await db.selectFrom("release").select("body").execute()).toEqual([{ body }]);
  await db.insertInto("key_rotation").values({ serial: 7, published_at: 1, body: "{}" }).execute();
  await expect(db.insertInto("key_rotation").values({ serial: 7, published_at: 2, body: "{}" }).execute()).rejects.toThrow();
});
