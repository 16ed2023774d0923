import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { expect, it } from "vitest";
import { genesis } from "@treeline/audit";
import type { Schema } from "../schema.ts";
import { readAudit } from "../sql-audit-query.ts";
import { addCheckpoint, seal } from "../sql-audit-log.ts";
import { NodeSqliteDialect } from "../sqlite-dialect.ts";
import { migrate, migrations, schemaNumber } from "./migrate.ts";

it("brings a database of schema 3 to sealed audits: its rows stay as they are and are sealed as they are found", async () => {
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(new DatabaseSync(":memory:")) });
  await migrate({ db, subject: "test", known: migrations.slice(0, 3) });
  await sql`insert into audit (at, actor, action, subject, because) values (5, 'server', 'start', 'epoch 1', 'started')`.execute(db);
  expect(await migrate({ db, subject: "test", known: migrations.slice(0, 4) })).toEqual(["audit seals"]);
  await expect(schemaNumber({ db, subject: "test", known: migrations.slice(0, 3) })).rejects.toMatchObject({ code: "newer-schema" });
  expect(await readAudit(db, { limit: 10 })).toEqual([
    { sequence: 1, at: 5, actor: "server", action: "start", subject: "epoch 1", because: "started" },
  ]);
  await addCheckpoint(db, { epoch: 1, checkpoint: { ...genesis, at: 6, keyId: "k", signature: "s" } });
  expect(await seal(db, { epoch: 1, most: 10 })).toMatchObject({ head: { sequence: 1 } });
  await expect(db.insertInto("audit_seal").values({ sequence: 1, hash: "x" }).execute()).rejects.toThrow();
});
