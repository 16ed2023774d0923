import fc from "fast-check";
import { expect, test } from "vitest";
import { LastLine } from "./last-line.ts";

function lastLineOf(pieces: readonly string[]): string {
  const last = new LastLine();
  for (const piece of pieces) last.add(piece);
  return last.toString();
}

test("is the last line that is not blank, wherever the text was cut", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", " ", "\n") });
  fc.assert(
    fc.property(fc.array(text), (pieces) => {
      const expected =
        pieces
          .join("")
          .split("\n")
          .findLast((line) => line.trim() !== "") ?? "";
      expect(lastLineOf(pieces)).toBe(expected);
    }),
  );
});

test("keeps the end of a line that is longer than the bound", () => {
  const pieces = ["x".repeat(LastLine.longest), "y".repeat(LastLine.longest - 1)];
  expect(lastLineOf(pieces)).toBe(`x${pieces[1] ?? ""}`);
});
