import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { figureOf, median, rounded } from "./figure.ts";

const samples = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 30 });

describe("median", () => {
  it("is the middle of an odd number of samples, in whatever order they came", () => expect(median([9, 1, 5])).toBe(5));
  it("is the mean of the two in the middle of an even number", () => expect(median([40, 1, 2, 3])).toBe(2.5));
  it("compares numbers as numbers", () => expect(median([10, 9, 100])).toBe(10));
  it("does not exist without samples", () => expect(() => median([])).toThrow(RangeError));
  it("leaves the samples as they were", () => {
    const given = [3, 1, 2];
    median(given);
    expect(given).toEqual([3, 1, 2]);
  });
  it("has as many samples below it as above it", () => {
    fc.assert(
      fc.property(samples, (given) => {
        const middle = median(given);
        const half = given.length / 2;
        expect(given.filter((sample) => sample < middle).length).toBeLessThanOrEqual(half);
        expect(given.filter((sample) => sample > middle).length).toBeLessThanOrEqual(half);
      }),
    );
  });
});

describe("rounded", () => {
  it.each([
    [1.23456, 1.235],
    [123456, 123500],
    [0.000123456, 0.0001235],
    [0, 0],
    [2, 2],
  ])("gives %d as %d", (value, shown) => expect(rounded(value)).toBe(shown));
});

describe("figureOf", () => {
  const definition = { note: "what it is", unit: "ratio", aim: 2, better: "lower" } as const;

  it("prints exactly the contract's keys, in its order", () => {
    const line = JSON.stringify(figureOf({ bench: "rollout", figure: "tick-cost", definition, samples: [1.6, 1.4, 1.3], remarks: ["on a Sunday"] }));
    expect(line).toBe('{"bench":"rollout","figure":"tick-cost","value":1.4,"unit":"ratio","aim":2,"better":"lower","runs":3,"min":1.3,"max":1.6,"note":"what it is; on a Sunday"}');
  });

  it("says null where there is no aim", () => {
    const figure = figureOf({ bench: "b", figure: "f", definition: { ...definition, aim: null }, samples: [1] });
    expect(JSON.parse(JSON.stringify(figure))).toMatchObject({ aim: null });
  });

  it("keeps min <= value <= max", () => {
    fc.assert(
      fc.property(samples, (given) => {
        const { min, value, max, runs } = figureOf({ bench: "b", figure: "f", definition, samples: given });
        expect(runs).toBe(given.length);
        expect(min).toBeLessThanOrEqual(value);
        expect(value).toBeLessThanOrEqual(max);
      }),
    );
  });
});
