import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPolicy, maxNamedNodes, maxSoakMillis } from "./check-policy.ts";
import { maxBakeMillis, maxWaves } from "./check-waves.ts";
import type { FieldViolation, RolloutPolicy } from "./policy.ts";
import type { GateDraft, PolicyDraft, WaveDraft } from "./policy-draft.ts";

const rest: WaveDraft = { size: { rest: true } };
const draft: PolicyDraft = { release: "2", selector: "*", waves: [rest] };
const failureRate = { acceptable: 0.02, unacceptable: 0.1 };
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `node-${index}`);

function violationsOf(change: Partial<PolicyDraft>): readonly FieldViolation[] {
  const checked = checkPolicy({ ...draft, ...change });
  return checked.ok ? [] : checked.violations;
}

function policyOf(change: Partial<PolicyDraft>): RolloutPolicy {
  const checked = checkPolicy({ ...draft, ...change });
  if (!checked.ok) throw new Error(JSON.stringify(checked.violations));
  return checked.policy;
}

describe("checkPolicy", () => {
  it("fills in the defaults", () => {
    expect(checkPolicy({ ...draft, release: " 2 ", selector: " * ", maxUnavailable: "" })).toEqual({
      ok: true,
      policy: {
        target: { release: "2" },
        selector: "*",
        nodes: [],
        exclude: { nodes: [] },
        priority: 0,
        cure: false,
        waves: [{ name: "wave-1", size: { rest: true }, bakeMillis: 0, approval: false }],
        budgets: [{ maxUnavailable: { count: 1 } }],
        nodeSoakMillis: 0,
        gate: { maxFailures: 0 },
        onFailure: "halt",
        timeouts: { stagingMillis: 3_600_000, drainingMillis: 600_000, rebootingMillis: 1_200_000, verifyingMillis: 1_200_000 },
        retries: { limit: 2, backoffMillis: 10_000, maxBackoffMillis: 600_000 },
        staging: { jitterMillis: 0 },
      },
    });
  });

  it("keeps what is written", () => {
    const policy: RolloutPolicy = {
      target: { channel: "stable" },
      selector: "site=berlin",
      nodes: ["lab-1"],
      exclude: { selector: "hold", nodes: ["lab-2"] },
      priority: -5,
      cure: true,
      waves: [
        {
          name: "canary",
          size: { count: 2 },
          selector: "canary",
          bakeMillis: 60_000,
          approval: true,
          gate: { maxFailures: 1, failureRate: { acceptable: 0.01, unacceptable: 0.2, falseAlarm: 0.01, miss: 0.02, minSample: 5 } },
        },
        { name: "wave-2", size: { percent: 12.5 }, bakeMillis: 0, approval: false },
        { name: "last", size: { rest: true }, bakeMillis: 0, approval: false },
      ],
      budgets: [
        { maxUnavailable: { percent: 10 } },
        { per: "zone", maxUnavailable: { count: 2 }, minAvailable: { percent: 90 } },
        { per: "rack", minAvailable: { count: 3 } },
      ],
      nodeSoakMillis: 30_000,
      gate: { maxFailures: 3, failureRate: { acceptable: 0.02, unacceptable: 0.1, falseAlarm: 0.05, miss: 0.1, minSample: 10 } },
      onFailure: "rollback",
      timeouts: { eligibleMillis: 5, stagingMillis: 1, drainingMillis: 2, rebootingMillis: 3, verifyingMillis: 4 },
      retries: { limit: 0, backoffMillis: 0, maxBackoffMillis: 0 },
      staging: { nodes: 4, bytesPerSecond: 4096, jitterMillis: 1000 },
    };
    const written: PolicyDraft = {
      ...policy,
      ...policy.target,
      maxUnavailable: "10%",
      budgets: [
        { per: "zone", maxUnavailable: "2", minAvailable: "90%" },
        { per: "rack", minAvailable: "3" },
      ],
      waves: [policy.waves[0]!, { size: { percent: 12.5 } }, { name: "last", size: { rest: true } }],
    };
    expect(checkPolicy(written)).toEqual({ ok: true, policy });
  });

  it("makes the same of defaults written out and left out, to the byte", () => {
    const written: PolicyDraft = {
      staging: { jitterMillis: 0 },
      retries: { maxBackoffMillis: 600_000, limit: 2, backoffMillis: 10_000 },
      waves: [{ approval: false, bakeMillis: 0, size: { rest: true }, name: "wave-1" }],
      maxUnavailable: "1",
      exclude: {},
      gate: { maxFailures: 0 },
      selector: "*",
      release: "2",
    };
    expect(JSON.stringify(checkPolicy(written))).toBe(JSON.stringify(checkPolicy(draft)));
  });

  it("makes a wave with only a selector one of everything that matches", () => {
    expect(policyOf({ waves: [{ selector: "canary" }, rest] }).waves[0]).toMatchObject({ size: { rest: true }, selector: "canary" });
  });

  it("gives a gate with only a failure rate no absolute limit", () => {
    expect(policyOf({ gate: { failureRate } }).gate).toEqual({
      failureRate: { ...failureRate, falseAlarm: 0.05, miss: 0.1, minSample: 10 },
    });
  });

  it("lets a backoff that is longer than the default maximum be its own maximum, and a maximum below the default backoff lower it", () => {
    expect(policyOf({ retries: { backoffMillis: 1_800_000 } }).retries).toMatchObject({ maxBackoffMillis: 1_800_000 });
    expect(policyOf({ retries: { maxBackoffMillis: 2_000 } }).retries).toMatchObject({ backoffMillis: 2_000, maxBackoffMillis: 2_000 });
  });

  const withGate = (gate: GateDraft): Partial<PolicyDraft> => ({ gate });
  const withWaves = (...waves: readonly WaveDraft[]): Partial<PolicyDraft> => ({ waves });
  it.each<[string, Partial<PolicyDraft>, readonly string[]]>([
    ["neither release nor channel", { release: undefined }, ["spec.release"]],
    ["an empty release", { release: " " }, ["spec.release"]],
    ["an endless release", { release: "2".repeat(256) }, ["spec.release"]],
    ["both release and channel", { channel: "stable" }, ["spec.channel"]],
    ["an empty channel", { release: undefined, channel: "" }, ["spec.channel"]],
    ["a channel of two words", { release: undefined, channel: "very stable" }, ["spec.channel"]],
    ["neither selector nor nodes", { selector: undefined }, ["spec.selector"]],
    ["an empty selector", { selector: "" }, ["spec.selector"]],
    ["an empty selector beside nodes", { selector: "", nodes: ["a"] }, ["spec.selector"]],
    ["a malformed selector", { selector: "a=b=c" }, ["spec.selector"]],
    ["an endless selector", { selector: `a in (${names(1000).join(",")})` }, ["spec.selector"]],
    ["too many names", { nodes: names(maxNamedNodes + 1) }, ["spec.nodes"]],
    ["an empty name", { nodes: ["a", " "] }, ["spec.nodes[1]"]],
    ["a name of two words", { nodes: ["a b"] }, ["spec.nodes[0]"]],
    ["a name twice", { nodes: ["a", "b", "a"] }, ["spec.nodes[2]"]],
    ["a node named and excluded", { nodes: ["a", "b"], exclude: { nodes: ["b"] } }, ["spec.exclude.nodes[0]"]],
    ["an exclusion of everything", { exclude: { selector: "*" } }, ["spec.exclude.selector"]],
    ["an exclusion of all that is selected", { selector: "a=b,c", exclude: { selector: "c, a==b" } }, ["spec.exclude.selector"]],
    ["an empty exclusion", { exclude: { selector: "" } }, ["spec.exclude.selector"]],
    ["too many excluded names", { exclude: { nodes: names(maxNamedNodes + 1) } }, ["spec.exclude.nodes"]],
    ["a priority too low", { priority: -1001 }, ["spec.priority"]],
    ["a priority too high", { priority: 1001 }, ["spec.priority"]],
    ["half a priority", { priority: 0.5 }, ["spec.priority"]],

    ["no wave", withWaves(), ["spec.waves"]],
    ["too many waves", withWaves(...Array.from({ length: maxWaves + 1 }, () => ({ size: { count: 1 } }))), ["spec.waves"]],
    ["a wave of nothing", withWaves({ size: { count: 0 } }), ["spec.waves[0].count"]],
    ["half a node", withWaves({ size: { count: 1.5 } }), ["spec.waves[0].count"]],
    ["a count that is none", withWaves({ size: { count: Number.NaN } }), ["spec.waves[0].count"]],
    ["a wave of 0%", withWaves({ size: { percent: 0 } }), ["spec.waves[0].percent"]],
    ["a wave of more than all", withWaves({ size: { percent: 100.5 } }), ["spec.waves[0].percent"]],
    ["a percentage that is none", withWaves({ size: { percent: Number.NaN } }), ["spec.waves[0].percent"]],
    ["a wave that says nothing", withWaves({}), ["spec.waves[0]"]],
    ["a wave after the rest", withWaves(rest, { size: { count: 1 } }, { size: { count: 2 } }), ["spec.waves[0].rest"]],
    ["a wave after the rest of everything", withWaves({ selector: "*" }, rest), ["spec.waves[0].selector"]],
    ["everything twice", withWaves({ selector: "*" }, { selector: "*" }), ["spec.waves[0].selector"]],
    [
      "a wave over nodes that are all taken",
      withWaves({ selector: "a,b" }, { selector: "b, a", size: { count: 1 } }),
      ["spec.waves[1].selector"],
    ],
    ["a wave with an empty selector", withWaves({ size: { count: 1 }, selector: "" }, rest), ["spec.waves[0].selector"]],
    ["a bake too long", withWaves({ ...rest, bakeMillis: maxBakeMillis + 1 }), ["spec.waves[0].bake"]],
    ["an empty wave name", withWaves({ ...rest, name: "" }), ["spec.waves[0].name"]],
    ["a wave name of two words", withWaves({ ...rest, name: "the rest" }), ["spec.waves[0].name"]],
    ["two waves of one name", withWaves({ size: { count: 1 }, name: "a" }, { ...rest, name: "a" }), ["spec.waves[1].name"]],
    ["the default name of another wave", withWaves({ size: { count: 1 }, name: "wave-2" }, rest), ["spec.waves[0].name"]],
    ["an empty wave gate", withWaves({ ...rest, gate: {} }), ["spec.waves[0].gate"]],
    [
      "a wave gate that the default always forestalls",
      withWaves({ ...rest, gate: { maxFailures: 1 } }),
      ["spec.waves[0].gate.maxFailures"],
    ],
    [
      "a wave gate that the rollout's always forestalls",
      { gate: { maxFailures: 2 }, waves: [{ ...rest, gate: { maxFailures: 3 } }] },
      ["spec.waves[0].gate.maxFailures"],
    ],

    ["maxUnavailable 0", { maxUnavailable: "0" }, ["spec.maxUnavailable"]],
    ["maxUnavailable 0%", { maxUnavailable: "0%" }, ["spec.maxUnavailable"]],
    ["maxUnavailable above 100%", { maxUnavailable: "101%" }, ["spec.maxUnavailable"]],
    ["maxUnavailable that is no amount", { maxUnavailable: "many" }, ["spec.maxUnavailable"]],
    ["a budget that limits nothing", { budgets: [{ per: "rack" }] }, ["spec.budgets[0]"]],
    ["a budget that lets nothing go", { budgets: [{ maxUnavailable: "0" }] }, ["spec.budgets[0].maxUnavailable"]],
    ["a budget that keeps everything", { budgets: [{ minAvailable: "100%" }] }, ["spec.budgets[0].minAvailable"]],
    ["a budget above 100%", { budgets: [{ minAvailable: "101%" }] }, ["spec.budgets[0].minAvailable"]],
    ["an empty amount", { budgets: [{ maxUnavailable: "" }] }, ["spec.budgets[0].maxUnavailable"]],
    ["a budget per something else", { budgets: [{ per: "row", maxUnavailable: "1" }] }, ["spec.budgets[0].per"]],
    ["a budget per what every object has", { budgets: [{ per: "toString", maxUnavailable: "1" }] }, ["spec.budgets[0].per"]],
    [
      "two budgets per rack",
      {
        budgets: [
          { per: "rack", maxUnavailable: "1" },
          { per: "rack", minAvailable: "1" },
        ],
      },
      ["spec.budgets[1]"],
    ],
    ["the short budget and a long one", { maxUnavailable: "2", budgets: [{ maxUnavailable: "1" }] }, ["spec.budgets[0]"]],
    [
      "more budgets than can differ",
      {
        budgets: [
          ...["region", "zone", "rack"].map((per) => ({ per, maxUnavailable: "1" })),
          { maxUnavailable: "1" },
          { maxUnavailable: "2" },
        ],
      },
      ["spec.budgets"],
    ],

    ["a negative soak", { nodeSoakMillis: -1 }, ["spec.nodeSoak"]],
    ["a soak too long", { nodeSoakMillis: maxSoakMillis + 1 }, ["spec.nodeSoak"]],
    ["a soak that is none", { nodeSoakMillis: Number.NaN }, ["spec.nodeSoak"]],
    ["an empty gate", withGate({}), ["spec.gate"]],
    ["negative failures", withGate({ maxFailures: -1 }), ["spec.gate.maxFailures"]],
    [
      "a failure rate without its rates",
      withGate({ failureRate: {} }),
      ["spec.gate.failureRate.acceptable", "spec.gate.failureRate.unacceptable"],
    ],
    ["equal rates", withGate({ failureRate: { acceptable: 0.1, unacceptable: 0.1 } }), ["spec.gate.failureRate.unacceptable"]],
    [
      "rates the wrong way round",
      withGate({ failureRate: { acceptable: 0.2, unacceptable: 0.1 } }),
      ["spec.gate.failureRate.unacceptable"],
    ],
    ["an acceptable rate of 0", withGate({ failureRate: { ...failureRate, acceptable: 0 } }), ["spec.gate.failureRate.acceptable"]],
    ["an unacceptable rate of 1", withGate({ failureRate: { ...failureRate, unacceptable: 1 } }), ["spec.gate.failureRate.unacceptable"]],
    ["a rate that is none", withGate({ failureRate: { ...failureRate, acceptable: Number.NaN } }), ["spec.gate.failureRate.acceptable"]],
    ["no false alarm at all", withGate({ failureRate: { ...failureRate, falseAlarm: 0 } }), ["spec.gate.failureRate.falseAlarm"]],
    ["a coin for a test", withGate({ failureRate: { ...failureRate, miss: 0.5 } }), ["spec.gate.failureRate.miss"]],
    ["no sample", withGate({ failureRate: { ...failureRate, minSample: 0 } }), ["spec.gate.failureRate.minSample"]],
    ["another way to fail", { onFailure: "ignore" }, ["spec.onFailure"]],

    ["a timeout of nothing", { timeouts: { drainingMillis: 0 } }, ["spec.timeouts.draining"]],
    [
      "timeouts too long",
      { timeouts: { stagingMillis: 1e12, rebootingMillis: 1e12 } },
      ["spec.timeouts.staging", "spec.timeouts.rebooting"],
    ],
    ["other timeouts", { timeouts: { eligibleMillis: 0, verifyingMillis: 0.5 } }, ["spec.timeouts.eligible", "spec.timeouts.verifying"]],
    ["negative retries", { retries: { limit: -1 } }, ["spec.retries.limit"]],
    ["too many retries", { retries: { limit: 11 } }, ["spec.retries.limit"]],
    ["half a retry", { retries: { limit: 0.5 } }, ["spec.retries.limit"]],
    ["a backoff too long", { retries: { backoffMillis: 3_600_001 } }, ["spec.retries.backoff"]],
    ["a longest backoff below the first", { retries: { backoffMillis: 2, maxBackoffMillis: 1 } }, ["spec.retries.maxBackoff"]],
    ["a longest backoff too long", { retries: { maxBackoffMillis: 86_400_001 } }, ["spec.retries.maxBackoff"]],
    ["no node at a time", { staging: { nodes: 0 } }, ["spec.staging.nodes"]],
    ["a rate without nodes", { staging: { bytesPerSecond: 10_000 } }, ["spec.staging.bytesPerSecond"]],
    ["a rate too low for its nodes", { staging: { nodes: 10, bytesPerSecond: 10_239 } }, ["spec.staging.bytesPerSecond"]],
    ["half a byte", { staging: { nodes: 1, bytesPerSecond: 2000.5 } }, ["spec.staging.bytesPerSecond"]],
    ["a jitter too long", { staging: { jitterMillis: 86_400_001 } }, ["spec.staging.jitter"]],
  ])("refuses %s", (_name, change, fields) => {
    expect(violationsOf(change).map(({ field }) => field)).toEqual(fields);
  });

  it.each<[string, Partial<PolicyDraft>]>([
    ["nodes without a selector", { selector: undefined, nodes: names(maxNamedNodes) }],
    ["an exclusion equal to the selector when nodes are named", { selector: "a", nodes: ["b"], exclude: { selector: "a" } }],
    ["small and large percentages", withWaves({ size: { percent: 0.5 } }, { size: { percent: 100 } })],
    [
      "several waves of all that their selectors match, and the rest",
      withWaves({ selector: "a" }, { selector: "b" }, { selector: "c", ...rest }, rest),
    ],
    ["a count before the rest of the same nodes", withWaves({ selector: "a", size: { count: 1 } }, { selector: "a" }, rest)],
    ["a wave gate as strict as the rollout's", { gate: { maxFailures: 2 }, waves: [{ ...rest, gate: { maxFailures: 2 } }] }],
    ["a wave gate with a limit beside a rollout's without", { gate: { failureRate }, waves: [{ ...rest, gate: { maxFailures: 9 } }] }],
    ["a small percentage", { maxUnavailable: "0.5%" }],
    ["a budget at each level", { maxUnavailable: "1", budgets: ["region", "zone", "rack"].map((per) => ({ per, minAvailable: "1" })) }],
    ["the longest soak", { nodeSoakMillis: maxSoakMillis }],
    ["no retry", { retries: { limit: 0 } }],
    ["the slowest rate", { staging: { nodes: 10, bytesPerSecond: 10_240 } }],
  ])("accepts %s", (_name, change) => expect(violationsOf(change)).toEqual([]));

  it("names all that is wrong at once", () => {
    const wrong = { release: "", selector: "", waves: [], maxUnavailable: "0", onFailure: "cry" };
    expect(violationsOf(wrong).map(({ field }) => field)).toEqual([
      "spec.release",
      "spec.selector",
      "spec.waves",
      "spec.maxUnavailable",
      "spec.onFailure",
    ]);
  });

  it("says which gate closes first, also when nobody wrote it", () => {
    expect(violationsOf({ waves: [{ ...rest, gate: { maxFailures: 3 } }] })).toEqual([
      {
        field: "spec.waves[0].gate.maxFailures",
        description:
          "is 3, but the rollout's own gate (spec.gate.maxFailures: 0 by default) always closes first; lower this one or raise that one",
      },
    ]);
  });

  it("never throws, and names a field and a reason whenever it refuses", () => {
    const text = fc.oneof(fc.constantFrom("*", "a=b", "a,!b", "2", "10%", "0", "rack", ""), fc.string({ maxLength: 6 }));
    const number = fc.oneof(fc.nat({ max: 20 }), fc.double({ min: 0, max: 1 }), fc.constantFrom(Number.NaN, -1, 1e9));
    const gate = fc.record(
      {
        maxFailures: number,
        failureRate: fc.record({ acceptable: number, unacceptable: number, minSample: number }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    );
    const size = fc.oneof(fc.record({ count: number }), fc.record({ percent: number }), fc.constant({ rest: true as const }));
    const wave = fc.record({ name: text, size, selector: text, bakeMillis: number, approval: fc.boolean(), gate }, { requiredKeys: [] });
    const drafts = fc.record(
      {
        release: text,
        channel: text,
        selector: text,
        nodes: fc.array(text, { maxLength: 3 }),
        exclude: fc.record({ selector: text, nodes: fc.array(text, { maxLength: 2 }) }, { requiredKeys: [] }),
        priority: number,
        waves: fc.array(wave, { maxLength: 4 }),
        maxUnavailable: text,
        budgets: fc.array(fc.record({ per: text, maxUnavailable: text, minAvailable: text }, { requiredKeys: [] }), { maxLength: 3 }),
        nodeSoakMillis: number,
        gate,
        onFailure: text,
        retries: fc.record({ limit: number, backoffMillis: number, maxBackoffMillis: number }, { requiredKeys: [] }),
        staging: fc.record({ nodes: number, bytesPerSecond: number }, { requiredKeys: [] }),
      },
      { requiredKeys: ["waves"] },
    );
    fc.assert(
      fc.property(drafts, (any) => {
        const checked = checkPolicy(any);
        if (!checked.ok) expect(checked.violations.every(({ field, description }) => field !== "" && description.length > 5)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
