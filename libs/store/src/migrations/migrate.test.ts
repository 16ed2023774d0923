import { DatabaseSync } from "node:sqlite";
import { Kysely, sql } from "kysely";
import { describe, expect, it } from "vitest";
import { NewerSchemaError } from "../errors.ts";
import type { Schema } from "../schema.ts";
import { NodeSqliteDialect } from "../sqlite-dialect.ts";
import { migrate, migrations, schemaNumber } from "./migrate.ts";
import type { Migration } from "./migration.ts";

const open = (): Kysely<Schema> => new Kysely<Schema>({ dialect: new NodeSqliteDialect(new DatabaseSync(":memory:")) });
const tableNames = async (db: Kysely<Schema>): Promise<readonly string[]> => (await db.introspection.getTables()).map(({ name }) => name);

const next: Migration = {
  number: migrations.length + 1,
  name: "next",
  since: "0.9.0",
  up: async (db) => {
    await db.schema.createTable("next").addColumn("id", "text").execute();
  },
};

describe("migrations", () => {
  it("are numbered from 1 without gaps", () => {
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
  });

  it("are each taken once", async () => {
    const db = open();
    expect(await migrate({ db, subject: "test" })).toEqual(migrations.map(({ name }) => name));
    expect(await migrate({ db, subject: "test" })).toEqual([]);
    const known = [...migrations, next];
    expect(await migrate({ db, subject: "test", known })).toEqual(["next"]);
    expect(await schemaNumber({ db, subject: "test", known })).toBe(next.number);
    expect(await tableNames(db)).toContain("next");
  });

  it("leave nothing of a step that fails, and keep those before it", async () => {
    const db = open();
    const failing: Migration = {
      ...next,
      up: async (transaction) => {
        await next.up(transaction);
        await sql`insert into nowhere values (1)`.execute(transaction);
      },
    };
    await expect(migrate({ db, subject: "test", known: [...migrations, failing] })).rejects.toThrow("nowhere");
    expect(await schemaNumber({ db, subject: "test" })).toBe(migrations.length);
    expect(await tableNames(db)).not.toContain("next");
    expect(await migrate({ db, subject: "test", known: [...migrations, next] })).toEqual(["next"]);
  });

  it("are not begun on a schema this program does not know", async () => {
    const db = open();
    await migrate({ db, subject: "test", known: [...migrations, next] });
    await expect(migrate({ db, subject: "test" })).rejects.toThrow(NewerSchemaError);
  });
});
