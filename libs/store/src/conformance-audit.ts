import { expect, it } from "vitest";
import { auditEntry, nodeRecord } from "./conformance-records.ts";
import { restart, type OpenedStore } from "./conformance-store.ts";
import { InvalidRequestError } from "./errors.ts";

/** What a store must answer about its audit. Part of `describeStoreConformance`. */
export function describeAudit(open: () => Promise<OpenedStore>): void {
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
    for (const wrong of [
      { limit: 0 },
      { limit: 1.5 },
      { limit: 1, before: 0 },
      { limit: 1, before: Number.NaN },
      { limit: 1, under: "" },
      { limit: 1, subject: "n1", under: "n1" },
    ])
      await expect(reopened.readAudit(wrong)).rejects.toThrow(InvalidRequestError);
  });

  it("reads the audit of a subject and of what is beneath it, page by page", async () => {
    const { store } = await open();
    const beneath = ["rollout r1", "rollout r1 node n1", "rollout r1 node n2", "rollout r1 \u{10ffff}"];
    const beside = [
      "rollout r12",
      "rollout r1!",
      "rollout r1\t",
      "rollout r1-b",
      "rollout r",
      "ROLLOUT R1 node n1",
      "node n1",
      "a rollout r1 b",
      "",
    ];
    const subjects = Array.from({ length: 5 }, () => [...beneath, ...beside]).flat();
    for (const subject of subjects) await store.commit({ epoch: 1, changes: [], audit: [auditEntry(subject)] });

    const all = await store.readAudit({ limit: 1_000 });
    const expected = all.filter(({ subject }) => beneath.includes(subject));
    expect(expected).toHaveLength(20);
    expect(await store.readAudit({ limit: 1_000, under: "rollout r1" })).toEqual(expected);
    expect(await store.readAudit({ limit: 1_000, under: "rollout r1 node n1" })).toEqual(
      all.filter(({ subject }) => subject === "rollout r1 node n1"),
    );
    expect(await store.readAudit({ limit: 1_000, under: "rollout" })).toEqual(all.filter(({ subject }) => subject.startsWith("rollout ")));
    expect(await store.readAudit({ limit: 1_000, under: "rollout r1_node" })).toEqual([]);

    for (const query of [{}, { under: "rollout r1" }, { subject: "rollout r1 node n2" }]) {
      const whole = await store.readAudit({ ...query, limit: 1_000 });
      const pages = [await store.readAudit({ ...query, limit: 3 })];
      for (let last = pages[0]?.at(-1); last !== undefined && pages.length < 100; last = pages.at(-1)?.at(-1))
        pages.push(await store.readAudit({ ...query, limit: 3, before: last.sequence }));
      expect(pages.flat()).toEqual(whole);
      expect(pages.every(({ length }) => length <= 3)).toBe(true);
    }
    expect(await store.readAudit({ limit: 10, before: 1 })).toEqual([]);
  });
}
