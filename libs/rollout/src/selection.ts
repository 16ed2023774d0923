import { parseSelector, selects, type NodeRecord, type Selector } from "@treeline/fleet";
import type { RolloutPolicy } from "./policy.ts";

/** Which nodes a rollout takes, and which of them each wave takes from. Selectors were checked with the policy. */
export interface Selection {
  readonly selector?: Selector;
  readonly nodes: ReadonlySet<string>;
  readonly excludeSelector?: Selector;
  readonly excludeNodes: ReadonlySet<string>;
  /** By wave; absent: any of the selected. */
  readonly waves: readonly (Selector | undefined)[];
}

export function selectionOf(policy: RolloutPolicy): Selection {
  const selector = parsed(policy.selector);
  const excludeSelector = parsed(policy.exclude.selector);
  return {
    ...(selector ? { selector } : {}),
    nodes: new Set(policy.nodes),
    ...(excludeSelector ? { excludeSelector } : {}),
    excludeNodes: new Set(policy.exclude.nodes),
    waves: policy.waves.map((wave) => parsed(wave.selector)),
  };
}

function parsed(text: string | undefined): Selector | undefined {
  if (text === undefined) return undefined;
  const result = parseSelector(text);
  return result.ok ? result.selector : undefined;
}

/** Does the rollout take this node? A node that was revoked or written off is in no rollout. */
export function isSelected(selection: Selection, node: NodeRecord): boolean {
  if (node.revokedAt !== undefined || node.writtenOff !== undefined) return false;
  if (names(selection.excludeNodes, node)) return false;
  if (selection.excludeSelector !== undefined && selects(selection.excludeSelector, node.labels)) return false;
  return names(selection.nodes, node) || (selection.selector !== undefined && selects(selection.selector, node.labels));
}

export function waveTakes(selection: Selection, wave: number, node: NodeRecord): boolean {
  const selector = selection.waves[wave];
  return selector === undefined || selects(selector, node.labels);
}

function names(named: ReadonlySet<string>, node: NodeRecord): boolean {
  return named.size > 0 && (named.has(node.id) || named.has(node.name));
}
