import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { everything, publish, Publisher } from "../test-release.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
  const publisher = await Publisher.create(await temporaryData());
  await publish(server.front, await everything(await publisher.compose("2.0")));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

/** A node of a rollout of its own, staged and granted: it only has to ask. */
async function granted(name: string) {
  const node = await server.enroll({ hostname: name, labels: { site: name } });
  const stream = await node.connect();
  await server.front.rollouts.createRollout({ name, policy: { release: "2.0", selector: `site=${name}`, waves: [{ rest: true }] } });
  return { node, stream, intent: await node.stage(stream) };
}

describe("the andon cord", () => {
  it("confirms nothing in its scope once it has answered, and everything outside", async () => {
    const [inside, outside] = [await granted("inside"), await granted("outside")];
    const { stop } = await server.front.stops.stopAll({ selector: "site=inside", reason: "power works" });
    expect(stop).toMatchObject({ selector: "site=inside", reason: "power works", by: "token:admin", sparesRollbacks: false, nodeCount: 1 });
    expect(await inside.node.confirm(inside.node.question(inside.intent))).toMatchObject({ granted: false });
    expect(await outside.node.confirm(outside.node.question(outside.intent))).toMatchObject({ granted: true });
    // What was granted is called off: the slot comes back with the node's own word, not before.
    await inside.stream.next("intent", ({ intent }) => intent.attempt === undefined);
    expect((await server.front.nodes.explainNode({ node: "inside" })).reasons.map(({ reason }) => reason).join()).toContain("power works");

    expect((await server.front.stops.resumeAll({ selector: "site=inside" })).lifted).toMatchObject([{ selector: "site=inside" }]);
    for (const { stream } of [inside, outside]) await stream.end();
  });

  it("is one cord for one scope, pulled for the whole fleet unless told otherwise, and shown", async () => {
    const { stop } = await server.front.stops.stopAll({ reason: "fire" });
    expect(stop!.selector).toBe("*");
    expect((await server.front.stops.stopAll({ selector: "*", reason: "again", sparesRollbacks: true })).stop).toEqual(stop);
    const none = await server.front.stops.stopAll({ selector: "site=berlin", reason: "power works", sparesRollbacks: true });
    expect([stop!.nodeCount, none.stop!.nodeCount]).toEqual([2, 0]);
    expect((await server.front.stops.listStops({})).stops.map(({ selector }) => selector).sort()).toEqual(["*", "site=berlin"]);
    expect((await server.front.stops.resumeAll({})).lifted).toHaveLength(2);
    expect((await server.front.stops.resumeAll({})).lifted).toEqual([]);
    expect((await server.front.stops.listStops({})).stops).toEqual([]);
  });

  it("is not pulled without a reason or over a selector that is none, and not let go where it was not pulled", async () => {
    await expect(server.front.stops.stopAll({ reason: "" })).rejects.toMatchObject({ status: 3, violations: [{ field: "reason" }] });
    await expect(server.front.stops.stopAll({ selector: "a in (", reason: "x" })).rejects.toMatchObject({
      status: 3,
      violations: [{ field: "selector" }],
    });
    await expect(server.front.stops.resumeAll({ selector: "site=nowhere" })).rejects.toMatchObject({ status: 5 });
  });
});
