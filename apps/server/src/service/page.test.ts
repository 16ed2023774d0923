import fc from "fast-check";
import { expect, it } from "vitest";
import { fitting, smallest } from "./page.ts";

it("the smallest are what sorting everything would have put first", () => {
  const byNumber = (a: number, b: number): number => a - b;
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat()), fc.integer({ min: 1, max: 40 }), (items, count) => {
      expect(smallest(items, count, byNumber)).toEqual([...items].sort(byNumber).slice(0, count));
    }),
  );
});

it("a page holds what fits, and one item whatever its size", () => {
  const size = (text: string): number => text.length;
  expect(fitting(["aa", "bb", "cc"], 4, size)).toBe(2);
  expect(fitting(["aaaaaaaaa", "bb"], 4, size)).toBe(1);
  expect(fitting([], 4, size)).toBe(0);
});
