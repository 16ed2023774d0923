import { isSamePerson, poolLabel, tenantLabel, type Grant } from "@treeline/fleet";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyToDirectory,
  builtInRoles,
  createApiToken,
  emptyDirectory,
  grantsOf,
  permissions,
  putBinding,
  putRole,
  reachesNode,
  reachesScope,
  reachOf,
  removeRole,
  revokeApiToken,
  type Carried,
  type Directory,
  type Principal,
} from "./index.ts";

const person = (id: string, grants: readonly Grant[] = [], groups: readonly string[] = []): Principal => ({
  id,
  name: id,
  groups,
  grants,
  persons: [id],
});
const admin = person("token:admin", [{ role: "fleet-admin", scope: "fleet" }]);
const places: readonly Parameters<typeof applyToDirectory>[1][] = [
  { kind: "tenant", value: { name: "acme", createdAt: 1 } },
  { kind: "tenant", value: { name: "zeta", createdAt: 1 } },
  { kind: "pool", value: { name: "gpu", tenant: "acme", createdAt: 1 } },
  { kind: "pool", value: { name: "shared", createdAt: 1 } },
];
const start: Directory = places.reduce(applyToDirectory, emptyDirectory);

/** The directory after a command that must succeed. */
function done(directory: Directory, carried: Carried): Directory {
  if (!carried.ok) throw new Error(carried.refusal.message);
  return carried.changes.reduce(applyToDirectory, directory);
}

const token = (name: string, grants: readonly { role: string; scope: string }[]) => ({
  name,
  grants,
  ttlMillis: 3_600_000,
  secretHash: `hash of ${name}`,
});
const named = (name: string) => builtInRoles.find((role) => role.name === name)!;

describe("the roles built in", () => {
  it("are those a fleet needs, and every word in them means something", () => {
    expect(builtInRoles.map(({ name }) => name)).toEqual([
      "fleet-admin",
      "release-manager",
      "operator",
      "tenant-admin",
      "tenant-member",
      "viewer",
      "auditor",
    ]);
    const may = (role: string, text: string): boolean =>
      reachOf([{ role, scope: "fleet" }], new Map(), permissions.find(({ verb, resource }) => `${verb} ${resource}` === text)!).length > 0;
    const table = [
      "create rollouts",
      "approve rollouts",
      "publish releases",
      "revoke nodes",
      "put roles",
      "list audit",
      "list nodes",
      "create enrollment-tokens",
    ].map((text) => [text, ...builtInRoles.filter(({ name }) => may(name, text)).map(({ name }) => name)].join(" | "));
    expect(table).toEqual([
      "create rollouts | fleet-admin | release-manager | operator | tenant-admin",
      "approve rollouts | fleet-admin | operator | tenant-admin",
      "publish releases | fleet-admin | release-manager",
      "revoke nodes | fleet-admin | operator | tenant-admin",
      "put roles | fleet-admin",
      "list audit | fleet-admin | tenant-admin | auditor",
      "list nodes | fleet-admin | release-manager | operator | tenant-admin | tenant-member | viewer | auditor",
      "create enrollment-tokens | fleet-admin | operator | tenant-admin",
    ]);
  });

  it("a viewer changes nothing", () => {
    const changing = new Set([
      "create",
      "put",
      "remove",
      "revoke",
      "publish",
      "control",
      "approve",
      "label",
      "clear",
      "write-off",
      "assign",
      "replace",
      "pull",
      "lift",
      "rotate",
    ]);
    for (const permission of permissions)
      if (changing.has(permission.verb))
        expect(reachOf([{ role: "viewer", scope: "fleet" }], new Map(), permission), JSON.stringify(permission)).toEqual([]);
  });
});

describe("reach", () => {
  const list = { resource: "nodes", verb: "list" } as const;

  it("is nowhere without a grant, and nowhere for a role that is gone", () => {
    expect(reachOf([], new Map(), list)).toEqual([]);
    expect(reachOf([{ role: "gone", scope: "fleet" }], new Map(), list)).toEqual([]);
  });

  it("is what grants and bindings say together, the fleet before its parts", () => {
    const directory = done(
      start,
      putBinding(start, { name: "sre", role: "viewer", scope: "pool/shared", subjects: ["group:corp:sre"] }, admin, 2),
    );
    const ann = person("oidc:corp:ann", [{ role: "tenant-member", scope: "tenant/zeta" }], ["group:corp:sre"]);
    expect(reachOf(grantsOf(directory, ann), directory.roles, list)).toEqual(["pool/shared", "tenant/zeta"]);
    expect(reachOf(grantsOf(directory, person("oidc:corp:bob")), directory.roles, list)).toEqual([]);
    expect(reachOf([...grantsOf(directory, ann), { role: "viewer", scope: "fleet" }], directory.roles, list)).toEqual(["fleet"]);
  });

  it("takes nodes by what they belong to", () => {
    const labels = { [tenantLabel]: "acme", [poolLabel]: "gpu" };
    expect(reachesNode(["tenant/acme"], labels)).toBe(true);
    expect(reachesNode(["pool/gpu"], labels)).toBe(true);
    expect(reachesNode(["tenant/zeta", "pool/shared"], labels)).toBe(false);
    expect(reachesNode([], labels)).toBe(false);
    expect(reachesNode(["tenant/acme"], {})).toBe(false);
  });

  it("of a tenant holds its pools, and no other", () => {
    const tenantOf = (pool: string): string | undefined => start.pools.get(pool)?.tenant;
    expect(reachesScope(["tenant/acme"], "pool/gpu", tenantOf)).toBe(true);
    expect(reachesScope(["tenant/acme"], "pool/shared", tenantOf)).toBe(false);
    expect(reachesScope(["pool/gpu"], "tenant/acme", tenantOf)).toBe(false);
    expect(reachesScope(["tenant/acme"], "fleet", tenantOf)).toBe(false);
  });
});

describe("a role of the fleet's own", () => {
  it("allows what it says and nothing else", () => {
    const directory = done(
      start,
      putRole(start, { name: "cutter", rules: [{ resources: ["rollouts"], verbs: ["create", "plan"] }] }, admin, 2),
    );
    const allowed = permissions.filter(
      (permission) => reachOf([{ role: "cutter", scope: "fleet" }], directory.roles, permission).length > 0,
    );
    expect(allowed.map(({ verb, resource }) => `${verb} ${resource}`)).toEqual(["create rollouts", "plan rollouts"]);
  });

  it.each([
    [{ name: "viewer", rules: [{ resources: ["*"], verbs: ["*"] }] }, "name", /built in/],
    [{ name: "Mine", rules: [{ resources: ["*"], verbs: ["*"] }] }, "name", /no name/],
    [{ name: "mine", rules: [] }, "rules", /empty/],
    [{ name: "mine", rules: [{ resources: ["secrets"], verbs: ["*"] }] }, "rules[0].resources", /"secrets"; there are api-tokens, audit/],
    [
      { name: "mine", rules: [{ resources: ["budgets"], verbs: ["reboot"] }] },
      "rules[0].verbs",
      /"reboot"; for these resources there are list, put, remove/,
    ],
  ])("%j is refused with field and reason", (draft, field, description) => {
    expect(putRole(start, draft, admin, 2)).toMatchObject({
      ok: false,
      refusal: { code: "invalid", violations: [{ field, description: expect.stringMatching(description) }] },
    });
  });

  it("stays as long as somebody is given it", () => {
    let directory = done(start, putRole(start, { name: "cutter", rules: [{ resources: ["rollouts"], verbs: ["get"] }] }, admin, 2));
    directory = done(directory, createApiToken(directory, token("ci", [{ role: "cutter", scope: "fleet" }]), admin, 3));
    expect(removeRole(directory, "cutter")).toMatchObject({ ok: false, refusal: { message: expect.stringContaining("api-token ci") } });
    directory = done(directory, revokeApiToken(directory, "ci", 4));
    expect(removeRole(directory, "cutter")).toMatchObject({ ok: true });
    expect(removeRole(directory, "viewer")).toMatchObject({ ok: false });
  });
});

describe("an API token", () => {
  it("is made once under a name, for a time, with those behind it", () => {
    const made = createApiToken(
      start,
      token("ci", [{ role: "viewer", scope: "fleet" }]),
      { ...admin, persons: ["token:admin", "server"] },
      5,
    );
    expect(made).toMatchObject({ ok: true, token: { name: "ci", createdAt: 5, expiresAt: 3_600_005, owners: ["token:admin", "server"] } });
    const directory = done(start, made);
    expect(createApiToken(directory, token("ci", [{ role: "viewer", scope: "fleet" }]), admin, 6)).toMatchObject({
      ok: false,
      refusal: { code: "exists" },
    });
    const revoked = done(directory, revokeApiToken(directory, "ci", 7));
    expect(createApiToken(revoked, token("ci", [{ role: "viewer", scope: "fleet" }]), admin, 8)).toMatchObject({
      ok: false,
      refusal: { code: "exists" },
    });
    expect(revokeApiToken(revoked, "ci", 9)).toEqual({ ok: true, changes: [] });
  });

  it("for another person counts as theirs, and only who could bind anybody makes one", () => {
    const draft = { ...token("bobs", [{ role: "viewer", scope: "fleet" }]), person: "bob" };
    expect(createApiToken(start, draft, admin, 1)).toMatchObject({ ok: true, token: { owners: ["person:bob"] } });
    expect(
      createApiToken(
        start,
        draft,
        person("oidc:corp:ann", [
          { role: "operator", scope: "fleet" },
          { role: "tenant-admin", scope: "tenant/acme" },
        ]),
        1,
      ),
    ).toMatchObject({ refusal: { code: "forbidden" } });
    expect(createApiToken(start, { ...draft, person: "Bob Miller" }, admin, 1)).toMatchObject({
      refusal: { violations: [{ field: "person" }] },
    });
  });

  it.each([
    [{ grants: [] }, "grants"],
    [{ grants: [{ role: "god", scope: "fleet" }] }, "grants[0].role"],
    [{ grants: [{ role: "viewer", scope: "tenant/nobody" }] }, "grants[0].scope"],
    [{ grants: [{ role: "viewer", scope: "planet" }] }, "grants[0].scope"],
    [{ ttlMillis: 0 }, "ttl_seconds"],
    [{ ttlMillis: Number.NaN }, "ttl_seconds"],
    [{ name: "a b" }, "name"],
  ])("with %j is refused with the field", (over, field) => {
    const draft = { ...token("ci", [{ role: "viewer", scope: "fleet" }]), ...over };
    expect(createApiToken(start, draft, admin, 1)).toMatchObject({ ok: false, refusal: { violations: [{ field }] } });
  });
});

const role = fc.constantFrom(...builtInRoles.map(({ name }) => name));
const scope = fc.constantFrom("fleet", "tenant/acme", "tenant/zeta", "pool/gpu", "pool/shared") as fc.Arbitrary<Grant["scope"]>;
const grants = fc.array(fc.record({ role, scope }), { minLength: 1, maxLength: 3 });

it("whatever is asked for, nobody gives more than they have", () => {
  let given = 0;
  fc.assert(
    fc.property(grants, grants, (own, wanted) => {
      const giver = person("oidc:corp:ann", own);
      const answer = createApiToken(start, token("t", wanted), giver, 1);
      const may = (held: readonly Grant[], place: { tenant?: string; pool?: string }, index: number): boolean => {
        const labels = { ...(place.tenant ? { [tenantLabel]: place.tenant } : {}), ...(place.pool ? { [poolLabel]: place.pool } : {}) };
        return reachesNode(reachOf(held, start.roles, permissions[index]!), labels);
      };
      // Every place a node can be in: alone, in a tenant, in a pool of a tenant, in one of nobody.
      const spots = [
        {},
        { tenant: "acme" },
        { tenant: "zeta" },
        { tenant: "acme", pool: "gpu" },
        { pool: "shared" },
        { tenant: "zeta", pool: "shared" },
      ];
      const more = permissions.some((_, index) => spots.some((spot) => may(wanted, spot, index) && !may(own, spot, index)));
      if (answer.ok) given++;
      // A grant may be refused though its nodes are the giver's by other ways, never the other way round.
      if (more) expect(answer).toMatchObject({ ok: false, refusal: { code: "forbidden" } });
    }),
    { numRuns: 500 },
  );
  expect(given).toBeGreaterThan(20);
  expect(named("fleet-admin").rules).toEqual([{ resources: ["*"], verbs: ["*"] }]);
});

it("two principals with one person behind them are one person", () => {
  expect(isSamePerson(["token:ci", "oidc:corp:ann"], ["oidc:corp:ann"])).toBe(true);
  expect(isSamePerson(["token:ci", "oidc:corp:ann"], ["token:cd", "oidc:corp:bob"])).toBe(false);
});
