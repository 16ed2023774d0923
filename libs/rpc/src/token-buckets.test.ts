import fc from "fast-check";
import { expect, it } from "vitest";
import { TokenBuckets } from "./token-buckets.ts";

it("never grants more than the burst and what has flowed in since", () => {
  const step = fc.record({ wait: fc.nat(2_000), takes: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 }), (steps, burst, perSecond) => {
      let at = 0;
      let granted = 0;
      const buckets = new TokenBuckets({ burst, perSecond, now: () => at });
      for (const { wait, takes } of steps) {
        at += wait;
        for (let each = 0; each < takes; each++) {
          const had = buckets.has("a");
          const took = buckets.take("a");
          expect(took).toBe(had);
          if (took) granted++;
        }
        expect(granted).toBeLessThanOrEqual(burst + (at / 1_000) * perSecond + 1e-6);
      }
      at += (burst / perSecond) * 1_000 + 1;
      for (let each = 0; each < burst; each++) expect(buckets.take("a")).toBe(true);
    }),
  );
});

it("keeps one key's tokens from another's, and remembers a bounded number of keys", () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 0.001, now: () => 0, maxKeys: 100 });
  expect([buckets.take("a"), buckets.take("a"), buckets.take("b")]).toEqual([true, false, true]);
  for (let each = 0; each < 10_000; each++) buckets.take(String(each));
  expect(buckets.size).toBe(100);
  expect(buckets.take("9999")).toBe(false);
});
