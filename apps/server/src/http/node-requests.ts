import type { ServerResponse } from "node:http";

/** Requests for content under way, by node: so many at a time. */
export class NodeRequests {
  readonly #most: number;
  readonly #underWay = new Map<string, Set<ServerResponse>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Notes a request until its answer is over. False when the node has too many under way. */
  begin(nodeId: string, response: ServerResponse): boolean {
    const responses = this.#underWay.get(nodeId) ?? new Set();
    if (responses.size >= this.#most) return false;
    this.#underWay.set(nodeId, responses.add(response));
    response.once("close", () => {
      responses.delete(response);
      if (responses.size === 0 && this.#underWay.get(nodeId) === responses) this.#underWay.delete(nodeId);
    });
    return true;
  }
}
