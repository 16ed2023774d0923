import type { NodeId } from "@treeline/fleet";
import { decision, inPhase, put, type Decision } from "./decision.ts";
import type { Place } from "./place.ts";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";
import type { Snapshot } from "./snapshot.ts";
import { categoryOf, isRevertible } from "./tally.ts";

/** Which of two rollouts over one node goes first: the higher priority, then the older. Negative when `a` does. */
export function compareRollouts(a: RolloutRecord, b: RolloutRecord): number {
  return b.policy.priority - a.policy.priority || a.createdAt - b.createdAt || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

/** A rollout that still has something to do with a node. */
export interface Claim {
  readonly rollout: RolloutRecord;
  readonly assignment: AssignmentRecord;
}

/** The unsettled rollouts that the node is in, the one that goes first at the head. */
export function claimsOn(snapshot: Snapshot, nodeId: NodeId): readonly Claim[] {
  const claims: Claim[] = [];
  for (const name of snapshot.claims.get(nodeId) ?? []) {
    const rollout = snapshot.rollouts.get(name);
    const assignment = snapshot.assignments.get(name)?.get(nodeId);
    if (rollout !== undefined && assignment !== undefined) claims.push({ rollout, assignment });
  }
  return claims;
}

/** No other rollout has anything to do with the node: so it is nearly always, and then nothing needs to be looked up. */
function isAlone(snapshot: Snapshot, { rollout, assignment }: Claim): boolean {
  const names = snapshot.claims.get(assignment.nodeId);
  return names === undefined || (names.length === 1 && names[0] === rollout.name);
}

/** An attempt of it is under way on the node, or its slot is out. */
export function isAtWork(snapshot: Snapshot, { rollout, assignment }: Claim): boolean {
  if (categoryOf(assignment) === "moving" || assignment.phase === "Lost") return true;
  const holder = snapshot.slots.get(assignment.nodeId)?.holder;
  return holder?.kind === "rollout" && holder.rollout === rollout.name;
}

/** It wants the node next: what is left to do on it waits for nothing but its turn. */
function wantsNext({ rollout, assignment }: Claim): boolean {
  switch (rollout.state) {
    case "running":
    case "paused":
      return rollout.way === "back" ? isRevertible(assignment) : categoryOf(assignment) === "waiting";
    case "rolling-back":
      return isRevertible(assignment);
    default:
      return false;
  }
}

/**
 * The one rollout that may act on the node now: the one that is at work on it, else the first that wants it.
 * INVARIANT: at most one rollout has an attempt on a node.
 */
export function ownerOf(snapshot: Snapshot, nodeId: NodeId): Claim | undefined {
  const claims = claimsOn(snapshot, nodeId);
  return claims.find((claim) => isAtWork(snapshot, claim)) ?? claims.find(wantsNext);
}

/** The rollout for whose sake another one's unconfirmed attempt on the node must be called off, if any. */
export function preemptorOf(snapshot: Snapshot, claim: Claim): RolloutRecord | undefined {
  if (isAlone(snapshot, claim)) return undefined;
  return claimsOn(snapshot, claim.assignment.nodeId).find(
    ({ rollout, assignment }) =>
      rollout.policy.priority > claim.rollout.policy.priority &&
      rollout.state === "running" &&
      categoryOf(assignment) === "waiting" &&
      assignment.phase !== "NotEligible" &&
      assignment.wave <= rollout.openWave,
  )?.rollout;
}

/** The rollout whose update of the node makes this claim's pointless: of higher priority, or as high and newer. */
export function supersederOf(snapshot: Snapshot, claim: Claim): RolloutRecord | undefined {
  if (isAlone(snapshot, claim)) return undefined;
  return claimsOn(snapshot, claim.assignment.nodeId).find(
    ({ rollout, assignment }) =>
      rollout.name !== claim.rollout.name &&
      assignment.phase === "Updated" &&
      rollout.way === "forward" &&
      (rollout.policy.priority > claim.rollout.policy.priority ||
        (rollout.policy.priority === claim.rollout.policy.priority && rollout.createdAt > claim.rollout.createdAt)),
  )?.rollout;
}

/** Nothing is left to do on a node that a rollout which goes first has updated. */
export function supersededBy(place: Place): Decision | undefined {
  const { snapshot, assignment, now } = place;
  const other = supersederOf(snapshot, place);
  if (other === undefined) return undefined;
  const reason = `rollout ${other.name} (priority ${other.policy.priority}) has updated the node to ${other.target.version}`;
  return decision("node-superseded", assignment, reason, [put(inPhase(assignment, "Superseded", now, reason))]);
}
