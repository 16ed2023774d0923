import { checkBudget, checkPolicy, type BudgetDraft, type PolicyDraft } from "@treeline/rollout";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { messages } from "../definition.ts";
import { budgetDraftFromProto, budgetDraftToProto, policyDraftFromProto, policyDraftToProto, policyToProto } from "./policy.ts";

/** Any of its fields may be absent. */
function partial<Fields>(model: { readonly [Key in keyof Fields]-?: Arbitrary<Exclude<Fields[Key], undefined>> }): Arbitrary<Fields> {
  return fc.record(model, { requiredKeys: [], noNullPrototype: true }) as unknown as Arbitrary<Fields>;
}

const millis = fc.integer({ min: 0, max: 30 * 86_400_000 });
const whole = fc.integer({ min: 0, max: 100_000 });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const words = fc.string({ maxLength: 12 });
const amount = fc.constantFrom("0", "2", "10%", "100%", "", "few");
const per = fc.constantFrom("region", "zone", "rack", "shelf");
const gate = partial<NonNullable<PolicyDraft["gate"]>>({
  maxFailures: whole,
  failureRate: partial({ acceptable: fraction, unacceptable: fraction, falseAlarm: fraction, miss: fraction, minSample: whole }),
});
const size = fc.oneof(
  whole.map((count) => ({ count })),
  fraction.map((percent) => ({ percent: percent * 100 })),
  fc.constant({ rest: true as const }),
);
const drafts: Arbitrary<PolicyDraft> = fc
  .tuple(
    partial<Omit<PolicyDraft, "waves">>({
      release: words,
      channel: words,
      selector: fc.constantFrom("*", "site=berlin", "", "a in ("),
      nodes: fc.array(words, { maxLength: 3 }),
      exclude: partial({ selector: fc.constantFrom("canary", ""), nodes: fc.array(words, { maxLength: 2 }) }),
      priority: fc.integer({ min: -2000, max: 2000 }),
      cure: fc.boolean(),
      maxUnavailable: amount,
      budgets: fc.array(partial({ per, maxUnavailable: amount, minAvailable: amount }), { maxLength: 3 }),
      nodeSoakMillis: millis,
      gate,
      onFailure: fc.constantFrom("pause", "halt", "rollback", "explode", ""),
      timeouts: partial({
        eligibleMillis: millis,
        stagingMillis: millis,
        drainingMillis: millis,
        rebootingMillis: millis,
        verifyingMillis: millis,
      }),
      retries: partial({ limit: whole, backoffMillis: millis, maxBackoffMillis: millis }),
      staging: partial({ nodes: whole, bytesPerSecond: fc.maxSafeNat(), jitterMillis: millis }),
    }),
    fc.array(
      partial<PolicyDraft["waves"][number]>({ name: words, size, selector: words, bakeMillis: millis, approval: fc.boolean(), gate }),
      { maxLength: 4 },
    ),
  )
  .map(([rest, waves]) => ({ ...rest, waves }));
const good: PolicyDraft = { release: "42.1", selector: "*", waves: [{ size: { count: 1 } }, { size: { rest: true } }] };

function overWire(draft: PolicyDraft): PolicyDraft {
  return policyDraftFromProto(messages.RolloutPolicy.deserialize(messages.RolloutPolicy.serialize(policyDraftToProto(draft))));
}

describe("a policy that went over the wire", () => {
  it("is as right, and as wrong, as it was written", () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        expect(checkPolicy(overWire(draft))).toEqual(checkPolicy(draft));
      }),
      { numRuns: 500 },
    );
  });

  it("and that the server shows is one that could have been written", () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const checked = checkPolicy({ ...draft, ...good, channel: undefined, nodes: [], exclude: undefined });
        if (!checked.ok) return;
        const shown = policyDraftFromProto(
          messages.RolloutPolicy.deserialize(messages.RolloutPolicy.serialize(policyToProto(checked.policy))),
        );
        expect(checkPolicy(shown)).toEqual(checked);
      }),
      { numRuns: 500 },
    );
  });

  it("shows one limit over all nodes in its short form", () => {
    const shown = (draft: Partial<PolicyDraft>): unknown => {
      const checked = checkPolicy({ ...good, ...draft });
      return checked.ok && policyToProto(checked.policy);
    };
    expect(shown({ maxUnavailable: "10%" })).toMatchObject({ maxUnavailable: "10%", budgets: [] });
    expect(shown({ budgets: [{ per: "zone", maxUnavailable: "1" }] })).toMatchObject({ budgets: [{ per: "zone", maxUnavailable: "1" }] });
    expect(shown({ budgets: [{ per: "zone", maxUnavailable: "1" }] })).not.toHaveProperty("maxUnavailable");
  });

  it("is refused where it is missing, or a wave says `rest: false`", () => {
    expect(checkPolicy(policyDraftFromProto(null)).ok).toBe(false);
    const { RolloutPolicy } = messages;
    const wave = RolloutPolicy.deserialize(RolloutPolicy.serialize({ release: "1", selector: "*", waves: [{ rest: false }] }));
    expect(checkPolicy(policyDraftFromProto(wave))).toMatchObject({ ok: false, violations: [{ field: "spec.waves[0].count" }] });
  });

  it("is never another number than the one that was meant", () => {
    for (const count of [-1, 1.5, Number.NaN, 2 ** 32])
      expect(() => policyDraftToProto({ ...good, waves: [{ size: { count } }] })).toThrow("waves.count is");
    expect(() => policyDraftToProto({ ...good, staging: { bytesPerSecond: 2 ** 60 } })).toThrow("bytesPerSecond is");
  });
});

it("a budget that went over the wire is as right, and as wrong, as it was written", () => {
  const budgets = fc.tuple(
    words,
    partial<Omit<BudgetDraft, "name">>({ selector: words, per, maxUnavailable: amount, minAvailable: amount }),
  );
  fc.assert(
    fc.property(budgets, ([name, rest]) => {
      const draft = { name, ...rest };
      expect(checkBudget(budgetDraftFromProto(messages.Budget.deserialize(messages.Budget.serialize(budgetDraftToProto(draft)))))).toEqual(
        checkBudget(draft),
      );
    }),
  );
});
