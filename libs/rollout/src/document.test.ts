import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDuration, readRolloutDocument } from "./document.ts";

const spec = {
  release: "2",
  selector: "*",
  waves: [{ count: 1 }, { percent: "20%" }, { rest: true }],
  maxUnavailable: "10%",
  nodeSoak: "30s",
  retries: 1,
};
const document = { apiVersion: "treeline/v1", kind: "Rollout", metadata: { name: "r" }, spec };
const withSpec = (change: Record<string, unknown>): unknown => ({ ...document, spec: { ...spec, ...change } });

function fieldsOf(value: unknown): readonly string[] {
  const read = readRolloutDocument(value);
  return read.ok ? [] : read.violations.map(({ field }) => field);
}

describe("readRolloutDocument", () => {
  it("reads a whole document", () => {
    expect(readRolloutDocument(document)).toEqual({
      ok: true,
      document: {
        name: "r",
        policy: {
          release: "2",
          selector: "*",
          waves: [{ count: 1 }, { percent: 20 }, { rest: true }],
          maxUnavailable: "10%",
          nodeSoakMillis: 30_000,
          retries: 1,
        },
      },
    });
  });

  it("leaves out what may be left out", () => {
    const { maxUnavailable: _m, nodeSoak: _n, retries: _r, ...short } = spec;
    expect(readRolloutDocument({ ...document, spec: short })).toMatchObject({
      ok: true,
      document: { policy: { maxUnavailable: "1", nodeSoakMillis: 0 } },
    });
  });

  it("takes a plain number for maxUnavailable", () => {
    expect(readRolloutDocument(withSpec({ maxUnavailable: 3 }))).toMatchObject({ document: { policy: { maxUnavailable: "3" } } });
  });

  it("asks for quotes around a release that YAML has read as a number", () => {
    const read = readRolloutDocument(withSpec({ release: 2.0 }));
    expect(read.ok ? [] : read.violations).toEqual([
      { field: "spec.release", description: 'is the number 2; put it in quotes, such as "2"' },
    ]);
  });

  it.each<[string, unknown, readonly string[]]>([
    ["no document", null, [""]],
    ["a list", [document], [""]],
    ["another version", { ...document, apiVersion: "v2" }, ["apiVersion"]],
    ["another kind", { ...document, kind: "Pool" }, ["kind"]],
    ["no metadata", { ...document, metadata: undefined }, ["metadata.name"]],
    ["no spec", { ...document, spec: undefined }, ["spec", "spec.release", "spec.selector", "spec.waves"]],
    ["an unknown field", { ...document, status: {} }, ["status"]],
    ["an unknown field in metadata", { ...document, metadata: { name: "r", label: "x" } }, ["metadata.label"]],
    ["a misspelt field", withSpec({ maxUnavailible: "1" }), ["spec.maxUnavailible"]],
    ["a selector that is no text", withSpec({ selector: { site: "berlin" } }), ["spec.selector"]],
    ["waves that are no list", withSpec({ waves: { count: 1 } }), ["spec.waves"]],
    ["a wave with two sizes", withSpec({ waves: [{ count: 1, percent: 2 }] }), ["spec.waves[0]"]],
    ["a wave of another kind", withSpec({ waves: [{ half: true }] }), ["spec.waves[0]"]],
    ["a wave that is null", withSpec({ waves: [null] }), ["spec.waves[0]"]],
    ["rest: false", withSpec({ waves: [{ rest: false }] }), ["spec.waves[0].rest"]],
    ["a count in percent", withSpec({ waves: [{ count: "10%" }] }), ["spec.waves[0].count"]],
    ["a count that is no number", withSpec({ waves: [{ count: "few" }] }), ["spec.waves[0].count"]],
    ["retries in percent", withSpec({ retries: "2%" }), ["spec.retries"]],
    ["a soak without a unit", withSpec({ nodeSoak: "30" }), ["spec.nodeSoak"]],
    ["a soak that is a number", withSpec({ nodeSoak: 30 }), ["spec.nodeSoak"]],
    ["a soak that is null", withSpec({ nodeSoak: null }), ["spec.nodeSoak"]],
    ["a maxUnavailable that is a list", withSpec({ maxUnavailable: [1] }), ["spec.maxUnavailable"]],
  ])("refuses %s", (_name, value, fields) => {
    expect(fieldsOf(value)).toEqual(fields);
  });

  it("never throws, and names a field whenever it refuses", () => {
    const part = fc.oneof(fc.jsonValue(), fc.constant(spec), fc.record({ waves: fc.array(fc.jsonValue()) }));
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ apiVersion: fc.jsonValue(), kind: fc.constant("Rollout"), metadata: part, spec: part }),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const read = readRolloutDocument(value);
        if (!read.ok) expect(read.violations.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("parseDuration", () => {
  it.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["10m", 600_000],
    ["1h", 3_600_000],
    ["2d", 172_800_000],
    ["0", 0],
    [" 5s ", 5_000],
    ["5", undefined],
    ["1.5h", undefined],
    ["-1s", undefined],
    ["1 h", undefined],
    ["", undefined],
  ])("%j is %s", (text, millis) => expect(parseDuration(text)).toBe(millis));
});
