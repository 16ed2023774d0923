import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jitteredBackoff } from "./backoff.ts";

describe("jitteredBackoff", () => {
  it("doubles its bound up to the maximum, and starts over after reset", () => {
    const backoff = jitteredBackoff({ baseMs: 100, maxMs: 1500, random: () => 0.999_999 });
    expect(Array.from({ length: 6 }, () => backoff.nextDelayMs())).toEqual([100, 200, 400, 800, 1500, 1500]);
    backoff.reset();
    expect(backoff.nextDelayMs()).toBe(100);
  });

  it("is full jitter: the whole range from zero", () => {
    const half = jitteredBackoff({ baseMs: 1000, maxMs: 8000, random: () => 0.5 });
    expect(Array.from({ length: 4 }, () => half.nextDelayMs())).toEqual([500, 1000, 2000, 4000]);
    expect(jitteredBackoff({ baseMs: 1000, maxMs: 8000, random: () => 0 }).nextDelayMs()).toBe(0);
  });

  it("can be iterated", () => {
    const delays: number[] = [];
    for (const delay of jitteredBackoff({ baseMs: 1, maxMs: 4, random: () => 0.999 })) {
      delays.push(delay);
      if (delays.length === 4) break;
    }
    expect(delays).toEqual([1, 2, 4, 4]);
  });

  it("always gives whole milliseconds between zero and the bound of the attempt", () => {
    const numbers = fc.tuple(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 1_000_000 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
    );
    fc.assert(
      fc.property(numbers, ([baseMs, more, stream]) => {
        const maxMs = baseMs + more;
        const backoff = jitteredBackoff({ baseMs, maxMs, random: () => stream.next().value });
        for (let attempt = 0; attempt < 40; attempt++) {
          const delay = backoff.nextDelayMs();
          expect(Number.isInteger(delay)).toBe(true);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(Math.min(maxMs, baseMs * 2 ** attempt));
        }
      }),
    );
  });

  it.each([
    [0, 1],
    [-1, 1],
    [2, 1],
    [Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY],
  ])("refuses base %d and maximum %d", (baseMs, maxMs) => {
    expect(() => jitteredBackoff({ baseMs, maxMs, random: Math.random })).toThrow(RangeError);
  });
});
