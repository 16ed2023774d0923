import type { NodeId } from "@treeline/fleet";
import { tallyOf, type AssignmentRecord, type Snapshot, type WaveTally } from "@treeline/rollout";
import { compareText } from "./page.ts";
import { nameOf } from "./rollout-view.ts";

/** Where a node stands in the list of a rollout's nodes: by wave, by name, then by id. */
export interface Place {
  readonly wave: number;
  readonly name: string;
  readonly nodeId: NodeId;
}

/**
 * The nodes of rollouts in the order in which they are shown. A wave is sorted once for as long as the same nodes are in it, so that a page of a large
 * rollout costs the page. A node's name never changes.
 */
export class PlaceOrder {
  readonly #sorted = new WeakMap<WaveTally["nodes"], readonly NodeId[]>();

  /** The places of a rollout in order, those behind `after`. */
  *places(snapshot: Snapshot, rollout: string, after?: Place): Iterable<Place> {
    const { waves } = tallyOf(snapshot, rollout);
    for (const wave of [...waves.keys()].sort((a, b) => a - b)) {
      if (after !== undefined && wave < after.wave) continue;
      const ids = this.#sortedIds(snapshot, waves.get(wave)!.nodes);
      for (let index = after?.wave === wave ? firstBehind(snapshot, ids, after) : 0; index < ids.length; index++) {
        const nodeId = ids[index]!;
        yield { wave, name: nameOf(snapshot, nodeId), nodeId };
      }
    }
  }

  #sortedIds(snapshot: Snapshot, nodes: WaveTally["nodes"]): readonly NodeId[] {
    const known = this.#sorted.get(nodes);
    if (known !== undefined) return known;
    const named = Array.from(nodes, (nodeId) => ({ name: nameOf(snapshot, nodeId), nodeId }));
    const sorted = named.sort(compareNames).map(({ nodeId }) => nodeId);
    this.#sorted.set(nodes, sorted);
    return sorted;
  }
}

export function placeOf(snapshot: Snapshot, { wave, nodeId }: AssignmentRecord): Place {
  return { wave, name: nameOf(snapshot, nodeId), nodeId };
}

export function comparePlaces(a: Place, b: Place): number {
  return a.wave - b.wave || compareNames(a, b);
}

/** The index of the first id that stands behind the place, by bisection. */
function firstBehind(snapshot: Snapshot, ids: readonly NodeId[], after: Place): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const nodeId = ids[middle]!;
    if (compareNames({ name: nameOf(snapshot, nodeId), nodeId }, after) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

type Named = Pick<Place, "name" | "nodeId">;

function compareNames(a: Named, b: Named): number {
  return compareText(a.name, b.name) || compareText(a.nodeId, b.nodeId);
}
