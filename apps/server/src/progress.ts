import type { NodeId, Progress } from "@treeline/fleet";

/** How far the nodes have pulled. Never stored: it is for people who watch, and one entry per node bounds it. */
export class ProgressBoard {
  readonly #byNode = new Map<NodeId, Progress>();
  readonly #listeners = new Set<(nodeId: NodeId) => void>();

  set(nodeId: NodeId, progress: Progress): void {
    this.#byNode.set(nodeId, progress);
    for (const listener of this.#listeners) listener(nodeId);
  }

  get(nodeId: NodeId): Progress | undefined {
    return this.#byNode.get(nodeId);
  }

  onProgress(listener: (nodeId: NodeId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
