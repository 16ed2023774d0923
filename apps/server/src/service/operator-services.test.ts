import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestNode } from "../test-node.ts";
import { everything, publish, Publisher } from "../test-release.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";

let server: TestServer;
let nodes: TestNode[];

beforeAll(async () => {
  server = await startTestServer();
  const publisher = await Publisher.create(await temporaryData());
  await publish(server.front, await everything(await publisher.compose("2.0")));
  const { secret } = await server.token({ labels: { site: "lab" } });
  nodes = [];
  for (const hostname of ["c", "a", "b", "a"]) nodes.push(await server.enroll({ secret, hostname }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const policy = { release: "2.0", selector: "site=lab", waves: [{ count: 1 }, { rest: true }], maxUnavailable: "50%" };

describe("nodes", () => {
  it("come in pages by name, also when a node on the way loses its label", async () => {
    const { nodes: first, nextPageToken } = await server.front.nodes.listNodes({ selector: "site=lab", pageSize: 2 });
    expect(first.map(({ name }) => name)).toEqual(["a", "a"]);
    await server.front.nodes.labelNode({ node: nextPageToken, set: { site: "elsewhere" } });
    const rest = await server.front.nodes.listNodes({ selector: "site=lab", pageSize: 2, pageToken: nextPageToken });
    expect(rest).toMatchObject({ nodes: [{ name: "b" }, { name: "c" }], nextPageToken: "" });
    await server.front.nodes.labelNode({ node: nextPageToken, set: { site: "lab" } });
  });

  it("with long inventories come in shorter pages, so that each can be received", async () => {
    const { secret } = await server.token({ labels: { long: "yes" } });
    const long = { kernel: "x".repeat(200), disks: Array.from({ length: 512 }, () => ({ name: "d".repeat(250), type: "t".repeat(250), sizeBytes: 1 })) };
    const checks = Array.from({ length: 64 }, () => ({ name: "c", required: false, passed: true, output: "o".repeat(4096) }));
    for (let index = 0; index < 9; index++) {
      const node = await server.enroll({ secret, hostname: `long-${index}` });
      const { inventory } = node.observation();
      await node.connect({ inventory: { ...inventory, ...long }, health: { state: "green", bootId: node.bootId, checks } });
    }
    const names: string[] = [];
    let pages = 0;
    for (let pageToken = ""; pages === 0 || pageToken !== ""; pages++) {
      const page = await server.front.nodes.listNodes({ selector: "long", pageSize: 500, pageToken });
      names.push(...page.nodes.map(({ name }) => name));
      pageToken = page.nextPageToken;
    }
    expect(names).toEqual(Array.from({ length: 9 }, (_, index) => `long-${index}`));
    expect(pages).toBeGreaterThan(1);
  });

  it("are found by id, or by a host name that one node has", async () => {
    expect((await server.front.nodes.getNode({ node: "b" })).node!.id).toBe(nodes[2]!.nodeId);
    expect((await server.front.nodes.getNode({ node: nodes[1]!.nodeId })).node!.name).toBe("a");
    await expect(server.front.nodes.getNode({ node: "a" })).rejects.toMatchObject({ status: 9, reason: "NODE_AMBIGUOUS", subject: "a" });
    await expect(server.front.nodes.getNode({ node: "z" })).rejects.toMatchObject({ status: 5, reason: "NODE_UNKNOWN", subject: "z" });
  });

  it("take labels and lose them, within the rules", async () => {
    const { node } = await server.front.nodes.labelNode({ node: "b", set: { tier: "gold" }, remove: ["site"] });
    expect(node!.labels).toMatchObject({ tier: "gold" });
    expect(node!.labels).not.toHaveProperty("site");
    await server.front.nodes.labelNode({ node: "b", set: { site: "lab" }, remove: ["tier"] });
    const many = (from: number) => Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`l${from + index}`, ""]));
    await expect(server.front.nodes.labelNode({ node: "b", set: { "-bad": "x" } })).rejects.toMatchObject({ status: 3, violations: [{ field: "labels[-bad]" }] });
    await expect(server.front.nodes.labelNode({ node: "b", remove: ["no key"] })).rejects.toMatchObject({ status: 3, violations: [{ field: "remove" }] });
    await server.front.nodes.labelNode({ node: "b", set: many(0) });
    await expect(server.front.nodes.labelNode({ node: "b", set: many(40) })).rejects.toMatchObject({ status: 3, violations: [{ field: "labels" }] });
    await server.front.nodes.labelNode({ node: "b", remove: Object.keys(many(0)) });
  });

  it.each([
    ["selector", { selector: "a in (" }],
    ["page_token", { pageToken: "nothing" }],
  ])("are not listed by a wrong %s", async (field, request) => {
    await expect(server.front.nodes.listNodes(request)).rejects.toMatchObject({ status: 3, violations: [{ field }] });
  });
});

describe("rollouts", () => {
  it("are created once, started, paused and resumed, and say how they stand", async () => {
    const { rollout } = await server.front.rollouts.createRollout({ name: "to-2", policy, hold: true });
    expect(rollout).toMatchObject({ name: "to-2", state: "ROLLOUT_STATE_HELD", openWave: 0, policy: { maxUnavailable: "50%", retries: 2 } });
    expect(rollout!.nodes.map(({ name, wave }) => [name, wave])).toEqual([["a", 0], ["a", 1], ["b", 1], ["c", 1]]);
    expect((await server.front.rollouts.createRollout({ name: "to-2", policy, hold: true })).rollout).toEqual(rollout);
    expect((await server.front.rollouts.startRollout({ name: "to-2" })).rollout!.state).toBe("ROLLOUT_STATE_RUNNING");
    expect((await server.front.rollouts.pauseRollout({ name: "to-2", reason: "lunch" })).rollout).toMatchObject({ state: "ROLLOUT_STATE_PAUSED", reason: "lunch" });
    expect((await server.front.rollouts.resumeRollout({ name: "to-2" })).rollout!.state).toBe("ROLLOUT_STATE_RUNNING");
    expect((await server.front.rollouts.listRollouts({})).rollouts).toMatchObject([{ name: "to-2", nodes: [] }]);
  });

  it.each([
    ["metadata.name", "TO 2", {}],
    ["spec.release", "other", { release: "9.9" }],
    ["spec.selector", "other", { selector: "nobody" }],
    ["spec.selector", "other", { selector: "" }],
    ["spec.waves", "other", { waves: [] }],
    ["spec.waves", "other", { waves: Array.from({ length: 101 }, () => ({ count: 1 })) }],
    ["spec.waves[0].count", "other", { waves: [{ count: -1 }] }],
    ["spec.waves[0].count", "other", { waves: [{}] }],
    ["spec.maxUnavailable", "other", { maxUnavailable: "none" }],
    ["spec.nodeSoak", "other", { nodeSoakMillis: 2 ** 31 }],
    ["spec.retries", "other", { retries: 11 }],
  ])("with a wrong %s are refused with its name", async (field, name, wrong) => {
    await expect(server.front.rollouts.createRollout({ name, policy: { ...policy, ...wrong }, hold: true })).rejects.toMatchObject({
      status: 3,
      reason: "INVALID",
      violations: expect.arrayContaining([expect.objectContaining({ field })]),
    });
  });

  it("refuse what their state forbids, with a status that says which", async () => {
    const { rollouts } = server.front;
    await expect(rollouts.createRollout({ name: "to-2", policy: { ...policy, maxUnavailable: "1" } })).rejects.toMatchObject({ status: 6, reason: "EXISTS" });
    await expect(rollouts.createRollout({ name: "second", policy })).rejects.toMatchObject({ status: 9, reason: "WRONG_STATE", message: expect.stringContaining("to-2") });
    for (const call of [rollouts.getRollout, rollouts.startRollout, rollouts.pauseRollout, rollouts.resumeRollout, rollouts.abortRollout]) await expect(call({ name: "none" })).rejects.toMatchObject({ status: 5 });
  });

  it("that are held block no node, and are aborted for good", async () => {
    const { rollouts } = server.front;
    await expect(rollouts.createRollout({ name: "later", policy, hold: true })).rejects.toMatchObject({ reason: "WRONG_STATE" });
    const { rollout } = await rollouts.abortRollout({ name: "to-2", reason: "bad kernel" });
    expect(rollout).toMatchObject({ state: "ROLLOUT_STATE_HALTED", reason: "aborted by an operator: bad kernel" });
    expect(Number(rollout!.endedAtMillis)).toBeGreaterThan(0);
    expect((await rollouts.abortRollout({ name: "to-2", reason: "again" })).rollout!.reason).toBe("aborted by an operator: bad kernel");
    await expect(rollouts.resumeRollout({ name: "to-2" })).rejects.toMatchObject({ status: 9, reason: "WRONG_STATE" });

    await rollouts.createRollout({ name: "later", policy, hold: true });
    await rollouts.createRollout({ name: "now", policy });
    expect((await server.front.nodes.getNode({ node: "b" })).node!.rollout).toBe("now");
    await expect(rollouts.startRollout({ name: "later" })).rejects.toMatchObject({
      status: 9,
      reason: "WRONG_STATE",
      message: expect.stringContaining("now"),
      remedy: expect.stringContaining("treeline rollout abort now"),
    });
    await rollouts.abortRollout({ name: "now" });
    expect((await rollouts.startRollout({ name: "later" })).rollout!.state).toBe("ROLLOUT_STATE_RUNNING");
  });
});
