import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { describe, expect, it } from "vitest";
import { nodeRecord } from "./conformance-records.ts";
import { encodeBatch } from "./encoded-batch.ts";
import { DatabaseError } from "./errors.ts";
import { migrate } from "./migrations/migrate.ts";
import type { Schema } from "./schema.ts";
import { SqlStore, type SqlStoreOptions } from "./sql-store.ts";
import { describeSqliteError, NodeSqliteDialect } from "./sqlite-dialect.ts";

async function openInMemory(
  describeError: SqlStoreOptions["describeError"] = (error, phase) => describeSqliteError(error, { phase, path: "test" }),
): Promise<{ readonly database: DatabaseSync; readonly store: SqlStore }> {
  const database = new DatabaseSync(":memory:");
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(database) });
  await migrate({ db, subject: "test" });
  return { database, store: new SqlStore({ db, describeError }) };
}

const batchOf = (id: string, name = "host") =>
  encodeBatch({ epoch: 1, changes: [{ kind: "node", value: nodeRecord(id, { name }) }], audit: [] });

async function nodeCount(store: SqlStore): Promise<number> {
  let count = 0;
  for await (const { bodies } of store.load()) count += bodies.length;
  return count;
}

describe("a disk that is full", () => {
  // SQLite gives up the whole transaction then, so the neighbours must try again, too.
  it("rejects the whole group as retryable, leaves nothing of it, and goes on when there is room", async () => {
    const { database, store } = await openInMemory();
    const { page_count: pages } = database.prepare("pragma page_count").get() as { readonly page_count: number };
    database.exec(`pragma max_page_count = ${pages + 2}`);
    const group = [batchOf("small 1"), batchOf("large", "x".repeat(1_000_000)), batchOf("small 2")];
    await expect(store.commitGroup(group)).rejects.toMatchObject({ code: "full", retryable: true });
    expect(await nodeCount(store)).toBe(0);
    expect(await store.commitGroup([batchOf("small 1")])).toEqual([{ ok: true }]);
    database.exec("pragma max_page_count = 1000000");
    expect(await store.commitGroup(group)).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    expect(await nodeCount(store)).toBe(3);
  });
});

describe("a transaction that is lost", () => {
  it("rejects the whole group, leaves nothing of it, and lets the next one be written", async () => {
    const { database, store } = await openInMemory();
    database.exec("create trigger lose before insert on node when new.id = 'fatal' begin select raise(rollback, 'lost'); end");
    await expect(store.commitGroup([batchOf("n1"), batchOf("fatal"), batchOf("n2")])).rejects.toMatchObject({ phase: "commit" });
    expect(await nodeCount(store)).toBe(0);
    expect(await store.commitGroup([batchOf("n3")])).toEqual([{ ok: true }]);
    expect(await nodeCount(store)).toBe(1);
    expect(store.counters).toEqual({ commits: 1, transactions: 1, refused: 0 });
  });
});

describe("a read or write that the disk fails", () => {
  it("fails the whole group, also where the database could go on", async () => {
    const { database, store } = await openInMemory((error, phase) =>
      String(error).includes("bad sector")
        ? new DatabaseError("io", { phase, subject: "test", cause: "bad sector" })
        : describeSqliteError(error, { phase, path: "test" }),
    );
    database.exec("create trigger fail before insert on node when new.id = 'fatal' begin select raise(abort, 'bad sector'); end");
    await expect(store.commitGroup([batchOf("n1"), batchOf("fatal"), batchOf("n2")])).rejects.toMatchObject({ code: "io" });
    expect(await nodeCount(store)).toBe(0);
  });
});

describe("a load that is given up", () => {
  it("lets commits be written again", async () => {
    const { store } = await openInMemory();
    await store.commitGroup([batchOf("n1")]);
    const pages = store.load();
    await pages.next();
    await pages.return();
    expect(await store.commitGroup([batchOf("n2")])).toEqual([{ ok: true }]);
  });
});
