import fc from "fast-check";
import { expect, it } from "vitest";
import { waveCapacity } from "./wave-size.ts";

it("is the count that is written, however many nodes there are", () => {
  expect(waveCapacity({ count: 3 }, 0)).toBe(3);
  expect(waveCapacity({ count: 3 }, 100)).toBe(3);
});

it("has no limit for the rest", () => {
  expect(waveCapacity({ rest: true }, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(waveCapacity({ rest: true }, 100_000)).toBe(Number.POSITIVE_INFINITY);
});

it.each([
  [10, 19, 1],
  [10, 20, 2],
  [0.5, 10, 1],
  [50, 0, 1],
  [33.3, 1000, 333],
  [100, 7, 7],
  [2.28, 2500, 57], // 56.99… in binary fractions
])("%d%% of %d is %d", (percent, matching, expected) => expect(waveCapacity({ percent }, matching)).toBe(expected));

it("rounds hundredths of a percent down exactly, whatever binary fractions make of them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.nat({ max: 1_000_000 }), (hundredths, matching) => {
      const exact = (BigInt(hundredths) * BigInt(matching)) / 10_000n;
      expect(waveCapacity({ percent: hundredths / 100 }, matching)).toBe(Math.max(1, Number(exact)));
    }),
    { numRuns: 2_000 },
  );
});

it("never takes more of more nodes than are added", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.nat({ max: 100_000 }), (percent, matching) => {
      const grown = waveCapacity({ percent }, matching + 1) - waveCapacity({ percent }, matching);
      expect(grown === 0 || grown === 1).toBe(true);
    }),
  );
});
