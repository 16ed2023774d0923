import type { Change, Gate, Results, RolloutRecord } from "@treeline/rollout";
import type { Invariant } from "./invariant.ts";
import type { Model } from "./model.ts";

/** Whether the change begins or permits a forward attempt, and of which rollout and node. */
export function forwardOrder(change: Change): { readonly rollout: string; readonly nodeId: string } | undefined {
  if (change.kind !== "intent") return undefined;
  const { intent, nodeId } = change.value;
  const order = intent.attempt;
  return order === undefined || order.back === true ? undefined : { rollout: order.ref.rollout, nodeId };
}

export const gateClosesAtOnce: Invariant = {
  name: "GateClosesAtOnce",
  statement: "Once the results that are known close a gate, no further node is begun or permitted forward, wherever the wave stands.",
  watch: () => {
    let closed = new Map<string, string>();
    return {
      decided(change, { model, index }) {
        // Results and the gate's verdict on them may be one batch; what the batch before it knew binds this one.
        if (index === 0) closed = closedGates(model);
        const order = forwardOrder(change);
        if (order === undefined) return undefined;
        const why = closed.get(order.rollout);
        const before = model.intents.get(order.nodeId)?.attempt;
        const isNew =
          change.kind === "intent" &&
          (before?.ref.number !== change.value.intent.attempt?.ref.number ||
            before?.permission?.slot !== change.value.intent.attempt?.permission?.slot);
        return why === undefined || !isNew ? undefined : `${order.nodeId} was ordered forward in ${order.rollout} although ${why}`;
      },
    };
  },
};

function closedGates(model: Model): Map<string, string> {
  const closed = new Map<string, string>();
  for (const rollout of model.rollouts.values()) {
    const { gate } = rollout.policy;
    if (rollout.settled) continue;
    const waves = rollout.policy.waves.map((_, wave) => resultsOf(model, rollout, wave));
    const all = sumOf(waves);
    const verdicts = [verdict(gate, all), ...rollout.policy.waves.map((wave, index) => verdict(wave.gate, waves[index]!))];
    const why = verdicts.find((one) => one !== undefined);
    if (why !== undefined) closed.set(rollout.name, why);
  }
  return closed;
}

function sumOf(results: readonly Results[]): Results {
  return results.reduce((sum, one) => ({ ended: sum.ended + one.ended, failed: sum.failed + one.failed }), { ended: 0, failed: 0 });
}

/** Why the wave that is open must not be left although every result of it is known: as above, or because the share that failed is unacceptable. */
export function closedAtEnd(model: Model, rollout: RolloutRecord): string | undefined {
  const { gate, waves } = rollout.policy;
  const results = waves.map((_, wave) => resultsOf(model, rollout, wave));
  const judged: readonly (readonly [Gate | undefined, Results | undefined])[] = [
    [gate, sumOf(results)],
    [waves[rollout.openWave]?.gate, results[rollout.openWave]],
  ];
  for (const [rule, result] of judged) {
    if (rule === undefined || result === undefined) continue;
    const why = verdict(rule, result) ?? unacceptable(rule, result);
    if (why !== undefined) return why;
  }
  return undefined;
}

function unacceptable({ failureRate }: Gate, { ended, failed }: Results): string | undefined {
  const sample = Math.max(ended, failed);
  const bad = failureRate !== undefined && sample > 0 && failed / sample >= failureRate.unacceptable;
  return bad ? `${failed} of ${sample} have failed at its end` : undefined;
}

/** Without what a person has looked at and gone on from. */
function resultsOf(model: Model, rollout: RolloutRecord, wave: number): Results {
  let ended = 0;
  let failed = 0;
  for (const assignment of model.assignments.get(rollout.name)?.values() ?? []) {
    if (assignment.wave !== wave) continue;
    const { phase, failure } = assignment;
    if (phase === "Failed" && (failure === "unreachable" || failure === "operator")) continue;
    const bad = phase === "RolledBack" || phase === "Failed" || phase === "Lost";
    if (bad || phase === "Updated") ended++;
    if (bad) failed++;
  }
  const pardon = rollout.pardons[wave];
  return { ended: Math.max(0, ended - (pardon?.ended ?? 0)), failed: Math.max(0, failed - (pardon?.failed ?? 0)) };
}

/** Wald's sequential probability ratio test: the sum of the log-likelihood ratios against log((1 - miss) / falseAlarm). */
function verdict(rule: Gate | undefined, { ended, failed }: Results): string | undefined {
  if (rule === undefined) return undefined;
  if (rule.maxFailures !== undefined && failed > rule.maxFailures) return `${failed} nodes have failed, ${rule.maxFailures} may`;
  const rate = rule.failureRate;
  if (rate === undefined || ended < rate.minSample) return undefined;
  const ratio =
    failed * Math.log(rate.unacceptable / rate.acceptable) + (ended - failed) * Math.log((1 - rate.unacceptable) / (1 - rate.acceptable));
  return ratio >= Math.log((1 - rate.miss) / rate.falseAlarm) ? `${failed} of ${ended} have failed` : undefined;
}
