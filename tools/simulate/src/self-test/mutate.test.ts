import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { invariants, noDefect } from "../invariants/registry.ts";
import { mutated, requireApplicable } from "./mutate.ts";
import { mutants } from "./mutants.ts";

const mutation = { name: "m", file: "f.ts", find: "a < b", replace: "a <= b" };

describe("mutants", () => {
  it("replaces a text that is there once", () => {
    expect(mutated("if (a < b) return;", mutation)).toBe("if (a <= b) return;");
  });

  it.each(["", "a < b && a < b"])("refuses a text that is not there exactly once: %s", (source) => {
    expect(() => mutated(source, mutation)).toThrow(/not once/);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))("fits the source as it is: %s", (_, mutant) => {
    requireApplicable(mutant);
  });

  it("expects invariants that there are", () => {
    const names = new Set([noDefect, ...invariants.map(({ name }) => name)]);
    for (const { expects } of mutants) for (const name of expects) expect(names).toContain(name);
  });

  it("are named in the documentation, as the invariants are", () => {
    const text = readFileSync(new URL("../../../../docs/simulation.md", import.meta.url), "utf8");
    for (const name of [noDefect, ...invariants.map((invariant) => invariant.name)]) expect(text).toContain(`\n| ${name} | `);
    for (const { name, expects } of mutants) expect(text).toContain(`\n| ${name} | ${expects.join(" or ")} |`);
  });

  it("has one for every invariant that a broken engine can break", () => {
    const expected = new Set(mutants.flatMap(({ expects }) => expects));
    for (const { name } of invariants) expect(expected).toContain(name);
  });
});
