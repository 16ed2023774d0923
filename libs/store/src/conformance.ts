import type { DurableChange } from "@treeline/rollout";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  assignmentRecord,
  auditEntry,
  checksumOf,
  enrollmentRecord,
  nodeRecord,
  oneOfEach,
  operatorRecord,
  releaseRecord,
  rolloutRecord,
  serverRun,
  slotRecord,
  tokenRecord,
} from "./conformance-records.ts";
import { anyChange, foldBatch, referenceOf, type Reference } from "./conformance-reference.ts";
import { ConflictError, InvalidRequestError, StaleEpochError, StoreClosedError } from "./errors.ts";
import type { Store } from "./store.ts";

/** Each run opens two stores, which may mean starting two threads. */
const propertyRuns = 15;
const propertyMillis = 60_000;

export interface OpenedStore {
  readonly store: Store;
  /** Opens one more store on the same state, whether or not the first was closed. */
  readonly reopen: () => Promise<Store>;
}

/** What every backend of the port must do. `openStore` yields a store that is empty each time. */
export function describeStoreConformance(name: string, openStore: () => Promise<OpenedStore>): void {
  describe(`${name} conforms to the store port`, () => {
    const opened: Store[] = [];
    const open = async (): Promise<OpenedStore> => {
      const { store, reopen } = await openStore();
      opened.push(store);
      return { store, reopen: async () => tracked(await reopen()) };
    };
    const tracked = (store: Store): Store => {
      opened.push(store);
      return store;
    };
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()));
    });
    const restart = async ({ store, reopen }: OpenedStore): Promise<Store> => {
      await store.close();
      return reopen();
    };
    const commit = (store: Store, changes: readonly DurableChange[], epoch = 1): Promise<void> =>
      store.commit({ epoch, changes, audit: [] });

    it("is empty when new", async () => {
      const { store } = await open();
      expect(await store.load()).toEqual([]);
      expect(await store.readAudit({ limit: 10 })).toEqual([]);
    });

    it("brings back every kind of record as it was written", async () => {
      const state = await open();
      await commit(state.store, oneOfEach());
      expect(await state.store.load()).toEqual(oneOfEach());
      expect(await (await restart(state)).load()).toEqual(oneOfEach());
    });

    it("loads a record after those it refers to, whatever the order of the commits", async () => {
      const { store } = await open();
      for (const change of [...oneOfEach()].reverse()) await commit(store, [change]);
      expect((await store.load()).map(({ kind }) => kind)).toEqual(oneOfEach().map(({ kind }) => kind));
    });

    it("keeps the newest form of a record, and each once", async () => {
      const state = await open();
      await commit(state.store, [{ kind: "node", value: nodeRecord("n1") }]);
      await commit(state.store, [
        { kind: "node", value: nodeRecord("n1", { labels: { a: "1" } }) },
        { kind: "node", value: nodeRecord("n1", { revokedAt: 5, revokedBecause: "stolen" }) },
      ]);
      await commit(state.store, [{ kind: "node", value: nodeRecord("n2") }]);
      const expected = [
        { kind: "node", value: nodeRecord("n1", { revokedAt: 5, revokedBecause: "stolen" }) },
        { kind: "node", value: nodeRecord("n2") },
      ];
      expect(await (await restart(state)).load()).toEqual(expected);
    });

    it("tells records apart by their whole key", async () => {
      const state = await open();
      const changes: readonly DurableChange[] = [
        { kind: "assignment", value: assignmentRecord("r1", "n1") },
        { kind: "assignment", value: assignmentRecord("r1", "n2") },
        { kind: "assignment", value: assignmentRecord("r2", "n1") },
        { kind: "denied", value: { nodeId: "n1", checksum: checksumOf("a"), reason: "red", at: 1 } },
        { kind: "denied", value: { nodeId: "n1", checksum: checksumOf("b"), reason: "red", at: 2 } },
        { kind: "release", value: releaseRecord("a") },
        { kind: "release", value: releaseRecord("b") },
      ];
      await commit(state.store, changes);
      expect(referenceOf(await state.store.load())).toEqual(referenceOf(changes));
      expect(await state.store.load()).toHaveLength(changes.length);
    });

    it("forgets a released slot and a cleared denial, and only those", async () => {
      const state = await open();
      await commit(state.store, [
        { kind: "slot", value: slotRecord("s1", "n1") },
        { kind: "slot", value: slotRecord("s2", "n2") },
        { kind: "denied", value: { nodeId: "n1", checksum: checksumOf("a"), reason: "red", at: 1 } },
        { kind: "denied", value: { nodeId: "n1", checksum: checksumOf("b"), reason: "red", at: 1 } },
      ]);
      await commit(state.store, [
        { kind: "slot-released", nodeId: "n1", id: "s1" },
        { kind: "denial-cleared", nodeId: "n1", checksum: checksumOf("a") },
      ]);
      const expected: readonly DurableChange[] = [
        { kind: "slot", value: slotRecord("s2", "n2") },
        { kind: "denied", value: { nodeId: "n1", checksum: checksumOf("b"), reason: "red", at: 1 } },
      ];
      expect(await (await restart(state)).load()).toEqual(expected);
    });

    it("keeps a slot when the release names another node", async () => {
      const { store } = await open();
      await commit(store, [{ kind: "slot", value: slotRecord("s1", "n1") }]);
      await commit(store, [{ kind: "slot-released", nodeId: "n2", id: "s1" }]);
      expect(await store.load()).toEqual([{ kind: "slot", value: slotRecord("s1", "n1") }]);
    });

    it("refuses a second slot for a node until the first is released", async () => {
      const { store } = await open();
      await commit(store, [{ kind: "slot", value: slotRecord("s1", "n1") }]);
      await expect(commit(store, [{ kind: "slot", value: slotRecord("s2", "n1") }])).rejects.toThrow(ConflictError);
      await commit(store, [
        { kind: "slot-released", nodeId: "n1", id: "s1" },
        { kind: "slot", value: slotRecord("s2", "n1") },
      ]);
      expect(await store.load()).toEqual([{ kind: "slot", value: slotRecord("s2", "n1") }]);
    });

    it("refuses two tokens or two operators with one secret", async () => {
      const { store } = await open();
      await commit(store, [
        { kind: "token", value: tokenRecord("t1") },
        { kind: "operator", value: operatorRecord("ada") },
      ]);
      await expect(commit(store, [{ kind: "token", value: tokenRecord("t2", { secretHash: "hash-of-t1" }) }])).rejects.toThrow(
        ConflictError,
      );
      await expect(commit(store, [{ kind: "operator", value: operatorRecord("eve", { secretHash: "hash-of-ada" }) }])).rejects.toThrow(
        ConflictError,
      );
      expect(await store.load()).toHaveLength(2);
    });

    it("is the same after a batch is committed again", async () => {
      const { store } = await open();
      const batch: readonly DurableChange[] = [
        ...oneOfEach(),
        { kind: "slot-released", nodeId: "n1", id: "s1" },
        { kind: "denial-cleared", nodeId: "n1", checksum: checksumOf("c") },
      ];
      await commit(store, batch);
      const once = await store.load();
      await commit(store, batch);
      expect(await store.load()).toEqual(once);
    });

    it("keeps the order of 500 commits made at once", async () => {
      const state = await open();
      const numbers = Array.from({ length: 500 }, (_, index) => index);
      const resolved: number[] = [];
      await Promise.all(
        numbers.map(async (openWave) => {
          await state.store.commit({
            epoch: 1,
            changes: [{ kind: "rollout", value: rolloutRecord("r1", { openWave }) }],
            audit: [auditEntry(`wave ${openWave}`)],
          });
          resolved.push(openWave);
        }),
      );
      const reopened = await restart(state);
      expect(resolved).toEqual(numbers);
      expect((await reopened.readAudit({ limit: 1_000 })).map(({ subject }) => subject).reverse()).toEqual(
        numbers.map((openWave) => `wave ${openWave}`),
      );
      expect(await reopened.load()).toEqual([{ kind: "rollout", value: rolloutRecord("r1", { openWave: 499 }) }]);
    });

    it("refuses a batch alone, and leaves nothing of it", async () => {
      const state = await open();
      await commit(state.store, [serverRun({ epoch: 2 })], 2);
      const changesOf = (id: string): readonly DurableChange[] => [{ kind: "node", value: nodeRecord(id) }];
      const outcomes = await Promise.allSettled([
        state.store.commit({
          epoch: 2,
          changes: [...changesOf("n1"), { kind: "slot", value: slotRecord("s1", "n1") }],
          audit: [auditEntry("first")],
        }),
        state.store.commit({ epoch: 1, changes: changesOf("n2"), audit: [auditEntry("stale")] }),
        state.store.commit({
          epoch: 2,
          changes: [...changesOf("n3"), { kind: "slot", value: slotRecord("s2", "n1") }],
          audit: [auditEntry("conflicting")],
        }),
        state.store.commit({ epoch: 2, changes: changesOf("n4"), audit: [auditEntry("last")] }),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
      const reopened = await restart(state);
      const nodes = (await reopened.load()).filter(({ kind }) => kind === "node");
      expect(nodes).toEqual([...changesOf("n1"), ...changesOf("n4")]);
      expect((await reopened.readAudit({ limit: 10 })).map(({ subject }) => subject)).toEqual(["last", "first"]);
    });

    it("refuses what cannot be stored as it is, alone and at once", async () => {
      const { store } = await open();
      const circular: Record<string, unknown> = {};
      circular["self"] = circular;
      const labels = circular as Record<string, string>;
      const outcomes = [
        commit(store, [{ kind: "node", value: nodeRecord("n1", { labels }) }]),
        commit(store, [{ kind: "contact" } as unknown as DurableChange]),
        commit(store, [{ kind: "node", value: nodeRecord("n1") }], 0.5),
        commit(store, [serverRun({ epoch: 2 })], 1),
      ];
      const good = commit(store, [{ kind: "node", value: nodeRecord("n2") }]);
      for (const outcome of outcomes) await expect(outcome).rejects.toThrow(InvalidRequestError);
      await good;
      expect(await store.load()).toEqual([{ kind: "node", value: nodeRecord("n2") }]);
    });

    it("keeps what was committed, not what the caller made of it afterwards", async () => {
      const { store } = await open();
      const labels: Record<string, string> = { a: "1" };
      const done = commit(store, [{ kind: "node", value: nodeRecord("n1", { labels }) }]);
      labels["a"] = "2";
      await done;
      expect(await store.load()).toEqual([{ kind: "node", value: nodeRecord("n1", { labels: { a: "1" } }) }]);
    });

    it("reads the audit newest first, in numbered order, whole or by subject", async () => {
      const state = await open();
      const hostile = auditEntry("n1", { because: "ünïcode \u{1f332}\u0000 ' \" ; drop table audit --", actor: "node:n1" });
      await state.store.commit({ epoch: 1, changes: [{ kind: "node", value: nodeRecord("n1") }], audit: [hostile, auditEntry("n2")] });
      await state.store.commit({ epoch: 1, changes: [], audit: [auditEntry("n1", { action: "confirm" })] });
      const reopened = await restart(state);
      const all = await reopened.readAudit({ limit: 10 });
      expect(all.map(({ sequence: _, ...entry }) => entry)).toEqual([auditEntry("n1", { action: "confirm" }), auditEntry("n2"), hostile]);
      const sequences = all.map(({ sequence }) => sequence);
      expect(new Set(sequences).size).toBe(3);
      expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
      expect(await reopened.readAudit({ limit: 2 })).toEqual(all.slice(0, 2));
      expect(await reopened.readAudit({ limit: 10, subject: "n1" })).toEqual([all[0], all[2]]);
      expect(await reopened.readAudit({ limit: 1, subject: "n1" })).toEqual([all[0]]);
      await expect(reopened.readAudit({ limit: 0 })).rejects.toThrow(InvalidRequestError);
    });

    it("lets only the newest server run write, also over a store that an older one has open", async () => {
      const old = await open();
      await commit(old.store, [serverRun()], 1);
      const next = await old.reopen();
      await commit(next, [serverRun({ epoch: 2, startedAt: 2_000, aliveAt: 2_000 })], 2);
      await expect(commit(old.store, [{ kind: "node", value: nodeRecord("n1") }], 1)).rejects.toThrow(StaleEpochError);
      await expect(commit(old.store, [serverRun({ aliveAt: 3_000 })], 1)).rejects.toThrow(StaleEpochError);
      await expect(commit(old.store, [], 1)).rejects.toMatchObject({
        code: "stale-epoch",
        phase: "commit",
        details: { epoch: 1, newest: 2 },
      });
      await commit(next, [{ kind: "node", value: nodeRecord("n2") }], 2);
      const third = await old.reopen();
      await expect(commit(third, [], 1)).rejects.toThrow(StaleEpochError);
      expect(await third.load()).toEqual([
        serverRun(),
        serverRun({ epoch: 2, startedAt: 2_000, aliveAt: 2_000 }),
        { kind: "node", value: nodeRecord("n2") },
      ]);
    });

    it("lets a run say it is alive, and refuses another server that takes its number", async () => {
      const { store, reopen } = await open();
      await commit(store, [serverRun({ epoch: 7, startedAt: 50, aliveAt: 50 })], 7);
      await commit(store, [serverRun({ epoch: 7, startedAt: 50, aliveAt: 60 })], 7);
      const other = await reopen();
      await expect(
        commit(other, [serverRun({ epoch: 7, startedAt: 51, aliveAt: 51 }), { kind: "node", value: nodeRecord("n1") }], 7),
      ).rejects.toThrow(StaleEpochError);
      expect(await store.load()).toEqual([serverRun({ epoch: 7, startedAt: 50, aliveAt: 60 })]);
    });

    it("finds enrollments by token and key, and by node, and keeps them out of load", async () => {
      const state = await open();
      const [a, b, c] = [
        enrollmentRecord("t1", "k1", "n1"),
        enrollmentRecord("t1", "k2", "n2"),
        enrollmentRecord("t2", "k1", "n1"),
      ] as const;
      const renewed = { ...a, certificatePem: "renewed" };
      for (const value of [a, b, c, renewed]) await commit(state.store, [{ kind: "enrollment", value }]);
      const reopened = await restart(state);
      expect(await reopened.findEnrollment({ tokenId: "t1", publicKey: "k1" })).toEqual(renewed);
      expect(await reopened.findEnrollment({ tokenId: "t1", publicKey: "k2" })).toEqual(b);
      expect(await reopened.findEnrollment({ tokenId: "t2", publicKey: "k2" })).toBeUndefined();
      expect(await reopened.findEnrollmentsOfNode("n1")).toEqual([renewed, c]);
      expect(await reopened.findEnrollmentsOfNode("n3")).toEqual([]);
      expect(await reopened.load()).toEqual([]);
    });

    it("waits for what was committed before it closes, and answers nothing afterwards", async () => {
      const state = await open();
      const commits = Array.from({ length: 20 }, (_, index) => commit(state.store, [{ kind: "node", value: nodeRecord(`n${index}`) }]));
      await state.store.close();
      await Promise.all(commits);
      await state.store.close();
      await expect(commit(state.store, [])).rejects.toThrow(StoreClosedError);
      await expect(state.store.load()).rejects.toThrow(StoreClosedError);
      await expect(state.store.readAudit({ limit: 1 })).rejects.toThrow(StoreClosedError);
      await expect(state.store.findEnrollment({ tokenId: "t", publicKey: "k" })).rejects.toThrow(StoreClosedError);
      await expect(state.store.findEnrollmentsOfNode("n")).rejects.toThrow(StoreClosedError);
      expect(await (await state.reopen()).load()).toHaveLength(20);
    });

    it(
      "holds after any changes what the plain fold of them holds",
      async () => {
        const batches = fc.array(fc.array(anyChange, { maxLength: 6 }), { maxLength: 30 });
        await fc.assert(
          fc.asyncProperty(batches, async (sequence) => {
            const state = await open();
            let expected: Reference = new Map();
            const fates = sequence.map((changes) => {
              const after = foldBatch(expected, changes);
              expected = after ?? expected;
              return after === undefined ? "rejected" : "fulfilled";
            });
            const outcomes = await Promise.allSettled(sequence.map((changes) => commit(state.store, changes)));
            expect(outcomes.map(({ status }) => status)).toEqual(fates);
            const reopened = await restart(state);
            const loaded = await reopened.load();
            expect(referenceOf(loaded)).toEqual(expected);
            expect(loaded).toHaveLength(expected.size);
            await reopened.close();
          }),
          { numRuns: propertyRuns },
        );
      },
      propertyMillis,
    );
  });
}
