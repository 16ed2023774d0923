// The controller's whole mind in one file, because it is one state machine: how an assignment moves, and with it its wave and rollout.
import type { Slot } from "@treeline/disruption";
import { judgeGrant } from "@treeline/disruption";
import {
  bootedDeployment,
  compareGenerations,
  isRetryable,
  nextDeployment,
  sameAttempt,
  type AttemptOrder,
  type ClosedAttempt,
  type FailureClass,
  type Instant,
  type Intent,
  type Observation,
  type UpdatePhase,
} from "@treeline/fleet";
import { ledgerOf } from "./budget.ts";
import type { DurableChange } from "./change.ts";
import { attemptOf, closedAttempt, proveBack, proveRunning, proveUpdated } from "./evidence.ts";
import { isEnd, isWaiting, type AssignmentRecord, type RolloutRecord } from "./record.ts";
import {
  applyAll,
  assignmentsOf,
  currentEpoch,
  isConnected,
  isDenied,
  nextGeneration,
  runsCommit,
  serverWasAway,
  silentSince,
  type Snapshot,
} from "./snapshot.ts";

const beforeConfirmation: ReadonlySet<UpdatePhase> = new Set<UpdatePhase>(["Staging", "Staged", "Draining"]);
const redBefore = "its required checks are red before the update";
const silentReason = "waiting for the node, which is silent";

/** One decision as data: what changes, and why. The changes and the reason are stored in one transaction. */
export interface Decision {
  readonly action:
    | "begin-attempt"
    | "note-phase"
    | "grant-slot"
    | "withdraw-attempt"
    | "node-updated"
    | "node-rolled-back"
    | "node-failed"
    | "node-lost"
    | "retry-node"
    | "release-slot"
    | "open-wave"
    | "halt-rollout"
    | "complete-rollout"
    | "settle-rollout";
  /** `rollout NAME` or `rollout NAME node ID`. */
  readonly subject: string;
  readonly because: string;
  readonly changes: readonly DurableChange[];
}

/** A confirmed node that shows nothing for so long is Lost: it keeps its slot and counts as failed. Longer than the agent's own way back takes. */
export const lostAfterMillis = 20 * 60 * 1000;

/**
 * What to do now. Pure: the same snapshot and instant give the same decisions, each made as if those before it were already applied.
 * An empty answer means that nothing is left to do until something changes or time passes (`nextWake`).
 */
export function decide(snapshot: Snapshot, now: Instant): readonly Decision[] {
  const decisions: Decision[] = [];
  let current = snapshot;
  const take = (decision: Decision | undefined): void => {
    if (decision === undefined) return;
    decisions.push(decision);
    current = applyAll(current, decision.changes);
  };
  for (const [name, rollout] of snapshot.rollouts) {
    if (rollout.state === "held" || rollout.settled) continue;
    for (const nodeId of snapshot.assignments.get(name)?.keys() ?? []) take(decideNode(current, name, nodeId, now));
    take(decideRollout(current, name, now));
  }
  return decisions;
}

/** When something is due by time alone: the earliest instant at which a confirmed, silent node becomes Lost. */
export function nextWake(snapshot: Snapshot): Instant | undefined {
  let earliest: Instant | undefined;
  for (const slot of snapshot.slots.values()) {
    const assignment = snapshot.assignments.get(slot.holder.rollout)?.get(slot.nodeId);
    const due = assignment && !isEnd(assignment) && assignment.phase !== "Lost" ? lostAt(snapshot, slot) : undefined;
    if (due !== undefined && (earliest === undefined || due < earliest)) earliest = due;
  }
  return earliest;
}

/** Silence counts from the confirmation or from the last contact, whichever is later: a long soak, or this server's own absence, is none. */
function lostAt(snapshot: Snapshot, slot: Slot): Instant | undefined {
  const since = silentSince(snapshot, slot.nodeId);
  return slot.confirmed === undefined || since === undefined ? undefined : Math.max(slot.confirmed.at, since) + lostAfterMillis;
}

function decideNode(snapshot: Snapshot, rolloutName: string, nodeId: string, now: Instant): Decision | undefined {
  const rollout = snapshot.rollouts.get(rolloutName);
  const assignment = snapshot.assignments.get(rolloutName)?.get(nodeId);
  if (rollout === undefined || assignment === undefined) return undefined;
  const observation = snapshot.observations.get(nodeId)?.observation;
  const slot = slotOf(snapshot, assignment);
  const at = { snapshot, rollout, assignment, observation, slot, now };
  if (isEnd(assignment)) return releaseLater(at);
  if (isWaiting(assignment)) return begin(at);
  return fromReport(at) ?? lost(at) ?? withdraw(at) ?? grantSlot(at) ?? silence(at);
}

interface Place {
  readonly snapshot: Snapshot;
  readonly rollout: RolloutRecord;
  readonly assignment: AssignmentRecord;
  readonly observation: Observation | undefined;
  readonly slot: Slot | undefined;
  readonly now: Instant;
}

// ---- begin ----

function begin({ snapshot, rollout, assignment }: Place): Decision | undefined {
  if (rollout.state !== "running" || assignment.wave > rollout.openWave) return undefined;
  const { nodeId } = assignment;
  const node = snapshot.nodes.get(nodeId);
  const target = rollout.target;
  if (node?.revokedAt !== undefined) return failed(assignment, "operator", "the node was revoked", []);
  if (isDenied(snapshot, nodeId, target.checksum) && assignment.clearDenied !== true)
    return failed(assignment, "release", "this node was brought back from this commit before and denies it", []);
  const waiting = waitingReason(snapshot, rollout, nodeId);
  if (waiting !== undefined) {
    const phase = waiting.notEligible ? ("NotEligible" as const) : assignment.phase;
    return assignment.reason === waiting.reason && assignment.phase === phase
      ? undefined
      : decision("note-phase", assignment, waiting.reason, [put({ ...assignment, phase, reason: waiting.reason })]);
  }
  if (runsCommit(snapshot, nodeId, target.checksum)) return alreadyUpdated(assignment, []);
  const booted = bootedDeployment(snapshot.observations.get(nodeId)!.observation.os)!;
  const next: AssignmentRecord = {
    ...assignment,
    phase: "Staging",
    attempt: assignment.attempt + 1,
    reason: assignment.retried > 0 ? assignment.reason : "",
    base: { checksum: booted.checksum, serial: booted.serial },
  };
  return decision("begin-attempt", next, `wave ${rollout.openWave + 1} is open`, [put(next), orderIntent(snapshot, rollout, next)]);
}

function alreadyUpdated(assignment: AssignmentRecord, changes: readonly DurableChange[]): Decision {
  return decision("node-updated", assignment, "it already runs the release", [
    put({ ...assignment, phase: "Updated", reason: "already ran it" }),
    ...changes,
  ]);
}

function waitingReason(snapshot: Snapshot, rollout: RolloutRecord, nodeId: string): { reason: string; notEligible: boolean } | undefined {
  const observation = snapshot.observations.get(nodeId)?.observation;
  if (!isConnected(snapshot, nodeId) || observation === undefined) return { reason: "waiting for the node to connect", notEligible: false };
  if (bootedDeployment(observation.os) === undefined) return { reason: "the node runs no OSTree deployment", notEligible: true };
  if (runsCommit(snapshot, nodeId, rollout.target.checksum)) {
    const running = proveRunning(rollout, observation);
    return "missing" in running ? { reason: running.missing, notEligible: true } : undefined;
  }
  if (observation.health.state === "red") return { reason: redBefore, notEligible: true };
  return undefined;
}

// ---- what the node reports ----

function fromReport(place: Place): Decision | undefined {
  const { assignment, observation, snapshot, slot } = place;
  // A Lost node's old report is what made it Lost; only a new contact says more.
  if (observation === undefined || (assignment.phase === "Lost" && !isConnected(snapshot, assignment.nodeId))) return undefined;
  const closed = closedAttempt(assignment, observation);
  if (closed !== undefined) return fromClosed(place, closed);
  const open = observation.update.open;
  if (open !== undefined && sameAttempt(open.attempt, attemptOf(assignment))) {
    const { reason } = observation.update;
    // While Staged the reason is the ledger's to say (`grantSlot`); two writers of one field would never rest.
    const news = open.phase !== assignment.phase || (reason !== "" && reason !== assignment.reason && open.phase !== "Staged");
    return news ? decision("note-phase", assignment, reason, [put({ ...assignment, phase: open.phase, reason })]) : undefined;
  }
  const intent = snapshot.intents.get(assignment.nodeId);
  if (intent === undefined || compareGenerations(observation.update.highest, intent.generation) < 0) return undefined;
  if (slot === undefined) return intent.attempt === undefined ? undefined : notBegun(place);
  // An attempt the agent does not know although it has seen the order: its journal is gone. That counts as closed.
  const back = proveBack(assignment, observation);
  if ("missing" in back) return note(assignment, `the node no longer knows the attempt, and ${back.missing}`);
  if (intent.attempt === undefined) return undefined; // Called off: `withdraw` takes it from here.
  return failedOrRetried(place, "never-booted", "the node no longer knows the attempt and runs its previous commit");
}

/** The agent has seen the order and has not begun: it may have turned red, or may run the release by other means. */
function notBegun({ snapshot, rollout, assignment, observation }: Place): Decision | undefined {
  if (observation === undefined || !isConnected(snapshot, assignment.nodeId)) return undefined;
  if (observation.update.phase === "NotEligible" && observation.health.state === "red")
    return decision("note-phase", assignment, redBefore, [
      put({ ...assignment, phase: "NotEligible", reason: redBefore }),
      stayIntent(snapshot, assignment),
    ]);
  return "shown" in proveRunning(rollout, observation) ? alreadyUpdated(assignment, [stayIntent(snapshot, assignment)]) : undefined;
}

function fromClosed(place: Place, closed: ClosedAttempt): Decision | undefined {
  const { snapshot, rollout, assignment, observation, slot, now } = place;
  if (observation === undefined) return undefined;
  const { outcome } = closed;
  switch (outcome.kind) {
    case "updated": {
      const proof = proveUpdated({ rollout, slot, closed, observation, now });
      if ("missing" in proof)
        return broughtBackLater(assignment, observation, outcome.bootId)
          ? rolledBack(place, "it was updated, yet a later boot brought the previous commit back, and nothing recorded why")
          : note(assignment, `waiting for proof: ${proof.missing}`);
      const next: AssignmentRecord = { ...assignment, phase: "Updated", reason: "", proof: proof.shown };
      return decision("node-updated", next, "new boot, target booted, checks green, soaked", [
        put(next),
        ...release(slot),
        stayIntent(snapshot, next),
      ]);
    }
    case "rolled-back": {
      const away = outcome.cause === "no-session" && slot?.confirmed !== undefined && serverWasAway(snapshot, slot.confirmed.at, now);
      if (away) return failedOrRetried(place, "unreachable", `${outcome.reason}; this server was away meanwhile`, true);
      return rolledBack(place, outcome.reason);
    }
    case "failed":
      return failedOrRetried(place, outcome.failure, outcome.reason);
    case "abandoned":
      // Called off by a halt, or by the agent itself: nothing happened to the node.
      if (rollout.state !== "halted") return failedOrRetried(place, "transient", outcome.reason);
      return backToPending(place, outcome.reason) ?? note(assignment, `${outcome.reason}; its slot waits for evidence`);
  }
}

function broughtBackLater(assignment: AssignmentRecord, observation: Observation, claimedBootId: string): boolean {
  return observation.os.bootId !== claimedBootId && bootedDeployment(observation.os)?.checksum === assignment.base?.checksum;
}

function rolledBack(place: Place, reason: string): Decision {
  const next: AssignmentRecord = { ...place.assignment, phase: "RolledBack", reason };
  return decision("node-rolled-back", next, reason, [put(next), deny(place, reason), ...giveBack(place)]);
}

/**
 * A retryable failure makes the node wait for its next attempt, while retries are left and the slot, if any, can be given back; else it is
 * the end. `unreachable` was this server's own absence: it uses up no retry.
 */
function failedOrRetried(place: Place, failure: FailureClass, reason: string, clearDenied = false): Decision | undefined {
  const { snapshot, rollout, assignment, observation, slot } = place;
  const counted = failure === "unreachable" ? 0 : 1;
  const mayRetry = isRetryable(failure) && assignment.retried + counted <= rollout.policy.retries && rollout.state !== "halted";
  if (!mayRetry) {
    const denial = observation?.update.denied.find((entry) => entry.checksum === rollout.target.checksum);
    // What the node itself denies for good is denied here too; after this server's own absence it is not.
    const denied = denial !== undefined && failure === "needs-operator" ? [deny(place, denial.reason)] : [];
    return failed(assignment, failure, reason, [...denied, ...giveBack(place)]);
  }
  if (slot !== undefined && (observation === undefined || "missing" in proveBack(assignment, observation)))
    return note(assignment, `${reason}; its slot waits for evidence`);
  const next: AssignmentRecord = {
    ...assignment,
    phase: "pending",
    retried: assignment.retried + counted,
    reason: `attempt ${assignment.attempt} failed: ${reason}`,
    ...(clearDenied ? { clearDenied } : {}),
  };
  return decision("retry-node", next, reason, [put(next), ...release(slot), stayIntent(snapshot, next)]);
}

function deny({ rollout, assignment, now }: Place, reason: string): DurableChange {
  return { kind: "denied", value: { nodeId: assignment.nodeId, checksum: rollout.target.checksum, reason, at: now } };
}

// ---- slots ----

function grantSlot(place: Place): Decision | undefined {
  const { snapshot, rollout, assignment, observation, slot, now } = place;
  if (slot !== undefined || assignment.phase !== "Staged" || rollout.state !== "running" || !isConnected(snapshot, assignment.nodeId))
    return undefined;
  if (observation?.health.state === "red") return note(assignment, `waiting: ${redBefore}`);
  const held = snapshot.slots.get(assignment.nodeId);
  if (held !== undefined) return note(assignment, `waiting: rollout ${held.holder.rollout} holds this node's slot`);
  const grant = judgeGrant(ledgerOf(snapshot, rollout), assignment.nodeId);
  if (!grant.granted)
    return note(assignment, `waiting for a slot: ${grant.taken} of ${grant.maxUnavailable} unavailable in budget ${grant.budget}`);
  const granted: Slot = {
    id: `${assignment.rollout}:${assignment.nodeId}:${assignment.attempt}`,
    nodeId: assignment.nodeId,
    holder: { kind: "rollout", ...attemptOf(assignment) },
    epoch: currentEpoch(snapshot),
    grantedAt: now,
    budgets: grant.budgets,
  };
  const next = { ...assignment, reason: "" };
  return decision("grant-slot", next, `within ${grant.budgets.join(", ")}`, [
    put(next),
    { kind: "slot", value: granted },
    orderIntent(snapshot, rollout, next, granted),
  ]);
}

/** An ended node whose slot is still out: give it back as soon as the evidence is there. */
function releaseLater(place: Place): Decision | undefined {
  const changes = place.slot ? giveBack(place) : [];
  return changes.length > 0
    ? decision("release-slot", place.assignment, "the previous commit runs and its checks are green", changes)
    : undefined;
}

/** The intent to stay, and the slot's release if the evidence is there; if not, `releaseLater` asks again. */
function giveBack({ snapshot, assignment, observation, slot }: Place): readonly DurableChange[] {
  const stay = snapshot.intents.get(assignment.nodeId)?.attempt === undefined ? [] : [stayIntent(snapshot, assignment)];
  if (slot === undefined || observation === undefined || "missing" in proveBack(assignment, observation)) return stay;
  return [...release(slot), ...stay];
}

function slotOf(snapshot: Snapshot, assignment: AssignmentRecord): Slot | undefined {
  const slot = snapshot.slots.get(assignment.nodeId);
  return slot !== undefined && sameAttempt(slot.holder, attemptOf(assignment)) ? slot : undefined;
}

function release(slot: Slot | undefined): readonly DurableChange[] {
  return slot ? [{ kind: "slot-released", nodeId: slot.nodeId, id: slot.id }] : [];
}

// ---- halting and losing ----

function lost({ snapshot, assignment, slot, now }: Place): Decision | undefined {
  const due = slot && lostAt(snapshot, slot);
  if (due === undefined || now < due || assignment.phase === "Lost") return undefined;
  const next: AssignmentRecord = { ...assignment, phase: "Lost", reason: "silent since its confirmation; it keeps its slot" };
  return decision("node-lost", next, next.reason, [put(next)]);
}

/**
 * A halted rollout calls back every attempt that is not confirmed, and a confirmed one as long as the node shows that it has not acted on it:
 * the answer may never have arrived, and no second one is given. An agent that did act goes on, whatever its intent says.
 */
function withdraw(place: Place): Decision | undefined {
  const { snapshot, rollout, assignment, slot, observation } = place;
  if (rollout.state !== "halted" || assignment.phase === "Lost") return undefined;
  if (slot?.confirmed !== undefined && !notActedOn(slot.confirmed.bootId, assignment, observation)) return undefined;
  const intent = snapshot.intents.get(assignment.nodeId);
  if (intent?.attempt !== undefined)
    return decision("withdraw-attempt", assignment, "the rollout was halted", [stayIntent(snapshot, assignment)]);
  // The agent has seen the recall and does not report the attempt any more.
  const seen = observation !== undefined && intent !== undefined && compareGenerations(observation.update.highest, intent.generation) >= 0;
  return seen ? backToPending(place, "called off before the point of no return") : undefined;
}

function notActedOn(confirmedBootId: string, assignment: AssignmentRecord, observation: Observation | undefined): boolean {
  if (observation === undefined || nextDeployment(observation.os)?.booted !== true) return false;
  const { open } = observation.update;
  const begunAgain = open !== undefined && sameAttempt(open.attempt, attemptOf(assignment)) && beforeConfirmation.has(open.phase);
  return begunAgain || observation.os.bootId === confirmedBootId;
}

/** A node that owes a report and is silent: say so, and take it back when it speaks again. One that reboots is silent by order. */
function silence({ snapshot, assignment }: Place): Decision | undefined {
  const silent = !isConnected(snapshot, assignment.nodeId) && assignment.phase !== "Finalizing" && assignment.phase !== "Rebooting";
  if (silent && assignment.reason === "") return note(assignment, silentReason);
  return !silent && assignment.reason === silentReason ? note(assignment, "") : undefined;
}

function backToPending({ assignment, slot, observation }: Place, reason: string): Decision | undefined {
  if (slot !== undefined && (observation === undefined || "missing" in proveBack(assignment, observation))) return undefined;
  const next: AssignmentRecord = { ...assignment, phase: "pending", reason };
  return decision("withdraw-attempt", next, reason, [put(next), ...release(slot)]);
}

// ---- the rollout ----

function decideRollout(snapshot: Snapshot, name: string, now: Instant): Decision | undefined {
  const rollout = snapshot.rollouts.get(name);
  if (rollout === undefined) return undefined;
  const assignments = [...assignmentsOf(snapshot, name)];
  if (rollout.state === "halted" || rollout.state === "completed") return settle(snapshot, rollout, assignments);
  const bad = assignments.find(
    (assignment) => assignment.phase === "RolledBack" || assignment.phase === "Failed" || assignment.phase === "Lost",
  );
  if (bad !== undefined) {
    const node = snapshot.nodes.get(bad.nodeId)?.name ?? bad.nodeId;
    const reason = `${node} is ${bad.phase}${bad.failure ? `(${bad.failure})` : ""}: ${bad.reason}`;
    return rolloutDecision("halt-rollout", { ...rollout, state: "halted", reason, endedAt: now }, reason);
  }
  if (rollout.state !== "running") return undefined;
  if (assignments.every((assignment) => assignment.phase === "Updated"))
    return rolloutDecision(
      "complete-rollout",
      { ...rollout, state: "completed", reason: "every node is updated", endedAt: now },
      "every node is updated",
    );
  if (assignments.some((assignment) => assignment.wave <= rollout.openWave && assignment.phase !== "Updated")) return undefined;
  const openWave = rollout.openWave + 1;
  return rolloutDecision("open-wave", { ...rollout, openWave }, `wave ${openWave} is updated`);
}

/** An ended rollout is settled when no attempt of it is open and all its slots are back: nothing is left to decide about it. */
function settle(snapshot: Snapshot, rollout: RolloutRecord, assignments: readonly AssignmentRecord[]): Decision | undefined {
  const busy = assignments.some(
    (assignment) => !(isEnd(assignment) || isWaiting(assignment)) || slotOf(snapshot, assignment) !== undefined,
  );
  return busy ? undefined : rolloutDecision("settle-rollout", { ...rollout, settled: true }, "no attempt is open and every slot is back");
}

// ---- changes ----

function orderIntent(snapshot: Snapshot, rollout: RolloutRecord, assignment: AssignmentRecord, slot?: Slot): DurableChange {
  const attempt: AttemptOrder = {
    ref: attemptOf(assignment),
    soakMillis: rollout.policy.nodeSoakMillis,
    clearDenied: assignment.clearDenied ?? false,
    ...(slot ? { permission: { slot: slot.id, epoch: slot.epoch } } : {}),
  };
  return intentChange(assignment.nodeId, { generation: nextGeneration(snapshot, assignment.nodeId), target: rollout.target, attempt });
}

/** When an attempt ends, the node's intent becomes the commit it runs. */
function stayIntent(snapshot: Snapshot, assignment: AssignmentRecord): DurableChange {
  const { nodeId } = assignment;
  const observation = snapshot.observations.get(nodeId)?.observation;
  const booted = observation && bootedDeployment(observation.os);
  const target = booted
    ? { checksum: booted.checksum, ref: booted.refspec.replace(/^[^:/]*:/, ""), version: booted.version }
    : { checksum: assignment.base?.checksum ?? "", ref: "", version: "" };
  return intentChange(nodeId, { generation: nextGeneration(snapshot, nodeId), target });
}

function intentChange(nodeId: string, intent: Intent): DurableChange {
  return { kind: "intent", value: { nodeId, intent } };
}

function put(assignment: AssignmentRecord): DurableChange {
  return { kind: "assignment", value: assignment };
}

function note(assignment: AssignmentRecord, reason: string): Decision | undefined {
  return assignment.reason === reason ? undefined : decision("note-phase", assignment, reason, [put({ ...assignment, reason })]);
}

function failed(assignment: AssignmentRecord, failure: FailureClass, reason: string, changes: readonly DurableChange[]): Decision {
  const next: AssignmentRecord = { ...assignment, phase: "Failed", failure, reason };
  return decision("node-failed", next, reason, [put(next), ...changes]);
}

function decision(action: Decision["action"], assignment: AssignmentRecord, because: string, changes: readonly DurableChange[]): Decision {
  return { action, subject: `rollout ${assignment.rollout} node ${assignment.nodeId}`, because, changes };
}

function rolloutDecision(action: Decision["action"], rollout: RolloutRecord, because: string): Decision {
  return { action, subject: `rollout ${rollout.name}`, because, changes: [{ kind: "rollout", value: rollout }] };
}
