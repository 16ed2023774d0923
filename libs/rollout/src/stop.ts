import { selects, type Instant, type NodeId } from "@treeline/fleet";
import type { Snapshot } from "./snapshot.ts";

/**
 * The andon cord, pulled. While it stands, no attempt begins, no slot is granted and nothing is confirmed in its scope. It never stops an agent's own
 * way back.
 */
export interface StopRecord {
  /** The selector itself: pulling twice over the same scope is pulling once. */
  readonly id: string;
  /** As written; `*` for the whole fleet. */
  readonly selector: string;
  readonly reason: string;
  readonly by: string;
  readonly at: Instant;
  /** Rollbacks of whole rollouts go on: said on purpose, and audited. */
  readonly sparesRollbacks: boolean;
}

/** The andon cord that holds this node, if any. A rollback of a whole rollout is held, too, unless the cord spares it. */
export function stopOn(snapshot: Snapshot, nodeId: NodeId, way: "forward" | "back"): StopRecord | undefined {
  if (snapshot.stopped.length === 0) return undefined;
  const labels = snapshot.nodes.get(nodeId)?.labels ?? {};
  return snapshot.stopped.find(({ stop, selector }) => !(way === "back" && stop.sparesRollbacks) && selects(selector, labels))?.stop;
}
