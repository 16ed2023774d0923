import { bootedDeployment, nextDeployment, sameAttempt, type Observation } from "@treeline/fleet";
import type { AssignmentRecord } from "@treeline/rollout";
import type { Decided, Invariant, Scene } from "./invariant.ts";
import { holderRef } from "./slots.ts";

export const updatedOnlyWithProof: Invariant = {
  name: "UpdatedOnlyWithProof",
  statement:
    "A node counts as Updated (or Reverted) only when it really booted the target after its confirmation, served its soak, is green and has lost nothing.",
  watch: (scene) => ({
    decided(change, decided) {
      if (change.kind !== "assignment") return undefined;
      const next = change.value;
      const before = decided.model.assignment(next.rollout, next.nodeId);
      if ((next.phase !== "Updated" && next.phase !== "Reverted") || before?.phase === next.phase) return undefined;
      const problem = unproven(scene, decided, next);
      return problem === undefined ? undefined : `${next.nodeId} became ${next.phase} although ${problem}`;
    },
  }),
};

function unproven({ truth, now }: Scene, { model }: Decided, next: AssignmentRecord): string | undefined {
  const { nodeId } = next;
  const rollout = model.rollouts.get(next.rollout);
  const observation = model.observations.get(nodeId)?.observation;
  if (rollout === undefined || observation === undefined) return "nothing is known of it";
  const target = next.phase === "Reverted" ? next.origin?.checksum : rollout.target.checksum;
  const { os, health, extendedResources = {} } = observation;
  const truly = truth.boot(nodeId, os.bootId);
  if (truly === undefined || truly.checksum !== target || bootedDeployment(os)?.checksum !== target)
    return "the host does not run that commit";
  if (nextDeployment(os)?.booted !== true) return "something else would boot next";
  if (health.state !== "green" || health.bootId !== os.bootId) return `its checks are ${health.state}`;
  const slot = model.slots.get(nodeId);
  const ref = slot && holderRef(slot);
  const own = ref !== undefined && ref.rollout === next.rollout && ref.number === next.attempt;
  if (next.proof === undefined) return own ? "it holds a slot and nothing was proved" : undefined;
  if (!own || slot?.confirmed === undefined) return "it was never confirmed";
  if (slot.confirmed.bootId === os.bootId) return "it has not booted since its confirmation";
  if (next.proof.bootId !== os.bootId || next.proof.checksum !== target) return "its proof is of another boot";
  const soaked = soakBoot(observation, next);
  const soakedOn = soaked === undefined ? undefined : truth.boot(nodeId, soaked);
  if (soakedOn?.checksum !== target) return "the boot that it names for its soak did not run that commit";
  if (now() - soakedOn.at < rollout.policy.nodeSoakMillis || next.proof.soakedMillis < rollout.policy.nodeSoakMillis)
    return "it has not served its soak";
  const lost = Object.entries(next.resources ?? {}).find(([name, amount]) => (extendedResources[name] ?? 0) < amount);
  return lost === undefined || next.phase === "Reverted" ? undefined : `it lost ${lost[0]}`;
}

/** It may have booted the target once more after its soak: the closed attempt names the boot that was soaked. */
function soakBoot({ update }: Observation, { rollout, attempt }: AssignmentRecord): string | undefined {
  const closed = update.closed.find((one) => sameAttempt(one.attempt, { rollout, number: attempt }));
  return closed?.outcome.kind === "updated" ? closed.outcome.bootId : undefined;
}
