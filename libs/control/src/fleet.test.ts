import type { TokenRecord } from "@treeline/fleet";
import { applyAll, type Change, type DurableChange, type Snapshot } from "@treeline/rollout";
import { beforeEach, describe, expect, it } from "vitest";
import { Fleet, type FleetOptions } from "./fleet.ts";
import { TestLog } from "./test-server.ts";
import { TestStore } from "./test-store.ts";

let store: TestStore;
let log: TestLog;
let fatal: unknown[];

beforeEach(() => {
  store = new TestStore();
  log = new TestLog();
  fatal = [];
});

const openFleet = (more: Partial<FleetOptions> = {}): Promise<Fleet> =>
  Fleet.open({ store, log, onFatal: (error) => void fatal.push(error), ...more });
const token = (id: string): DurableChange => ({
  kind: "token",
  value: { id, name: "", secretHash: id, createdAt: 0, expiresAt: 1, used: 0, labels: {}, releaseKeys: [] } satisfies TokenRecord,
});
const release = (version: string): DurableChange => ({
  kind: "release",
  value: { checksum: version.repeat(64).slice(0, 64), ref: "r", version, publishedAt: 0, signedBy: [], objects: 0, bytes: 0 },
});
const contact = (connected: boolean): Change & { readonly kind: "contact" } => ({ kind: "contact", nodeId: "n", connected, at: 1 });
const put = (fleet: Fleet, ...changes: readonly DurableChange[]) => fleet.transact(() => ({ changes, result: undefined }));
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = {};
  return (await Promise.race([promise.catch(() => {}), new Promise((resolve) => setImmediate(resolve, pending))])) !== pending;
};

describe("the fleet", () => {
  it("decides on what is not durable yet, and shows and tells it only when it is, in order", async () => {
    const fleet = await openFleet();
    const open = store.close();
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

  it("has durable what the disk has, while the next is still under way", async () => {
    const fleet = await openFleet();
    const openFirst = store.close();
    const first = put(fleet, release("1"));
    const openSecond = store.close();
    const second = put(fleet, release("2"));
    openFirst();
    await first;
    expect([fleet.durable.releases.size, fleet.working.releases.size]).toEqual([1, 2]);
    openSecond();
    await second;
    expect(fleet.durable.releases.size).toBe(2);
  });

  it("answers what needs no change only when all it may rest on is durable", async () => {
    const fleet = await openFleet();
    const open = store.close();
    const change = put(fleet, release("1"));
    const answer = fleet.transact((working) => ({ changes: [], result: working.releases.size }));
    expect(await isSettled(answer)).toBe(false);
    open();
    expect(await answer).toBe(1);
    await change;
  });

  it("turns callers away before anything is decided when too many wait for the disk, and takes them again later", async () => {
    const fleet = await openFleet({ maxUnderWay: 2 });
    const open = store.close();
    const waiting = [put(fleet, release("1")), put(fleet, release("2"))];
    let decided = false;
    const refused = fleet.transact(() => {
      decided = true;
      return { changes: [release("3")], result: undefined };
    });
    await expect(refused).rejects.toMatchObject({ code: "overloaded", remedy: expect.stringMatching(/again/) as string });
    expect([decided, fleet.overloaded, fleet.working.releases.size, fatal]).toEqual([false, true, 2, []]);
    open();
    await Promise.all(waiting);
    await put(fleet, release("3"));
    expect([fleet.overloaded, fleet.durable.releases.size]).toEqual([false, 3]);
  });

  it("ends at the first change that cannot be stored, and answers nothing that may rest on it", async () => {
    const disk = new Error("the disk is gone");
    store.fate = ({ changes }) => {
      if (changes[0]?.kind === "release") throw disk;
    };
    const fleet = await openFleet();
    const open = store.close();
    const answers = [put(fleet, release("1")), put(fleet, token("a")), fleet.transact(() => ({ changes: [], result: 1 }))];
    open();
    const outcomes = await Promise.allSettled(answers);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect([fatal, fleet.ended, fleet.durable.releases.size]).toEqual([[disk], true, 0]);
    await expect(put(fleet, token("b"))).rejects.toMatchObject({ code: "store-failed" });
  });

  it("answers, tells and decides nothing once it was stopped, not even what the store has taken meanwhile", async () => {
    const fleet = await openFleet();
    const open = store.close();
    let told = 0;
    fleet.onDurable(() => told++);
    const answers = [put(fleet, release("1")), fleet.transact(() => ({ changes: [], result: 1 }))];
    fleet.stop();
    open();
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: "server-stopping" });
    const idle = await openFleet({ store: new TestStore() });
    const answer = idle.transact(() => ({ changes: [], result: 1 }));
    idle.stop();
    await expect(answer).rejects.toMatchObject({ code: "server-stopping" });
    await expect(put(fleet, release("2"))).rejects.toMatchObject({ code: "server-stopping" });
    fleet.note(contact(true));
    expect([store.batches.length, told, fleet.durable.contacts.size, fatal]).toEqual([1, 0, 0, []]);
  });

  it("changes nothing when deciding throws", async () => {
    const fleet = await openFleet();
    const wrong = fleet.transact(() => {
      throw new RangeError("no");
    });
    await expect(wrong).rejects.toThrow(RangeError);
    expect([fleet.working === fleet.durable, fatal]).toEqual([true, []]);
  });

  it("keeps one listener's failure from the others, and from who changes", async () => {
    const fleet = await openFleet();
    let told = 0;
    const broken = (): never => {
      throw new Error("broken");
    };
    fleet.onDurable(broken);
    fleet.onWorking(broken);
    fleet.onApplied(broken);
    const stop = fleet.onDurable(() => told++);
    await put(fleet, release("1"));
    stop();
    await put(fleet, release("2"));
    expect([told, log.lines.length]).toEqual([1, 6]);
  });

  it("gives whoever asks from the beginning what was loaded first, then every change within the call that makes it", async () => {
    await put(await openFleet(), token("a"), release("1"));
    const told: string[] = [];
    const fleet = await openFleet({ onWorking: (changes) => void told.push(changes.map(({ kind }) => kind).join()) });
    const change = put(fleet, token("b"));
    expect(told).toEqual(["token,release", "token"]);
    await change;
  });

  it("tells of each single change with the snapshots around it, before it tells of the batch", async () => {
    const fleet = await openFleet();
    const seen: [string, Snapshot, Snapshot][] = [];
    fleet.onApplied((change, before, after) => seen.push([change.kind, before, after]));
    let seenAtBatch = 0;
    fleet.onWorking(() => (seenAtBatch = seen.length));
    const start = fleet.working;
    await put(fleet, release("1"), token("a"), release("2"));
    expect([seen.map(([kind]) => kind), seenAtBatch]).toEqual([["release", "token", "release"], 3]);
    expect(seen.map(([, before, after]) => [before.releases.size, after.releases.size])).toEqual([
      [0, 1],
      [1, 1],
      [1, 2],
    ]);
    fleet.note(contact(true));
    const [first, second, third, noted] = seen;
    expect([
      first![1] === start,
      second![1] === first![2],
      third![1] === second![2],
      noted![1] === third![2],
      fleet.working === noted![2],
    ]).toEqual(Array(5).fill(true));
  });

  it("keeps one snapshot, not two that are equal, whenever nothing is under way", async () => {
    const fleet = await openFleet();
    fleet.note(contact(true));
    expect(fleet.durable === fleet.working).toBe(true);
    const open = store.close();
    const changes = [put(fleet, release("1")), put(fleet, release("2"))];
    fleet.note(contact(false));
    expect([fleet.durable === fleet.working, fleet.durable.releases.size, fleet.durable.contacts.get("n")?.connected]).toEqual([
      false,
      0,
      false,
    ]);
    open();
    await Promise.all(changes);
    expect([fleet.durable === fleet.working, fleet.durable.releases.size]).toEqual([true, 2]);
    expect(applyAll((await openFleet()).durable, [contact(true), contact(false)])).toEqual(fleet.durable);
  });
});
