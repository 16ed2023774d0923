import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkPolicy, cutWaves, maxSoakMillis, maxWaves, type PolicyDraft, type Wave } from "./policy.ts";

const draft: PolicyDraft = { release: "2", selector: "*", waves: [{ rest: true }], maxUnavailable: "1", nodeSoakMillis: 0 };

describe("checkPolicy", () => {
  it("fills in the defaults", () => {
    expect(checkPolicy({ ...draft, maxUnavailable: "", release: " 2 ", selector: " * " })).toEqual({
      ok: true,
      policy: { release: "2", selector: "*", waves: [{ rest: true }], maxUnavailable: { count: 1 }, nodeSoakMillis: 0, retries: 2 },
    });
  });

  it.each<[Partial<PolicyDraft>, string]>([
    [{ release: " " }, "spec.release"],
    [{ selector: "" }, "spec.selector"],
    [{ selector: "a=b=c" }, "spec.selector"],
    [{ waves: [] }, "spec.waves"],
    [{ waves: Array.from({ length: maxWaves + 1 }, () => ({ count: 1 })) }, "spec.waves"],
    [{ waves: [{ count: 0 }] }, "spec.waves[0].count"],
    [{ waves: [{ count: 1.5 }] }, "spec.waves[0].count"],
    [{ waves: [{ count: Number.NaN }] }, "spec.waves[0].count"],
    [{ waves: [{ percent: 0 }] }, "spec.waves[0].percent"],
    [{ waves: [{ percent: 100.5 }] }, "spec.waves[0].percent"],
    [{ waves: [{ percent: Number.NaN }] }, "spec.waves[0].percent"],
    [{ waves: [{ rest: true }, { count: 1 }] }, "spec.waves[0].rest"],
    [{ maxUnavailable: "0" }, "spec.maxUnavailable"],
    [{ maxUnavailable: "0%" }, "spec.maxUnavailable"],
    [{ maxUnavailable: "101%" }, "spec.maxUnavailable"],
    [{ maxUnavailable: "many" }, "spec.maxUnavailable"],
    [{ nodeSoakMillis: -1 }, "spec.nodeSoak"],
    [{ nodeSoakMillis: maxSoakMillis + 1 }, "spec.nodeSoak"],
    [{ nodeSoakMillis: Number.NaN }, "spec.nodeSoak"],
    [{ retries: -1 }, "spec.retries"],
    [{ retries: 11 }, "spec.retries"],
    [{ retries: 0.5 }, "spec.retries"],
  ])("refuses %j", (change, field) => {
    const checked = checkPolicy({ ...draft, ...change });
    expect(checked.ok ? [] : checked.violations.map((violation) => violation.field)).toEqual([field]);
  });

  it.each<Partial<PolicyDraft>>([
    { waves: [{ percent: 0.5 }, { percent: 100 }] },
    { maxUnavailable: "0.5%" },
    { retries: 0 },
    { retries: 10 },
    { nodeSoakMillis: maxSoakMillis },
  ])("accepts %j", (change) => expect(checkPolicy({ ...draft, ...change }).ok).toBe(true));
});

describe("cutWaves", () => {
  const wave = fc.oneof(
    fc.record({ count: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
    fc.constant<Wave>({ rest: true }),
  ) as fc.Arbitrary<Wave>;

  it("gives every item to exactly one wave or to the left-overs, in order", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 60, size: "max" }), fc.array(wave, { maxLength: 6 }), (items, waves) => {
        const cut = cutWaves(items, waves);
        expect([...cut.waves.flat(), ...cut.leftOver]).toEqual(items);
        expect(cut.waves).toHaveLength(waves.length);
        if (waves.some((one) => "rest" in one)) expect(cut.leftOver).toEqual([]);
      }),
    );
  });

  it("never makes a wave larger than written, nor empty while items are left", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.array(wave, { maxLength: 6 }), (size, waves) => {
        let left = size;
        cutWaves(Array.from({ length: size }), waves).waves.forEach((cut, index) => {
          const written = waves[index]!;
          const most = "count" in written ? written.count : "percent" in written ? Math.max(1, (size * written.percent) / 100) : size;
          expect(cut.length).toBeLessThanOrEqual(most);
          if (left > 0) expect(cut.length).toBeGreaterThan(0);
          left -= cut.length;
        });
      }),
    );
  });

  it("takes percentages of the whole list, not of what is left", () => {
    const cut = cutWaves(Array.from({ length: 10 }), [{ percent: 50 }, { percent: 30 }, { rest: true }]);
    expect(cut.waves.map((one) => one.length)).toEqual([5, 3, 2]);
  });
});
