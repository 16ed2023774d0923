import { status } from "@grpc/grpc-js";
import { parseSelector, selects, type NodeRecord } from "@treeline/fleet";
import { RpcError, type wire } from "@treeline/rpc";
import type { Snapshot } from "@treeline/rollout";
import type { Fleet } from "../fleet.ts";
import { labelProblems } from "./enrollment.ts";
import { nodeView } from "./node-view.ts";

const defaultPage = 100;
const maxPage = 500;

export interface NodesOptions {
  readonly fleet: Fleet;
  readonly now: () => number;
}

/** NodeService. Pages are ordered by name, then id; a page token is the last id given. */
export class Nodes {
  readonly #fleet: Fleet;
  readonly #now: () => number;

  constructor({ fleet, now }: NodesOptions) {
    this.#fleet = fleet;
    this.#now = now;
  }

  list(request: wire.ListNodesRequest__Output): wire.ListNodesResponse {
    const snapshot = this.#fleet.durable;
    const parsed = parseSelector(request.selector === "" ? "*" : request.selector);
    if (!parsed.ok) throw invalid("selector", parsed.problem);
    const size = Math.min(request.pageSize === 0 ? defaultPage : request.pageSize, maxPage);
    const all = [...snapshot.nodes.values()].filter((node) => selects(parsed.selector, node.labels)).sort(byName);
    const start = request.pageToken === "" ? 0 : all.findIndex((node) => node.id === request.pageToken) + 1;
    if (request.pageToken !== "" && start === 0) throw invalid("page_token", "names no node of this list; begin again without it");
    const page = all.slice(start, start + size);
    const last = page.at(-1);
    return { nodes: page.map((node) => nodeView(snapshot, node)), nextPageToken: last && start + size < all.length ? last.id : "" };
  }

  get(request: wire.GetNodeRequest__Output): wire.GetNodeResponse {
    const snapshot = this.#fleet.durable;
    return { node: nodeView(snapshot, findNode(snapshot, request.node)) };
  }

  async label(request: wire.LabelNodeRequest__Output, operator: string): Promise<wire.LabelNodeResponse> {
    const violations = labelProblems(request.set);
    if (violations.length > 0) throw new RpcError("a label is not valid", { status: status.INVALID_ARGUMENT, reason: "INVALID", violations });
    const id = await this.#fleet.transact((working) => {
      const node = findNode(working, request.node);
      const labels = Object.fromEntries(Object.entries({ ...node.labels, ...request.set }).filter(([key]) => !request.remove.includes(key)));
      const at = this.#now();
      const because = [...Object.entries(request.set).map(([key, value]) => `${key}=${value}`), ...request.remove.map((key) => `${key}-`)].join(" ");
      const audit = [{ at, actor: `operator:${operator}`, action: "label-node", subject: `node ${node.id}`, because }];
      return { changes: [{ kind: "node", value: { ...node, labels } }], audit, result: node.id };
    });
    return { node: nodeView(this.#fleet.durable, findNode(this.#fleet.durable, id)) };
  }

  async revoke(request: wire.RevokeNodeRequest__Output, operator: string): Promise<wire.RevokeNodeResponse> {
    await this.#fleet.transact((working) => {
      const node = findNode(working, request.node);
      if (node.revokedAt !== undefined) return { changes: [], result: undefined };
      const at = this.#now();
      const revoked: NodeRecord = { ...node, revokedAt: at, revokedBecause: request.reason.slice(0, 500) };
      const audit = [{ at, actor: `operator:${operator}`, action: "revoke-node", subject: `node ${node.id}`, because: request.reason.slice(0, 500) }];
      return { changes: [{ kind: "node", value: revoked }], audit, result: undefined };
    });
    return {};
  }
}

/** By id, or by host name where one node has it. */
function findNode(snapshot: Snapshot, name: string): NodeRecord {
  const byId = snapshot.nodes.get(name);
  if (byId !== undefined) return byId;
  const found = [...snapshot.nodes.values()].filter((node) => node.name === name);
  const shown = name.slice(0, 100);
  if (found.length > 1)
    throw new RpcError(`${found.length} nodes are named ${shown}`, { status: status.FAILED_PRECONDITION, reason: "NODE_AMBIGUOUS", subject: shown, remedy: "name one by its id; see `treeline node list`" });
  if (found[0] === undefined) throw new RpcError(`there is no node ${shown}`, { status: status.NOT_FOUND, reason: "NODE_UNKNOWN", subject: shown, remedy: "see `treeline node list`" });
  return found[0];
}

function byName(a: NodeRecord, b: NodeRecord): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1;
}

function invalid(field: string, description: string): RpcError {
  return new RpcError("the request is not valid", { status: status.INVALID_ARGUMENT, reason: "INVALID", violations: [{ field, description }] });
}
