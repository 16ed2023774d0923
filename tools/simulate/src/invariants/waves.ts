import type { AssignmentPhase, RolloutRecord } from "@treeline/rollout";
import type { Decided, Invariant } from "./invariant.ts";
import type { Model } from "./model.ts";
import { closedAtEnd, forwardOrder } from "./progress.ts";

const waiting: ReadonlySet<AssignmentPhase> = new Set<AssignmentPhase>(["pending", "NotEligible"]);
const ended: ReadonlySet<AssignmentPhase> = new Set<AssignmentPhase>(["Updated", "RolledBack", "Failed", "Lost", "Superseded", "Reverted"]);

export const wavesInOrder: Invariant = {
  name: "WavesInOrder",
  statement:
    "A node is begun only in an open wave. A wave is left, for the next or for the end, when its nodes have ended and no earlier one is under way, its bake was served whole, no gate closes at its end and, where asked for, somebody has approved what comes.",
  watch: () => ({
    decided(change, decided) {
      const order = forwardOrder(change);
      if (order !== undefined) {
        const rollout = decided.model.rollouts.get(order.rollout);
        const assignment = decided.model.assignment(order.rollout, order.nodeId);
        if (rollout !== undefined && assignment !== undefined && assignment.wave > rollout.openWave)
          return `${order.nodeId} was ordered forward, and its wave ${assignment.wave + 1} of ${order.rollout} is not open`;
      }
      return change.kind === "rollout" ? (bakedEarly(change.value, decided) ?? leftEarly(change.value, decided)) : undefined;
    },
  }),
};

/** A bake begins at the very instant that is written down, when nothing is left to wait for. */
function bakedEarly(next: RolloutRecord, { model, life }: Decided): string | undefined {
  const before = model.rollouts.get(next.name);
  if (before === undefined || next.bakingSince === undefined || next.bakingSince === before.bakingSince) return undefined;
  const bake = `the bake of wave ${next.openWave + 1} of ${next.name}`;
  if (next.bakingSince !== life.wallNow()) return `${bake} began at another time than it says`;
  const open = unended(model, before);
  return open === undefined ? undefined : `${bake} began while ${open}`;
}

function leftEarly(next: RolloutRecord, { model, life }: Decided): string | undefined {
  const before = model.rollouts.get(next.name);
  if (before === undefined) return undefined;
  const opens = next.openWave > before.openWave;
  if (!opens && !(next.state === "completed" && before.state !== "completed")) return undefined;
  const what = opens ? `wave ${next.openWave + 1} of ${next.name} was opened` : `${next.name} was completed`;
  if (opens && next.policy.waves[next.openWave]?.approval === true && next.approvals[next.openWave] === undefined)
    return `${what} without approval`;
  const open = unended(model, before);
  if (open !== undefined) return `${what} while ${open}`;
  const wave = before.policy.waves[before.openWave];
  const members = [...(model.assignments.get(next.name)?.values() ?? [])].some((one) => one.wave === before.openWave);
  if (wave === undefined || !members) return undefined;
  const baked = before.bakingSince === undefined ? 0 : life.wallNow() - before.bakingSince;
  if (baked < wave.bakeMillis) return `${what} after ${baked} of ${wave.bakeMillis} ms of the bake before it`;
  const closed = closedAtEnd(model, before);
  return closed === undefined ? undefined : `${what} although ${closed}`;
}

/** One that the open wave waits for: of its own, or of an earlier wave and under way again. */
function unended(model: Model, { name, openWave }: RolloutRecord): string | undefined {
  for (const { wave, phase, nodeId } of model.assignments.get(name)?.values() ?? [])
    if (wave <= openWave && !ended.has(phase) && (wave === openWave || !waiting.has(phase)))
      return `${nodeId} of wave ${wave + 1} is ${phase}`;
  return undefined;
}
