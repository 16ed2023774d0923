import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeGate } from "./gate.ts";
import type { FailureRate, Gate } from "./policy.ts";

const failureRate: FailureRate = { acceptable: 0.02, unacceptable: 0.1, falseAlarm: 0.05, miss: 0.1, minSample: 10 };
const closes = (gate: Gate, failed: number, sample: number, ended = false): boolean =>
  judgeGate(gate, { failed, ended: sample }, ended).closed;
const verdict = (gate: Gate, failed: number, sample: number): Verdict => {
  const judged = judgeGate(gate, { failed, ended: sample }, false);
  return judged.closed ? "closed" : judged.verdict;
};

describe("maxFailures", () => {
  it("closes with one failure more, and not before", () => {
    expect(closes({ maxFailures: 0 }, 0, 100)).toBe(false);
    expect(closes({ maxFailures: 0 }, 1, 1)).toBe(true);
    expect(closes({ maxFailures: 2 }, 2, 2)).toBe(false);
    expect(closes({ maxFailures: 2 }, 3, 1000)).toBe(true);
  });

  it("holds beside a failure rate that has not decided", () => {
    expect(closes({ maxFailures: 2, failureRate }, 3, 5)).toBe(true);
    expect(closes({ failureRate }, 3, 5)).toBe(false);
  });

  it("says how many failed and how many may", () => {
    expect(judgeGate({ maxFailures: 2 }, { failed: 3, ended: 40 }, false)).toEqual({
      closed: true,
      reason: "3 of 40 nodes failed, more than the 2 that may",
    });
  });
});

describe("failureRate", () => {
  // ln(0.9 / 0.05) = 2.8904 closes, ln(0.1 / 0.95) = -2.2513 passes; a failure adds ln 5 = 1.6094, a good node adds ln(0.9 / 0.98) = -0.0852.
  it.each<[number, number, string]>([
    [0, 0, "undecided"],
    [9, 9, "undecided"], // below the minimum sample
    [2, 10, "undecided"], // 2.5376
    [3, 10, "closed"], // 4.2322
    [3, 25, "closed"], // 2.9548
    [3, 26, "undecided"], // 2.8697
    [0, 26, "undecided"], // -2.2141
    [0, 27, "passing"], // -2.2993
    [1, 46, "undecided"], // -2.2227
    [1, 47, "passing"], // -2.3078
  ])("%d failed of %d: %s", (failed, sample, expected) => expect(verdict({ failureRate }, failed, sample)).toBe(expected));

  it("closes although it was passing when failures follow", () => {
    expect(verdict({ failureRate }, 0, 40)).toBe("passing");
    expect(verdict({ failureRate }, 10, 50)).toBe("closed");
  });

  it("closes at the end of a wave at an unacceptable rate, whatever the sample", () => {
    expect(closes({ failureRate }, 1, 10, false)).toBe(false);
    expect(closes({ failureRate }, 1, 10, true)).toBe(true);
    expect(closes({ failureRate }, 1, 1, true)).toBe(true);
    expect(closes({ failureRate }, 1, 11, true)).toBe(false);
    expect(closes({ failureRate }, 0, 0, true)).toBe(false);
  });

  it("says which rate was exceeded", () => {
    const of = (failed: number, ended: number, waveEnded: boolean): unknown => judgeGate({ failureRate }, { failed, ended }, waveEnded);
    expect(of(3, 10, false)).toMatchObject({
      reason: "3 of 10 nodes failed, 30%: too many for an acceptable rate of 2% (sequential test, false alarm 5%)",
    });
    expect(of(1, 1, true)).toMatchObject({ reason: "1 of 1 node failed at the end of the wave, 100%; 10% is unacceptable" });
  });
});

it("counts less than nothing, after pardons, as nothing", () => {
  expect(closes({ maxFailures: 0 }, -1, -3, true)).toBe(false);
  expect(verdict({ failureRate }, -1, -3)).toBe("undecided");
  expect(verdict({ failureRate }, -1, 26)).toBe("undecided");
  expect(closes({ maxFailures: 0, failureRate }, -2, 0, true)).toBe(false);
});

const rates: fc.Arbitrary<FailureRate> = fc
  .record({
    acceptable: fc.integer({ min: 5, max: 150 }),
    more: fc.integer({ min: 20, max: 300 }),
    falseAlarm: fc.integer({ min: 10, max: 200 }),
    miss: fc.integer({ min: 10, max: 200 }),
    minSample: fc.integer({ min: 1, max: 40 }),
  })
  .map(({ acceptable, more, falseAlarm, miss, minSample }) => ({
    acceptable: acceptable / 1000,
    unacceptable: (acceptable + more) / 1000,
    falseAlarm: falseAlarm / 1000,
    miss: miss / 1000,
    minSample,
  }));

describe("the gate as a whole", () => {
  const gates: fc.Arbitrary<Gate> = fc.record({ maxFailures: fc.nat({ max: 20 }), failureRate: rates }, { requiredKeys: [] });

  it("that is closed stays closed with a failure more, and closes no later at the end of a wave", () => {
    fc.assert(
      fc.property(gates, fc.nat({ max: 60 }), fc.nat({ max: 200 }), (gate, failed, ok) => {
        if (!closes(gate, failed, failed + ok)) return;
        expect(closes(gate, failed + 1, failed + ok + 1)).toBe(true);
        expect(closes(gate, failed, failed + ok, true)).toBe(true);
      }),
    );
  });

  it("never closes without a failure", () => {
    fc.assert(fc.property(gates, fc.nat({ max: 5_000 }), fc.boolean(), (gate, sample, ended) => closes(gate, 0, sample, ended) === false));
  });
});

describe("the error rates of the sequential test", () => {
  it("hold exactly, over every order in which a thousand results can come", () => {
    fc.assert(
      fc.property(rates, (rate) => {
        const gate = { failureRate: rate };
        expect(chanceToEndIn("closed", gate, rate.acceptable, { through: "passing" })).toBeLessThanOrEqual(
          rate.falseAlarm / (1 - rate.miss) + 1e-9,
        );
        expect(chanceToEndIn("passing", gate, rate.unacceptable, {})).toBeLessThanOrEqual(rate.miss / (1 - rate.falseAlarm) + 1e-9);
      }),
      { numRuns: 8, seed: 1945 },
    );
  });

  it("leave it sharp: an unacceptable rate is caught within a thousand results, an acceptable one passes", () => {
    const gate = { failureRate };
    expect(chanceToEndIn("closed", gate, failureRate.unacceptable, {})).toBeGreaterThan(
      1 - failureRate.miss / (1 - failureRate.falseAlarm),
    );
    expect(chanceToEndIn("passing", gate, failureRate.acceptable, {})).toBeGreaterThan(1 - failureRate.falseAlarm / (1 - failureRate.miss));
  });

  it("hold in rollouts played at random", () => {
    fc.assert(
      fc.property(rates, fc.integer(), (rate, seed) => {
        const random = mulberry32(seed);
        const gate = { failureRate: rate };
        const plays = 400;
        const atAcceptable = count(plays, () => play(gate, rate.acceptable, random, false) === "closed");
        const atUnacceptable = count(plays, () => play(gate, rate.unacceptable, random, true) === "passing");
        expect(atAcceptable / plays).toBeLessThanOrEqual(withMargin(rate.falseAlarm / (1 - rate.miss), plays));
        expect(atUnacceptable / plays).toBeLessThanOrEqual(withMargin(rate.miss / (1 - rate.falseAlarm), plays));
      }),
      { numRuns: 5, seed: 1945 },
    );
  });
});

type Verdict = "closed" | "passing" | "undecided";

/**
 * The exact chance that nodes which fail with chance `rate` lead the gate to `end` before any other verdict, within a thousand results: all paths
 * with the same number of failures are one. `through`: a verdict at which it is not stopped.
 */
function chanceToEndIn(end: Verdict, gate: Gate, rate: number, { through }: { readonly through?: Verdict }): number {
  let paths = [1];
  let reached = 0;
  for (let sample = 1; sample <= 1000; sample++) {
    const next = paths.map((chance, failed) => chance * (1 - rate) + (paths[failed - 1] ?? 0) * rate);
    next.push(paths.at(-1)! * rate);
    paths = next.map((chance, failed) => {
      if (chance < 1e-15) return 0;
      const judged = verdict(gate, failed, sample);
      if (judged === end) reached += chance;
      return judged === "undecided" || judged === through ? chance : 0;
    });
    while (paths.length > 1 && paths.at(-1) === 0) paths.pop();
  }
  return reached;
}

function play(gate: Gate, rate: number, random: () => number, stopsAtPassing: boolean): Verdict {
  let failed = 0;
  let last: Verdict = "undecided";
  for (let sample = 1; sample <= 500; sample++) {
    if (random() < rate) failed++;
    last = verdict(gate, failed, sample);
    if (last === "closed" || (stopsAtPassing && last === "passing")) return last;
  }
  return last;
}

function count(times: number, test: () => boolean): number {
  return Array.from({ length: times }, test).filter(Boolean).length;
}

/** Four standard deviations above the chance. */
function withMargin(chance: number, times: number): number {
  return chance + 4 * Math.sqrt((chance * (1 - chance)) / times);
}

/** A small seeded generator of numbers from 0 to 1. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
