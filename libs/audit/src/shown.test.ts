import { apply, emptySnapshot, type DurableChange } from "@treeline/rollout";
import { expect, it } from "vitest";
import { shownChanges } from "./shown.ts";

const node = { id: "n1", name: "a", labels: { site: "x" }, enrolledAt: 1, publicKey: "PLANTED", tokenId: "t1" };

it("shows the fields that differ, of those that may be shown", () => {
  const snapshot = apply(emptySnapshot, { kind: "node", value: node });
  const changed: DurableChange = { kind: "node", value: { ...node, labels: { site: "y" }, publicKey: "PLANTED too" } };
  expect(shownChanges(snapshot, [changed])).toEqual({
    before: '{"node n1":{"labels":{"site":"x"}}}',
    after: '{"node n1":{"labels":{"site":"y"}}}',
  });
  expect(shownChanges(emptySnapshot, [{ kind: "node", value: node }])).toEqual({ after: '{"node n1":{"name":"a","labels":{"site":"x"}}}' });
});

it("never shows a hash, a key or a certificate", () => {
  const changes: readonly DurableChange[] = [
    { kind: "node", value: node },
    { kind: "api-token", value: { name: "o", grants: [], secretHash: "PLANTED", createdAt: 1, owners: [] } },
    { kind: "enrollment", value: { tokenId: "t", publicKey: "PLANTED", nodeId: "n1", certificatePem: "PLANTED" } },
    {
      kind: "token",
      value: { id: "t", name: "t", secretHash: "PLANTED", createdAt: 1, expiresAt: 2, used: 0, labels: {}, releaseKeys: [] },
    },
  ];
  const { before, after } = shownChanges(emptySnapshot, changes);
  expect(`${before}${after}`).not.toContain("PLANTED");
  expect(after).toContain("api-token o");
});

it("is bounded, however many or long the changes are", () => {
  const many = Array.from(
    { length: 500 },
    (_, index): DurableChange => ({ kind: "node", value: { ...node, id: `n${index}`, name: "x".repeat(500) } }),
  );
  const { after } = shownChanges(emptySnapshot, many);
  expect(JSON.parse(after!)).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) });
});
