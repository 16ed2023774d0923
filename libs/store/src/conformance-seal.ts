import { chainStep, genesis, maxRowsPerCheckpoint, type AuditRecord, type Checkpoint, type SealHead } from "@treeline/audit";
import { expect, it } from "vitest";
import { auditEntry, serverRun } from "./conformance-records.ts";
import { restart, type OpenedStore } from "./conformance-store.ts";
import { InvalidRequestError, StaleEpochError } from "./errors.ts";
import type { Store, StoredAuditEntry } from "./store.ts";

/** What a store must do with the seals and checkpoints of its audit. It does not look at signatures. Part of `describeStoreConformance`. */
export function describeSeals(open: () => Promise<OpenedStore>): void {
  it("seals committed rows in their order, page by page, as a chain that a restart keeps", async () => {
    const state = await open();
    const { store } = state;
    await addRows(store, 7);
    await sign(store, genesis);
    expect(await store.readAuditState()).toEqual({ last: 7, sealed: genesis, checkpoint: checkpointOf(genesis) });

    const first = await store.seal({ epoch: 1, most: 3 });
    expect(first).toMatchObject({ from: genesis, head: { sequence: 3 }, more: true });
    await addRows(store, 1);
    const second = await store.seal({ epoch: 1, most: 100 });
    expect(second).toMatchObject({ from: first.head, head: { sequence: 8 }, more: false });
    expect(await store.seal({ epoch: 1, most: 100 })).toEqual({ from: second.head, head: second.head, more: false });
    await addRows(store, 1);

    const reopened = await restart(state);
    const { records } = await reopened.readAuditLog({ limit: 100 });
    expect(records.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(records.map(({ hash }) => hash)).toEqual([...chainOf(records.slice(0, 8)), undefined]);
    expect((await reopened.readAuditState()).sealed).toEqual(second.head);
    expect(await reopened.seal({ epoch: 1, most: 100 })).toMatchObject({ from: second.head, head: { sequence: 9 } });
  });

  it("keeps each field of an entry, as it will be hashed", async () => {
    const { store } = await open();
    const whole = auditEntry("token t1", {
      from: "2001:db8::1",
      outcome: "refused",
      before: '{"token t1":{"used":1}}',
      after: '{"token t1":{"used":2, "note":"\u{1f332}\u0000"}}',
      scope: { tenant: "red", pool: "edge" },
    });
    const half = auditEntry("a", { outcome: "done", from: "", scope: { pool: "edge" }, because: "half a pair: \ud83c!" });
    await store.commit({ epoch: 1, changes: [], audit: [whole, half, auditEntry("b", { scope: {} })] });
    expect(await store.readAudit({ limit: 3 })).toEqual([
      { sequence: 3, ...auditEntry("b") },
      { sequence: 2, ...auditEntry("a", { scope: { pool: "edge" }, because: "half a pair: \ufffd!" }) },
      { sequence: 1, ...whole },
    ]);
    const { records } = await store.readAuditLog({ limit: 3 });
    expect(records.map(({ row }) => row)).toEqual((await store.readAudit({ limit: 3 })).toReversed());
  });

  it("seals nothing before there is a checkpoint, and no more than so many rows past the newest", async () => {
    const { store } = await open();
    await addRows(store, maxRowsPerCheckpoint + 5);
    expect(await store.seal({ epoch: 1, most: 10 })).toEqual({ from: genesis, head: genesis, more: false });
    await sign(store, genesis);
    expect(await store.seal({ epoch: 1, most: 10 })).toMatchObject({ head: { sequence: 10 }, more: true });
    const full = await store.seal({ epoch: 1, most: 1_000 });
    expect(full).toMatchObject({ head: { sequence: maxRowsPerCheckpoint }, more: false });
    expect(await store.seal({ epoch: 1, most: 1_000 })).toMatchObject({ head: full.head, more: false });
    await sign(store, full.head);
    expect(await store.seal({ epoch: 1, most: 1_000 })).toMatchObject({ head: { sequence: maxRowsPerCheckpoint + 5 }, more: false });
  });

  it("takes a checkpoint only on a sealed row, with its hash, past the newest", async () => {
    const { store } = await open();
    await addRows(store, 3);
    await expect(sign(store, { sequence: 1, hash: genesis.hash })).rejects.toThrow(InvalidRequestError);
    await sign(store, genesis);
    const { head } = await store.seal({ epoch: 1, most: 2 });
    for (const wrong of [genesis, { ...head, hash: "ab".repeat(32) }, { ...head, sequence: 3 }])
      await expect(sign(store, wrong)).rejects.toThrow(InvalidRequestError);
    await sign(store, head);
    await expect(sign(store, head)).rejects.toThrow(InvalidRequestError);
    expect((await store.readAuditState()).checkpoint).toEqual(checkpointOf(head));
    // None of these refusals is one of a commit.
    await addRows(store, 1);
  });

  it("lets only the newest server seal", async () => {
    const { store } = await open();
    await addRows(store, 2);
    await sign(store, genesis);
    await store.commit({ epoch: 2, changes: [serverRun({ epoch: 2 })], audit: [] });
    await expect(store.seal({ epoch: 1, most: 10 })).rejects.toThrow(StaleEpochError);
    await expect(sign(store, genesis)).rejects.toThrow(StaleEpochError);
    expect(await store.seal({ epoch: 2, most: 10 })).toMatchObject({ head: { sequence: 2 } });
    for (const most of [0, 1.5, 1_001]) await expect(store.seal({ epoch: 2, most })).rejects.toThrow(InvalidRequestError);
  });

  it("reads the log for verification page by page, checkpoints with the rows they are on", async () => {
    const { store } = await open();
    await sign(store, genesis);
    const signed: SealHead[] = [genesis];
    for (let round = 0; round < 4; round++) {
      await addRows(store, 3);
      const { head } = await store.seal({ epoch: 1, most: 100 });
      await sign(store, head);
      signed.push(head);
    }
    const whole = await store.readAuditLog({ limit: 1_000 });
    expect(whole.checkpoints).toEqual(signed.map(checkpointOf));
    for (const limit of [1, 2, 3, 5, 12]) {
      const pages = [await store.readAuditLog({ limit })];
      while (pages.at(-1)!.records.length === limit)
        pages.push(await store.readAuditLog({ limit, after: pages.at(-1)!.records.at(-1)!.sequence }));
      expect(pages.flatMap(({ records }) => records)).toEqual(whole.records);
      expect(pages.flatMap(({ checkpoints }) => checkpoints)).toEqual(whole.checkpoints);
      for (const { records, checkpoints } of pages.filter((page) => page.records.length === limit))
        expect(checkpoints.every(({ sequence }) => sequence <= records.at(-1)!.sequence)).toBe(true);
    }
    for (const limit of [0, 1_001]) await expect(store.readAuditLog({ limit })).rejects.toThrow(InvalidRequestError);
  });

  it("finds audit entries by who, what, when, outcome and scope", async () => {
    const { store } = await open();
    const entries = [
      auditEntry("n1", { at: 10, actor: "operator:a", action: "label" }),
      auditEntry("n1", { at: 20, actor: "operator:b", action: "label", outcome: "refused", scope: { tenant: "red" } }),
      auditEntry("n2", { at: 30, actor: "operator:a", action: "revoke", scope: { tenant: "red", pool: "edge" } }),
      auditEntry("n2", { at: 40, actor: "operator:a", action: "label", outcome: "refused", scope: { pool: "edge" } }),
    ];
    await store.commit({ epoch: 1, changes: [], audit: entries });
    const found = async (query: Omit<Parameters<Store["readAudit"]>[0], "limit">): Promise<readonly number[]> =>
      (await store.readAudit({ limit: 10, ...query })).map(({ sequence }) => sequence);
    expect(await found({ actor: "operator:a" })).toEqual([4, 3, 1]);
    expect(await found({ actor: "operator:a", action: "label" })).toEqual([4, 1]);
    expect(await found({ outcome: "refused" })).toEqual([4, 2]);
    expect(await found({ outcome: "done", subject: "n2" })).toEqual([3]);
    expect(await found({ since: 20, until: 40 })).toEqual([3, 2]);
    expect(await found({ after: 1, before: 4 })).toEqual([3, 2]);
    expect(await found({ within: [{ tenant: "red" }] })).toEqual([3, 2]);
    expect(await found({ within: [{ tenant: "red", pool: "edge" }] })).toEqual([3]);
    expect(await found({ within: [{ tenant: "blue" }, { pool: "edge" }] })).toEqual([4, 3]);
    expect(await found({ within: [{}] })).toEqual([]);
    expect(await found({ within: [] })).toEqual([]);
    await expect(store.readAudit({ limit: 1, after: -1 })).rejects.toThrow(InvalidRequestError);
  });
}

async function addRows(store: Store, count: number): Promise<void> {
  const audit = Array.from({ length: count }, (_, index) => auditEntry(`n${index}`));
  await store.commit({ epoch: 1, changes: [], audit });
}

function sign(store: Store, head: SealHead): Promise<void> {
  return store.addCheckpoint({ epoch: 1, checkpoint: checkpointOf(head) });
}

function checkpointOf({ sequence, hash }: SealHead): Checkpoint {
  return { sequence, hash, at: 1_700_000_000_000 + sequence, keyId: "key-of-a-test", signature: `of ${sequence}` };
}

function chainOf(records: readonly AuditRecord[]): readonly string[] {
  let previous = genesis.hash;
  return records.map(({ row }) => (previous = chainStep(previous, row as StoredAuditEntry)));
}
