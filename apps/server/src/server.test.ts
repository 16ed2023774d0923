import { once } from "node:events";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fromServiceError, RpcError } from "@treeline/rpc";
import { afterAll, describe, expect, it } from "vitest";
import { hello, TestNode } from "./test-node.ts";
import { everything, publish, Publisher } from "./test-release.ts";
import { readCredential, removeTemporaryData, startTestServer, temporaryData } from "./test-server.ts";

afterAll(removeTemporaryData);

describe("a restart", () => {
  it("keeps nodes, their certificates, releases, rollouts, intents and tokens, and begins a new epoch", async () => {
    const data = await temporaryData();
    const publisher = await Publisher.create(await temporaryData());
    const policy = { release: "1.0", selector: "site=lab", waves: [{ rest: true }] };
    const before = await startTestServer({ data });
    await publish(before.front, await everything(await publisher.compose("1.0")));
    const { secret } = await before.token({ labels: { site: "lab" } });
    const node = await before.enroll({ secret });
    const stream = await node.connect();
    await before.front.rollouts.createRollout({ name: "to-1", policy });
    const intent = await node.stage(stream);
    const question = node.question(intent);
    expect(await node.confirm(question)).toMatchObject({ granted: true });
    await before[Symbol.asyncDispose]();

    await using after = await startTestServer({ data, settings: { listen: { sessions: before.running.ports.sessions } } });
    expect(after.credential).toMatchObject({ token: before.credential.token, ca: before.credential.ca, endpoint: after.running.endpoints.front[0] });
    expect((await after.front.rollouts.getRollout({ name: "to-1" })).rollout!.state).toBe("ROLLOUT_STATE_RUNNING");
    expect((await after.front.rollouts.listRolloutNodes({ name: "to-1" })).nodes).toMatchObject([{ holdsSlot: true, confirmed: true, connected: false }]);
    expect((await after.front.releases.listReleases({})).releases).toHaveLength(1);
    expect((await after.front.enrollment.listTokens({})).tokens).toMatchObject([{ nodesEnrolled: 1 }]);

    // The node's own certificate, and the intent it had, at the same place.
    const again = new TestNode({ ...node, endpoint: after.running.endpoints.sessions[0]! });
    const resumed = again.open();
    resumed.send(hello(again.bootId, intent.generation));
    expect((await resumed.next("welcome")).welcome.epoch).toBe(2);
    await again.observe(resumed, again.working(intent, "Staged"));
    expect((await resumed.next("intent")).intent).toEqual(intent);
    again.close();
  });
});

describe("starting", () => {
  it("on data that another server has open is refused, and leaves that one alone", async () => {
    await using first = await startTestServer();
    await expect(startTestServer({ data: first.data })).rejects.toMatchObject({ name: "DirectoryInUseError", message: expect.stringContaining("treeline-server") });
    expect((await first.front.nodes.listNodes({})).nodes).toEqual([]);
  });

  it.each(["front", "sessions", "https"] as const)("on a port in use names the setting %s, and gives everything back", async (listener) => {
    const data = await temporaryData();
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as AddressInfo;
    await expect(startTestServer({ data, settings: { listen: { [listener]: port } } })).rejects.toMatchObject({
      name: "ListenError",
      subject: `listen.${listener}`,
      message: expect.stringMatching(new RegExp(`${port}: the port is in use.*--listen-${listener}`)),
    });
    // Nothing was changed: no database, no authority, no repository.
    expect((await readdir(data)).filter((name) => !name.startsWith("lock."))).toEqual([]);
    busy.close();
    await using server = await startTestServer({ data });
    expect(server.running.ports[listener]).toBeGreaterThan(0);
  });
});

describe("an authority that is gone", () => {
  it("is not replaced while a token or node trusts it", async () => {
    const data = await temporaryData();
    const before = await startTestServer({ data });
    await before.token();
    await before[Symbol.asyncDispose]();
    await rm(join(data, "pki"), { recursive: true });
    await expect(startTestServer({ data })).rejects.toMatchObject({ name: "AuthorityMissingError", message: expect.stringContaining("restore it from a backup") });
    expect(await readdir(data)).not.toContain("pki");
  });
});

describe("a store that fails", () => {
  /** A server whose database loses a table under it: the next change of that kind cannot be stored. */
  async function without(table: string) {
    const publisher = await Publisher.create(await temporaryData());
    const server = await startTestServer();
    await publish(server.front, await everything(await publisher.compose("1.0")));
    const node = await server.enroll();
    const stream = await node.connect();
    await server.front.rollouts.createRollout({ name: "r", policy: { release: "1.0", selector: "*", waves: [{ rest: true }] } });
    const intent = await node.stage(stream);
    const token = await server.token();
    const database = new DatabaseSync(join(server.data, "treeline.db"));
    database.exec(`DROP TABLE ${table}`);
    database.close();
    const dispose = async (): Promise<void> => {
      await server.closeClients();
      await server.running.close().catch(() => {});
    };
    return { server, node, stream, intent, token, [Symbol.asyncDispose]: dispose };
  }

  it("ends the server, and no permission leaves it", async () => {
    await using broken = await without("slot");
    await expect(broken.node.confirm(broken.node.question(broken.intent))).rejects.toBeInstanceOf(RpcError);
    expect(broken.server.fatal).toHaveLength(1);
    await expect(broken.node.confirm(broken.node.question(broken.intent))).rejects.toMatchObject({ status: 14, reason: "STORE_FAILED" });
  });

  it("lets no observation be acknowledged", async () => {
    await using broken = await without("observation");
    const sequence = broken.stream.nextSequence;
    await expect(broken.node.observe(broken.stream)).rejects.toMatchObject({ status: 13, reason: "INTERNAL" });
    expect(broken.stream.received).not.toContainEqual({ kind: "acknowledgement", sequence });
    expect(broken.server.fatal).toHaveLength(1);
  });

  it("lets no node enroll", async () => {
    await using broken = await without("node");
    await expect(broken.server.enroll({ secret: broken.token.secret })).rejects.toBeInstanceOf(RpcError);
    expect((await broken.server.front.nodes.listNodes({})).nodes).toHaveLength(1);
    expect(broken.server.fatal).toHaveLength(1);
  });
});

describe("stopping", () => {
  it("tells every open stream why, and takes nothing new", async () => {
    const publisher = await Publisher.create(await temporaryData());
    const server = await startTestServer();
    await publish(server.front, await everything(await publisher.compose("1.0")));
    const node = await server.enroll();
    const stream = await node.connect();
    await server.front.rollouts.createRollout({ name: "r", policy: { release: "1.0", selector: "*", waves: [{ rest: true }] }, hold: true });
    const watch = server.front.watch.watch({ rollout: "r" });
    const watched = new Promise((resolve) => watch.on("error", (error) => resolve(fromServiceError(error))));
    await once(watch, "data");
    const uploaded = publish(server.front, [{ header: { ref: "r", version: "1", checksum: "a".repeat(64) } }, { object: { name: `${"a".repeat(64)}.commit`, size: "1" } }], { open: true }).catch(fromServiceError);
    await expect.poll(() => readdir(join(server.data, "ostree-incoming")), { timeout: 15_000, interval: 10 }).toHaveLength(1);
    const closed = server.running.close();
    expect(await stream.ended).toMatchObject({ status: 14, reason: "SERVER_STOPPING" });
    expect(await watched).toMatchObject({ status: 14, reason: "SERVER_STOPPING" });
    expect(await uploaded).toBeInstanceOf(RpcError);
    await closed;
    await expect(server.front.nodes.listNodes({}, { deadlineMillis: 2000 })).rejects.toBeDefined();
    await server.closeClients();
    expect(server.fatal).toEqual([]);
  });
});

describe("limits", () => {
  it("are the configuration's, and what they refuse is counted", async () => {
    await using server = await startTestServer({ settings: { limits: { callsPerSecond: 1, callBurst: 5 } } });
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => server.front.nodes.listNodes({})));
    const refused = calls.filter((call) => call.status === "rejected").map(({ reason }) => (reason as RpcError).reason);
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused)).toEqual(new Set(["CALL_RATE"]));
    const metrics = await server.metrics();
    expect(metrics).toContain(`treeline_refusals_total{listener="front",reason="call-rate"} ${refused.length}`);
    expect(metrics).toContain('treeline_connections{listener="front"} 1');
  });
});

describe("the administrator's credential", () => {
  const works = async (data: string, token: string): Promise<boolean> => {
    await using server = await startTestServer({ data });
    return await server.clients(token).nodes.listNodes({}).then(() => true, () => false);
  };

  it("is made on the first start, for its owner alone, and not shown in the log", async () => {
    await using server = await startTestServer();
    const file = join(server.data, "operator/admin.yaml");
    expect(server.running.credentialFile).toBe(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(server.credential.token).toMatch(/^tlo_/);
    expect(server.logs.join("")).not.toContain(server.credential.token);
  });

  it("is not made again when it was moved away, or something else stands in its place", async () => {
    const data = await temporaryData();
    await (await startTestServer({ data }))[Symbol.asyncDispose]();
    const before = await readCredential(data);
    await writeFile(join(data, "operator/admin.yaml"), "{ this is : no YAML");
    await using server = await startTestServer({ data, credential: before });
    expect(server.running.credentialFile).toBeUndefined();
    expect(await readFile(join(data, "operator/admin.yaml"), "utf8")).toBe("{ this is : no YAML");
    await server.front.nodes.listNodes({});
  });

  it("is replaced when asked for, and the old one stops working", async () => {
    const data = await temporaryData();
    await (await startTestServer({ data }))[Symbol.asyncDispose]();
    const old = await readCredential(data);
    await (await startTestServer({ data, renewAdminCredential: true }))[Symbol.asyncDispose]();
    const renewed = await readCredential(data);
    expect([await works(data, old.token), await works(data, renewed.token)]).toEqual([false, true]);
  });

  it("whose file was written by a start that ended before it was recorded is taken up", async () => {
    const data = await temporaryData();
    await (await startTestServer({ data }))[Symbol.asyncDispose]();
    const file = join(data, "operator/admin.yaml");
    const { token } = await readCredential(data);
    const unrecorded = `tlo_${"x".repeat(43)}`;
    await writeFile(file, (await readFile(file, "utf8")).replace(token, unrecorded));
    expect(await works(data, unrecorded)).toBe(true);
  });
});
