// Too many are unavailable in a budget, because it was tightened or others went down: which of those that can still be called off give way.
import { roomIn, type Slot } from "@treeline/disruption";
import { sameAttempt, type Instant } from "@treeline/fleet";
import { candidateOf, compareCandidates, type Candidate } from "./candidate.ts";
import { currentEpoch, type Snapshot } from "./snapshot.ts";

/** After its start the server lets everybody come back, before it takes who is silent for a reason to call others off. */
const returnMillis = 60_000;

/** Not before this an attempt is called off for the others' sake. */
export function excessCountsFrom(snapshot: Snapshot): Instant {
  return (snapshot.runs.get(currentEpoch(snapshot))?.startedAt ?? 0) + returnMillis;
}

/** In these instances the slot's node counts. */
function instancesOf(snapshot: Snapshot, { nodeId, budgets }: Slot): ReadonlySet<string> {
  return new Set([...budgets, ...(snapshot.ledger.standings.get(nodeId)?.budgets ?? []).map(({ id }) => id)]);
}

/** Holders of slots that are not confirmed, whose release would make room in the instance (or anywhere). One that is down anyway makes none. */
export function unconfirmedHolders(snapshot: Snapshot, instance?: string): readonly Slot[] {
  return [...snapshot.slots.values()].filter((slot) => {
    if (slot.confirmed !== undefined || slot.holder.kind !== "rollout") return false;
    const standing = snapshot.ledger.standings.get(slot.nodeId);
    if (standing === undefined || !standing.counted || standing.unavailable) return false;
    return instance === undefined || instancesOf(snapshot, slot).has(instance);
  });
}

/**
 * The budget for whose sake this unconfirmed slot is given back, if any. As many give way as there are too many: first those that are called off
 * already, then the last in the order in which slots are granted. So the others go on, instead of all being refused their confirmation.
 */
export function exceededFor(snapshot: Snapshot, slot: Slot, now: Instant): string | undefined {
  if (slot.confirmed !== undefined || now < excessCountsFrom(snapshot)) return undefined;
  for (const instance of instancesOf(snapshot, slot)) {
    const excess = -roomIn(snapshot.ledger, instance);
    if (excess <= 0) continue;
    const leaving = unconfirmedHolders(snapshot, instance)
      .flatMap((held) => leaverOf(snapshot, held))
      .sort((a, b) => Number(b.calledOff) - Number(a.calledOff) || compareCandidates(b.candidate, a.candidate));
    if (leaving.slice(0, excess).some(({ candidate }) => candidate.nodeId === slot.nodeId)) return instance;
  }
  return undefined;
}

interface Leaver {
  readonly calledOff: boolean;
  readonly candidate: Candidate;
}

/** None for a slot that no rollout here knows: nobody can call it off. */
function leaverOf(snapshot: Snapshot, { nodeId, holder }: Slot): readonly Leaver[] {
  if (holder.kind !== "rollout") return [];
  const rollout = snapshot.rollouts.get(holder.rollout);
  const assignment = snapshot.assignments.get(holder.rollout)?.get(nodeId);
  if (rollout === undefined || assignment === undefined) return [];
  const order = snapshot.intents.get(nodeId)?.attempt;
  return [
    {
      calledOff: order === undefined || !sameAttempt(order.ref, holder),
      candidate: candidateOf(rollout, assignment, snapshot.nodes.get(nodeId)?.name ?? nodeId),
    },
  ];
}
