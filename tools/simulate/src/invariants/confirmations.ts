import { sameAttempt, type AttemptRef } from "@treeline/fleet";
import { covers } from "./arithmetic.ts";
import { holderRef, slotStep } from "./slots.ts";
import type { Invariant } from "./invariant.ts";
import type { Model } from "./model.ts";

/** The time to live of an answer: the agent counts it from the sending of its question, which was before the commit. */
const ttlMillis = 30_000;

interface Confirmation {
  readonly attempt: AttemptRef;
  readonly bootId: string;
  readonly at: number;
}

export const deployOnlyConfirmed: Invariant = {
  name: "DeployOnlyConfirmed",
  statement: "No node deploys without a confirmation of this attempt on this boot that is on the disk and not older than its time to live.",
  watch: ({ now }) => {
    const newest = new Map<string, Confirmation>();
    return {
      stored(change, { model }) {
        const found = slotStep(model, change);
        const ref = found && holderRef(found.slot);
        if (found?.slot.confirmed === undefined || ref === undefined) return undefined;
        newest.set(found.slot.nodeId, { attempt: ref, bootId: found.slot.confirmed.bootId, at: now() });
        return undefined;
      },
      deployed(agent, attempt) {
        const confirmation = newest.get(agent.id);
        const what = `${agent.id} deployed for ${attempt.rollout}/${attempt.number}`;
        if (confirmation === undefined || !sameAttempt(confirmation.attempt, attempt)) return `${what} without a confirmation on the disk`;
        if (confirmation.bootId !== agent.host.bootId) return `${what} on a confirmation of another boot`;
        if (now() - confirmation.at >= ttlMillis) return `${what} ${now() - confirmation.at} ms after its confirmation`;
        return undefined;
      },
      answered(nodeId, { attempt, bootId }, { granted, ttlMillis: ttl }) {
        if (!granted) return undefined;
        if (ttl > ttlMillis) return `${nodeId} was given ${ttl} ms to act`;
        const confirmation = newest.get(nodeId);
        const known = confirmation !== undefined && sameAttempt(confirmation.attempt, attempt) && confirmation.bootId === bootId;
        return known && confirmation.at > now() - ttlMillis
          ? undefined
          : `${nodeId} was told yes, and no new confirmation of it is on the disk`;
      },
    };
  },
};

export const nothingConfirmedAfterStop: Invariant = {
  name: "NothingConfirmedAfterStop",
  statement:
    "After a stop, a pause, an end of a rollout or a node's revocation is on the disk, no grant and no confirmation in its scope is: exposure never exceeds what was exposed or confirmed then.",
  watch: () => ({
    stored(change, { model }) {
      const found = slotStep(model, change);
      const ref = found && holderRef(found.slot);
      if (found === undefined || ref === undefined) return undefined;
      const problem = forbidden(model, found.slot.nodeId, ref);
      return problem === undefined ? undefined : `the slot of ${found.slot.nodeId} was ${found.kind} although ${problem}`;
    },
  }),
};

function forbidden(model: Model, nodeId: string, { rollout: name }: AttemptRef): string | undefined {
  const rollout = model.rollouts.get(name);
  const assignment = model.assignment(name, nodeId);
  if (rollout === undefined || assignment === undefined) return `rollout ${name} does not have it`;
  const back = assignment.way === "back";
  if (rollout.state !== (back ? "rolling-back" : "running")) return `rollout ${name} is ${rollout.state}`;
  if (!back && assignment.wave > rollout.openWave) return `its wave ${assignment.wave + 1} is not open`;
  const node = model.nodes.get(nodeId);
  if (node === undefined || node.revokedAt !== undefined) return "the node was revoked";
  if (node.writtenOff !== undefined) return "the node was written off";
  const stop = [...model.stops.values()].find(
    ({ selector, sparesRollbacks }) => !(back && sparesRollbacks) && covers(selector, node.labels),
  );
  return stop === undefined ? undefined : `everything in ${stop.selector} is stopped`;
}

export const onlyTheNewestWrites: Invariant = {
  name: "OnlyTheNewestWrites",
  statement: "Nothing that a replaced server decided reaches the disk.",
  watch: () => ({
    stored: (_, { model, batch }) =>
      batch.epoch < model.newestEpoch ? `a batch of epoch ${batch.epoch} was stored after epoch ${model.newestEpoch} had begun` : undefined,
  }),
};
