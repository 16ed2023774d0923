import { groupNameProblem, type RoleRecord, type RoleRule } from "@treeline/fleet";
import { permissions, verbsByResource, type Permission } from "./permission.ts";

export type Role = Pick<RoleRecord, "name" | "rules">;

const reading: readonly RoleRule[] = [
  {
    resources: ["nodes", "rollouts", "releases", "key-rotations", "budgets", "stops", "pools", "tenants"],
    verbs: ["get", "list", "watch", "plan"],
  },
  { resources: ["metrics"], verbs: ["read"] },
];

/** The roles that every fleet has. They cannot be changed, so that their names mean the same everywhere. */
export const builtInRoles: readonly Role[] = [
  { name: "fleet-admin", rules: [{ resources: ["*"], verbs: ["*"] }] },
  {
    name: "release-manager",
    rules: [
      { resources: ["releases", "key-rotations"], verbs: ["*"] },
      { resources: ["rollouts"], verbs: ["get", "list", "watch", "plan", "create", "control"] },
      { resources: ["nodes", "budgets", "stops", "pools", "tenants"], verbs: ["get", "list"] },
    ],
  },
  {
    name: "operator",
    rules: [
      ...reading,
      { resources: ["nodes", "rollouts", "stops", "budgets", "enrollment-tokens"], verbs: ["*"] },
      { resources: ["authorities"], verbs: ["list"] },
    ],
  },
  {
    name: "tenant-admin",
    rules: [
      ...reading,
      { resources: ["nodes"], verbs: ["label", "approve", "clear", "write-off", "revoke"] },
      { resources: ["rollouts", "stops", "enrollment-tokens", "bindings", "api-tokens"], verbs: ["*"] },
      { resources: ["roles", "audit"], verbs: ["list"] },
    ],
  },
  {
    name: "tenant-member",
    rules: [{ resources: ["nodes", "rollouts", "releases", "stops", "pools", "tenants"], verbs: ["get", "list", "watch", "plan"] }],
  },
  { name: "viewer", rules: reading },
  {
    name: "auditor",
    rules: [
      ...reading,
      { resources: ["audit"], verbs: ["*"] },
      { resources: ["roles", "bindings", "api-tokens", "enrollment-tokens", "authorities"], verbs: ["list"] },
    ],
  },
];

export function isBuiltIn(name: string): boolean {
  return builtInRoles.some((role) => role.name === name);
}

/** Does the role allow it? Deny unless a rule names both the resource and the verb. */
export function allows({ rules }: Role, { resource, verb }: Permission): boolean {
  return rules.some(({ resources, verbs }) => names(resources, resource) && names(verbs, verb));
}

/** All that a role allows. */
export function permissionsOf(role: Role): readonly Permission[] {
  return permissions.filter((permission) => allows(role, permission));
}

/** What is wrong with a role somebody wrote, as field and description. */
export function roleProblems({ name, rules }: Role): readonly { readonly field: string; readonly description: string }[] {
  const problems: { field: string; description: string }[] = [];
  const wrong = (field: string, description: string): void => void problems.push({ field, description });
  const nameProblem = groupNameProblem(name);
  if (nameProblem !== undefined) wrong("name", nameProblem);
  else if (isBuiltIn(name)) wrong("name", `"${name}" is built in and cannot be changed; give yours another name`);
  if (rules.length === 0) wrong("rules", "is empty: a role without rules allows nothing");
  if (rules.length > 100) wrong("rules", `has ${rules.length} rules; write at most 100`);
  for (const [index, { resources, verbs }] of rules.slice(0, 100).entries()) {
    const field = `rules[${index}]`;
    if (resources.length === 0) wrong(`${field}.resources`, 'is empty; name resources, or "*" for all');
    if (verbs.length === 0) wrong(`${field}.verbs`, 'is empty; name verbs, or "*" for all');
    const unknown = resources.filter((resource) => resource !== "*" && !Object.hasOwn(verbsByResource, resource));
    if (unknown.length > 0) wrong(`${field}.resources`, `names ${quoted(unknown)}; there are ${Object.keys(verbsByResource).join(", ")}`);
    const known = new Set<string>(permissions.filter(({ resource }) => names(resources, resource)).map(({ verb }) => verb));
    const odd = verbs.filter((verb) => verb !== "*" && !known.has(verb));
    if (odd.length > 0 && unknown.length === 0)
      wrong(`${field}.verbs`, `names ${quoted(odd)}; for these resources there are ${[...known].sort().join(", ")}`);
  }
  return problems;
}

function names(list: readonly string[], word: string): boolean {
  return list.includes("*") || list.includes(word);
}

function quoted(words: readonly string[]): string {
  return words
    .slice(0, 10)
    .map((word) => `"${word.slice(0, 40)}"`)
    .join(", ");
}
