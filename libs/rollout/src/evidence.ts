import type { Slot } from "@treeline/disruption";
import {
  bootedDeployment,
  nextDeployment,
  sameAttempt,
  sameDeployment,
  type ClosedAttempt,
  type Deployment,
  type Instant,
  type Observation,
  type Target,
} from "@treeline/fleet";
import { attemptOf, targetOf, type AssignmentRecord, type Proof, type RolloutRecord } from "./record.ts";

/** Either the thing is shown, or what is still missing, for people. */
export type Evidence<Shown> = { readonly shown: Shown } | { readonly missing: string };

export interface UpdateClaim {
  readonly rollout: RolloutRecord;
  readonly assignment: AssignmentRecord;
  readonly slot: Slot | undefined;
  readonly closed: ClosedAttempt;
  readonly observation: Observation;
  readonly now: Instant;
}

/**
 * Is the claim "updated" proved? Law 1: a new boot id, the booted checksum equal to the target, nothing left to finalize, required checks
 * green on the boot shown now, the soak served, over a slot whose confirmation this server committed. "The command returned 0" is never
 * enough. A node that booted the target once more after its soak is proved by its newest boot: its agent has closed the attempt and will
 * not claim again.
 */
export function proveUpdated(claim: UpdateClaim): Evidence<Proof> {
  const { rollout, assignment, slot, closed, observation, now } = claim;
  const target = targetOf(rollout, assignment);
  if (closed.outcome.kind !== "updated") return { missing: "the node does not claim to be updated" };
  if (slot?.confirmed === undefined) return { missing: "no confirmation was given for this attempt" };
  const booted = bootedDeployment(observation.os);
  if (booted?.checksum !== target.checksum) return { missing: `the node runs ${booted?.checksum ?? "nothing known"}, not the target` };
  if ([observation.os.bootId, closed.outcome.bootId].includes(slot.confirmed.bootId))
    return { missing: "the node has not booted since the confirmation" };
  if (nextDeployment(observation.os)?.booted !== true) return { missing: "another deployment is the default for the next boot" };
  if (observation.health.bootId !== observation.os.bootId || observation.health.state !== "green")
    return { missing: "the required checks are not green on this boot" };
  if (closed.outcome.soakedMillis < rollout.policy.nodeSoakMillis) return { missing: "the node has not soaked long enough" };
  return {
    shown: {
      at: now,
      bootId: observation.os.bootId,
      previousBootId: slot.confirmed.bootId,
      checksum: booted.checksum,
      soakedMillis: closed.outcome.soakedMillis,
    },
  };
}

/**
 * Does the node run the release already, so that no attempt is needed? Then nothing is disturbed, but it must be as well as an updated one:
 * green on this boot, and nothing else the default for the next.
 */
export function proveRunning(target: Pick<Target, "checksum">, observation: Observation): Evidence<true> {
  if (bootedDeployment(observation.os)?.checksum !== target.checksum) return { missing: "the node does not run the release" };
  if (nextDeployment(observation.os)?.booted !== true)
    return { missing: "it runs the release already, but another deployment is the default for the next boot" };
  if (observation.health.bootId !== observation.os.bootId || observation.health.state !== "green")
    return { missing: "it runs the release already, but its required checks are not green" };
  return { shown: true };
}

/**
 * May the slot be given back although the node is not updated? Law 2: the attempt durably closed on the agent (one that it does not know
 * counts as closed), the previous commit booted, nothing of ours staged or pending, required checks green.
 */
export function proveBack(rollout: RolloutRecord, assignment: AssignmentRecord, observation: Observation): Evidence<true> {
  const undone = proveUndone(rollout, assignment, observation);
  if ("missing" in undone) return undone;
  if (observation.health.bootId !== observation.os.bootId || observation.health.state !== "green")
    return { missing: "the required checks are not green on the previous commit" };
  return { shown: true };
}

/** Is nothing left of the attempt on the node, whether it is well or not? */
export function proveUndone(rollout: RolloutRecord, assignment: AssignmentRecord, observation: Observation): Evidence<true> {
  const ref = attemptOf(assignment);
  if (observation.update.open && sameAttempt(observation.update.open.attempt, ref))
    return { missing: "the attempt is still open on the node" };
  const booted = bootedDeployment(observation.os);
  if (booted === undefined || assignment.base === undefined || booted.checksum !== assignment.base.checksum)
    return { missing: "the node does not run its previous commit" };
  const next = nextDeployment(observation.os);
  if (next !== undefined && !sameDeployment(next, booted) && isOurs(next, targetOf(rollout, assignment), observation))
    return { missing: "a deployment of ours is staged or pending on the node" };
  return { shown: true };
}

/**
 * Whether an attempt has deployed it: this one, or one that was confirmed on this very boot. What an operator has pending there, of whatever commit, keeps no slot
 * (the agent judges alike: foreign.ts of @treeline/upgrade).
 */
function isOurs({ checksum }: Deployment, ordered: Target, { os, update }: Observation): boolean {
  const left = update.closed.filter(({ confirmedBootId }) => confirmedBootId === os.bootId);
  return [ordered.checksum, ...left.map(({ target }) => target.checksum)].includes(checksum);
}

export function closedAttempt(assignment: AssignmentRecord, observation: Observation): ClosedAttempt | undefined {
  return observation.update.closed.find((closed) => sameAttempt(closed.attempt, attemptOf(assignment)));
}
