import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { labelKeyProblem, labelValueProblem, type Labels } from "./labels.ts";
import { parseSelector, selects } from "./selector.ts";

function matches(text: string, labels: Labels): boolean {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return selects(parsed.selector, labels);
}

describe("parseSelector", () => {
  const berlin: Labels = { site: "berlin", "treeline.dev/rack": "r1", empty: "" };
  it.each<[string, boolean]>([
    ["*", true],
    ["site=berlin", true],
    ["site==berlin", true],
    [" site = berlin ", true],
    ["site=paris", false],
    ["site!=paris", true],
    ["site!=berlin", false],
    ["gpu!=a100", true],
    ["site in (paris, berlin)", true],
    ["site in(paris,berlin)", true],
    ["site in (paris)", false],
    ["site notin (paris)", true],
    ["site notin (paris,berlin)", false],
    ["gpu notin (a100)", true],
    ["site", true],
    ["gpu", false],
    ["!gpu", true],
    ["! gpu", true],
    ["!site", false],
    ["empty=", true],
    ["site=", false],
    ["treeline.dev/rack=r1", true],
    ["site in (paris,berlin),!gpu,treeline.dev/rack", true],
    ["site in (paris,berlin),gpu", false],
    ["in=1", false],
    ["toString", false],
    ["!constructor", true],
  ])("%j on a node in Berlin: %s", (text, expected) => expect(matches(text, berlin)).toBe(expected));

  it.each([
    "",
    "  ",
    ",",
    "a,",
    ",a",
    "a,,b",
    "a=b=c",
    "a = b c",
    "a>1",
    "a in b",
    "a in (b",
    "a in b)",
    "a in ((b))",
    "in (b)",
    "a nope (b)",
    "!",
    "!!a",
    "a=-b",
    "-a=b",
    "A/b/c",
    "*,a",
    "a b",
  ])("refuses %j and says why", (text) => {
    const parsed = parseSelector(text);
    expect(parsed.ok ? "accepted" : parsed.problem.length > 10).toBe(true);
  });

  const word = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,8}[a-z0-9])?$/);
  it("never throws, and what it accepts judges any labels", () => {
    const letters = fc
      .array(fc.constantFrom("a", "b", "=", "!", ",", "(", ")", " ", "in", "notin", "*", "/"), { maxLength: 12 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string(), letters), fc.dictionary(word, word), (text, labels) => {
        const parsed = parseSelector(text);
        if (parsed.ok) expect(typeof selects(parsed.selector, labels)).toBe("boolean");
      }),
      { numRuns: 500 },
    );
  });

  it("means the opposite with != and notin", () => {
    fc.assert(
      fc.property(word, fc.array(word, { minLength: 1, maxLength: 3 }), fc.dictionary(word, word), (key, values, others) => {
        for (const labels of [others, { ...others, [key]: values[0]! }]) {
          expect(matches(`${key} in (${values.join(",")})`, labels)).toBe(!matches(`${key} notin (${values.join(",")})`, labels));
          expect(matches(`${key}=${values[0]}`, labels)).toBe(!matches(`${key}!=${values[0]}`, labels));
        }
      }),
    );
  });
});

describe("labels", () => {
  it.each(["a", "A", "a.b_c-d", "a".repeat(63), "treeline.dev/rack", "topology.kubernetes.io/zone"])("accepts the key %j", (key) =>
    expect(labelKeyProblem(key)).toBeUndefined(),
  );
  it.each(["", "-a", "a-", "a b", "a".repeat(64), "/a", "a/", "a/b/c", "Dev/a", "-x/a", `${"a".repeat(254)}/b`, "a\n"])(
    "refuses the key %j",
    (key) => expect(labelKeyProblem(key)).toBeDefined(),
  );
  it.each(["", "a", "1.0_x-Y", "a".repeat(63)])("accepts the value %j", (value) => expect(labelValueProblem(value)).toBeUndefined());
  it.each(["-a", "a-", "a b", "a/b", "a".repeat(64), "ä"])("refuses the value %j", (value) =>
    expect(labelValueProblem(value)).toBeDefined(),
  );
});
