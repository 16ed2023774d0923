import { join } from "node:path";
import type { TokenRecord } from "@treeline/fleet";
import { silentLogger } from "@treeline/process";
import type { Change, DurableChange } from "@treeline/rollout";
import { openSqliteStore, type Batch, type SqliteStore, type Store } from "@treeline/store";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Fleet } from "./fleet.ts";
import { removeTemporaryData, temporaryData } from "./test-server.ts";

let sqlite: SqliteStore;
let fatal: unknown[];

beforeEach(async () => {
  sqlite = await openSqliteStore({ path: join(await temporaryData(), "treeline.db") });
  fatal = [];
});
afterEach(() => sqlite.close());
afterAll(removeTemporaryData);

/** The real store behind a gate: commits wait until it opens, and `fate` may refuse some. */
async function gated(options: { readonly maxUnderWay?: number; readonly fate?: (batch: Batch) => void } = {}) {
  const gate = Promise.withResolvers<void>();
  const commit = async (batch: Batch): Promise<void> => {
    await gate.promise;
    options.fate?.(batch);
    return sqlite.commit(batch);
  };
  const store: Store = { load: () => sqlite.load(), commit, findEnrollment: (key) => sqlite.findEnrollment(key), findEnrollmentsOfNode: (id) => sqlite.findEnrollmentsOfNode(id), readAudit: (query) => sqlite.readAudit(query), close: () => sqlite.close() };
  const fleet = await Fleet.open({ store, logger: silentLogger, onFatal: (error) => void fatal.push(error), ...(options.maxUnderWay === undefined ? {} : { maxUnderWay: options.maxUnderWay }) });
  return { fleet, open: () => gate.resolve() };
}

const token = (id: string): DurableChange => ({
  kind: "token",
  value: { id, name: "", secretHash: id.repeat(64).slice(0, 64), createdAt: 0, expiresAt: 1, used: 0, labels: {}, releaseKeys: [] } satisfies TokenRecord,
});
const release = (version: string): DurableChange => ({
  kind: "release",
  value: { checksum: version.repeat(64).slice(0, 64), ref: "r", version, publishedAt: 0, signedBy: [], objects: 0, bytes: 0 },
});
const put = (fleet: Fleet, change: DurableChange) => fleet.transact(() => ({ changes: [change], result: undefined }));
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = {};
  return (await Promise.race([promise.catch(() => {}), new Promise((resolve) => setImmediate(resolve, pending))])) !== pending;
};

describe("the fleet", () => {
  it("decides on what is not durable yet, and shows and tells it only when it is, in order", async () => {
    const { fleet, open } = await gated();
    const told: Change["kind"][] = [];
    fleet.onDurable((changes) => told.push(...changes.map(({ kind }) => kind)));
    const first = put(fleet, release("1"));
    const second = fleet.transact((working) => ({ changes: [token("a")], result: working.releases.size }));
    expect([fleet.working.releases.size, fleet.durable.releases.size, told, await isSettled(second)]).toEqual([1, 0, [], false]);
    open();
    expect(await second).toBe(1);
    await first;
    expect([fleet.durable.releases.size, told]).toEqual([1, ["release", "token"]]);
  });

  it("answers what needs no change only when all it may rest on is durable", async () => {
    const { fleet, open } = await gated();
    const change = put(fleet, release("1"));
    const answer = fleet.transact((working) => ({ changes: [], result: working.releases.size }));
    expect(await isSettled(answer)).toBe(false);
    open();
    expect(await answer).toBe(1);
    await change;
  });

  it("turns callers away before anything is decided when too many wait for the disk, and takes them again later", async () => {
    const { fleet, open } = await gated({ maxUnderWay: 2 });
    const waiting = [put(fleet, release("1")), put(fleet, release("2"))];
    let decided = false;
    const refused = fleet.transact(() => {
      decided = true;
      return { changes: [release("3")], result: undefined };
    });
    await expect(refused).rejects.toMatchObject({ status: 8, reason: "OVERLOADED", remedy: expect.stringMatching(/again/) });
    expect([decided, fleet.overloaded, fleet.working.releases.size, fatal]).toEqual([false, true, 2, []]);
    open();
    await Promise.all(waiting);
    await put(fleet, release("3"));
    expect([fleet.overloaded, fleet.durable.releases.size]).toEqual([false, 3]);
  });

  it("ends at the first change that cannot be stored, and answers nothing that may rest on it", async () => {
    const disk = new Error("the disk is gone");
    const { fleet, open } = await gated({
      fate: ({ changes }) => {
        if (changes[0]?.kind === "release") throw disk;
      },
    });
    const answers = [put(fleet, release("1")), put(fleet, token("a")), fleet.transact(() => ({ changes: [], result: 1 }))];
    open();
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect([fatal, fleet.durable.releases.size]).toEqual([[disk], 0]);
    await expect(put(fleet, token("b"))).rejects.toMatchObject({ status: 14, reason: "STORE_FAILED" });
  });

  it("changes nothing when deciding throws", async () => {
    const { fleet } = await gated();
    const wrong = fleet.transact(() => {
      throw new RangeError("no");
    });
    await expect(wrong).rejects.toThrow(RangeError);
    expect([fleet.working === fleet.durable, fatal]).toEqual([true, []]);
  });

  it("keeps one listener's failure from the others", async () => {
    const { fleet, open } = await gated();
    let told = 0;
    fleet.onDurable(() => {
      throw new Error("broken");
    });
    const stop = fleet.onDurable(() => told++);
    open();
    await put(fleet, release("1"));
    stop();
    await put(fleet, release("2"));
    expect(told).toBe(1);
  });
});
