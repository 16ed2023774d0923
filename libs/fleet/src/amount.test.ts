import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAmount, maxUnavailableOf, parseAmount } from "./amount.ts";

describe("parseAmount", () => {
  it.each([
    ["0", { count: 0 }],
    ["2", { count: 2 }],
    [" 12 ", { count: 12 }],
    ["0%", { percent: 0 }],
    ["10%", { percent: 10 }],
    ["0.5%", { percent: 0.5 }],
    ["100%", { percent: 100 }],
  ])("reads %j", (text, amount) => expect(parseAmount(text)).toEqual({ ok: true, amount }));

  it.each(["", "%", "-1", "+1", "1.5", "101%", "100.1%", "1e3", "0x1", "10 %", "1,5%", ".5%", "ten", "9999999999"])(
    "refuses %j, quoting it",
    (text) => {
      const parsed = parseAmount(text);
      expect(parsed.ok ? "" : parsed.problem).toContain(text);
      expect(parsed.ok).toBe(false);
    },
  );

  it("reads back what formatAmount writes", () => {
    const amount = fc.oneof(
      fc.record({ count: fc.nat(999_999_999) }),
      fc.record({
        percent: fc
          .nat(100_000_000)
          .map((millionths) => millionths / 1_000_000)
          .filter((percent) => !String(percent).includes("e")),
      }),
    );
    fc.assert(fc.property(amount, (one) => void expect(parseAmount(formatAmount(one))).toEqual({ ok: true, amount: one })));
  });
});

describe("maxUnavailableOf", () => {
  it("takes a count as it is", () => {
    expect(maxUnavailableOf({ count: 7 }, 3)).toBe(7);
    expect(maxUnavailableOf({ count: 0 }, 3)).toBe(0);
  });

  it.each([
    [10, 25, 2],
    [10, 5, 1],
    [10, 0, 1],
    [99, 100, 99],
    [100, 100, 100],
    [0, 100, 0],
  ])("takes %i percent of %i as %i", (percent, size, expected) => expect(maxUnavailableOf({ percent }, size)).toBe(expected));

  it("never takes more than the percentage, except for the one that every rollout needs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(10_000), (percent, size) => {
        const taken = maxUnavailableOf({ percent }, size);
        expect(taken === 1 || taken * 100 <= size * percent).toBe(true);
        expect(taken).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});
