import type { Amount, Instant, Labels, Selector } from "@treeline/fleet";

/** The label keys of the failure domains, outermost first. */
export const domainKeys = {
  region: "topology.kubernetes.io/region",
  zone: "topology.kubernetes.io/zone",
  rack: "treeline.dev/rack",
} as const;

export type Domain = keyof typeof domainKeys;

/** How much of a set of nodes may be unavailable at once, for whatever reason. At least one of the two is given; both hold. */
export interface Limits {
  /** Percentages are of the members that are not written off, rounded down, at least 1 unless 0 is written. */
  readonly maxUnavailable?: Amount;
  /** Percentages are rounded up. */
  readonly minAvailable?: Amount;
}

/** A budget as the fleet keeps it. With `per`, every failure domain of that level among the selected nodes has a budget of its own. */
export interface BudgetRecord extends Limits {
  readonly name: string;
  /** As written, such as `pool=edge`; `*` for every node. */
  readonly selector: string;
  readonly per?: Domain;
  readonly createdAt: Instant;
}

/** A budget ready to be applied to nodes. */
export interface Budget extends Limits {
  readonly name: string;
  readonly selector: Selector;
  readonly per?: Domain;
}

/**
 * The id of a node's own instance of a budget: `racks` alone, or `racks/eu/eu-1/r12` with `per: rack`. Domains nest: rack r12 of zone eu-1 is not
 * rack r12 of another zone. Nodes without a label of the path share one unnamed domain, shown as `-`.
 */
export function instanceOf(budget: { readonly name: string; readonly per?: Domain }, labels: Labels): string {
  if (budget.per === undefined) return budget.name;
  const order: readonly Domain[] = ["region", "zone", "rack"];
  const path = order.slice(0, order.indexOf(budget.per) + 1).map((domain) => labels[domainKeys[domain]] || "-");
  return [budget.name, ...path].join("/");
}
