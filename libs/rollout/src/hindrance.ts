// What stands in a node's way, whichever way it goes: asked by the decisions, by `explainNode` and by plans alike.
import { bootedDeployment, type Instant, type NodeId, type NodeRecord } from "@treeline/fleet";
import { ownerOf } from "./claim.ts";
import { proveRunning } from "./evidence.ts";
import { fractionOf } from "./hash.ts";
import type { Place } from "./place.ts";
import type { RolloutRecord } from "./record.ts";
import { isConnected, runsCommit } from "./snapshot.ts";
import { stopOn } from "./stop.ts";

export const redBefore = "its required checks are red before the update";

/** Why a node that waits does not begin: the first thing in the way. */
export interface Hindrance {
  readonly code:
    | "held"
    | "paused"
    | "halted"
    | "ended"
    | "wave"
    | "other-rollout"
    | "stopped"
    | "backoff"
    | "jitter"
    | "silent"
    | "no-ostree"
    | "red"
    | "not-default"
    | "slot-of-another";
  readonly reason: string;
  /** It goes away by itself then. */
  readonly until?: Instant;
}

/**
 * What keeps a node from beginning its forward attempt, or nothing. Written nowhere: asked again when something changes, and by `explainNode`.
 */
export function hindranceTo(place: Place): Hindrance | undefined {
  const { rollout, assignment, now } = place;
  const { nodeId } = assignment;
  const state = stateHindrance(rollout);
  if (state !== undefined) return state;
  if (assignment.wave > rollout.openWave)
    return { code: "wave", reason: `wave ${assignment.wave + 1} (${rollout.policy.waves[assignment.wave]?.name ?? ""}) is not open yet` };
  const common = placeHindrance(place, "forward");
  if (common !== undefined) return common;
  if (assignment.notBefore !== undefined && now < assignment.notBefore)
    return { code: "backoff", reason: `waits after a failed attempt: ${assignment.reason}`, until: assignment.notBefore };
  const startsAt = (rollout.waveOpenedAt ?? 0) + jitterOf(place);
  if (assignment.attempt === 0 && now < startsAt)
    return { code: "jitter", reason: "its turn within the start jitter has not come", until: startsAt };
  return unfitness(place, nodeId);
}

/** What keeps the node itself from the release, whatever the rollout's state: its contact, its deployments, its health. A plan asks the same. */
export function unfitness(
  { snapshot, rollout, observation }: Pick<Place, "snapshot" | "rollout" | "observation">,
  nodeId: NodeId,
): Hindrance | undefined {
  const contact = contactHindrance({ snapshot, observation }, nodeId);
  if (contact !== undefined || observation === undefined) return contact;
  if (bootedDeployment(observation.os)?.checksum === rollout.target.checksum) {
    const running = proveRunning(rollout.target, observation);
    return "missing" in running ? { code: "not-default", reason: running.missing } : undefined;
  }
  if (observation.health.state === "red" && !rollout.policy.cure) return { code: "red", reason: redBefore };
  return undefined;
}

export function stateHindrance(rollout: RolloutRecord): Hindrance | undefined {
  const because = rollout.reason === "" ? "" : `: ${rollout.reason}`;
  switch (rollout.state) {
    case "running":
      return undefined;
    case "held":
      return { code: "held", reason: `rollout ${rollout.name} has not been started` };
    case "paused":
      return { code: "paused", reason: `rollout ${rollout.name} is paused${because}` };
    case "halted":
      return { code: "halted", reason: `rollout ${rollout.name} is halted${because}` };
    default:
      return { code: "ended", reason: `rollout ${rollout.name} is ${rollout.state}${because}` };
  }
}

/** Somebody else is before it on this node, or holds everything there. */
function placeHindrance(place: Place, way: "forward" | "back"): Hindrance | undefined {
  const { snapshot, rollout, assignment } = place;
  const owner = ownerOf(snapshot, assignment.nodeId)?.rollout;
  if (owner !== undefined && owner.name !== rollout.name)
    return {
      code: "other-rollout",
      reason: `rollout ${owner.name} (priority ${owner.policy.priority}, ${owner.state}) goes first on this node`,
    };
  const other = otherSlot(place);
  if (other !== undefined) return other;
  const stop = stopOn(snapshot, assignment.nodeId, way);
  return stop && { code: "stopped", reason: `stopped by ${stop.by}: ${stop.reason}` };
}

function contactHindrance({ snapshot, observation }: Pick<Place, "snapshot" | "observation">, nodeId: NodeId): Hindrance | undefined {
  if (!isConnected(snapshot, nodeId) || observation === undefined) return { code: "silent", reason: "the node is not in contact" };
  return bootedDeployment(observation.os) === undefined ? { code: "no-ostree", reason: "the node runs no OSTree deployment" } : undefined;
}

export function otherSlot({ snapshot, assignment, slot }: Place): Hindrance | undefined {
  const held = snapshot.slots.get(assignment.nodeId);
  if (held === undefined || held === slot) return undefined;
  const sameRollout = held.holder.kind === "rollout" && held.holder.rollout === assignment.rollout;
  return sameRollout
    ? undefined
    : {
        code: "slot-of-another",
        reason: `${held.holder.kind} ${held.holder.kind === "rollout" ? held.holder.rollout : held.holder.id} holds this node's slot`,
      };
}

function jitterOf({ rollout, assignment }: Place): number {
  const { jitterMillis } = rollout.policy.staging;
  return jitterMillis === 0 ? 0 : Math.floor(jitterMillis * fractionOf(`${rollout.name}/${assignment.nodeId}`));
}

/** What keeps a node from being taken back with the whole rollout, or nothing. */
export function hindranceBack(place: Place): Hindrance | undefined {
  const { snapshot, rollout, assignment, observation, now } = place;
  const { nodeId, origin } = assignment;
  const state = rollout.state === "rolling-back" ? undefined : stateHindrance(rollout);
  if (state !== undefined) return state;
  const common = placeHindrance(place, "back");
  if (common !== undefined) return common;
  if (assignment.notBefore !== undefined && now < assignment.notBefore)
    return { code: "backoff", reason: `waits after a failed attempt: ${assignment.reason}`, until: assignment.notBefore };
  const contact = contactHindrance(place, nodeId);
  if (contact !== undefined) return contact;
  if (origin === undefined || observation === undefined || !runsCommit(snapshot, nodeId, origin.checksum)) return undefined;
  const running = proveRunning(origin, observation);
  return "missing" in running
    ? { code: "not-default", reason: running.missing.replace("the release already", "its former commit again") }
    : undefined;
}

/** Why nobody waits for the node any more. */
export function goneFor(node: NodeRecord | undefined): string | undefined {
  if (node?.revokedAt !== undefined) return "the node was revoked";
  return node?.writtenOff === undefined ? undefined : `written off by ${node.writtenOff.by}: ${node.writtenOff.reason}`;
}
