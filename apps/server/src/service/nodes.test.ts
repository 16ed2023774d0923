import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestNode } from "../test-node.ts";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";

let server: TestServer;
let nodes: TestNode[];

beforeAll(async () => {
  server = await startTestServer();
  const { secret } = await server.token({ labels: { site: "lab" } });
  nodes = [];
  for (const hostname of ["c", "a", "b", "a"]) nodes.push(await server.enroll({ secret, hostname }));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

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

  it("are explained, and never without a reason", async () => {
    const { nodeId, name, reasons } = await server.front.nodes.explainNode({ node: "b" });
    expect({ nodeId, name }).toEqual({ nodeId: nodes[2]!.nodeId, name: "b" });
    expect(reasons).toMatchObject([{ code: "silent", reason: expect.stringMatching(/./), remedy: expect.stringMatching(/./) }]);
    await expect(server.front.nodes.explainNode({ node: "z" })).rejects.toMatchObject({ status: 5, reason: "NODE_UNKNOWN" });
  });

  it("are written off with a reason, once, until they prove themselves", async () => {
    await expect(server.front.nodes.writeOffNode({ node: "b", reason: " " })).rejects.toMatchObject({ status: 3, violations: [{ field: "reason" }] });
    const { node } = await server.front.nodes.writeOffNode({ node: "b", reason: "burnt" });
    expect(node).toMatchObject({ name: "b", writtenOff: { by: "token:admin", reason: "burnt" }, conditions: [{ type: "WrittenOff", status: true }] });
    expect((await server.front.nodes.writeOffNode({ node: "b", reason: "again" })).node!.writtenOff).toEqual(node!.writtenOff);
    expect((await server.front.nodes.explainNode({ node: "b" })).reasons[0]).toMatchObject({ code: "written-off", reason: expect.stringContaining("burnt") });
    const stream = await nodes[2]!.connect();
    await expect.poll(async () => (await server.front.nodes.getNode({ node: "b" })).node!.writtenOff, { timeout: 15_000 }).toBeNull();
    await stream.end();
  });

  it("are cleared of what they were denied, and of nothing else", async () => {
    await expect(server.front.nodes.clearNode({ node: "b", checksum: "ab".repeat(32) })).rejects.toMatchObject({ status: 5, reason: "NOT_FOUND" });
    await expect(server.front.nodes.clearNode({ node: "b", checksum: "all" })).rejects.toMatchObject({ status: 3 });
    expect((await server.front.nodes.clearNode({ node: "b" })).node).toMatchObject({ name: "b", denied: [] });
  });

  it.each([
    ["selector", { selector: "a in (" }],
    ["page_token", { pageToken: "nothing" }],
  ])("are not listed by a wrong %s", async (field, request) => {
    await expect(server.front.nodes.listNodes(request)).rejects.toMatchObject({ status: 3, violations: [{ field }] });
  });
});
