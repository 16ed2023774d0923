import { parseSelector, selects, type Amount, type Labels, type Selector } from "@treeline/fleet";
import type { Limits } from "@treeline/disruption";
import type { Model } from "./model.ts";

/** One budget over one set of nodes, counted here afresh. */
export interface Instance {
  readonly id: string;
  /** How many of its members may be in slots ∪ unavailable. */
  readonly limit: number;
  /** How many are. */
  readonly taken: number;
}

interface Scope {
  readonly name: string;
  readonly limits: Limits;
  readonly per: "region" | "zone" | "rack" | undefined;
  readonly has: (nodeId: string) => boolean;
}

const domains = ["region", "zone", "rack"] as const;
const keys = { region: "topology.kubernetes.io/region", zone: "topology.kubernetes.io/zone", rack: "treeline.dev/rack" } as const;

/**
 * Every budget that holds for the node, counted from labels, slots, contact and checks alone. Each look counts the whole fleet: slow, and so simple
 * that it can be trusted over the ledger that it judges.
 */
export function instancesOf(model: Model, nodeId: string): readonly Instance[] {
  const node = model.nodes.get(nodeId);
  if (node === undefined) return [];
  return scopesOf(model)
    .filter((scope) => scope.has(nodeId))
    .map((scope) => count(model, scope, instanceId(scope, node.labels)));
}

/** Slots ∪ unavailable: what a budget counts. */
export function isTaken(model: Model, nodeId: string): boolean {
  return model.slots.has(nodeId) || isUnavailable(model, nodeId);
}

export function isUnavailable(model: Model, nodeId: string): boolean {
  return (
    !model.connected.has(nodeId) ||
    model.nodes.get(nodeId)?.revokedAt !== undefined ||
    model.observations.get(nodeId)?.observation.health.state === "red"
  );
}

function count(model: Model, scope: Scope, id: string): Instance {
  let size = 0;
  let taken = 0;
  for (const [nodeId, node] of model.nodes) {
    if (node.writtenOff !== undefined || (node.revokedAt !== undefined && !model.slots.has(nodeId))) continue;
    const member = scope.has(nodeId) && instanceId(scope, node.labels) === id;
    if (member) size++;
    const remembered = model.slots.get(nodeId)?.budgets.includes(id) === true;
    if ((member && isTaken(model, nodeId)) || (remembered && !member)) taken++;
  }
  return { id, limit: limitOf(scope.limits, size), taken };
}

function limitOf({ maxUnavailable, minAvailable }: Limits, size: number): number {
  const most = maxUnavailable === undefined ? size : "count" in maxUnavailable ? maxUnavailable.count : atLeastOne(maxUnavailable, size);
  const least =
    minAvailable === undefined ? 0 : "count" in minAvailable ? minAvailable.count : Math.ceil((size * minAvailable.percent) / 100);
  return Math.min(most, Math.max(0, size - least));
}

function atLeastOne(amount: Extract<Amount, { readonly percent: number }>, size: number): number {
  return amount.percent === 0 ? 0 : Math.max(1, Math.floor((size * amount.percent) / 100));
}

function instanceId({ name, per }: Scope, labels: Labels): string {
  if (per === undefined) return name;
  const path = domains.slice(0, domains.indexOf(per) + 1).map((domain) => labels[keys[domain]] || "-");
  return [name, ...path].join("/");
}

/** The fleet's own, and those of every unsettled rollout that the node is in. */
function scopesOf(model: Model): readonly Scope[] {
  const scopes: Scope[] = [];
  for (const budget of model.budgets.values()) {
    const selector = selectorOf(budget.selector);
    const has = (nodeId: string): boolean => selects(selector, model.nodes.get(nodeId)?.labels ?? {});
    scopes.push({ name: budget.name, limits: budget, per: budget.per, has });
  }
  for (const { name, settled, policy } of model.rollouts.values()) {
    if (settled) continue;
    const assignments = model.assignments.get(name);
    const has = (nodeId: string): boolean => assignments?.has(nodeId) === true;
    for (const own of policy.budgets)
      scopes.push({ name: own.per === undefined ? `rollout ${name}` : `rollout ${name} per ${own.per}`, limits: own, per: own.per, has });
  }
  return scopes;
}

function selectorOf(text: string): Selector {
  const parsed = parseSelector(text);
  if (!parsed.ok) throw new Error(`a stored selector cannot be read: ${text}`);
  return parsed.selector;
}

/** Whether a selector, as stored, covers the node. */
export function covers(text: string, labels: Labels): boolean {
  return selects(selectorOf(text), labels);
}
