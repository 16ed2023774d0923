import type { Observation } from "@treeline/fleet";
import { supersededBy } from "./claim.ts";
import { decision, failed, inPhase, orderIntent, put, runningTarget, stayIntent, type Decision } from "./decision.ts";
import { goneFor, hindranceBack, hindranceTo, unfitness, type Hindrance } from "./hindrance.ts";
import type { Look, Place } from "./place.ts";
import { hasEnded, type AssignmentRecord } from "./record.ts";
import { isSelected } from "./selection.ts";
import { isCleared, isDenied, runsCommit, silentSince } from "./snapshot.ts";
import { categoryOf } from "./tally.ts";

/** A node that waits: what became of it without an attempt, or that it could begin. */
export function lookAtWaiting(place: Place): Look {
  const { snapshot, rollout, assignment, now } = place;
  const { nodeId } = assignment;
  if (hasLeft(place)) {
    const removed = { kind: "assignment-removed", rollout: rollout.name, nodeId } as const;
    return { decision: decision("node-left", assignment, "it is not in the rollout's selection any more", [removed]) };
  }
  const superseded = hasEnded(rollout) ? undefined : supersededBy(place);
  if (superseded !== undefined) return { decision: superseded };
  const hindrance = hindranceTo(place);
  const open = rollout.state === "running" && assignment.wave <= rollout.openWave;
  if (open && assignment.phase === "NotEligible" && unfitness(place, nodeId) === undefined) {
    const next = inPhase(assignment, "pending", now, "");
    return { decision: decision("note-phase", next, "it is fit again", [put(next)]) };
  }
  if (open && isDenied(snapshot, nodeId, rollout.target.checksum) && hindrance?.code !== "other-rollout") {
    const reason = "this node was brought back from this commit before and denies it; allow it with `treeline node clear`";
    return { decision: failed(assignment, { failure: "release", reason, now }, []) };
  }
  if (hindrance === undefined) {
    const already = runsCommit(snapshot, nodeId, rollout.target.checksum);
    return already ? { decision: alreadyUpdated(place) } : { wants: "start" };
  }
  if (!open) return { due: hindrance.until };
  return waitOn(place, hindrance);
}

/** Its labels, or its enrollment, have changed so that the rollout does not take it any more. */
function hasLeft({ snapshot, rollout, assignment }: Place): boolean {
  const node = snapshot.nodes.get(assignment.nodeId);
  const selection = snapshot.selections.get(rollout.name);
  const underWay = rollout.way === "forward" && !hasEnded(rollout);
  return underWay && node !== undefined && selection !== undefined && !snapshot.slots.has(node.id) && !isSelected(selection, node);
}

/** Unfit is written down, as a phase of its own with its beginning. Who is unfit or silent for too long is given up, if the policy says so. */
function waitOn({ snapshot, rollout, assignment, now }: Place, hindrance: Hindrance): Look {
  const unfit = hindrance.code === "red" || hindrance.code === "not-default" || hindrance.code === "no-ostree";
  if (unfit && assignment.phase !== "NotEligible") {
    const next = inPhase(assignment, "NotEligible", now, hindrance.reason);
    return { decision: decision("note-phase", next, hindrance.reason, [put(next)]) };
  }
  const patience = rollout.policy.timeouts.eligibleMillis;
  if (patience === undefined || (!unfit && hindrance.code !== "silent")) return { due: hindrance.until };
  // What it waited for before, its turn or a person, is not its fault.
  const silent = unfit ? 0 : (silentSince(snapshot, assignment.nodeId) ?? 0);
  const due = Math.max(rollout.waveOpenedAt ?? 0, assignment.since, silent) + patience;
  if (now < due) return { due };
  const failure = unfit ? "node" : "unreachable";
  return { decision: failed(assignment, { failure, reason: `${hindrance.reason}, longer than the policy waits`, now }, []) };
}

function alreadyUpdated({ snapshot, assignment, now }: Place): Decision {
  const next = inPhase(assignment, "Updated", now, "already ran it");
  // An order that is still out would be obeyed when somebody moves the node off the release.
  const ordered = snapshot.intents.get(assignment.nodeId)?.attempt !== undefined;
  return decision("node-updated", next, "it already runs the release", [put(next), ...(ordered ? [stayIntent(snapshot, next)] : [])]);
}

/** Begins the forward attempt of a node that `lookAtWaiting` found ready. */
export function beginForward(place: Place): Decision {
  const { snapshot, rollout, assignment, observation, now } = place;
  const running = runningTarget(snapshot, assignment.nodeId)!;
  const { notBefore: _, failure: __, booted: ___, ...rest } = assignment;
  const resources = observation?.extendedResources;
  const next: AssignmentRecord = {
    ...rest,
    phase: "Staging",
    since: now,
    attempt: nextAttempt(assignment, observation),
    way: "forward",
    reason: assignment.retried > 0 ? assignment.reason : "",
    base: { checksum: running.checksum, serial: running.serial },
    origin: assignment.origin ?? running,
    ...(resources === undefined ? {} : { resources }),
    ...(isCleared(snapshot, assignment.nodeId, rollout.target.checksum) ? { clearDenied: true } : {}),
  };
  return decision("begin-attempt", next, `wave ${assignment.wave + 1} is open`, [put(next), orderIntent(snapshot, rollout, next)]);
}

/** A node to be taken back with the whole rollout. */
export function lookAtRevertible(place: Place): Look {
  const { snapshot, rollout, assignment, observation, now } = place;
  const { nodeId, origin } = assignment;
  const superseded = supersededBy(place);
  if (superseded !== undefined) return { decision: superseded };
  const given = goneFor(snapshot.nodes.get(nodeId));
  if (rollout.state === "rolling-back" && given !== undefined) {
    const { booted: _, ...rest } = assignment;
    return { decision: failed(rest, { failure: "operator", reason: given, now }, []) };
  }
  const hindrance = hindranceBack(place);
  if (hindrance !== undefined) return { due: hindrance.until };
  const running = runningTarget(snapshot, nodeId)!;
  if (running.checksum === origin?.checksum) {
    const next = inPhase({ ...assignment, way: "back" }, "Reverted", now, "already runs what it ran before");
    return { decision: decision("node-reverted", next, next.reason, [put(next)]) };
  }
  if (running.checksum !== rollout.target.checksum)
    return {
      decision: failed(
        { ...assignment, way: "back" },
        { failure: "operator", reason: `it runs ${running.checksum} by now, which this rollout did not put there`, now },
        [],
      ),
    };
  const { notBefore: _, booted: __, failure, ...rest } = assignment;
  const next: AssignmentRecord = {
    ...rest,
    phase: "Staging",
    since: now,
    attempt: nextAttempt(assignment, observation),
    way: "back",
    // A new way, with retries of its own.
    retried: assignment.way === "back" ? assignment.retried : 0,
    reason: "",
    base: { checksum: running.checksum, serial: running.serial },
    ...(failure !== undefined || categoryOf(assignment) === "failed" ? { urgent: true as const } : {}),
  };
  return {
    decision: decision("begin-way-back", next, "the whole rollout is rolled back", [put(next), orderIntent(snapshot, rollout, next)]),
  };
}

/** Above every attempt of this rollout that the node knows: a server restored from a backup must not use a number twice. */
function nextAttempt({ rollout, attempt }: AssignmentRecord, observation: Observation | undefined): number {
  const known = [...(observation?.update.closed ?? []), ...(observation?.update.open ? [observation.update.open] : [])];
  return Math.max(attempt, ...known.filter((one) => one.attempt.rollout === rollout).map((one) => one.attempt.number)) + 1;
}
