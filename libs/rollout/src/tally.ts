import type { FailureClass, NodeId } from "@treeline/fleet";
import { Map as PersistentMap, Set as PersistentSet } from "immutable";
import type { AssignmentRecord, Results } from "./record.ts";

/** Failures that are nobody's fault but the network's, this server's or a person's: no gate counts them. */
const uncounted: ReadonlySet<FailureClass> = new Set<FailureClass>(["unreachable", "operator"]);

/**
 * How an assignment stands for counting.
 * `waiting`: no attempt under way; `moving`: one is; `updated`; `failed`: counted by the gates; `ended`: without counting.
 */
export type Category = "waiting" | "moving" | "updated" | "failed" | "ended";

export function categoryOf({ phase, failure }: Pick<AssignmentRecord, "phase" | "failure">): Category {
  switch (phase) {
    case "pending":
    case "NotEligible":
      return "waiting";
    case "Updated":
      return "updated";
    case "Reverted":
    case "Superseded":
      return "ended";
    case "RolledBack":
    case "Lost":
      return "failed";
    case "Failed":
      return failure !== undefined && uncounted.has(failure) ? "ended" : "failed";
    default:
      return "moving";
  }
}

/** Is this node still to be taken back when the whole rollout is? It booted the release and no attempt is under way. A Lost one may have. */
export function isRevertible({ phase, origin, booted, way }: AssignmentRecord): boolean {
  if (origin === undefined) return false;
  if (way === "back") return phase === "pending" || phase === "Lost";
  if (phase === "Updated" || phase === "Lost") return true;
  return booted === true && (phase === "Failed" || phase === "pending" || phase === "NotEligible");
}

export interface WaveTally {
  readonly nodes: PersistentSet<NodeId>;
  readonly counts: Readonly<Record<Category, number>>;
}

/** A rollout's assignments, counted. */
export interface Tally {
  readonly waves: PersistentMap<number, WaveTally>;
  readonly counts: Readonly<Record<Category, number>>;
  readonly lost: number;
  /** Pulling at this moment, by order of the rollout. */
  readonly staging: number;
  readonly revertible: number;
  /** Slots of its attempts that are out. */
  readonly slots: number;
}

const noCounts: Readonly<Record<Category, number>> = { waiting: 0, moving: 0, updated: 0, failed: 0, ended: 0 };
export const emptyTally: Tally = { waves: PersistentMap(), counts: noCounts, lost: 0, staging: 0, revertible: 0, slots: 0 };

/** The tally after an assignment changed; `before` is absent when it is new, `after` when it was removed. Costs O(1). */
export function retally(tally: Tally, before: AssignmentRecord | undefined, after: AssignmentRecord | undefined): Tally {
  const subtracted = before === undefined ? tally : counted(tally, before, -1);
  const added = after === undefined ? subtracted : counted(subtracted, after, 1);
  if (before?.wave === after?.wave) return added;
  let { waves } = added;
  if (before !== undefined) waves = inWave(waves, before.wave, (nodes) => nodes.delete(before.nodeId));
  if (after !== undefined) waves = inWave(waves, after.wave, (nodes) => nodes.add(after.nodeId));
  return { ...added, waves };
}

function counted(tally: Tally, assignment: AssignmentRecord, sign: 1 | -1): Tally {
  const category = categoryOf(assignment);
  const wave = tally.waves.get(assignment.wave) ?? { nodes: PersistentSet<NodeId>(), counts: noCounts };
  return {
    ...tally,
    waves: tally.waves.set(assignment.wave, { ...wave, counts: bump(wave.counts, category, sign) }),
    counts: bump(tally.counts, category, sign),
    lost: tally.lost + (assignment.phase === "Lost" ? sign : 0),
    staging: tally.staging + (assignment.phase === "Staging" && assignment.way === "forward" ? sign : 0),
    revertible: tally.revertible + (isRevertible(assignment) ? sign : 0),
  };
}

function bump(counts: Tally["counts"], category: Category, by: number): Tally["counts"] {
  return { ...counts, [category]: counts[category] + by };
}

function inWave(waves: Tally["waves"], wave: number, change: (nodes: PersistentSet<NodeId>) => PersistentSet<NodeId>): Tally["waves"] {
  const now = waves.get(wave)!;
  const nodes = change(now.nodes);
  return nodes.size === 0 ? waves.delete(wave) : waves.set(wave, { ...now, nodes });
}

/** What the gates judge. */
export function resultsOf({ updated, failed }: Readonly<Record<Category, number>>): Results {
  return { ended: updated + failed, failed };
}
