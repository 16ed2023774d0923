import { status } from "@grpc/grpc-js";
import { labelKeyProblem, parseSelector, selects, type Labels, type NodeRecord } from "@treeline/fleet";
import { RpcError, type wire } from "@treeline/rpc";
import { clearNode, explainNode, writeOffNode, type Snapshot } from "@treeline/rollout";
import type { Fleet } from "@treeline/control";
import { actorOf, type Caller } from "../access/caller.ts";
import { labelProblems } from "./enrollment.ts";
import { nodeView } from "./node-view.ts";
import { carryOut, invalidRequest, reasonOf, requiredReason } from "./operator-command.ts";
import { compareText, fitting, pageSizeOf, smallest } from "./page.ts";

const pages = { usual: 100, most: 500 };
/** Of observations in one page: a few hosts with long inventories must not make a page that is too long to receive. */
const maxPageCharacters = 2 * 1024 * 1024;
const maxRemoved = 64;

export interface NodesOptions {
  readonly fleet: Fleet;
  readonly now: () => number;
}

/** NodeService. Pages are ordered by name, then id; a page token is the last id given, whether or not it still matches. */
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
    if (!parsed.ok) throw invalidRequest("selector", parsed.problem);
    const size = pageSizeOf(request.pageSize, pages);
    const before = request.pageToken === "" ? undefined : snapshot.nodes.get(request.pageToken);
    if (request.pageToken !== "" && before === undefined) throw invalidRequest("page_token", "names no node; begin again without it");
    const rest = snapshot.nodes
      .valueSeq()
      .filter((node) => selects(parsed.selector, node.labels) && (before === undefined || byName(node, before) > 0));
    const found = smallest(rest, size + 1, byName);
    const observed = (node: NodeRecord): number => JSON.stringify(snapshot.observations.get(node.id) ?? {}).length;
    const page = found.slice(0, fitting(found.slice(0, size), maxPageCharacters, observed));
    return { nodes: page.map((node) => nodeView(snapshot, node)), nextPageToken: page.length < found.length ? page.at(-1)!.id : "" };
  }

  get(request: wire.GetNodeRequest__Output): wire.GetNodeResponse {
    const snapshot = this.#fleet.durable;
    return { node: nodeView(snapshot, findNode(snapshot, request.node)) };
  }

  async label(request: wire.LabelNodeRequest__Output, caller: Caller): Promise<wire.LabelNodeResponse> {
    requireLabels(request.set);
    if (request.remove.length > maxRemoved || request.remove.some((key) => labelKeyProblem(key) !== undefined))
      throw invalidRequest("remove", `must be at most ${maxRemoved} label keys`);
    const id = await this.#fleet.transact((working) => {
      const node = findNode(working, request.node);
      const labels = Object.fromEntries(
        Object.entries({ ...node.labels, ...request.set }).filter(([key]) => !request.remove.includes(key)),
      );
      requireLabels(labels);
      const at = this.#now();
      const because = [
        ...Object.entries(request.set).map(([key, value]) => `${key}=${value}`),
        ...request.remove.map((key) => `${key}-`),
      ].join(" ");
      const audit = [{ at, ...actorOf(caller), action: "label-node", subject: `node ${node.id}`, because }];
      return { changes: [{ kind: "node", value: { ...node, labels } }], audit, result: node.id };
    });
    return { node: this.#view(id) };
  }

  async revoke(request: wire.RevokeNodeRequest__Output, caller: Caller): Promise<wire.RevokeNodeResponse> {
    await this.#fleet.transact((working) => {
      const node = findNode(working, request.node);
      if (node.revokedAt !== undefined) return { changes: [], result: undefined };
      const at = this.#now();
      const revoked: NodeRecord = { ...node, revokedAt: at, revokedBecause: request.reason.slice(0, 500) };
      const audit = [
        { at, ...actorOf(caller), action: "revoke-node", subject: `node ${node.id}`, because: request.reason.slice(0, 500) },
      ];
      return { changes: [{ kind: "node", value: revoked }], audit, result: undefined };
    });
    return {};
  }

  explain(request: wire.ExplainNodeRequest__Output): wire.ExplainNodeResponse {
    const snapshot = this.#fleet.durable;
    const { id, name } = findNode(snapshot, request.node);
    return {
      nodeId: id,
      name,
      reasons: explainNode(snapshot, id, this.#now()).map(({ code, reason, remedy }) => ({ code, reason, remedy })),
    };
  }

  async writeOff(request: wire.WriteOffNodeRequest__Output, caller: Caller): Promise<wire.WriteOffNodeResponse> {
    const reason = requiredReason(request);
    const { id } = findNode(this.#fleet.working, request.node);
    await carryOut(
      { fleet: this.#fleet, now: this.#now },
      {
        caller,
        action: "write-off-node",
        subject: `node ${id}`,
        reason,
        decide: (working, at) => writeOffNode(working, id, { by: caller.principal.id, reason }, at),
      },
    );
    return { node: this.#view(id) };
  }

  async clear(request: wire.ClearNodeRequest__Output, caller: Caller): Promise<wire.ClearNodeResponse> {
    const reason = reasonOf(request);
    const { checksum } = request;
    const { id } = findNode(this.#fleet.working, request.node);
    const clearing = { by: caller.principal.id, reason, ...(checksum === "" ? {} : { checksum }) };
    await carryOut(
      { fleet: this.#fleet, now: this.#now },
      { caller, action: "clear-node", subject: `node ${id}`, reason, decide: (working, at) => clearNode(working, id, clearing, at) },
    );
    return { node: this.#view(id) };
  }

  #view(id: string): wire.Node {
    return nodeView(this.#fleet.durable, findNode(this.#fleet.durable, id));
  }
}

function requireLabels(labels: Labels): void {
  const violations = labelProblems(labels);
  if (violations.length > 0) throw new RpcError("a label is not valid", { status: status.INVALID_ARGUMENT, reason: "INVALID", violations });
}

/** By id, or by host name where one node has it. */
export function findNode(snapshot: Snapshot, name: string): NodeRecord {
  const byId = snapshot.nodes.get(name);
  if (byId !== undefined) return byId;
  const found = [...snapshot.nodes.values()].filter((node) => node.name === name);
  const shown = name.slice(0, 100);
  if (found.length > 1)
    throw new RpcError(`${found.length} nodes are named ${shown}`, {
      status: status.FAILED_PRECONDITION,
      reason: "NODE_AMBIGUOUS",
      subject: shown,
      remedy: "name one by its id; see `treeline node list`",
    });
  if (found[0] === undefined)
    throw new RpcError(`there is no node ${shown}`, {
      status: status.NOT_FOUND,
      reason: "NODE_UNKNOWN",
      subject: shown,
      remedy: "see `treeline node list`",
    });
  return found[0];
}

function byName(a: NodeRecord, b: NodeRecord): number {
  return compareText(a.name, b.name) || compareText(a.id, b.id);
}
