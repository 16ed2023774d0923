import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ddmin } from "./ddmin.ts";

const items = Array.from({ length: 40 }, (_, index) => index);

describe("ddmin", () => {
  it("finds exactly what is needed when that is some of the items together", async () => {
    const needs = fc.uniqueArray(fc.constantFrom(...items), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(needs, async (needed) => {
        const found = await ddmin(items, async (part) => needed.every((item) => part.includes(item)), { left: 5_000 });
        expect([...found].sort((a, b) => a - b)).toEqual([...needed].sort((a, b) => a - b));
      }),
    );
  });

  it("stops when its tries are used up, with something that still succeeds", async () => {
    let asked = 0;
    const needed = [3, 17, 31];
    const found = await ddmin(items, async (part) => (asked++, needed.every((item) => part.includes(item))), { left: 7 });
    expect(asked).toBe(7);
    expect(needed.every((item) => found.includes(item))).toBe(true);
  });
});
