import { wireLimits, observationDeltaFromProto, observationToProto } from "@treeline/rpc";
import { expect, it } from "vitest";
import { changedSections, observationOf, osStateOf } from "./observe.ts";
import { testBootId, testObservation } from "./test-observation.ts";

it("finds changes by structure, section by section", () => {
  const before = testObservation();
  expect(changedSections(before, structuredClone(before))).toBeUndefined();
  const now = { ...before, update: { ...before.update, reason: "waits" }, os: { ...before.os, deployments: [] } };
  expect(changedSections(before, now)).toEqual({ update: now.update, os: now.os });
});

it("speaks of what ostree says in the fleet's words", () => {
  const deployment = { osname: "fleetos", checksum: "c".repeat(64), serial: 1, index: 0, version: null, refspec: null, booted: false, pending: false, staged: true, rollback: false, pinned: false, kargs: ["quiet", "a=b"] };
  expect(osStateOf(testBootId, [deployment]).deployments).toEqual([
    { osname: "fleetos", checksum: "c".repeat(64), serial: 1, version: "", refspec: "", booted: false, pending: false, staged: true, rollback: false, pinned: false, kargs: "quiet a=b" },
  ]);
});

it("cuts every text to what the server takes: an observation that is refused would never be heard", () => {
  const long = "ä🙂".repeat(10_000);
  const check = { name: long, required: true, passed: false, output: long };
  const target = { checksum: "a".repeat(64), ref: "os/stable", version: "2" };
  const closed = { attempt: { rollout: "r", number: 1 }, target, outcome: { kind: "failed", failure: "node", reason: long, bootId: testBootId } } as const;
  const plain = testObservation();
  const observation = observationOf({
    ...plain,
    health: { state: "red", bootId: testBootId, checks: Array.from({ length: 100 }, () => check) },
    update: { ...plain.update, reason: long, closed: Array.from({ length: 100 }, () => closed), denied: [{ checksum: target.checksum, reason: long }], journalNote: long },
    trust: { serial: 1, note: long },
  });
  const sent = JSON.parse(JSON.stringify({ ...observationToProto(observation), sequence: "1", full: true })) as Parameters<typeof observationDeltaFromProto>[0];
  expect(() => observationDeltaFromProto(sent)).not.toThrow();
  expect(observation.update.reason.length).toBe(wireLimits.reason);
  expect(observation.update.reason.isWellFormed()).toBe(true);
});
