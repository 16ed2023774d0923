import { compareGenerations, type Intent } from "@treeline/fleet";
import type { AssignmentPhase } from "@treeline/rollout";
import type { Invariant } from "./invariant.ts";
import type { Model } from "./model.ts";

const inFlight: ReadonlySet<AssignmentPhase> = new Set<AssignmentPhase>([
  "Staging",
  "Staged",
  "Draining",
  "Finalizing",
  "Rebooting",
  "Verifying",
  "Soaking",
]);

export const oneIntentPerNode: Invariant = {
  name: "OneIntentPerNode",
  statement:
    "A node has one intent: its generation only rises, one generation says one thing for ever, and no two rollouts have an attempt in flight on it.",
  watch: () => {
    const sent = new Map<string, Intent>();
    return {
      decided(change, { model }) {
        if (change.kind === "intent") {
          const { nodeId, intent } = change.value;
          const before = model.intents.get(nodeId);
          if (before !== undefined && compareGenerations(intent.generation, before.generation) <= 0)
            return `${nodeId} was given generation ${shown(intent)} after ${shown(before)}`;
        }
        if (change.kind !== "assignment" || !inFlight.has(change.value.phase)) return undefined;
        const { nodeId, rollout } = change.value;
        const other = [...model.assignments].find(
          ([name, nodes]) => name !== rollout && inFlight.has(nodes.get(nodeId)?.phase ?? "pending"),
        );
        return other === undefined ? undefined : `${nodeId} has an attempt of ${rollout} and one of ${other[0]} in flight`;
      },
      sent(nodeId, message) {
        if (message.kind !== "intent") return undefined;
        const before = sent.get(nodeId);
        const { intent } = message;
        const order = before === undefined ? 1 : compareGenerations(intent.generation, before.generation);
        if (order > 0) sent.set(nodeId, intent);
        if (order === 0 && JSON.stringify(before) !== JSON.stringify(intent))
          return `${nodeId} was sent two different intents of generation ${shown(intent)}`;
        return undefined;
      },
    };
  },
};

export const rolledBackNotSentAgain: Invariant = {
  name: "RolledBackNotSentAgain",
  statement: "A commit that a node was brought back from is not ordered there again, unless an operator has cleared it.",
  watch: () => ({
    decided(change, { model }) {
      if (change.kind !== "intent") return undefined;
      const { nodeId, intent } = change.value;
      const order = intent.attempt;
      if (order === undefined || order.back === true || order.clearDenied) return undefined;
      return broughtBack(model, nodeId, intent.target.checksum)
        ? `${nodeId} was ordered ${intent.target.version} again, which it was brought back from`
        : undefined;
    },
  }),
};

/** By the node's own report or by what the server has concluded. */
function broughtBack(model: Model, nodeId: string, checksum: string): boolean {
  if (model.denied.get(`${nodeId} ${checksum}`)?.cleared !== undefined) return false;
  const closed = model.observations.get(nodeId)?.observation.update.closed ?? [];
  if (closed.some(({ target, outcome }) => target.checksum === checksum && outcome.kind === "rolled-back")) return true;
  for (const [name, assignments] of model.assignments)
    if (assignments.get(nodeId)?.phase === "RolledBack" && model.rollouts.get(name)?.target.checksum === checksum) return true;
  return false;
}

function shown({ generation }: Intent): string {
  return `${generation.epoch}.${generation.number}`;
}
