import type { NodeRecord } from "@treeline/fleet";
import { isAtWork } from "./claim.ts";
import type { RolloutRecord } from "./record.ts";
import type { Snapshot } from "./snapshot.ts";
import { categoryOf, isRevertible } from "./tally.ts";

/** Another rollout that has still something to do with nodes of the planned one. */
export interface PlannedConflict {
  readonly rollout: string;
  readonly nodes: number;
  /** Who goes first, and why. */
  readonly reason: string;
}

interface Overlap {
  nodes: number;
  atWork: number;
  updated: number;
}

/** The rollouts that are not settled and overlap with the planned one, the one with the most nodes first. */
export function conflictsWith(snapshot: Snapshot, planned: RolloutRecord, nodes: Iterable<NodeRecord>): readonly PlannedConflict[] {
  const overlaps = new Map<string, Overlap>();
  for (const { id } of nodes)
    for (const name of snapshot.claims.get(id) ?? []) {
      const rollout = snapshot.rollouts.get(name);
      const assignment = snapshot.assignments.get(name)?.get(id);
      if (name === planned.name || rollout === undefined || assignment === undefined) continue;
      const atWork = isAtWork(snapshot, { rollout, assignment });
      const goesBack = rollout.way === "back" && isRevertible(assignment);
      const updated = assignment.phase === "Updated" && rollout.way === "forward" && rollout.policy.priority > planned.policy.priority;
      const waits =
        rollout.way === "forward" && categoryOf(assignment) === "waiting" && rollout.state !== "aborted" && rollout.state !== "completed";
      if (!atWork && !goesBack && !updated && !waits) continue;
      const overlap = overlaps.get(name) ?? { nodes: 0, atWork: 0, updated: 0 };
      overlaps.set(name, overlap);
      overlap.nodes++;
      if (atWork) overlap.atWork++;
      if (updated) overlap.updated++;
    }
  return [...overlaps]
    .sort(([a, { nodes: ofA }], [b, { nodes: ofB }]) => ofB - ofA || (a < b ? -1 : 1))
    .map(([name, overlap]) => ({ rollout: name, nodes: overlap.nodes, reason: reasonOf(snapshot.rollouts.get(name)!, planned, overlap) }));
}

function reasonOf(other: RolloutRecord, planned: RolloutRecord, { atWork, updated }: Overlap): string {
  const [theirs, ours] = [other.policy.priority, planned.policy.priority];
  const first =
    theirs > ours
      ? `it goes first: its priority ${theirs} is higher than ${ours}`
      : theirs === ours
        ? `it goes first: its priority ${theirs} is the same and it is older`
        : `this one goes first: its priority ${ours} is higher than ${theirs}; what the other has not confirmed is called off`;
  const holds = theirs >= ours;
  const state: Partial<Record<RolloutRecord["state"], string>> = {
    held: holds ? "; it is held, so this one goes until it is started" : "; it is held",
    paused: holds ? "; it is paused, and its nodes wait with it until it is resumed or aborted" : "; it is paused",
    halted: holds ? "; it is halted, so this one goes until its failed nodes are tried again" : "; it is halted",
  };
  return [
    `${first}${state[other.state] ?? ""}`,
    ...(atWork > 0 ? [`it has an attempt or a slot on ${count(atWork)} now`] : []),
    ...(updated > 0 ? [`it has updated ${count(updated)}, which this one would leave alone`] : []),
  ].join("; ");
}

function count(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}
