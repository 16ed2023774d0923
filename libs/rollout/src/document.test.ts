import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkBudget } from "./check-budget.ts";
import { checkPolicy } from "./check-policy.ts";
import { documentKind, readBudgetDocument, readRolloutDocument } from "./document.ts";
import type { FieldViolation } from "./policy.ts";
import type { PolicyDraft } from "./policy-draft.ts";

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
const budget = {
  apiVersion: "treeline/v1",
  kind: "Budget",
  metadata: { name: "racks" },
  spec: { selector: "*", per: "rack", maxUnavailable: 1 },
};

function violationsOf(value: unknown): readonly FieldViolation[] {
  const read = readRolloutDocument(value);
  return read.ok ? [] : read.violations;
}

function draftOf(value: unknown): PolicyDraft {
  const read = readRolloutDocument(value);
  if (!read.ok) throw new Error(JSON.stringify(read.violations));
  return read.document.policy;
}

describe("readRolloutDocument", () => {
  it("reads a short document, and its policy is valid", () => {
    const read = readRolloutDocument(document);
    expect(read).toEqual({
      ok: true,
      document: {
        name: "r",
        policy: {
          release: "2",
          selector: "*",
          waves: [{ size: { count: 1 } }, { size: { percent: 20 } }, { size: { rest: true } }],
          maxUnavailable: "10%",
          nodeSoakMillis: 30_000,
          retries: { limit: 1 },
        },
      },
    });
    expect(checkPolicy(draftOf(document))).toMatchObject({
      ok: true,
      policy: {
        budgets: [{ maxUnavailable: { percent: 10 } }],
        retries: { limit: 1 },
        waves: [{ name: "wave-1" }, {}, { name: "wave-3" }],
      },
    });
  });

  it("leaves out what may be left out", () => {
    const { maxUnavailable: _m, nodeSoak: _n, retries: _r, ...short } = spec;
    expect(checkPolicy(draftOf({ ...document, spec: short }))).toMatchObject({
      ok: true,
      policy: { budgets: [{ maxUnavailable: { count: 1 } }], nodeSoakMillis: 0, retries: { limit: 2 } },
    });
  });

  it("reads every field there is", () => {
    const whole = draftOf({
      ...document,
      spec: {
        channel: "stable",
        selector: "site=berlin",
        nodes: ["lab-1"],
        exclude: { selector: "hold", nodes: ["lab-2"] },
        priority: -10,
        cure: true,
        waves: [
          { name: "canary", count: 2, selector: "canary", bake: "10m", approval: true, gate: { maxFailures: 0 } },
          { selector: "site=lab" },
          { rest: true },
        ],
        maxUnavailable: 3,
        budgets: [{ per: "zone", maxUnavailable: "25%", minAvailable: 2 }],
        nodeSoak: 0,
        gate: {
          maxFailures: 5,
          failureRate: { acceptable: "2%", unacceptable: 0.1, falseAlarm: "0.07 %", miss: "0.2", minSample: 20 },
        },
        onFailure: "rollback",
        timeouts: { eligible: "1d", staging: "2h", draining: "3m", rebooting: "4m", verifying: "5m" },
        retries: { limit: 3, backoff: "1s", maxBackoff: "1h30m" },
        staging: { nodes: 8, bytesPerSecond: "10MiB", jitter: "5s" },
      },
    });
    expect(whole).toEqual({
      channel: "stable",
      selector: "site=berlin",
      nodes: ["lab-1"],
      exclude: { selector: "hold", nodes: ["lab-2"] },
      priority: -10,
      cure: true,
      waves: [
        { name: "canary", size: { count: 2 }, selector: "canary", bakeMillis: 600_000, approval: true, gate: { maxFailures: 0 } },
        { selector: "site=lab" },
        { size: { rest: true } },
      ],
      maxUnavailable: "3",
      budgets: [{ per: "zone", maxUnavailable: "25%", minAvailable: "2" }],
      nodeSoakMillis: 0,
      gate: { maxFailures: 5, failureRate: { acceptable: 0.02, unacceptable: 0.1, falseAlarm: 0.0007, miss: 0.2, minSample: 20 } },
      onFailure: "rollback",
      timeouts: {
        eligibleMillis: 86_400_000,
        stagingMillis: 7_200_000,
        drainingMillis: 180_000,
        rebootingMillis: 240_000,
        verifyingMillis: 300_000,
      },
      retries: { limit: 3, backoffMillis: 1_000, maxBackoffMillis: 5_400_000 },
      staging: { nodes: 8, bytesPerSecond: 10 * 2 ** 20, jitterMillis: 5_000 },
    });
    expect(checkPolicy(whole)).toMatchObject({ ok: true });
  });

  it.each<[unknown, number]>([
    [10_240, 10_240],
    ["10240", 10_240],
    ["10kB", 10_000],
    ["10KB", 10_000],
    ["10KiB", 10_240],
    ["1.5MB", 1_500_000],
    ["10MB", 10_000_000],
    ["10 MiB", 10_485_760],
    ["1GB", 1_000_000_000],
    ["1GiB", 1_073_741_824],
  ])("reads %j bytes as %d", (bytesPerSecond, bytes) => {
    expect(draftOf(withSpec({ staging: { nodes: 1, bytesPerSecond } }))).toMatchObject({ staging: { bytesPerSecond: bytes } });
  });

  it("asks for quotes around what YAML has read as a number", () => {
    expect(violationsOf(withSpec({ release: 2.0, nodes: ["a", 17] }))).toEqual([
      { field: "spec.release", description: 'is the number 2; put it in quotes, such as "2"' },
      { field: "spec.nodes[1]", description: 'is 17, not text; put it in quotes, such as "17"' },
    ]);
  });

  it("asks which of two things a rate of 2 shall mean", () => {
    expect(violationsOf(withSpec({ gate: { failureRate: { acceptable: 2, unacceptable: "10" } } }))).toEqual([
      { field: "spec.gate.failureRate.acceptable", description: 'is 2; write a percentage such as "2%"' },
      { field: "spec.gate.failureRate.unacceptable", description: 'is 10; write a percentage such as "10%"' },
    ]);
  });

  it("names the known fields beside an unknown one", () => {
    expect(violationsOf(withSpec({ staging: { node: 3 } }))).toEqual([
      { field: "spec.staging.node", description: "is not a field here; known are nodes, bytesPerSecond, jitter" },
    ]);
  });

  it.each<[string, unknown, readonly string[]]>([
    ["no document", null, [""]],
    ["a list", [document], [""]],
    ["another version", { ...document, apiVersion: "v2" }, ["apiVersion"]],
    ["another kind", { ...document, kind: "Pool" }, ["kind"]],
    ["a budget", budget, ["kind", "spec.per", "spec.waves"]],
    ["no metadata", { ...document, metadata: undefined }, ["metadata.name"]],
    ["metadata that is text", { ...document, metadata: "r" }, ["metadata"]],
    ["no name", { ...document, metadata: {} }, ["metadata.name"]],
    ["no spec", { ...document, spec: undefined }, ["spec"]],
    ["a spec that is null", { ...document, spec: null }, ["spec"]],
    ["an unknown field", { ...document, status: {} }, ["status"]],
    ["an unknown field in metadata", { ...document, metadata: { name: "r", label: "x" } }, ["metadata.label"]],
    ["a misspelt field", withSpec({ maxUnavailible: "1" }), ["spec.maxUnavailible"]],
    ["a selector that is no text", withSpec({ selector: { site: "berlin" } }), ["spec.selector"]],
    ["a selector that is null", withSpec({ selector: null }), ["spec.selector"]],
    ["nodes that are no list", withSpec({ nodes: "a" }), ["spec.nodes"]],
    ["an exclusion that is text", withSpec({ exclude: "a" }), ["spec.exclude"]],
    ["a priority that is no number", withSpec({ priority: "high" }), ["spec.priority"]],
    ["a cure that is no flag", withSpec({ cure: "yes" }), ["spec.cure"]],
    ["no waves", withSpec({ waves: undefined }), ["spec.waves"]],
    ["an empty list of waves", withSpec({ waves: [] }), ["spec.waves"]],
    ["waves that are no list", withSpec({ waves: { count: 1 } }), ["spec.waves"]],
    ["a wave with two sizes", withSpec({ waves: [{ count: 1, percent: 2 }] }), ["spec.waves[0]"]],
    ["a wave of another kind", withSpec({ waves: [{ half: true }] }), ["spec.waves[0].half"]],
    ["a wave that is null", withSpec({ waves: [null] }), ["spec.waves[0]"]],
    ["rest: false", withSpec({ waves: [{ rest: false }] }), ["spec.waves[0].rest"]],
    ["a rest that is no flag", withSpec({ waves: [{ rest: 3 }] }), ["spec.waves[0].rest"]],
    ["a count in percent", withSpec({ waves: [{ count: "10%" }] }), ["spec.waves[0].count"]],
    ["a count that is no number", withSpec({ waves: [{ count: "few" }] }), ["spec.waves[0].count"]],
    ["a bake without a unit", withSpec({ waves: [{ count: 1, bake: 10 }] }), ["spec.waves[0].bake"]],
    ["an approval that is no flag", withSpec({ waves: [{ count: 1, approval: "ann" }] }), ["spec.waves[0].approval"]],
    ["a misspelt gate of a wave", withSpec({ waves: [{ count: 1, gate: { maxFailure: 1 } }] }), ["spec.waves[0].gate.maxFailure"]],
    ["a gate that is a number", withSpec({ gate: 3 }), ["spec.gate"]],
    ["a misspelt rate", withSpec({ gate: { failureRate: { accept: "2%" } } }), ["spec.gate.failureRate.accept"]],
    ["a rate that is no number", withSpec({ gate: { failureRate: { acceptable: "few" } } }), ["spec.gate.failureRate.acceptable"]],
    ["an empty list of budgets", withSpec({ budgets: [] }), ["spec.budgets"]],
    ["a budget with an unknown field", withSpec({ budgets: [{ maxUnavailable: 1, selector: "a" }] }), ["spec.budgets[0].selector"]],
    ["a misspelt timeout", withSpec({ timeouts: { drain: "1m" } }), ["spec.timeouts.drain"]],
    ["a timeout without a unit", withSpec({ timeouts: { draining: 60 } }), ["spec.timeouts.draining"]],
    ["retries in percent", withSpec({ retries: "2%" }), ["spec.retries"]],
    ["retries that are a list", withSpec({ retries: [2] }), ["spec.retries"]],
    ["a misspelt retry", withSpec({ retries: { times: 2 } }), ["spec.retries.times"]],
    ["bytes of another unit", withSpec({ staging: { bytesPerSecond: "10 miles" } }), ["spec.staging.bytesPerSecond"]],
    ["a soak without a unit", withSpec({ nodeSoak: "30" }), ["spec.nodeSoak"]],
    ["a soak that is a number", withSpec({ nodeSoak: 30 }), ["spec.nodeSoak"]],
    ["a soak that is null", withSpec({ nodeSoak: null }), ["spec.nodeSoak"]],
    ["a maxUnavailable that is a list", withSpec({ maxUnavailable: [1] }), ["spec.maxUnavailable"]],
    ["an empty maxUnavailable", withSpec({ maxUnavailable: "" }), ["spec.maxUnavailable"]],
  ])("refuses %s", (_name, value, fields) => {
    expect(violationsOf(value).map(({ field }) => field)).toEqual(fields);
  });

  it("refuses a document that contains itself", () => {
    const endless: Record<string, unknown> = { ...spec };
    endless["selector"] = endless;
    expect(violationsOf({ ...document, spec: endless })).toEqual([{ field: "spec.selector", description: "is a set of fields, not text" }]);
  });

  it("never throws, nor does the check after it, and names a field whenever it refuses", () => {
    const keys = fc.constantFrom(
      ...["release", "selector", "waves", "nodes", "exclude", "budgets", "gate", "timeouts", "retries", "staging"],
    );
    const near = fc.dictionary(keys, fc.jsonValue()).map((change) => ({ ...spec, ...change }));
    const part = fc.oneof(fc.jsonValue(), fc.constant(spec), near, fc.record({ waves: fc.array(fc.jsonValue()) }));
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record({ apiVersion: fc.constant("treeline/v1"), kind: fc.constant("Rollout"), metadata: fc.constant({ name: "r" }), spec: part }),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const read = readRolloutDocument(value);
        if (!read.ok) expect(read.violations.length).toBeGreaterThan(0);
        else expect(checkPolicy(read.document.policy)).toHaveProperty("ok");
      }),
      { numRuns: 500 },
    );
  });
});

describe("readBudgetDocument", () => {
  const fieldsOf = (value: unknown): readonly string[] => {
    const read = readBudgetDocument(value);
    return read.ok ? [] : read.violations.map(({ field }) => field);
  };

  it("reads a budget, and it is valid", () => {
    const read = readBudgetDocument(budget);
    expect(read).toEqual({ ok: true, document: { name: "racks", selector: "*", per: "rack", maxUnavailable: "1" } });
    expect(read.ok && checkBudget(read.document).ok).toBe(true);
  });

  it.each<[string, unknown, readonly string[]]>([
    ["no document", "racks", [""]],
    ["a rollout", document, ["kind", ...["release", "waves", "nodeSoak", "retries"].map((key) => `spec.${key}`)]],
    ["no name", { ...budget, metadata: {} }, ["metadata.name"]],
    ["an unknown field", { ...budget, spec: { ...budget.spec, nodes: ["a"] } }, ["spec.nodes"]],
    ["a selector that is a number", { ...budget, spec: { ...budget.spec, selector: 1 } }, ["spec.selector"]],
    ["a limit that is a flag", { ...budget, spec: { ...budget.spec, minAvailable: true } }, ["spec.minAvailable"]],
  ])("refuses %s", (_name, value, fields) => expect(fieldsOf(value)).toEqual(fields));
});

describe("documentKind", () => {
  it.each([
    [document, "Rollout"],
    [budget, "Budget"],
    [{ kind: "Pool" }, undefined],
    [null, undefined],
    ["Rollout", undefined],
  ])("of %j is %s", (value, kind) => expect(documentKind(value)).toBe(kind));
});
