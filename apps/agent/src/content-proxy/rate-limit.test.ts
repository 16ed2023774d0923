import { expect, it } from "vitest";
import { rateLimit } from "./rate-limit.ts";

const never = new AbortController().signal;

it("lets chunks pass in order, each when those before it are paid for", async () => {
  const passed: number[] = [];
  const limit = rateLimit({ bytesPerSecond: 100_000 });
  await Promise.all([3, 1, 2].map((size, index) => limit.take(size * 1000, never).then(() => passed.push(index))));
  expect(passed).toEqual([0, 1, 2]);
});

it("makes a chunk wait for the debt of the one before, and gives no more credit than the burst", async () => {
  const now = 0;
  const waiting = new AbortController();
  const limit = rateLimit({ bytesPerSecond: 1000, burstMillis: 100, nowMillis: () => now });
  // 100 ms of credit, 1000 ms of cost: the next may pass at 900 ms.
  await limit.take(1000, never);
  let passed = false;
  const second = limit.take(1, waiting.signal).then(() => (passed = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(passed).toBe(false);
  waiting.abort();
  await second;
  expect(passed).toBe(true);
});
