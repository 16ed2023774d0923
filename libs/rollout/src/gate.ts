import type { FailureRate, Gate } from "./policy.ts";
import type { Results } from "./record.ts";

/** `passing`: the sequential test has shown the rate to be acceptable, or there is no such test. It may still close later. */
export type GateVerdict =
  | { readonly closed: false; readonly verdict: "passing" | "undecided" }
  | { readonly closed: true; readonly reason: string };

/**
 * Judges the results so far; asked again after every one. `ended`: every node of the wave has its result, none is to come.
 *
 * - `maxFailures`: more failed nodes close the gate.
 * - `failureRate`: a sequential probability ratio test (A. Wald, "Sequential Tests of Statistical Hypotheses", Annals of Mathematical Statistics
 *   16, 1945) of the unacceptable failure rate against the acceptable one. With no stop at the lower boundary the chance of ever closing at an
 *   acceptable rate, however long the rollout, is at most falseAlarm / (1 - miss) by Ville's inequality; the chance to pass an unacceptable rate
 *   before closing is at most miss / (1 - falseAlarm). To begin looking only at `minSample` keeps both.
 * - When the wave has ended, a failure rate of `unacceptable` or more closes the gate whatever the sample. The error rates above do not cover
 *   this: no further result will come that could tell a bad release from bad luck, so a person looks first.
 *
 * The caller has subtracted what was pardoned; less than nothing counts as nothing.
 */
export function judgeGate(gate: Gate, results: Results, ended: boolean): GateVerdict {
  const failed = Math.max(0, results.failed);
  const sample = Math.max(failed, results.ended);
  if (gate.maxFailures !== undefined && failed > gate.maxFailures)
    return { closed: true, reason: `${failed} of ${nodes(sample)} failed, more than the ${gate.maxFailures} that may` };
  const rate = gate.failureRate;
  if (rate === undefined) return { closed: false, verdict: "passing" };

  if (ended && sample > 0 && failed / sample >= rate.unacceptable)
    return {
      closed: true,
      reason: `${failed} of ${nodes(sample)} failed at the end of the wave, ${percent(failed / sample)}; ${percent(rate.unacceptable)} is unacceptable`,
    };
  if (sample < rate.minSample) return { closed: false, verdict: "undecided" };
  const evidence = logLikelihoodRatio(rate, { ended: sample, failed });
  if (evidence >= Math.log((1 - rate.miss) / rate.falseAlarm))
    return {
      closed: true,
      reason:
        `${failed} of ${nodes(sample)} failed, ${percent(failed / sample)}: too many for an acceptable rate of ${percent(rate.acceptable)}` +
        ` (sequential test, false alarm ${percent(rate.falseAlarm)})`,
    };
  return { closed: false, verdict: evidence <= Math.log(rate.miss / (1 - rate.falseAlarm)) ? "passing" : "undecided" };
}

/** How much likelier the results are at the unacceptable rate than at the acceptable one, as a natural logarithm. */
function logLikelihoodRatio({ acceptable, unacceptable }: FailureRate, { ended, failed }: Results): number {
  return failed * Math.log(unacceptable / acceptable) + (ended - failed) * Math.log((1 - unacceptable) / (1 - acceptable));
}

function nodes(count: number): string {
  return count === 1 ? "1 node" : `${count} nodes`;
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toFixed(2))}%`;
}
