import { checkWholeNumber, type Wrong } from "./check-field.ts";
import type { FailureRate, Gate } from "./policy.ts";
import type { FailureRateDraft, GateDraft } from "./policy-draft.ts";

const maxNodes = 1_000_000;

/** A gate as written. One that gives only a failure rate has no absolute limit. */
export function checkGate(draft: GateDraft, field: string, wrong: Wrong): Gate {
  if (draft.maxFailures === undefined && draft.failureRate === undefined)
    wrong(field, "judges nothing; write maxFailures, failureRate or both, or leave it out");
  return {
    ...(draft.maxFailures === undefined
      ? {}
      : {
          maxFailures: checkWholeNumber(draft.maxFailures, { field: `${field}.maxFailures`, least: 0, most: maxNodes, fallback: 0 }, wrong),
        }),
    ...(draft.failureRate === undefined ? {} : { failureRate: checkFailureRate(draft.failureRate, `${field}.failureRate`, wrong) }),
  };
}

function checkFailureRate(draft: FailureRateDraft, field: string, wrong: Wrong): FailureRate {
  const acceptable = checkRate(draft.acceptable, `${field}.acceptable`, wrong);
  const unacceptable = checkRate(draft.unacceptable, `${field}.unacceptable`, wrong);
  if (acceptable !== undefined && unacceptable !== undefined && acceptable >= unacceptable)
    wrong(
      `${field}.unacceptable`,
      `is ${percent(unacceptable)}, not above the acceptable ${percent(acceptable)}; raise it or lower the other: the test tells the two apart`,
    );
  return {
    acceptable: acceptable ?? 0.01,
    unacceptable: unacceptable ?? 0.1,
    falseAlarm: checkErrorRate(draft.falseAlarm, { field: `${field}.falseAlarm`, fallback: 0.05 }, wrong),
    miss: checkErrorRate(draft.miss, { field: `${field}.miss`, fallback: 0.1 }, wrong),
    minSample: checkWholeNumber(draft.minSample, { field: `${field}.minSample`, least: 1, most: maxNodes, fallback: 10 }, wrong),
  };
}

/** At 0 or 1 a single result would outweigh any number of others. */
function checkRate(value: number | undefined, field: string, wrong: Wrong): number | undefined {
  if (value === undefined) wrong(field, 'is missing; write a percentage such as "2%"');
  else if (value > 0 && value < 1) return value;
  else if (value === 0) wrong(field, "is 0; write more than 0%, or maxFailures: 0 to stop at the first failure");
  else wrong(field, `is ${Number.isFinite(value) ? percent(value) : value}; write more than 0% and less than 100%`);
  return undefined;
}

/** Below one half each, together below 1: else the test's two boundaries would cross. */
function checkErrorRate(
  value: number | undefined,
  { field, fallback }: { readonly field: string; readonly fallback: number },
  wrong: Wrong,
): number {
  if (value === undefined) return fallback;
  if (value >= 0.000001 && value < 0.5) return value;
  wrong(field, `is ${Number.isFinite(value) ? percent(value) : value}; write a chance from 0.0001% to less than 50%, such as "5%"`);
  return fallback;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(6))}%`;
}
