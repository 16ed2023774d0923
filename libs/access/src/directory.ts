import type { ApiTokenRecord, BindingRecord, Grant, PoolRecord, RoleRecord, TenantRecord } from "@treeline/fleet";
import type { Change } from "@treeline/rollout";
import type { Principal } from "./principal.ts";

/** Everything that says who may do what, and where. A fold of changes; decisions about rollouts never look at it. */
export interface Directory {
  readonly roles: ReadonlyMap<string, RoleRecord>;
  readonly bindings: ReadonlyMap<string, BindingRecord>;
  readonly apiTokens: ReadonlyMap<string, ApiTokenRecord>;
  readonly tenants: ReadonlyMap<string, TenantRecord>;
  readonly pools: ReadonlyMap<string, PoolRecord>;
}

export const emptyDirectory: Directory = {
  roles: new Map(),
  bindings: new Map(),
  apiTokens: new Map(),
  tenants: new Map(),
  pools: new Map(),
};

/** The directory after a change; the same object when the change is about something else. These change rarely, so a map is copied for each. */
export function applyToDirectory(directory: Directory, change: Change): Directory {
  switch (change.kind) {
    case "role":
      return { ...directory, roles: put(directory.roles, change.value) };
    case "role-removed":
      return { ...directory, roles: without(directory.roles, change.name) };
    case "binding":
      return { ...directory, bindings: put(directory.bindings, change.value) };
    case "binding-removed":
      return { ...directory, bindings: without(directory.bindings, change.name) };
    case "api-token":
      return { ...directory, apiTokens: put(directory.apiTokens, change.value) };
    case "tenant":
      return { ...directory, tenants: put(directory.tenants, change.value) };
    case "tenant-removed":
      return { ...directory, tenants: without(directory.tenants, change.name) };
    case "pool":
      return { ...directory, pools: put(directory.pools, change.value) };
    case "pool-removed":
      return { ...directory, pools: without(directory.pools, change.name) };
    default:
      return directory;
  }
}

/** Everything a principal was given: its own grants, and those of bindings that name it or a group of its. */
export function grantsOf({ bindings }: Directory, { id, groups, grants }: Principal): readonly Grant[] {
  const subjects = new Set([id, ...groups]);
  const bound = [...bindings.values()].filter((binding) => binding.subjects.some((subject) => subjects.has(subject)));
  return [...grants, ...bound.map(({ role, scope }) => ({ role, scope }))];
}

function put<Value extends { readonly name: string }>(map: ReadonlyMap<string, Value>, value: Value): ReadonlyMap<string, Value> {
  return new Map(map).set(value.name, value);
}

function without<Value>(map: ReadonlyMap<string, Value>, name: string): ReadonlyMap<string, Value> {
  const next = new Map(map);
  next.delete(name);
  return next;
}
