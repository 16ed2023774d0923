import { bootedDeployment, nextDeployment, sameAttempt, type AttemptRef, type Observation } from "@treeline/fleet";
import type { Slot } from "@treeline/disruption";
import type { AssignmentRecord, Change } from "@treeline/rollout";
import { instancesOf, isTaken, isUnavailable } from "./arithmetic.ts";
import type { Decided, Invariant, Scene } from "./invariant.ts";
import type { Model } from "./model.ts";

/** What this slot change does to the slot that was there. */
function step(model: Model, slot: Slot): "granted" | "confirmed" | "same" {
  const before = model.slots.get(slot.nodeId);
  if (before?.id !== slot.id) return "granted";
  if (slot.confirmed === undefined) return "same";
  return before.confirmed?.bootId === slot.confirmed.bootId && before.confirmed.at === slot.confirmed.at ? "same" : "confirmed";
}

export function slotStep(model: Model, change: Change): { readonly kind: "granted" | "confirmed"; readonly slot: Slot } | undefined {
  if (change.kind !== "slot") return undefined;
  const kind = step(model, change.value);
  return kind === "same" ? undefined : { kind, slot: change.value };
}

export function holderRef(slot: Slot): AttemptRef | undefined {
  const { holder } = slot;
  return "rollout" in holder ? { rollout: holder.rollout, number: holder.number } : undefined;
}

/** The same rollout's later attempt gets the slot that an earlier one gives up, in one write: the node was and stays in the union. */
function takeover(changes: readonly Change[], released: number): boolean {
  const before = changes[released];
  const after = changes[released + 1];
  return (
    before?.kind === "slot-released" &&
    after?.kind === "slot" &&
    after.value.nodeId === before.nodeId &&
    after.value.holder.kind === "rollout" &&
    before.id.startsWith(`${after.value.holder.rollout}:`)
  );
}

export const budgetNeverEnlarged: Invariant = {
  name: "BudgetNeverEnlarged",
  statement: "No grant enlarges slots ∪ unavailable nodes past a budget; no confirmation is given while it is past one.",
  watch: () => ({
    decided(change, { model, batch, index }) {
      const found = slotStep(model, change);
      if (found === undefined || takeover(batch.changes, index - 1)) return undefined;
      const { kind, slot } = found;
      // It takes nothing from anybody that it does not take already; at the confirmation its own slot counts, and nothing else of it.
      if (kind === "granted" ? isTaken(model, slot.nodeId) : isUnavailable(model, slot.nodeId)) return undefined;
      for (const { id, limit, taken } of instancesOf(model, slot.nodeId)) {
        const total = taken + (isTaken(model, slot.nodeId) ? 0 : 1);
        if (total > limit) return `the slot of ${slot.nodeId} was ${kind} with ${total} of ${limit} unavailable in ${id}`;
        if (kind === "granted" && !slot.budgets.includes(id)) return `the slot of ${slot.nodeId} does not remember ${id}`;
      }
      return undefined;
    },
  }),
};

export const slotHasOwner: Invariant = {
  name: "SlotHasOwner",
  statement:
    "Each slot belongs to the newest attempt of one assignment, or to the one that its way back takes it over from; a node holds one at most.",
  watch: () => {
    const touched = new Set<string>();
    return {
      // Judged when it is decided: the store refuses a second slot, so this one would never be seen on the disk.
      decided(change, { model }) {
        if (change.kind !== "slot") return undefined;
        const before = model.slots.get(change.value.nodeId);
        return before === undefined || before.id === change.value.id
          ? undefined
          : `${before.nodeId} got the slot ${change.value.id} while it held ${before.id}`;
      },
      stored(change) {
        if (change.kind === "slot") touched.add(change.value.nodeId);
        if (change.kind === "assignment") touched.add(change.value.nodeId);
        if (change.kind === "assignment-removed") touched.add(change.nodeId);
        return undefined;
      },
      batchStored({ model }) {
        const nodeIds = [...touched];
        touched.clear();
        return nodeIds.map((nodeId) => orphan(model, nodeId)).find((problem) => problem !== undefined);
      },
      whole: () => undefined,
    };
  },
};

function orphan(model: Model, nodeId: string): string | undefined {
  const slot = model.slots.get(nodeId);
  const ref = slot && holderRef(slot);
  if (slot === undefined || ref === undefined) return undefined;
  const assignment = model.assignment(ref.rollout, nodeId);
  if (assignment === undefined) return `the slot ${slot.id} belongs to an assignment that is gone`;
  // A way back, or a cure, takes over the slot that the attempt before it could not give up; where the node is red it keeps its slot while it waits to be tried again.
  const mayBeginRed = assignment.way === "back" || model.rollouts.get(ref.rollout)?.policy.cure === true;
  if (mayBeginRed && ref.number < assignment.attempt) return undefined;
  if (assignment.attempt !== ref.number) return `the slot ${slot.id} belongs to attempt ${ref.number}, the newest is ${assignment.attempt}`;
  const red = mayBeginRed && !isGreen(model, nodeId);
  if ((assignment.phase === "pending" && !red) || assignment.phase === "Superseded")
    return `the slot ${slot.id} is held although its node is ${assignment.phase}`;
  return undefined;
}

export const slotReleasedOnlyByEvidence: Invariant = {
  name: "SlotReleasedOnlyByEvidence",
  statement:
    "A slot is released by a proof of update, by one report that shows the way back complete, or by an operator's write-off; its permission goes with it.",
  watch: (scene) => ({
    decided(change, decided) {
      if (change.kind !== "slot-released") return undefined;
      const slot = decided.model.slots.get(change.nodeId);
      if (slot?.id !== change.id) return `slot ${change.id} was released, and nobody held it`;
      const written = decided.batch.changes.some(
        (other) => other.kind === "node" && other.value.id === change.nodeId && other.value.writtenOff !== undefined,
      );
      if (takeover(decided.batch.changes, decided.index)) return undefined;
      if (written || decided.model.nodes.get(change.nodeId)?.writtenOff !== undefined) return undefined;
      return unproven(scene, decided, slot) ?? stillPermitted(decided, slot);
    },
  }),
};

function isGreen(model: Model, nodeId: string): boolean {
  const observation = model.observations.get(nodeId)?.observation;
  return observation?.health.state === "green" && observation.health.bootId === observation.os.bootId;
}

/** What is missing in the newest report, or is not so on the host. */
function unproven(scene: Scene, { model }: Decided, slot: Slot): string | undefined {
  const { nodeId } = slot;
  const ref = holderRef(slot);
  const observation = model.observations.get(nodeId)?.observation;
  const assignment = ref && model.assignment(ref.rollout, nodeId);
  const says = (problem: string): string => `the slot of ${nodeId} was released although ${problem}`;
  if (ref === undefined || assignment === undefined || observation === undefined) return says("nothing is known of its attempt");
  const { os, update, health } = observation;
  const booted = bootedDeployment(os);
  if (update.open !== undefined && sameAttempt(update.open.attempt, ref)) return says("its attempt is open in the newest report");
  if (booted === undefined) return says("nothing is known of what it runs");
  // What an operator has made the next to boot is nobody's doing here.
  const next = nextDeployment(os);
  if (next?.booted !== true && next?.checksum === ordered(model, assignment))
    return says("what the attempt was ordered to boot would boot next");
  if (health.state !== "green" || health.bootId !== os.bootId) return says(`its checks are ${health.state} in the newest report`);
  if (!expected(model, assignment, observation).includes(booted.checksum))
    return says("it runs neither the commit its attempt began on nor the one it led to");
  const truly = scene.truth.boot(nodeId, os.bootId);
  if (truly?.checksum !== booted.checksum) return says("it reported a commit that it never booted");
  const open = scene.truth.agent(nodeId)?.host.journal.open;
  if (open !== undefined && sameAttempt(open.ref, ref) && open.confirmedBootId !== undefined)
    return says("its attempt is past the point of no return on the host");
  return undefined;
}

function ordered(model: Model, { rollout, way, origin }: AssignmentRecord): string | undefined {
  return way === "back" ? origin?.checksum : model.rollouts.get(rollout)?.target.checksum;
}

/** What may run when a slot is given back: where the attempt began, where a way back led, or the release that it was confirmed for and says it soaked. */
function expected(
  model: Model,
  { rollout, attempt, way, base, origin }: AssignmentRecord,
  { update }: Observation,
): readonly (string | undefined)[] {
  const claims = update.closed.some(
    (closed) => sameAttempt(closed.attempt, { rollout, number: attempt }) && closed.outcome.kind === "updated",
  );
  return [base?.checksum, ...(way === "back" ? [origin?.checksum] : claims ? [model.rollouts.get(rollout)?.target.checksum] : [])];
}

function stillPermitted({ model, batch }: Decided, slot: Slot): string | undefined {
  const inBatch = batch.changes.findLast((other) => other.kind === "intent" && other.value.nodeId === slot.nodeId);
  const intent = inBatch?.kind === "intent" ? inBatch.value.intent : model.intents.get(slot.nodeId);
  return intent?.attempt?.permission?.slot === slot.id ? `the slot of ${slot.nodeId} was released, its permission was not` : undefined;
}
