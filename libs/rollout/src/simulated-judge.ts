/** What no decision and no confirmation may ever do, judged from the records alone and with arithmetic of its own. */
import { domainKeys, type Domain, type Limits, type Slot } from "@treeline/disruption";
import { parseSelector, sameAttempt, selects, type AttemptRef, type NodeId, type NodeRecord } from "@treeline/fleet";
import type { Decision } from "./decision.ts";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";
import type { SimulatedFleet } from "./simulated-fleet.ts";
import { applyAll, currentEpoch, type Snapshot } from "./snapshot.ts";

/** Something that decide or confirm must never do; the property fails with it. */
export class BrokenInvariant extends Error {}

// ---- budgets ----

interface Counted {
  readonly id: string;
  readonly limit: number;
  readonly taken: number;
}

function isDown(snapshot: Snapshot, id: NodeId): boolean {
  const node = snapshot.nodes.get(id);
  const silent = snapshot.contacts.get(id)?.connected !== true;
  return silent || node?.revokedAt !== undefined || snapshot.observations.get(id)?.observation.health.state === "red";
}

/** Every budget that holds for the node now, counted node by node. */
function budgetsOf(snapshot: Snapshot, nodeId: NodeId): readonly Counted[] {
  const node = snapshot.nodes.get(nodeId)!;
  const fleet = [...snapshot.budgets.values()].map((budget) => ({
    ...budget,
    holds: (other: NodeRecord) => {
      const parsed = parseSelector(budget.selector);
      return parsed.ok && selects(parsed.selector, other.labels);
    },
  }));
  const own = [...snapshot.rollouts.values()]
    .filter(({ settled }) => !settled)
    .flatMap(({ name, policy }) =>
      policy.budgets.map((budget) => ({
        ...budget,
        name: budget.per === undefined ? `rollout ${name}` : `rollout ${name} per ${budget.per}`,
        holds: (other: NodeRecord) => snapshot.assignments.get(name)?.has(other.id) === true,
      })),
    );
  return [...fleet, ...own]
    .filter((budget) => budget.holds(node))
    .map((budget) => {
      const id = pathOf(budget, node);
      const counts = (other: NodeRecord): boolean =>
        other.writtenOff === undefined && (other.revokedAt === undefined || snapshot.slots.has(other.id));
      const counted = [...snapshot.nodes.values()].filter(counts);
      const members = counted.filter((other) => budget.holds(other) && pathOf(budget, other) === id);
      const remembered = counted.filter((other) => !members.includes(other) && snapshot.slots.get(other.id)?.budgets.includes(id) === true);
      const out = members.filter((other) => snapshot.slots.has(other.id) || isDown(snapshot, other.id));
      return { id, limit: limitOf(budget, members.length), taken: out.length + remembered.length };
    });
}

function pathOf({ name, per }: { readonly name: string; readonly per?: Domain }, { labels }: NodeRecord): string {
  const levels = {
    region: [domainKeys.region],
    zone: [domainKeys.region, domainKeys.zone],
    rack: [domainKeys.region, domainKeys.zone, domainKeys.rack],
  };
  return [name, ...(per === undefined ? [] : levels[per]).map((key) => labels[key] ?? "-")].join("/");
}

function limitOf({ maxUnavailable: max, minAvailable: min }: Limits, size: number): number {
  const part = (percent: number): number => (size * percent) / 100;
  const most = max === undefined ? size : "count" in max ? max.count : max.percent === 0 ? 0 : Math.max(1, Math.floor(part(max.percent)));
  const least = min === undefined ? 0 : "count" in min ? min.count : Math.ceil(part(min.percent));
  return Math.min(most, Math.max(0, size - least));
}

// ---- agents and confirmations ----

/** Whoever is past its point of no return holds the slot of that very attempt. */
export function judgeAgents({ agents, snapshot, givenUp }: SimulatedFleet): void {
  for (const { id, open } of agents) {
    if (open?.confirmedBootId === undefined || givenUp.has(id)) continue;
    const holder = snapshot.slots.get(id)?.holder;
    if (holder?.kind !== "rollout" || !sameAttempt(holder, open.ref))
      throw new BrokenInvariant(`${id} is past its confirmation without a slot`);
  }
}

export function judgeConfirmation({ snapshot }: SimulatedFleet, id: NodeId, { rollout: name, number }: AttemptRef): void {
  const rollout = snapshot.rollouts.get(name)!;
  const assignment = snapshot.assignments.get(name)!.get(id)!;
  if (assignment.attempt !== number) throw new BrokenInvariant("confirmed an attempt that is over");
  judgeGoing(snapshot, rollout, assignment, "confirmed");
  if (isDown(snapshot, id)) return;
  const broken = budgetsOf(snapshot, id).find(({ taken, limit }) => taken > limit);
  if (broken !== undefined) throw new BrokenInvariant(`confirmed past budget ${broken.id}`);
}

/** The rollout, its wave and the andon cord let the node go on. */
function judgeGoing(snapshot: Snapshot, rollout: RolloutRecord, { nodeId, way, wave }: AssignmentRecord, what: string): void {
  if (rollout.state !== (way === "forward" ? "running" : "rolling-back")) throw new BrokenInvariant(`${what} while ${rollout.state}`);
  if (way === "forward" && wave > rollout.openWave) throw new BrokenInvariant(`${what} before its wave was open`);
  const node = snapshot.nodes.get(nodeId)!;
  for (const stop of snapshot.stops.values()) {
    const parsed = parseSelector(stop.selector);
    const spared = way === "back" && stop.sparesRollbacks;
    if (!spared && parsed.ok && selects(parsed.selector, node.labels)) throw new BrokenInvariant(`${what} although ${stop.id} is stopped`);
  }
}

// ---- decisions ----

export function judgeDecision(fleet: SimulatedFleet, decision: Decision): void {
  const { snapshot } = fleet;
  if (decision.changes.length === 0) throw new BrokenInvariant("a decision that changes nothing");
  for (const change of decision.changes) {
    if (change.kind === "slot" && decision.action === "retake-slot") judgeRetaken(fleet, change.value);
    else if (change.kind === "slot") judgeGrant(snapshot, change.value);
    if (change.kind === "slot-released" && decision.action !== "grant-slot") judgeRelease(fleet, decision, change.nodeId);
    if (change.kind === "rollout") judgeWave(snapshot, change.value);
    if (change.kind === "assignment") judgeAssignment(snapshot, decision, change.value);
  }
  if (applyAll(snapshot, decision.changes).slots.size > snapshot.slots.size + 1)
    throw new BrokenInvariant("one decision grants several slots");
}

function judgeGrant(snapshot: Snapshot, slot: Slot): void {
  const { nodeId, holder } = slot;
  if (holder.kind !== "rollout") throw new BrokenInvariant("a slot for nobody");
  judgeGoing(snapshot, snapshot.rollouts.get(holder.rollout)!, snapshot.assignments.get(holder.rollout)!.get(nodeId)!, "granted");
  const before = snapshot.slots.get(nodeId)?.holder;
  if (before !== undefined && !(before.kind === "rollout" && before.rollout === holder.rollout))
    throw new BrokenInvariant(`${nodeId} has two slots`);
  if (slot.epoch !== currentEpoch(snapshot)) throw new BrokenInvariant("a slot of another epoch was granted");
  if (snapshot.nodes.get(nodeId)?.writtenOff !== undefined) throw new BrokenInvariant("a slot was granted to a node that was written off");
  const budgets = budgetsOf(snapshot, nodeId);
  if (JSON.stringify(budgets.map(({ id }) => id).sort()) !== JSON.stringify([...slot.budgets].sort()))
    throw new BrokenInvariant(`the slot remembers ${slot.budgets.join(", ")}, not ${budgets.map(({ id }) => id).join(", ")}`);
  if (before !== undefined || isDown(snapshot, nodeId)) return;
  const broken = budgets.find(({ taken, limit }) => taken + 1 > limit);
  if (broken !== undefined) throw new BrokenInvariant(`a grant makes ${broken.taken + 1} of ${broken.limit} unavailable in ${broken.id}`);
}

/** The node itself is past the confirmation of that very attempt. */
function judgeRetaken({ agents }: SimulatedFleet, { nodeId, holder }: Slot): void {
  const open = agents.find(({ id }) => id === nodeId)?.open;
  if (open?.confirmedBootId === undefined || holder.kind !== "rollout" || !sameAttempt(open.ref, holder))
    throw new BrokenInvariant("a slot was taken for an attempt that is not confirmed");
}

function judgeRelease({ snapshot, agents }: SimulatedFleet, decision: Decision, nodeId: NodeId): void {
  const held = snapshot.slots.get(nodeId);
  const { open } = agents.find(({ id }) => id === nodeId)!;
  if (held?.holder.kind !== "rollout") throw new BrokenInvariant("a slot was released that no rollout holds");
  if (open?.confirmedBootId !== undefined && sameAttempt(open.ref, held.holder))
    throw new BrokenInvariant(`the slot of ${nodeId} was released although its attempt is past the confirmation`);
  const { os, update, health } = snapshot.observations.get(nodeId)!.observation;
  const assignment = snapshot.assignments.get(held.holder.rollout)?.get(nodeId);
  const rollout = snapshot.rollouts.get(held.holder.rollout);
  const reached = assignment?.way === "back" ? assignment.origin?.checksum : rollout?.target.checksum;
  const [first] = os.deployments;
  const stillOpen = update.open !== undefined && sameAttempt(update.open.attempt, held.holder);
  const good =
    first?.booted === true && (rollout === undefined || first.checksum === reached || first.checksum === assignment?.base?.checksum);
  if (stillOpen || !good || health.state !== "green") throw new BrokenInvariant(`the slot of ${nodeId} was released without evidence`);
  if (applyAll(snapshot, decision.changes).intents.get(nodeId)?.attempt !== undefined)
    throw new BrokenInvariant(`the slot of ${nodeId} was released, and its permission was not revoked with it`);
}

const results = ["Updated", "RolledBack", "Failed", "Lost", "Reverted", "Superseded"];

/** A wave opens when nobody in the waves before it waits or is under way, save for those who came to them later. */
function judgeWave(snapshot: Snapshot, next: RolloutRecord): void {
  const before = snapshot.rollouts.get(next.name)!;
  if (next.state === "completed" && before.state !== "completed") {
    const left = [...(snapshot.assignments.get(next.name)?.values() ?? [])].find(({ phase }) => !results.includes(phase));
    if (left !== undefined) throw new BrokenInvariant(`completed while ${left.nodeId} is ${left.phase}`);
  }
  if (next.openWave === before.openWave) return;
  if (next.openWave !== before.openWave + 1 || before.state !== "running") throw new BrokenInvariant("a wave opened out of turn");
  const open = [...(snapshot.assignments.get(next.name)?.values() ?? [])].filter(({ wave }) => wave === before.openWave);
  const not = open.find(({ phase }) => !results.includes(phase));
  if (not !== undefined) throw new BrokenInvariant(`wave ${next.openWave} opened while ${not.nodeId} is ${not.phase}`);
  if (before.policy.waves[next.openWave]!.approval && next.approvals[next.openWave] === undefined)
    throw new BrokenInvariant("a wave opened without its approval");
}

const ends = ["Updated", "RolledBack", "Failed", "Reverted", "Superseded"];

function judgeAssignment(snapshot: Snapshot, decision: Decision, next: AssignmentRecord): void {
  const rollout = snapshot.rollouts.get(next.rollout)!;
  const before = snapshot.assignments.get(next.rollout)?.get(next.nodeId);
  if (decision.action === "begin-attempt" || decision.action === "begin-way-back") judgeBegin(snapshot, rollout, next);
  if (next.phase === "Updated" && before?.phase !== "Updated") judgeUpdated(snapshot, rollout, next);
  if (before === undefined || before.phase === next.phase || !ends.includes(before.phase)) return;
  const takenBack = rollout.way === "back" && ["Staging", "Reverted", "Failed"].includes(next.phase);
  const watched = before.phase === "Updated" && next.phase === "Failed" && rollout.state === "running" && next.wave === rollout.openWave;
  if (!takenBack && !watched && next.phase !== "Superseded") throw new BrokenInvariant(`${before.phase} became ${next.phase}`);
  if (takenBack && next.phase === "Staging" && (before.phase === "RolledBack" || before.origin === undefined))
    throw new BrokenInvariant(`a node that is ${before.phase} was taken back`);
}

function judgeBegin(snapshot: Snapshot, rollout: RolloutRecord, next: AssignmentRecord): void {
  judgeGoing(snapshot, rollout, next, "began");
  const { nodeId, way } = next;
  const observation = snapshot.observations.get(nodeId)?.observation;
  if (snapshot.contacts.get(nodeId)?.connected !== true) throw new BrokenInvariant("an attempt began on a silent node");
  if (way === "forward" && !rollout.policy.cure && observation?.health.state === "red")
    throw new BrokenInvariant("an attempt began on a red node");
  if (way === "back" && next.origin?.checksum === rollout.target.checksum) throw new BrokenInvariant("a way back that leads nowhere");
  const staging = [...(snapshot.assignments.get(rollout.name)?.values() ?? [])].filter(
    (one) => one.phase === "Staging" && one.way === "forward",
  ).length;
  if (way === "forward" && staging + 1 > (rollout.policy.staging.nodes ?? Infinity))
    throw new BrokenInvariant("too many nodes stage at once");
  const denied = snapshot.denied.get(nodeId)?.get(rollout.target.checksum);
  if (way === "forward" && denied !== undefined && denied.cleared === undefined)
    throw new BrokenInvariant("a denied commit was tried again");
}

function judgeUpdated(snapshot: Snapshot, { target }: RolloutRecord, { nodeId, proof }: AssignmentRecord): void {
  const { os, health } = snapshot.observations.get(nodeId)!.observation;
  const [first] = os.deployments;
  if (first?.booted !== true || first.checksum !== target.checksum || health.state !== "green")
    throw new BrokenInvariant("Updated without evidence");
  if (proof === undefined) return;
  const confirmed = snapshot.slots.get(nodeId)?.confirmed;
  if (confirmed === undefined || proof.previousBootId !== confirmed.bootId || proof.bootId === confirmed.bootId)
    throw new BrokenInvariant("Updated on the proof of another boot");
}
