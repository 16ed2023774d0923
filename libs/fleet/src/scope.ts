import { labelValueProblem, type Labels } from "./labels.ts";

/** A part of the fleet that a right, a rollout or a stop is about: all of it, one tenant's, or one pool. */
export type Scope = "fleet" | `tenant/${string}` | `pool/${string}`;

/**
 * What a node belongs to, as labels that selectors and budgets can name, too. Only the server sets them: from the enrollment token, and when an operator
 * assigns the node. Either may be absent.
 */
export const tenantLabel = "treeline.dev/tenant";
export const poolLabel = "treeline.dev/pool";

const ownPrefix = "treeline.dev/";

/** Labels that nobody but the server sets. */
export function isOwnLabel(key: string): boolean {
  return key.startsWith(ownPrefix);
}

/** Which tenant or pool a scope names. */
export interface Place {
  readonly tenant?: string | undefined;
  readonly pool?: string | undefined;
}

export function placeOfLabels(labels: Labels): Place {
  return { tenant: own(labels, tenantLabel), pool: own(labels, poolLabel) };
}

/** Whether what lies at this place lies in the scope. */
export function inScope(scope: Scope, { tenant, pool }: Place): boolean {
  if (scope === "fleet") return true;
  return (tenant !== undefined && scope === `tenant/${tenant}`) || (pool !== undefined && scope === `pool/${pool}`);
}

/** The tenant or pool that a scope names; undefined for the fleet. */
export function scopeName(scope: Scope): string | undefined {
  return scope === "fleet" ? undefined : scope.slice(scope.indexOf("/") + 1);
}

/** Names of tenants and pools are label values, and parts of the names of rollouts. Returns what is wrong, or undefined. */
export function groupNameProblem(name: string): string | undefined {
  if (name === "" || labelValueProblem(name) !== undefined || !/^[a-z0-9][a-z0-9-]*$/.test(name))
    return `"${name.slice(0, 80)}" is no name: write 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit`;
  return undefined;
}

/** `fleet`, `tenant/NAME` or `pool/NAME`. */
export function parseScope(text: string): { readonly ok: true; readonly scope: Scope } | { readonly ok: false; readonly problem: string } {
  if (text === "fleet") return { ok: true, scope: text };
  const slash = text.indexOf("/");
  const kind = text.slice(0, Math.max(0, slash));
  if (kind !== "tenant" && kind !== "pool")
    return { ok: false, problem: `"${text.slice(0, 80)}" is no scope: write "fleet", "tenant/NAME" or "pool/NAME"` };
  const problem = groupNameProblem(text.slice(slash + 1));
  return problem === undefined ? { ok: true, scope: text as Scope } : { ok: false, problem };
}

function own(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
