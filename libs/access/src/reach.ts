import { inScope, placeOfLabels, type Grant, type Labels, type Place, type Scope } from "@treeline/fleet";
import type { Permission } from "./permission.ts";
import { allows, builtInRoles, type Role } from "./role.ts";

/** Where somebody may do something: in none of it, in all of the fleet, or in these scopes. */
export type Reach = readonly Scope[];

/** Roles of the fleet's own by name; those built in need not be among them. */
export type Roles = ReadonlyMap<string, Role>;

export function roleNamed(roles: Roles, name: string): Role | undefined {
  return builtInRoles.find((role) => role.name === name) ?? roles.get(name);
}

/** Where these grants allow it; empty: nowhere. A grant of a role that is not there (any more) allows nothing. */
export function reachOf(grants: readonly Grant[], roles: Roles, permission: Permission): Reach {
  const scopes = new Set<Scope>();
  for (const { role, scope } of grants) {
    const found = roleNamed(roles, role);
    if (found !== undefined && allows(found, permission)) scopes.add(scope);
  }
  return scopes.has("fleet") ? ["fleet"] : [...scopes].sort();
}

export function isWholeFleet(reach: Reach): boolean {
  return reach.includes("fleet");
}

export function reaches(reach: Reach, place: Place): boolean {
  return reach.some((scope) => inScope(scope, place));
}

export function reachesNode(reach: Reach, labels: Labels): boolean {
  return isWholeFleet(reach) || reaches(reach, placeOfLabels(labels));
}

/** Whether all of `inner` lies in the reach. `tenantOf` says whose a pool is. */
export function reachesScope(reach: Reach, inner: Scope, tenantOf: (pool: string) => string | undefined): boolean {
  if (isWholeFleet(reach) || reach.includes(inner)) return true;
  if (!inner.startsWith("pool/")) return false;
  const tenant = tenantOf(inner.slice("pool/".length));
  return tenant !== undefined && reach.includes(`tenant/${tenant}`);
}
