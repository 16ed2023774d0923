import { bootedDeployment, lostResources, nextDeployment, type Instant, type NodeId, type UpdatePhase } from "@treeline/fleet";
import { lookAtRevertible, lookAtWaiting } from "./begin.ts";
import { beforeConfirmation, callOff, isActedOn, preparationDue } from "./call-off.ts";
import { claimsOn, isAtWork, supersededBy } from "./claim.ts";
import { decision, failed, inPhase, put, releasingIntent, type Decision } from "./decision.ts";
import { closedAttempt } from "./evidence.ts";
import { excessCountsFrom } from "./excess.ts";
import { wantsSlot } from "./grant.ts";
import { goneFor } from "./hindrance.ts";
import { placeOf, type Look, type Place } from "./place.ts";
import { hasEnded, type AssignmentRecord, type RolloutRecord } from "./record.ts";
import { fromReport, releaseLater } from "./report.ts";
import { isConnected, runsCommit, silentSince, type Snapshot } from "./snapshot.ts";
import { categoryOf, isRevertible } from "./tally.ts";

/** What there is to do about one node in one rollout now, or when to look again. */
export function lookAtNode(snapshot: Snapshot, rollout: RolloutRecord, assignment: AssignmentRecord, now: Instant): Look {
  const place = placeOf(snapshot, rollout, assignment, now);
  const category = categoryOf(assignment);
  if (category === "moving" || assignment.phase === "Lost") return lookAtAttempt(place);
  const release = releaseLater(place);
  if (release !== undefined) return { decision: release };
  const found = findOnRelease(place);
  if (found !== undefined) return { decision: found };
  if (rollout.way === "back" && isRevertible(assignment) && !hasEnded(rollout)) return lookAtRevertible(place);
  const freed = releaseBase(place);
  if (freed !== undefined) return { decision: freed };
  if (category === "waiting") return lookAtWaiting(place);
  return assignment.phase === "Updated" ? lookAtUpdated(place) : {};
}

function lookAtAttempt(place: Place): Look {
  const moved = fromReport(place) ?? lose(place) ?? callOff(place);
  if (moved !== undefined) return { decision: moved };
  return {
    wants: wantsSlot(place) ? "slot" : undefined,
    due: earliestAfter(place.now, [lossDue(place), preparationDue(place), proofDue(place), excessDue(place)]),
  };
}

function excessDue({ snapshot, slot }: Place): Instant | undefined {
  return slot === undefined || slot.confirmed !== undefined ? undefined : excessCountsFrom(snapshot);
}

function earliestAfter(now: Instant, instants: readonly (Instant | undefined)[]): Instant | undefined {
  const coming = instants.filter((instant) => instant !== undefined && instant > now) as readonly Instant[];
  return coming.length === 0 ? undefined : Math.min(...coming);
}

// ---- losing ----

const afterBoot: ReadonlySet<UpdatePhase> = new Set<UpdatePhase>(["Verifying", "Soaking"]);

/**
 * When a node that holds a slot counts as Lost: silent, or without progress, for longer than its phase may take. Silence counts from the
 * confirmation or from the last contact, whichever is later: this server's own absence is none.
 */
function lossDue(place: Place): Instant | undefined {
  const { snapshot, rollout, assignment, slot } = place;
  if (slot === undefined || assignment.phase === "Lost") return undefined;
  const { rebootingMillis, verifyingMillis } = rollout.policy.timeouts;
  const silent = silentSince(snapshot, assignment.nodeId);
  const allowed =
    assignment.phase === "Soaking"
      ? rollout.policy.nodeSoakMillis + verifyingMillis
      : afterBoot.has(assignment.phase as UpdatePhase)
        ? verifyingMillis
        : rebootingMillis;
  // In contact and not past its confirmation: `callOff` ends it, nothing is lost.
  if (silent === undefined && beforeConfirmation.has(assignment.phase as UpdatePhase) && !isActedOn(place)) return undefined;
  if (slot.confirmed === undefined) return silent === undefined ? undefined : Math.max(slot.grantedAt, silent) + rebootingMillis;
  return Math.max(slot.confirmed.at, assignment.since, silent ?? 0) + allowed;
}

function lose(place: Place): Decision | undefined {
  const { snapshot, assignment, now } = place;
  const due = lossDue(place);
  if (due === undefined || now < due) return undefined;
  const silent = !isConnected(snapshot, assignment.nodeId);
  const phase = assignment.phase as UpdatePhase;
  const reason = silent
    ? `silent in ${phase} for longer than the policy allows; it keeps its slot`
    : `no progress in ${phase} for longer than the policy allows; it keeps its slot`;
  // One that is only silent may go on where it was when it comes back; one that stood still must show that it moves.
  const next: AssignmentRecord = { ...inPhase(assignment, "Lost", now, reason), ...(silent ? {} : { lostIn: phase }) };
  return decision("node-lost", next, reason, [put(next)]);
}

/** A node that says it is done has so long to show it. */
function proofDue({ rollout, assignment, observation }: Place): Instant | undefined {
  const closed = observation?.update.closed.some(
    ({ attempt }) => attempt.rollout === assignment.rollout && attempt.number === assignment.attempt,
  );
  return closed === true ? assignment.since + rollout.policy.timeouts.verifyingMillis + rollout.policy.nodeSoakMillis : undefined;
}

// ---- after the update ----

/** While its wave is open, an updated node is watched: what it loses now, the release is blamed for. */
function lookAtUpdated(place: Place): Look {
  const { snapshot, rollout, assignment, observation, now } = place;
  // Whatever its wave: what another rollout has made of the node by now is to be seen, not that this one once updated it.
  const moved = !hasEnded(rollout) && !runsCommit(snapshot, assignment.nodeId, rollout.target.checksum);
  const superseded = moved ? supersededBy(place) : undefined;
  if (superseded !== undefined) return { decision: superseded };
  if (rollout.state !== "running" || assignment.wave !== rollout.openWave || assignment.proof === undefined || observation === undefined)
    return {};
  // What another rollout does to the node now is not this one's doing.
  if (claimsOn(snapshot, assignment.nodeId).some((claim) => claim.rollout.name !== rollout.name && isAtWork(snapshot, claim))) return {};
  const silent = silentSince(snapshot, assignment.nodeId);
  const due = silent === undefined ? undefined : Math.max(silent, assignment.since) + rollout.policy.timeouts.rebootingMillis;
  const reason = regression(place) ?? (due !== undefined && now >= due ? "went silent after its update" : undefined);
  if (reason === undefined) return { due };
  const booted = bootedDeployment(observation.os)?.checksum === rollout.target.checksum;
  return { decision: failed({ ...assignment, ...(booted ? { booted: true as const } : {}) }, { failure: "release", reason, now }, []) };
}

function regression({ snapshot, rollout, assignment, observation }: Place): string | undefined {
  if (observation === undefined || !isConnected(snapshot, assignment.nodeId)) return undefined;
  if (bootedDeployment(observation.os)?.checksum !== rollout.target.checksum) return "does not run the release any more";
  if (nextDeployment(observation.os)?.booted !== true) return "another deployment became the default after its update";
  if (observation.health.state === "red") return "its required checks turned red after its update";
  const lost = lostResources(assignment.resources, observation.extendedResources);
  return lost.length === 0 ? undefined : `extended resources lost after its update: ${lost.join(", ")}`;
}

// ---- found on the release ----

/**
 * A node that runs the release although this rollout's last word on it was another: a rollback must take it back as well. One that failed, or was
 * given up, may come up with the release after all; one that was superseded may have been brought back to it by the other rollout's own rollback.
 */
function findOnRelease(place: Place): Decision | undefined {
  const { snapshot, rollout, assignment, observation, now } = place;
  const { nodeId, phase, way, origin, failure } = assignment;
  if (origin === undefined || hasEnded(rollout) || goneFor(snapshot.nodes.get(nodeId)) !== undefined) return undefined;
  if (!runsCommit(snapshot, nodeId, rollout.target.checksum)) return undefined;
  if (phase === "Failed" && way === "forward") {
    if (assignment.booted === true) return undefined;
    return decision("note-phase", assignment, "it runs the release after all", [put({ ...assignment, booted: true })]);
  }
  if (rollout.way !== "back") return undefined;
  const superseded = phase === "Superseded" && assignment.proof !== undefined && supersededBy(place) === undefined;
  const closed = observation && closedAttempt(assignment, observation)?.outcome;
  // Given up by this server. What a person did to the attempt on the host is the end of it, or it would begin for ever.
  const givenUp = phase === "Failed" && failure === "operator" && !(closed?.kind === "failed" && closed.failure === failure);
  if (!superseded && !givenUp) return undefined;
  const again: AssignmentRecord = { ...assignment, way: "forward", booted: true };
  return failed(again, { failure: "operator", reason: "it runs the release again", now }, []);
}

// ---- the end ----

/** The rollout has ended: the commit to go back to need not be kept any longer. */
function releaseBase({ snapshot, rollout, assignment }: Place): Decision | undefined {
  const intent = snapshot.intents.get(assignment.nodeId);
  if (!hasEnded(rollout) || intent?.keep === undefined || intent.attempt !== undefined) return undefined;
  const others = (snapshot.claims.get(assignment.nodeId) ?? []).filter((name) => name !== rollout.name);
  // What another one still needs is not this one's to let go.
  if (others.some((name) => snapshot.assignments.get(name)?.get(assignment.nodeId)?.origin?.checksum === intent.keep)) return undefined;
  return decision("release-base", assignment, `rollout ${rollout.name} is ${rollout.state}`, [releasingIntent(snapshot, assignment)]);
}

/** A node that was written off comes back into the counts by showing that it is well: in contact, green on this boot, nothing open or staged. */
export function proveWell(snapshot: Snapshot, nodeId: NodeId): Decision | undefined {
  const node = snapshot.nodes.get(nodeId);
  if (node?.writtenOff === undefined || node.revokedAt !== undefined || !isConnected(snapshot, nodeId)) return undefined;
  const observation = snapshot.observations.get(nodeId)?.observation;
  // What it said before it was written off proves nothing.
  if (observation === undefined || (snapshot.observations.get(nodeId)?.at ?? 0) < node.writtenOff.at) return undefined;
  if (observation.update.open !== undefined || nextDeployment(observation.os)?.booted !== true) return undefined;
  if (observation.health.state !== "green" || observation.health.bootId !== observation.os.bootId) return undefined;
  const { writtenOff: _, ...proved } = node;
  return {
    action: "node-proved",
    subject: `node ${nodeId}`,
    because: "in contact, green on this boot, nothing open or staged",
    changes: [{ kind: "node", value: proved }],
  };
}
