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
  // SQLite gives up the whole transaction then, so that those before it are refused, too.
  it("rejects the whole group, leaves nothing of it, and can be written when there is room", async () => {
    const { database, store } = await openInMemory();
    const { page_count: pages } = database.prepare("pragma page_count").get() as { readonly page_count: number };
    database.exec(`pragma max_page_count = ${pages + 2}`);
    const group = [batchOf("small 1"), batchOf("large", "x".repeat(1_000_000)), batchOf("small 2")];
    await expect(store.commitGroup(group)).rejects.toMatchObject({ code: "full" });
    expect(await nodeCount(store)).toBe(0);
    expect(await store.commitGroup([batchOf("small 1")])).toEqual({ durable: 1 });
    database.exec("pragma max_page_count = 1000000");
    expect(await store.commitGroup(group)).toEqual({ durable: 3 });
    expect(await nodeCount(store)).toBe(3);
  });
});

describe("a batch that is refused", () => {
  it("ends its group: those before it are durable, those after it are not tried", async () => {
    const { database, store } = await openInMemory();
    database.exec("create trigger refuse before insert on node when new.id = 'refused' begin select raise(abort, 'refused'); end");
    const outcome = await store.commitGroup([batchOf("n1"), batchOf("n2"), batchOf("refused"), batchOf("n3")]);
    expect(outcome).toMatchObject({ durable: 2, refusal: { phase: "commit", details: { cause: "refused" } } });
    expect(await nodeCount(store)).toBe(2);
    expect(store.counters).toEqual({ commits: 2, transactions: 1, refused: 2 });
  });
});

describe("the audit of what is beneath a subject", () => {
  it("is found by the index, and no entry is read that is not on the page", async () => {
    const { database, store } = await openInMemory();
    const plan = (sql: string): string =>
      database
        .prepare(`explain query plan ${sql}`)
        .all()
        .map((row) => String(row["detail"]))
        .join("\n");
    const queries: string[] = [];
    const prepare = database.prepare.bind(database);
    database.prepare = (sql: string) => {
      queries.push(sql);
      return prepare(sql);
    };
    await store.readAudit({ limit: 10, under: "rollout r1", before: 7 });
    expect(queries).toHaveLength(1);
    const steps = plan(queries[0] ?? "");
    expect(steps).toContain("COVERING INDEX audit_of_subject (subject=?");
    expect(steps).toContain("COVERING INDEX audit_of_subject (subject>? AND subject<?)");
    expect(steps).not.toContain("SCAN audit");
  });
});

describe("a transaction that is lost", () => {
  it("rejects the whole group, leaves nothing of it, and lets the next one be written", async () => {
    const { database, store } = await openInMemory();
    database.exec("create trigger lose before insert on node when new.id = 'fatal' begin select raise(rollback, 'lost'); end");
    await expect(store.commitGroup([batchOf("n1"), batchOf("fatal"), batchOf("n2")])).rejects.toMatchObject({ phase: "commit" });
    expect(await nodeCount(store)).toBe(0);
    expect(await store.commitGroup([batchOf("n3")])).toEqual({ durable: 1 });
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
    expect(await store.commitGroup([batchOf("n2")])).toEqual({ durable: 1 });
  });
});
