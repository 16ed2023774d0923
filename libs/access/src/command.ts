import {
  groupNameProblem,
  parseScope,
  type ApiTokenRecord,
  type BindingRecord,
  type Grant,
  type Instant,
  type RoleRecord,
  type RoleRule,
  type Scope,
} from "@treeline/fleet";
import { invalid, refuse, type DurableChange, type FieldViolation, type Refused } from "@treeline/rollout";
import { grantsOf, type Directory } from "./directory.ts";
import { permissionsOf, roleProblems, isBuiltIn, type Role } from "./role.ts";
import { subjectProblem, type Principal } from "./principal.ts";
import { isWholeFleet, reachesScope, reachOf, roleNamed } from "./reach.ts";

/** What a command did: no changes when it was carried out before. */
export type Carried<Value = object> = (Value & { readonly ok: true; readonly changes: readonly DurableChange[] }) | Refused;

const day = 24 * 3_600_000;
const maxTtlMillis = 366 * day;
const limits = { roles: 200, bindings: 2_000, apiTokens: 10_000, subjects: 200, grants: 20 } as const;

export interface GrantDraft {
  readonly role: string;
  /** As written. */
  readonly scope: string;
}

export function putRole(
  directory: Directory,
  { name, rules }: { readonly name: string; readonly rules: readonly RoleRule[] },
  by: Principal,
  now: Instant,
): Carried<{ readonly role: RoleRecord }> {
  const problems = roleProblems({ name, rules });
  if (problems.length > 0) return invalid("the role is not valid", problems);
  const before = directory.roles.get(name);
  if (before === undefined && directory.roles.size >= limits.roles) return tooMany("roles", limits.roles);
  if (before !== undefined && JSON.stringify(before.rules) === JSON.stringify(rules)) return { ok: true, role: before, changes: [] };
  // Whoever holds it would hold more at once, in every scope it is bound in; so only who holds all of that everywhere may say so.
  const refused = exceeding(directory, by, { name, rules }, "fleet");
  if (refused !== undefined) return refused;
  const role: RoleRecord = { name, rules, createdAt: before?.createdAt ?? now };
  return { ok: true, role, changes: [{ kind: "role", value: role }] };
}

export function removeRole(directory: Directory, name: string): Carried {
  if (isBuiltIn(name))
    return refuse("wrong-state", `role ${name} is built in`, "remove the bindings that give it instead: `treeline binding list`");
  if (!directory.roles.has(name)) return unknown("role", name, "see `treeline role list`");
  const users = [...directory.bindings.values()].filter(({ role }) => role === name).map((binding) => `binding ${binding.name}`);
  for (const token of directory.apiTokens.values())
    if (token.revokedAt === undefined && token.grants.some(({ role }) => role === name)) users.push(`api-token ${token.name}`);
  if (users.length > 0)
    return refuse(
      "wrong-state",
      `role ${name} is given by ${users.slice(0, 5).join(", ")}${users.length > 5 ? ` and ${users.length - 5} more` : ""}`,
      "remove those first",
    );
  return { ok: true, changes: [{ kind: "role-removed", name }] };
}

export interface BindingDraft extends GrantDraft {
  readonly name: string;
  readonly subjects: readonly string[];
}

export function putBinding(
  directory: Directory,
  draft: BindingDraft,
  by: Principal,
  now: Instant,
): Carried<{ readonly binding: BindingRecord }> {
  const { name, subjects } = draft;
  const violations: FieldViolation[] = [];
  const nameProblem = groupNameProblem(name);
  if (nameProblem !== undefined) violations.push({ field: "name", description: nameProblem });
  if (subjects.length === 0 || subjects.length > limits.subjects)
    violations.push({ field: "subjects", description: `names ${subjects.length} subjects; name 1 to ${limits.subjects}` });
  for (const [index, subject] of subjects.slice(0, limits.subjects).entries()) {
    const problem = subjectProblem(subject);
    if (problem !== undefined) violations.push({ field: `subjects[${index}]`, description: problem });
  }
  const grants = checkGrants(directory, [draft], violations, () => "");
  const [grant] = grants;
  if (violations.length > 0 || grant === undefined) return invalid("the binding is not valid", violations);
  const before = directory.bindings.get(name);
  if (before === undefined && directory.bindings.size >= limits.bindings) return tooMany("bindings", limits.bindings);
  const refused = exceedingGrants(directory, by, before === undefined ? grants : [...grants, before]);
  if (refused !== undefined) return refused;
  const binding: BindingRecord = { name, ...grant, subjects, createdAt: before?.createdAt ?? now };
  if (JSON.stringify(binding) === JSON.stringify(before)) return { ok: true, binding, changes: [] };
  return { ok: true, binding, changes: [{ kind: "binding", value: binding }] };
}

export function removeBinding(directory: Directory, name: string): Carried {
  if (!directory.bindings.has(name)) return unknown("binding", name, "see `treeline binding list`");
  return { ok: true, changes: [{ kind: "binding-removed", name }] };
}

export interface ApiTokenDraft {
  readonly name: string;
  readonly grants: readonly GrantDraft[];
  /** Milliseconds. */
  readonly ttlMillis: number;
  readonly secretHash: string;
  /** Whose it is, when it is not for the giver: they count as another person then. Who could bind anybody to a role may say so. */
  readonly person?: string;
}

/** A token never may do more than who makes it, and never lives for ever. */
export function createApiToken(
  directory: Directory,
  draft: ApiTokenDraft,
  by: Principal,
  now: Instant,
): Carried<{ readonly token: ApiTokenRecord }> {
  const { name, ttlMillis, secretHash } = draft;
  const violations: FieldViolation[] = [];
  const nameProblem = groupNameProblem(name);
  if (nameProblem !== undefined) violations.push({ field: "name", description: nameProblem });
  if (!(ttlMillis >= 60_000 && ttlMillis <= maxTtlMillis))
    violations.push({ field: "ttl_seconds", description: "is not from a minute to 366 days" });
  if (draft.grants.length === 0 || draft.grants.length > limits.grants)
    violations.push({
      field: "grants",
      description: `names ${draft.grants.length} grants; name 1 to ${limits.grants}, such as role viewer in scope fleet`,
    });
  const grants = checkGrants(directory, draft.grants.slice(0, limits.grants), violations, (index) => `grants[${index}].`);
  const personProblem = draft.person === undefined ? undefined : groupNameProblem(draft.person);
  if (personProblem !== undefined) violations.push({ field: "person", description: personProblem });
  if (violations.length > 0) return invalid("the API token is not valid", violations);
  if (directory.apiTokens.has(name))
    return refuse(
      "exists",
      `there is an API token ${name} already, or was one: names are never used twice, so that the audit says who it was`,
      "choose another name, such as one with the month in it",
    );
  if (directory.apiTokens.size >= limits.apiTokens) return tooMany("API tokens", limits.apiTokens);
  const refused = exceedingGrants(directory, by, grants);
  if (refused !== undefined) return refused;
  if (draft.person !== undefined && !isWholeFleet(reachOf(grantsOf(directory, by), directory.roles, { resource: "bindings", verb: "put" })))
    return refuse("forbidden", `${by.id} may not make tokens for other persons`, "leave the person out, or ask a fleet-admin");
  const owners = draft.person === undefined ? [...by.persons] : [`person:${draft.person}`];
  const token: ApiTokenRecord = { name, secretHash, grants, createdAt: now, expiresAt: now + ttlMillis, owners };
  return { ok: true, token, changes: [{ kind: "api-token", value: token }] };
}

/** Its secret is refused from the answer on. */
export function revokeApiToken(directory: Directory, name: string, now: Instant): Carried {
  const token = directory.apiTokens.get(name);
  if (token === undefined) return unknown("API token", name, "see `treeline api-token list`");
  if (token.revokedAt !== undefined) return { ok: true, changes: [] };
  return { ok: true, changes: [{ kind: "api-token", value: { ...token, revokedAt: now } }] };
}

function checkGrants(
  directory: Directory,
  drafts: readonly GrantDraft[],
  violations: FieldViolation[],
  field: (index: number) => string,
): readonly Grant[] {
  return drafts.flatMap(({ role, scope }, index) => {
    const parsed = parseScope(scope);
    if (!parsed.ok) violations.push({ field: `${field(index)}scope`, description: parsed.problem });
    else if (parsed.scope !== "fleet" && !namesKnown(directory, parsed.scope))
      violations.push({ field: `${field(index)}scope`, description: `there is no ${parsed.scope.replace("/", " ")}` });
    if (roleNamed(directory.roles, role) === undefined)
      violations.push({
        field: `${field(index)}role`,
        description: `there is no role "${role.slice(0, 80)}"; \`treeline role list\` shows them`,
      });
    return parsed.ok ? [{ role, scope: parsed.scope }] : [];
  });
}

function namesKnown({ tenants, pools }: Directory, scope: Scope): boolean {
  const name = scope.slice(scope.indexOf("/") + 1);
  return scope.startsWith("tenant/") ? tenants.has(name) : pools.has(name);
}

/** Nobody gives what they do not have. A grant whose role is gone gives nothing. */
function exceedingGrants(directory: Directory, by: Principal, grants: readonly Grant[]): Refused | undefined {
  for (const { role, scope } of grants) {
    const found = roleNamed(directory.roles, role);
    const refused = found && exceeding(directory, by, found, scope);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function exceeding(directory: Directory, by: Principal, role: Role, scope: Scope): Refused | undefined {
  const own = grantsOf(directory, by);
  const tenantOf = (pool: string): string | undefined => directory.pools.get(pool)?.tenant;
  const missing = permissionsOf(role).find((permission) => !reachesScope(reachOf(own, directory.roles, permission), scope, tenantOf));
  if (missing === undefined) return undefined;
  return refuse(
    "forbidden",
    `role ${role.name} in ${scope} allows to ${missing.verb} ${missing.resource}, which ${by.id} may not do there`,
    "give only what you have; a fleet-admin has everything",
  );
}

function unknown(what: string, name: string, remedy: string): Refused {
  return refuse("not-found", `there is no ${what} ${name.slice(0, 80)}`, remedy);
}

function tooMany(what: string, limit: number): Refused {
  return refuse("wrong-state", `there are ${limit} ${what} already, and no more can be`, `remove ${what} that nobody uses`);
}
