// What a node's own report makes of its attempt: one file, because it is one table from (attempt as ordered, attempt as reported) to what follows.
import {
  bootedDeployment,
  compareGenerations,
  isRetryable,
  lostResources,
  sameAttempt,
  type ClosedAttempt,
  type FailureClass,
  type Observation,
  type OpenAttempt,
} from "@treeline/fleet";
import { redBefore } from "./hindrance.ts";
import { beforeConfirmation, calledOffBecause, isActedOn } from "./call-off.ts";
import { decision, failed, inPhase, note, put, released, stayIntent, type Decision } from "./decision.ts";
import { denial, failedOrRetried, giveBack, isOrdered, slotWhileWaiting, toPending } from "./ending.ts";
import { closedAttempt, proveBack, proveRunning, proveUpdated } from "./evidence.ts";
import type { Place } from "./place.ts";
import { attemptOf, targetOf, type AssignmentRecord } from "./record.ts";
import { isConnected, runsCommit, serverWasAway } from "./snapshot.ts";

/** The next decision that the newest report of the node calls for, if any. */
export function fromReport(place: Place): Decision | undefined {
  const { rollout, assignment, observation, snapshot, slot, now } = place;
  // A Lost node's old report is what made it Lost; only a new contact says more.
  if (observation === undefined || (assignment.phase === "Lost" && !isConnected(snapshot, assignment.nodeId))) return undefined;
  const closed = closedAttempt(assignment, observation);
  if (closed !== undefined) return fromClosed(place, closed);
  const open = observation.update.open;
  if (open !== undefined && sameAttempt(open.attempt, attemptOf(assignment))) {
    const { reason } = observation.update;
    const begun = begunOn(assignment, open);
    const news = begun !== undefined || open.phase !== assignment.phase || (reason !== "" && reason !== assignment.reason);
    if (!news || (assignment.phase === "Lost" && open.phase === assignment.lostIn)) return undefined;
    const next = inPhase({ ...assignment, ...begun?.as }, open.phase, now, reason);
    return decision("note-phase", assignment, begun?.because ?? reason, [put(next)]);
  }
  const intent = snapshot.intents.get(assignment.nodeId);
  if (intent === undefined || compareGenerations(observation.update.highest, intent.generation) < 0) return undefined;
  if (slot === undefined) return intent.attempt === undefined ? undefined : notBegun(place);
  // An attempt the agent does not know although it has seen the order: its journal is gone. That counts as closed.
  const back = proveBack(rollout, assignment, observation);
  if ("missing" in back && slotWhileWaiting(place) === undefined)
    return note(assignment, `the node no longer knows the attempt, and ${back.missing}`);
  if (intent.attempt === undefined && !isActedOn(place)) return undefined; // Called off: `callOff` takes it from here.
  return failedOrRetried(place, "never-booted", "the node no longer knows the attempt and runs its previous commit");
}

/**
 * INVARIANT: until the agent acts on a confirmation, `base` is what it says it began on. The order has only guessed it: the node may have booted
 * another commit before its agent got the order, and would never be seen back on the one guessed. From then on `base` is what was judged at the
 * confirmation; an agent that lost its journal only guesses it.
 */
function begunOn(
  { base }: AssignmentRecord,
  open: OpenAttempt,
): { readonly as: Pick<Required<AssignmentRecord>, "base">; readonly because: string } | undefined {
  if (!beforeConfirmation.has(open.phase) || base?.checksum === open.base.checksum) return undefined;
  const { checksum, serial } = open.base;
  const because = `it began on ${checksum}; when it was ordered, the node ran ${base?.checksum ?? "nothing known"}`;
  return { as: { base: { checksum, serial } }, because };
}

/** The agent has seen the order and has not begun: it may have turned red, or may run the target by other means. */
function notBegun({ snapshot, rollout, assignment, observation, now }: Place): Decision | undefined {
  if (observation === undefined || !isConnected(snapshot, assignment.nodeId)) return undefined;
  const target = targetOf(rollout, assignment);
  if ("shown" in proveRunning(target, observation)) {
    const next = inPhase(assignment, assignment.way === "back" ? "Reverted" : "Updated", now, "already ran it");
    return decision(assignment.way === "back" ? "node-reverted" : "node-updated", next, "it already runs the target", [
      put(next),
      stayIntent(snapshot, next),
    ]);
  }
  // An agent that is told to cure may begin although it is red.
  if (assignment.way === "back" || rollout.policy.cure || observation.update.phase !== "NotEligible" || observation.health.state !== "red")
    return undefined;
  const next = inPhase(assignment, "NotEligible", now, redBefore);
  return decision("note-phase", next, redBefore, [put(next), stayIntent(snapshot, next)]);
}

function fromClosed(place: Place, closed: ClosedAttempt): Decision | undefined {
  const { snapshot, assignment, observation, slot, now } = place;
  if (observation === undefined) return undefined;
  const { outcome } = closed;
  switch (outcome.kind) {
    case "updated":
      return fromUpdated(place, closed, observation, outcome.bootId);
    case "rolled-back": {
      const away = outcome.cause === "no-session" && slot?.confirmed !== undefined && serverWasAway(snapshot, slot.confirmed.at, now);
      if (away) return failedOrRetried(place, "unreachable", `${outcome.reason}; this server was away meanwhile`, true);
      // Nothing returns from a way back, so nothing is denied: a person must look.
      if (assignment.way === "back") return failedOrRetried(place, "needs-operator", outcome.reason);
      return rolledBack(place, outcome.reason);
    }
    case "failed":
      if (isRetryable(outcome.failure) && hasArrived(place)) return reverted(place);
      return failedOrRetried(place, outcome.failure, outcome.reason);
    case "abandoned":
      return hasArrived(place) ? reverted(place) : fromAbandoned(place, outcome.reason);
  }
}

function fromUpdated(place: Place, closed: ClosedAttempt, observation: Observation, claimedBootId: string): Decision | undefined {
  const { snapshot, rollout, assignment, slot, now } = place;
  const proof = proveUpdated({ rollout, assignment, slot, closed, observation, now });
  if ("missing" in proof)
    return assignment.way === "forward" && broughtBackLater(assignment, observation, claimedBootId)
      ? rolledBack(place, "it was updated, yet a later boot brought the previous commit back, and nothing recorded why")
      : unproved(place, proof.missing);
  if (assignment.way === "back") {
    const next: AssignmentRecord = { ...inPhase(assignment, "Reverted", now, ""), proof: proof.shown };
    return decision("node-reverted", next, "new boot, the previous commit booted, checks green, soaked", [
      put(next),
      ...released(slot),
      stayIntent(snapshot, next),
    ]);
  }
  if (assignment.resources !== undefined && observation.extendedResources === undefined)
    return unproved(place, "its extended resources have not been reported since the boot");
  const lost = lostResources(assignment.resources, observation.extendedResources);
  if (lost.length > 0) return notProved(place, `extended resources lost: ${lost.join(", ")}`);
  const next: AssignmentRecord = { ...inPhase(assignment, "Updated", now, ""), proof: proof.shown };
  return decision("node-updated", next, "new boot, target booted, checks green, soaked, no resource lost", [
    put(next),
    ...released(slot),
    stayIntent(snapshot, next),
  ]);
}

/** The node says it is done and does not show it: it may still come, for a while. */
function unproved(place: Place, missing: string): Decision | undefined {
  const { rollout, assignment, now } = place;
  const due = assignment.since + rollout.policy.timeouts.verifyingMillis + rollout.policy.nodeSoakMillis;
  return now < due ? note(assignment, `waiting for proof: ${missing}`) : notProved(place, missing);
}

/** It is done, and not what it should be. */
function notProved(place: Place, reason: string): Decision {
  const { snapshot, rollout, assignment, now } = place;
  const booted = assignment.way === "forward" && runsCommit(snapshot, assignment.nodeId, rollout.target.checksum);
  const failure: FailureClass = assignment.way === "back" ? "needs-operator" : "release";
  const stay = isOrdered(place) ? [stayIntent(snapshot, assignment)] : [];
  return failed({ ...assignment, ...(booted ? { booted } : {}) }, { failure, reason, now }, stay);
}

function broughtBackLater(assignment: AssignmentRecord, observation: Observation, claimedBootId: string): boolean {
  return observation.os.bootId !== claimedBootId && bootedDeployment(observation.os)?.checksum === assignment.base?.checksum;
}

function rolledBack(place: Place, reason: string): Decision {
  const next = inPhase(place.assignment, "RolledBack", place.now, reason);
  return decision("node-rolled-back", next, reason, [put(next), denial(place, reason), ...giveBack(place)]);
}

/** Called off by the server, or by the agent itself: nothing happened to the node. */
function fromAbandoned(place: Place, reason: string): Decision | undefined {
  const { snapshot, assignment } = place;
  const because = calledOffBecause(place);
  if (because?.counts === true) return failedOrRetried(place, "transient", because.reason);
  if (because === undefined && isOrdered(place)) return failedOrRetried(place, "transient", reason);
  const waiting = slotWhileWaiting(place);
  if (waiting === undefined) return note(assignment, `${reason}; its slot waits for evidence`);
  return toPending(place, because?.reason ?? reason, waiting, isOrdered(place) ? [stayIntent(snapshot, assignment)] : []);
}

/** A way back leads nowhere else: where it was to lead, and well by now, is as good as it can get, whatever brought it there. */
function hasArrived({ rollout, assignment, observation }: Place): boolean {
  if (assignment.way !== "back" || observation === undefined || observation.update.open !== undefined) return false;
  return "shown" in proveRunning(targetOf(rollout, assignment), observation);
}

function reverted(place: Place): Decision {
  const { snapshot, assignment, slot, now } = place;
  // The proof that it has is of its update.
  const { proof: _, ...next } = inPhase(assignment, "Reverted", now, "it came back by other means than its attempt");
  return decision("node-reverted", next, next.reason, [
    ...released(slot),
    put(next),
    ...(isOrdered(place) ? [stayIntent(snapshot, next)] : []),
  ]);
}

/**
 * An ended node whose slot is still out: give it back as soon as the evidence is there. Either it runs its previous commit, or it is after all
 * what the attempt was to make of it.
 */
export function releaseLater(placed: Place): Decision | undefined {
  const { snapshot, assignment, observation, rollout, now } = placed;
  const held = snapshot.slots.get(assignment.nodeId);
  // One of an earlier attempt of this rollout counts as well: nobody else will ask for it.
  const slot = held?.holder.kind === "rollout" && held.holder.rollout === rollout.name ? held : undefined;
  const place = { ...placed, slot };
  if (slot === undefined || observation === undefined) return undefined;
  const changes = giveBack(place);
  if (changes.some((change) => change.kind === "slot-released"))
    return decision("release-slot", assignment, "the previous commit runs and its checks are green", changes);
  if (hasArrived(place))
    return decision("release-slot", assignment, "it runs what it ran before the rollout, and its checks are green", [
      ...released(slot),
      ...changes,
    ]);
  const closed = closedAttempt(assignment, observation);
  const complete =
    closed !== undefined &&
    "shown" in proveUpdated({ rollout, assignment, slot, closed, observation, now }) &&
    lostResources(assignment.resources, observation.extendedResources).length === 0;
  return complete
    ? decision("release-slot", assignment, "it shows now that its attempt succeeded", [...released(slot), ...changes])
    : undefined;
}
