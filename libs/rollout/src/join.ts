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
  const wave = waveTakes(selection, assignment.wave, node)
    ? earlierWave(rollout, selection, node, assignment)
    : waveFor(snapshot, rollout, selection, node);
  if (wave === undefined || wave === assignment.wave) return undefined;
  return decision("node-joined", assignment, `its labels put it into wave ${wave + 1} now`, [put({ ...assignment, wave })]);
}

/**
 * For a node that its present wave still takes: an earlier one whose own selector takes it, and all like it. A wave that takes only some stays as
 * it was cut: who is in it must not change because somebody else left it.
 */
function earlierWave(
  rollout: RolloutRecord,
  selection: Selection,
  node: NodeRecord,
  { wave: present }: AssignmentRecord,
): number | undefined {
  const taking = selection.waves.findIndex(
    (selector, wave) =>
      wave < present && selector !== undefined && selects(selector, node.labels) && "rest" in rollout.policy.waves[wave]!.size,
  );
  return taking < 0 ? undefined : taking;
}

function waveFor(snapshot: Snapshot, rollout: RolloutRecord, selection: Selection, node: NodeRecord): number | undefined {
  let last: number | undefined;
  for (const index of rollout.policy.waves.keys()) {
    if (!waveTakes(selection, index, node)) continue;
    last = index;
    if (hasRoom(snapshot, rollout, selection, index, node.id)) return index;
  }
  return last;
}

/** Has the wave room for the node, which is not in it? A percentage is of the nodes it could take, this one among them. */
function hasRoom(snapshot: Snapshot, rollout: RolloutRecord, selection: Selection, wave: number, nodeId: NodeId): boolean {
  const { size } = rollout.policy.waves[wave]!;
  const taken = tallyOf(snapshot, rollout.name).waves.get(wave)?.nodes.size ?? 0;
  const counted = snapshot.assignments.get(rollout.name)?.has(nodeId) === true ? 0 : 1;
  return taken < waveCapacity(size, "percent" in size ? matching(snapshot, rollout, selection, wave) + counted : 0);
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

/** The rollout takes the node, yet none of its waves does: it waits for nothing and would never be updated. */
export function selectedWithoutWave(snapshot: Snapshot, rollout: RolloutRecord, node: NodeRecord): boolean {
  const selection = snapshot.selections.get(rollout.name);
  if (selection === undefined || !takesNodes(rollout) || snapshot.assignments.get(rollout.name)?.has(node.id) === true) return false;
  return isSelected(selection, node) && !rollout.policy.waves.some((_, wave) => waveTakes(selection, wave, node));
}

export function newAssignment(rollout: string, nodeId: NodeId, wave: number, now: Instant): AssignmentRecord {
  return { rollout, nodeId, wave, phase: "pending", since: now, attempt: 0, way: "forward", retried: 0, reason: "" };
}
