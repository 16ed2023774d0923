import { selects, type Instant, type NodeId, type NodeRecord } from "@treeline/fleet";
import { decision, put, type Decision } from "./decision.ts";
import { takesNodes, type AssignmentRecord, type RolloutRecord } from "./record.ts";
import { isSelected, waveTakes, type Selection } from "./selection.ts";
import { tallyOf, type Snapshot } from "./snapshot.ts";
import { categoryOf } from "./tally.ts";
import { waveCapacity } from "./wave-size.ts";

/**
 * A node that is new or was relabelled: into which rollouts it comes, in which it changes its wave (one that it leaves is seen where it waits). Its wave is the first
 * that takes such nodes and is not full; if all are full, the last that takes such nodes.
 */
export function lookAtJoin(snapshot: Snapshot, nodeId: NodeId, now: Instant): Decision | undefined {
  const node = snapshot.nodes.get(nodeId);
  if (node === undefined) return undefined;
  for (const [name, selection] of snapshot.selections) {
    const rollout = snapshot.rollouts.get(name)!;
    if (!takesNodes(rollout)) continue;
    const assignment = snapshot.assignments.get(name)?.get(nodeId);
    const found =
      assignment === undefined ? join(snapshot, rollout, selection, node, now) : move(snapshot, rollout, selection, node, assignment);
    if (found !== undefined) return found;
  }
  return undefined;
}

function join(snapshot: Snapshot, rollout: RolloutRecord, selection: Selection, node: NodeRecord, now: Instant): Decision | undefined {
  if (!isSelected(selection, node)) return undefined;
  const wave = waveFor(snapshot, rollout, selection, node);
  if (wave === undefined) return undefined;
  const assignment = newAssignment(rollout.name, node.id, wave, now);
  return decision("node-joined", assignment, `it is in the rollout's selection now: wave ${wave + 1}`, [put(assignment)]);
}

/** Only a node that waits moves: an attempt under way is called off first, what is done stays done. */
function move(
  snapshot: Snapshot,
  rollout: RolloutRecord,
  selection: Selection,
  node: NodeRecord,
  assignment: AssignmentRecord,
): Decision | undefined {
  if (categoryOf(assignment) !== "waiting" || snapshot.slots.has(node.id) || !isSelected(selection, node)) return undefined;
  if (waveTakes(selection, assignment.wave, node)) return undefined;
  const wave = waveFor(snapshot, rollout, selection, node);
  if (wave === undefined || wave === assignment.wave) return undefined;
  return decision("node-joined", assignment, `its labels put it into wave ${wave + 1} now`, [put({ ...assignment, wave })]);
}

function waveFor(snapshot: Snapshot, rollout: RolloutRecord, selection: Selection, node: NodeRecord): number | undefined {
  let last: number | undefined;
  for (const [index, { size }] of rollout.policy.waves.entries()) {
    if (!waveTakes(selection, index, node)) continue;
    last = index;
    const taken = tallyOf(snapshot, rollout.name).waves.get(index)?.nodes.size ?? 0;
    if (taken < waveCapacity(size, "percent" in size ? matching(snapshot, rollout, selection, index) + 1 : 0)) return index;
  }
  return last;
}

/** How many nodes of the rollout the wave could take from. */
function matching(snapshot: Snapshot, rollout: RolloutRecord, selection: Selection, wave: number): number {
  const selector = selection.waves[wave];
  const assigned = snapshot.assignments.get(rollout.name);
  if (assigned === undefined) return 0;
  return selector === undefined
    ? assigned.size
    : assigned.count((_, nodeId) => selects(selector, snapshot.nodes.get(nodeId)?.labels ?? {}));
}

export function newAssignment(rollout: string, nodeId: NodeId, wave: number, now: Instant): AssignmentRecord {
  return { rollout, nodeId, wave, phase: "pending", since: now, attempt: 0, way: "forward", retried: 0, reason: "" };
}
