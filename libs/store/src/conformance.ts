import type { DurableChange } from "@treeline/rollout";
import * as fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import {
  assignmentRecord,
  auditEntry,
  budgetRecord,
  checksumOf,
  enrollmentRecord,
  nodeRecord,
  oneOfEach,
  releaseRecord,
  rolloutRecord,
  serverRun,
  slotRecord,
  stopRecord,
} from "./conformance-records.ts";
import { describeAudit } from "./conformance-audit.ts";
import { describeRefusals } from "./conformance-refusal.ts";
import { describeSeals } from "./conformance-seal.ts";
import { commit, fatesOf, restart, type OpenedStore } from "./conformance-store.ts";
import { anyChange, foldUntilRefused, referenceOf, type Reference } from "./conformance-reference.ts";
import { StaleEpochError, StoreClosedError } from "./errors.ts";
import type { Store } from "./store.ts";

/** Each run opens two stores, which may mean starting two threads. */
const propertyRuns = 15;
const propertyMillis = 60_000;

export type { OpenedStore } from "./conformance-store.ts";

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
    describeRefusals(open);
    describeAudit(open);
    describeSeals(open);

    it("tells the newest server run, which may be another server's", async () => {
      const { store, reopen } = await open();
      expect(await store.newestRun()).toBeUndefined();
      for (const epoch of [1, 2, 10]) await store.commit({ epoch, changes: [serverRun({ epoch, startedAt: 100 + epoch })], audit: [] });
      expect(await store.newestRun()).toMatchObject({ epoch: 10, startedAt: 110 });
      expect(await (await reopen()).newestRun()).toMatchObject({ epoch: 10 });
    });

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

    it("forgets what is released, removed or lifted, and only that", async () => {
      const state = await open();
      await commit(state.store, [
        { kind: "slot", value: slotRecord("s1", "n1") },
        { kind: "slot", value: slotRecord("s2", "n2") },
        { kind: "stop", value: stopRecord("pool=a") },
        { kind: "stop", value: stopRecord("pool=b") },
        { kind: "budget", value: budgetRecord("racks") },
        { kind: "budget", value: budgetRecord("zones") },
        ...["gone", "kept"].flatMap((name): readonly DurableChange[] => [
          { kind: "role", value: { name, rules: [], createdAt: 1 } },
          { kind: "tenant", value: { name, createdAt: 1 } },
          { kind: "pool", value: { name, createdAt: 1 } },
          { kind: "binding", value: { name, role: "viewer", scope: "fleet", subjects: [], createdAt: 1 } },
        ]),
        { kind: "assignment", value: assignmentRecord("r1", "n1") },
        { kind: "assignment", value: assignmentRecord("r1", "n2") },
        { kind: "assignment", value: assignmentRecord("r2", "n1") },
      ]);
      await commit(state.store, [
        { kind: "slot-released", nodeId: "n1", id: "s1" },
        { kind: "stop-lifted", id: "pool=a" },
        { kind: "budget-removed", name: "zones" },
        ...(["role", "tenant", "pool", "binding"] as const).map((kind): DurableChange => ({ kind: `${kind}-removed`, name: "gone" })),
        { kind: "assignment-removed", rollout: "r1", nodeId: "n1" },
        { kind: "assignment-removed", rollout: "r3", nodeId: "n1" },
      ]);
      const expected: readonly DurableChange[] = [
        { kind: "role", value: { name: "kept", rules: [], createdAt: 1 } },
        { kind: "tenant", value: { name: "kept", createdAt: 1 } },
        { kind: "pool", value: { name: "kept", createdAt: 1 } },
        { kind: "binding", value: { name: "kept", role: "viewer", scope: "fleet", subjects: [], createdAt: 1 } },
        { kind: "stop", value: stopRecord("pool=b") },
        { kind: "budget", value: budgetRecord("racks") },
        { kind: "assignment", value: assignmentRecord("r1", "n2") },
        { kind: "assignment", value: assignmentRecord("r2", "n1") },
        { kind: "slot", value: slotRecord("s2", "n2") },
      ];
      expect(await (await restart(state)).load()).toEqual(expected);
    });

    it("keeps a slot when the release names another node", async () => {
      const { store } = await open();
      await commit(store, [{ kind: "slot", value: slotRecord("s1", "n1") }]);
      await commit(store, [{ kind: "slot-released", nodeId: "n2", id: "s1" }]);
      expect(await store.load()).toEqual([{ kind: "slot", value: slotRecord("s1", "n1") }]);
    });

    it("keeps a slot, whoever holds it", async () => {
      const state = await open();
      const holders = ["repair", "drain", "removal", "scale-down"] as const;
      const changes = holders.map(
        (kind): DurableChange => ({ kind: "slot", value: slotRecord(`s-${kind}`, `n-${kind}`, { holder: { kind, id: "w1" } }) }),
      );
      await commit(state.store, changes);
      expect(referenceOf(await (await restart(state)).load())).toEqual(referenceOf(changes));
    });

    it("is the same after a batch is committed again", async () => {
      const { store } = await open();
      const batch: readonly DurableChange[] = [
        ...oneOfEach(),
        { kind: "slot-released", nodeId: "n1", id: "s1" },
        { kind: "assignment-removed", rollout: "r1", nodeId: "n1" },
        { kind: "budget-removed", name: "racks" },
        { kind: "stop-lifted", id: "pool=edge" },
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

    it("keeps what was committed, not what the caller made of it afterwards", async () => {
      const { store } = await open();
      const labels: Record<string, string> = { a: "1" };
      const done = commit(store, [{ kind: "node", value: nodeRecord("n1", { labels }) }]);
      labels["a"] = "2";
      await done;
      expect(await store.load()).toEqual([{ kind: "node", value: nodeRecord("n1", { labels: { a: "1" } }) }]);
    });

    it("lets only the newest server run write, also over a store that an older one has open", async () => {
      const old = await open();
      await commit(old.store, [serverRun()], 1);
      const next = await old.reopen();
      await commit(next, [serverRun({ epoch: 2, startedAt: 2_000, aliveAt: 2_000 })], 2);
      await expect(commit(old.store, [{ kind: "node", value: nodeRecord("n1") }], 1)).rejects.toMatchObject({
        code: "stale-epoch",
        phase: "commit",
        details: { epoch: 1, newest: 2 },
      });
      await expect(commit(await old.reopen(), [serverRun({ aliveAt: 3_000 })], 1)).rejects.toThrow(StaleEpochError);
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
            let { store } = state;
            let expected: Reference = new Map();
            for (let from = 0; from < sequence.length; ) {
              const taken = foldUntilRefused(expected, sequence.slice(from));
              expected = taken.state;
              const fates = await fatesOf(sequence.slice(from).map((changes) => commit(store, changes)));
              const fateAt = (place: number): string =>
                place < taken.batches ? "durable" : place === taken.batches ? "conflict" : "after-refused";
              expect(fates).toEqual(fates.map((_, place) => fateAt(place)));
              await store.close();
              store = await state.reopen();
              const loaded = await store.load();
              expect(referenceOf(loaded)).toEqual(expected);
              expect(loaded).toHaveLength(expected.size);
              // What came after the refused one is tried again.
              from += taken.batches + 1;
            }
            await store.close();
          }),
          { numRuns: propertyRuns },
        );
      },
      propertyMillis,
    );
  });
}
