import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { auditEntry, nodeRecord } from "./conformance-records.ts";
import { OverloadedError, StoreGoneError } from "./errors.ts";
import {
  openSqliteStore,
  openSqliteStoreIn,
  startSqliteWorker,
  type SqliteStore,
  type SqliteStoreOptions,
  type StoreLogger,
} from "./sqlite-store.ts";
import type { Batch, Store } from "./store.ts";

const directory = mkdtempSync(join(tmpdir(), "treeline-store-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
const newPath = (): string => join(directory, `${files++}.db`);
const stores: Store[] = [];
afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
const open = async (options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> => {
  const store = await openSqliteStore({ path: newPath(), ...options });
  stores.push(store);
  return store;
};

const batch = (id: string): Batch => ({ epoch: 1, changes: [{ kind: "node", value: nodeRecord(id) }], audit: [auditEntry(id)] });
const batches = (count: number): readonly Batch[] => Array.from({ length: count }, (_, index) => batch(`n${index}`));

describe("group commit", () => {
  it("makes one transaction of what is committed in one go, and of what comes while one is under way", async () => {
    const store = await open();
    await Promise.all(batches(500).map((each) => store.commit(each)));
    expect(await store.statistics()).toMatchObject({ commits: 500, transactions: 1, refused: 0 });

    const first = store.commit(batch("first"));
    // The first is with the database's thread by then.
    await setImmediate();
    const meanwhile = batches(50).map((each) => store.commit(each));
    await Promise.all([first, ...meanwhile]);
    expect(await store.statistics()).toMatchObject({ commits: 551, transactions: 3 });
  });

  it("makes a transaction for each of what is committed one after the other", async () => {
    const store = await open();
    for (const each of batches(5)) await store.commit(each);
    expect(await store.statistics()).toMatchObject({ commits: 5, transactions: 5 });
  });

  it("refuses what exceeds the bound and all that comes after it, until the store is opened again", async () => {
    const path = newPath();
    const store = await open({ path, maxPending: 3 });
    const outcomes = await Promise.allSettled(batches(5).map((each) => store.commit(each)));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "rejected"]);
    const refusal: unknown = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []))[0];
    expect(refusal).toBeInstanceOf(OverloadedError);
    expect(refusal).toMatchObject({ code: "overloaded", retryable: false });
    await expect(store.commit(batch("later"))).rejects.toMatchObject({ code: "after-refused" });
    const reopened = await open({ path, maxPending: 3 });
    await reopened.commit(batch("later"));
    expect(await reopened.load()).toHaveLength(4);
  });
});

describe("the database's connection", () => {
  it("writes the log to the disk before a commit returns", async () => {
    expect(await (await open()).statistics()).toMatchObject({ journalMode: "wal", synchronous: 2, foreignKeys: 1, trustedSchema: 0 });
  });

  it("keeps the database and its logs from everyone but their owner", async () => {
    const path = newPath();
    const store = await open({ path });
    await store.commit(batch("n1"));
    for (const suffix of ["", "-wal", "-shm"]) expect(statSync(`${path}${suffix}`).mode & 0o777).toBe(0o600);
  });

  it("takes an existing database from everyone but its owner", async () => {
    const path = newPath();
    await (await openSqliteStore({ path })).close();
    chmodSync(path, 0o644);
    await open({ path });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("leaves the event loop free while the database cannot write", async () => {
    const path = newPath();
    const store = await open({ path });
    const other = new DatabaseSync(path);
    other.exec("begin immediate");
    let settled = false;
    const blocked = store.commit(batch("n1")).finally(() => (settled = true));
    for (let turn = 0; turn < 100; turn++) await setImmediate();
    expect(settled).toBe(false);
    other.exec("rollback");
    other.close();
    await blocked;
    expect(await store.load()).toHaveLength(1);
  });

  it("loads one moment of the database, although commits are made between its pages", async () => {
    const store = await open();
    await Promise.all(batches(1_200).map((each) => store.commit(each)));
    const loading = store.load();
    const committing = Promise.all(["z1", "z2", "n1"].map((id) => store.commit(batch(id))));
    const loaded = await loading;
    await committing;
    expect(loaded).toHaveLength(1_200);
    expect(await store.load()).toHaveLength(1_202);
  });
});

describe("when the database's thread dies", () => {
  it("rejects all that is under way and all that comes, and loses nothing it acknowledged", async () => {
    const path = newPath();
    const worker = startSqliteWorker();
    const logged: unknown[] = [];
    const logger: StoreLogger = { info: () => undefined, error: (fields) => logged.push(fields) };
    const store = await openSqliteStoreIn(worker, { path, logger });
    await store.commit(batch("acknowledged"));
    const underWay = [...batches(50).map((each) => store.commit(each)), store.load(), store.readAudit({ limit: 1 })];
    const outcomes = Promise.allSettled(underWay);
    await worker.terminate();
    for (const outcome of await outcomes) if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(StoreGoneError);
    await expect(store.commit(batch("later"))).rejects.toMatchObject({ code: "gone", phase: "commit", subject: path });
    await expect(store.load()).rejects.toMatchObject({ code: "gone", phase: "load" });
    await store.close();
    expect(logged).toMatchObject([{ path }]);

    const reopened = await open({ path });
    expect((await reopened.load()).map((change) => (change.kind === "node" ? change.value.id : change.kind))).toContain("acknowledged");
  });

  it("says why, when the thread failed by itself", async () => {
    const worker = new Worker('require("node:worker_threads").parentPort.on("message", () => { throw new Error("out of luck"); })', {
      eval: true,
    });
    await expect(openSqliteStoreIn(worker, { path: newPath() })).rejects.toMatchObject({
      code: "gone",
      phase: "open",
      details: { cause: "out of luck" },
    });
  });
});
