import { expect, it } from "vitest";
import { maxRefusalKeys, RefusalCollector } from "./refusal.ts";

const refusal = { actor: "unknown", from: "192.0.2.1", action: "revoke-node", subject: "node n1", because: "no role allows it" };

it("writes the first refusal at once, and one more entry for all that come again within its minute", () => {
  const collector = new RefusalCollector();
  expect(collector.note(refusal, 1_000)).toEqual([{ at: 1_000, ...refusal, outcome: "refused" }]);
  for (let index = 0; index < 500; index++) expect(collector.note(refusal, 1_000 + index)).toEqual([]);
  expect(collector.due(60_999)).toEqual([]);
  expect(collector.due(61_000)).toEqual([{ at: 61_000, ...refusal, because: "500 times more: no role allows it", outcome: "refused" }]);
  expect(collector.due(200_000)).toEqual([]);
  expect(collector.note(refusal, 200_000)).toHaveLength(1);
});

it("tells a bounded number apart, and counts the others in one entry", () => {
  const collector = new RefusalCollector();
  let written = 0;
  for (let index = 0; index < maxRefusalKeys + 7; index++) written += collector.note({ ...refusal, subject: `node ${index}` }, 0).length;
  expect(written).toBe(maxRefusalKeys);
  expect(collector.due(0, Infinity)).toMatchObject([{ action: "refusals", because: expect.stringMatching(/^7 further/) }]);
});

it("cuts what others made long", () => {
  const [entry] = new RefusalCollector().note({ ...refusal, subject: "x".repeat(10_000) }, 0);
  expect(entry!.subject).toHaveLength(300);
});
