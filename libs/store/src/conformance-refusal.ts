import type { DurableChange } from "@treeline/rollout";
import { describe, expect, it } from "vitest";
import { auditEntry, nodeRecord, apiTokenRecord, serverRun, slotRecord, tokenRecord } from "./conformance-records.ts";
import { referenceOf } from "./conformance-reference.ts";
import { commit, fatesOf, restart, type OpenedStore } from "./conformance-store.ts";
import { AfterRefusedError, ConflictError, InvalidRequestError, StoreClosedError } from "./errors.ts";
import type { Batch } from "./store.ts";

/** What a store must refuse, and what becomes of the batches before and after. Part of `describeStoreConformance`. */
export function describeRefusals(open: () => Promise<OpenedStore>): void {
  it("refuses a second slot for a node until the first is released", async () => {
    const state = await open();
    await commit(state.store, [{ kind: "slot", value: slotRecord("s1", "n1") }]);
    await expect(commit(state.store, [{ kind: "slot", value: slotRecord("s2", "n1") }])).rejects.toThrow(ConflictError);
    const store = await restart(state);
    await commit(store, [
      { kind: "slot-released", nodeId: "n1", id: "s1" },
      { kind: "slot", value: slotRecord("s2", "n1") },
    ]);
    expect(await store.load()).toEqual([{ kind: "slot", value: slotRecord("s2", "n1") }]);
  });

  it("refuses two tokens or two operators with one secret", async () => {
    const state = await open();
    await commit(state.store, [
      { kind: "token", value: tokenRecord("t1") },
      { kind: "api-token", value: apiTokenRecord("ada") },
    ]);
    const token: DurableChange = { kind: "token", value: tokenRecord("t2", { secretHash: "hash-of-t1" }) };
    await expect(commit(state.store, [token])).rejects.toThrow(ConflictError);
    const operator: DurableChange = { kind: "api-token", value: apiTokenRecord("eve", { secretHash: "hash-of-ada" }) };
    const reopened = await restart(state);
    await expect(commit(reopened, [operator])).rejects.toThrow(ConflictError);
    expect(await reopened.load()).toHaveLength(2);
  });

  it("lets a secret and a node's slot be taken on by another record once they are given up", async () => {
    const { store } = await open();
    await commit(store, [
      { kind: "api-token", value: apiTokenRecord("ada") },
      { kind: "slot", value: slotRecord("s1", "n1") },
    ]);
    await commit(store, [
      { kind: "api-token", value: apiTokenRecord("ada", { secretHash: "renewed" }) },
      { kind: "api-token", value: apiTokenRecord("eve", { secretHash: "hash-of-ada" }) },
      { kind: "slot", value: slotRecord("s1", "n2") },
      { kind: "slot", value: slotRecord("s2", "n1") },
    ]);
    expect(await store.load()).toHaveLength(4);
  });

  it("refuses a second slot or secret also after the first record was written again", async () => {
    const state = await open();
    const records: readonly DurableChange[] = [
      { kind: "slot", value: slotRecord("s1", "n1") },
      { kind: "api-token", value: apiTokenRecord("ada") },
    ];
    await commit(state.store, records);
    await commit(state.store, records);
    expect(await fatesOf([commit(state.store, [{ kind: "slot", value: slotRecord("s2", "n1") }])])).toEqual(["conflict"]);
    const eve: DurableChange = { kind: "api-token", value: apiTokenRecord("eve", { secretHash: "hash-of-ada" }) };
    expect(await fatesOf([commit(await restart(state), [eve])])).toEqual(["conflict"]);
  });

  describe("after a batch was refused", () => {
    const putNode = (id: string): DurableChange => ({ kind: "node", value: nodeRecord(id) });
    const circular: Record<string, string> = {};
    (circular as Record<string, unknown>)["self"] = circular;
    const refusals: readonly (readonly [string, string, readonly DurableChange[], number])[] = [
      ["one that breaks a rule", "conflict", [putNode("refused"), { kind: "slot", value: slotRecord("s2", "n1") }], 2],
      ["one of a server that was replaced", "stale-epoch", [putNode("refused")], 1],
      ["one that is no JSON", "invalid", [{ kind: "node", value: nodeRecord("refused", { labels: circular }) }], 2],
      ["one that is not durable", "invalid", [{ kind: "contact" } as unknown as DurableChange], 2],
      ["one of no epoch", "invalid", [putNode("refused")], 0.5],
      ["one of a run above its own epoch", "invalid", [serverRun({ epoch: 3 })], 2],
    ];

    it.each(refusals)("nothing of it is there, what came before is, and what came after is not: %s", async (_, code, changes, epoch) => {
      const state = await open();
      const before: readonly DurableChange[] = [serverRun({ epoch: 2 }), { kind: "slot", value: slotRecord("s1", "n1") }];
      await commit(state.store, before, 2);
      const write = (batch: Batch): Promise<void> => state.store.commit(batch);
      const fates = await fatesOf([
        write({ epoch: 2, changes: [putNode("earlier")], audit: [auditEntry("earlier")] }),
        write({ epoch, changes, audit: [auditEntry("refused")] }),
        write({ epoch: 2, changes: [putNode("later")], audit: [auditEntry("later")] }),
        write({ epoch: 2, changes: [], audit: [] }),
      ]);
      expect(fates).toEqual(["durable", code, "after-refused", "after-refused"]);
      await expect(commit(state.store, [putNode("much later")], 2)).rejects.toThrow(AfterRefusedError);

      const expected = [before[0], putNode("earlier"), before[1]];
      expect(await state.store.load()).toEqual(expected);
      expect((await state.store.readAudit({ limit: 10 })).map(({ subject }) => subject)).toEqual(["earlier"]);
      const reopened = await restart(state);
      expect(await reopened.load()).toEqual(expected);
      await commit(reopened, [putNode("much later")], 2);
      expect(await reopened.load()).toHaveLength(4);
    });

    it("another store that is open on the same state goes on", async () => {
      const { store, reopen } = await open();
      const other = await reopen();
      await expect(commit(store, [putNode("n1")], 0.5)).rejects.toThrow(InvalidRequestError);
      await commit(other, [putNode("n1")]);
      await expect(commit(store, [putNode("n2")])).rejects.toMatchObject({ code: "after-refused", phase: "commit", retryable: false });
      expect(await store.load()).toEqual([putNode("n1")]);
    });

    it("it is closed as ever", async () => {
      const { store } = await open();
      const fates = fatesOf([commit(store, [putNode("n1")]), commit(store, [], -1), commit(store, [])]);
      await store.close();
      expect(await fates).toEqual(["durable", "invalid", "after-refused"]);
      await expect(commit(store, [])).rejects.toThrow(StoreClosedError);
    });

    it("what it took back is kept as if it had never been tried", async () => {
      const state = await open();
      const before: readonly DurableChange[] = [
        { kind: "api-token", value: apiTokenRecord("ada") },
        putNode("n1"),
        { kind: "slot", value: slotRecord("s1", "n1") },
        { kind: "slot", value: slotRecord("s2", "n2") },
      ];
      await commit(state.store, before);
      const refused = commit(state.store, [
        { kind: "api-token", value: apiTokenRecord("ada", { secretHash: "renewed" }) },
        { kind: "api-token", value: apiTokenRecord("ada", { secretHash: "renewed again" }) },
        { kind: "node", value: nodeRecord("n1", { name: "first" }) },
        { kind: "node", value: nodeRecord("n1", { name: "second" }) },
        { kind: "slot-released", nodeId: "n1", id: "s1" },
        { kind: "slot", value: slotRecord("s2", "n3") },
        { kind: "slot", value: slotRecord("s4", "n4") },
        { kind: "slot", value: slotRecord("s5", "n4") },
      ]);
      expect(await fatesOf([refused])).toEqual(["conflict"]);
      const reopened = await restart(state);
      expect(referenceOf(await reopened.load())).toEqual(referenceOf(before));
      const free: readonly DurableChange[] = [
        { kind: "api-token", value: apiTokenRecord("eve", { secretHash: "renewed" }) },
        { kind: "api-token", value: apiTokenRecord("bob", { secretHash: "renewed again" }) },
        { kind: "slot", value: slotRecord("s6", "n3") },
        { kind: "slot", value: slotRecord("s7", "n4") },
      ];
      await commit(reopened, free);
      const taken: readonly DurableChange[] = [
        { kind: "api-token", value: apiTokenRecord("mallory", { secretHash: "hash-of-ada" }) },
        { kind: "slot", value: slotRecord("s8", "n1") },
        { kind: "slot", value: slotRecord("s9", "n2") },
      ];
      for (const change of taken) expect(await fatesOf([commit(await state.reopen(), [change])])).toEqual(["conflict"]);
    });
  });
}
