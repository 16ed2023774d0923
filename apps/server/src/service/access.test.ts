import { hashSecret } from "@treeline/pki";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const viewer = [{ role: "viewer", scope: "fleet" }];

describe("API tokens", () => {
  it("do what they were given, until they are revoked or their time is over", async () => {
    const { secret, token } = await server.front.access.createApiToken({ name: "wallboard", grants: viewer, ttlSeconds: 3600 });
    expect(token).toMatchObject({ name: "wallboard", grants: viewer, owners: ["token:admin", "server"] });
    const theirs = server.clients(secret);
    expect(await theirs.access.whoAmI({})).toMatchObject({ id: "token:wallboard", grants: viewer, expiresAtMillis: token!.expiresAtMillis });
    await theirs.nodes.listNodes({});
    await expect(theirs.nodes.revokeNode({ node: "x" })).rejects.toMatchObject({ status: 7, reason: "NOT_ALLOWED", message: "token:wallboard may not revoke nodes" });
    server.clock.ahead = 3_600_000;
    await expect(theirs.nodes.listNodes({})).rejects.toMatchObject({ status: 16, reason: "TOKEN_EXPIRED" });
    server.clock.ahead = 0;
    await theirs.nodes.listNodes({});
    await server.front.access.revokeApiToken({ name: "wallboard" });
    await expect(theirs.nodes.listNodes({})).rejects.toMatchObject({ status: 16, reason: "TOKEN_UNKNOWN" });
  });

  it("outlive a restart, revoked ones as revoked; no secret is in the database or the log", async () => {
    const made = await startTestServer();
    const kept = (await made.front.access.createApiToken({ name: "kept", grants: viewer })).secret!;
    const gone = (await made.front.access.createApiToken({ name: "gone", grants: viewer })).secret!;
    await made.front.access.revokeApiToken({ name: "gone" });
    await made[Symbol.asyncDispose]();
    await using again = await startTestServer({ data: made.data });
    await again.clients(kept).nodes.listNodes({});
    await expect(again.clients(gone).nodes.listNodes({})).rejects.toMatchObject({ reason: "TOKEN_UNKNOWN" });
    const { readdir, readFile } = await import("node:fs/promises");
    for (const file of await readdir(made.data, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const bytes = await readFile(`${file.parentPath}/${file.name}`);
      for (const secret of [kept, gone]) expect(bytes.includes(secret), file.name).toBe(false);
      if (file.name === "treeline.db") expect(bytes.includes(hashSecret(kept))).toBe(true);
    }
    for (const secret of [kept, gone]) expect(made.logs.join("\n")).not.toContain(secret);
  });

  it("are never more than who made them, and their names never used twice", async () => {
    const { secret } = await server.front.access.createApiToken({ name: "tenants", grants: [{ role: "tenant-admin", scope: "fleet" }] });
    const theirs = server.clients(secret);
    await theirs.access.createApiToken({ name: "member", grants: [{ role: "tenant-member", scope: "fleet" }] });
    const asked = { name: "more", grants: [{ role: "fleet-admin", scope: "fleet" }] };
    await expect(theirs.access.createApiToken(asked)).rejects.toMatchObject({ status: 7, reason: "FORBIDDEN", remedy: expect.stringContaining("give only what you have") });
    await expect(server.front.access.createApiToken({ name: "member", grants: viewer })).rejects.toMatchObject({ status: 6, reason: "EXISTS" });
    await expect(server.front.access.createApiToken({ name: "x", grants: [] })).rejects.toMatchObject({ status: 3, violations: [{ field: "grants" }] });
  });
});

describe("what is not allowed", () => {
  it("stands in the audit with who asked, from where and what for; repeats are counted, not written", async () => {
    await using own = await startTestServer();
    const { secret } = await own.front.access.createApiToken({ name: "curious", grants: viewer });
    const theirs = own.clients(secret);
    for (let time = 0; time < 5; time++) await expect(theirs.stops.stopAll({ reason: "x" })).rejects.toMatchObject({ reason: "NOT_ALLOWED" });
    await expect(own.clients("tlo_guessed").nodes.listNodes({})).rejects.toMatchObject({ reason: "TOKEN_UNKNOWN" });
    await expect(own.anonymous.enrollment.enroll({ secret: "guessed-too" })).rejects.toMatchObject({ status: 7 });
    const refused = async () => (await own.front.audit.listAudit({ outcome: "refused" })).entries;
    // Who is refused does not wait for the entry.
    await expect.poll(async () => (await refused()).length, { timeout: 15_000, interval: 10 }).toBe(3);
    const entries = await refused();
    const told = entries.map(({ actor, from, subject, because }) => ({ actor, from, subject, because })).reverse();
    expect(told).toEqual([
      { actor: "token:curious", from: "127.0.0.1", subject: "method StopService/StopAll", because: "token:curious may not pull stops" },
      { actor: "unknown", from: "127.0.0.1", subject: "method NodeService/ListNodes", because: "the token is not known here" },
      { actor: "unknown", from: "127.0.0.1", subject: "method EnrollmentService/Enroll", because: "the token is not known here" },
    ]);
    expect(JSON.stringify(entries)).not.toContain("guessed");
    const [made] = (await own.front.audit.listAudit({ subject: "api-token curious" })).entries;
    expect(made).toMatchObject({ actor: "token:admin", from: "127.0.0.1", action: "create-api-token", because: "viewer in fleet" });
    expect(made!.afterJson).toContain('"owners"');
    expect(made!.afterJson).not.toContain(hashSecret(secret!));
  });
});

describe("roles and bindings", () => {
  it("of the fleet's own hold at once, for tokens that have them already, too", async () => {
    const { access } = server.front;
    await access.putRole({ name: "cutter", rules: [{ resources: ["stops"], verbs: ["pull"] }] });
    const { secret } = await access.createApiToken({ name: "cutter-1", grants: [{ role: "cutter", scope: "fleet" }] });
    const theirs = server.clients(secret);
    await expect(theirs.nodes.listNodes({})).rejects.toMatchObject({ reason: "NOT_ALLOWED" });
    await access.putRole({ name: "cutter", rules: [{ resources: ["stops", "nodes"], verbs: ["pull", "list"] }] });
    await theirs.nodes.listNodes({});
    await expect(access.removeRole({ name: "cutter" })).rejects.toMatchObject({ reason: "WRONG_STATE", message: expect.stringContaining("cutter-1") });
    expect((await access.listRoles({})).roles.at(-1)).toMatchObject({ name: "cutter", builtIn: false });
  });

  it("are put, listed and removed", async () => {
    const { access } = server.front;
    const binding = { name: "sre", role: "operator", scope: "fleet", subjects: ["group:corp:sre", "cert:ann"] };
    await access.putBinding({ binding });
    await access.putBinding({ binding });
    expect((await access.listBindings({})).bindings).toEqual([binding]);
    await access.removeBinding({ name: "sre" });
    await expect(access.removeBinding({ name: "sre" })).rejects.toMatchObject({ status: 5 });
    await expect(access.putBinding({ binding: { ...binding, subjects: ["ann"] } })).rejects.toMatchObject({ violations: [{ field: "subjects[0]" }] });
    await expect(access.putBinding({})).rejects.toMatchObject({ status: 3 });
  });
});
