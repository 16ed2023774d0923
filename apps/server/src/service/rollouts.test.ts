import type { Intent } from "@treeline/fleet";
import type { wire } from "@treeline/rpc";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployment, type TestNode, type TestStream } from "../test-node.ts";
import { everything, publish, Publisher, type TestRelease } from "../test-release.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";

let server: TestServer;
let release: TestRelease;

beforeAll(async () => {
  server = await startTestServer();
  const publisher = await Publisher.create(await temporaryData());
  release = await publisher.compose("2.0");
  await publish(server.front, await everything(release));
  const { secret } = await server.token({ labels: { site: "lab" } });
  for (const hostname of ["c", "a", "b", "a"]) await server.enroll({ secret, hostname });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

const policy = { release: "2.0", selector: "site=lab", waves: [{ count: 1 }, { rest: true }], maxUnavailable: "50%" };
const ask = () => server.front.rollouts;

/** A node in contact, alone under a label of its own. */
async function connected(label: string): Promise<{ readonly node: TestNode; readonly stream: TestStream }> {
  const node = await server.enroll({ labels: { [label]: "" }, hostname: label });
  return { node, stream: await node.connect() };
}

/** What a node says that has booted the release and soaked. */
function updated(intent: Intent): Parameters<TestNode["connect"]>[0] {
  const bootId = randomUUID();
  return {
    os: { bootId, deployments: [deployment(release.checksum), deployment("b".repeat(64), { serial: 0, booted: false, rollback: true })] },
    health: { state: "green", bootId, checks: [] },
    update: {
      ...{ phase: "Updated", reason: "", denied: [], highest: intent.generation },
      closed: [{ attempt: intent.attempt!.ref, target: intent.target, outcome: { kind: "updated", bootId, soakedMillis: 0 } }],
    },
  };
}

const reaches = (name: string, state: wire.RolloutState__Output) =>
  expect.poll(async () => (await ask().getRollout({ name })).rollout!.state, { timeout: 15_000, interval: 20 }).toBe(state);

describe("rollouts", () => {
  it("are created once, started, paused and resumed, and say how they stand", async () => {
    const { rollout } = await ask().createRollout({ name: "to-2", policy, hold: true });
    expect(rollout).toMatchObject({
      ...{
        name: "to-2",
        state: "ROLLOUT_STATE_HELD",
        openWave: -1,
        policy: { release: "2.0", maxUnavailable: "50%", retries: 2, onFailure: "halt" },
      },
      nodesByStanding: { waiting: 4, moving: 0 },
      waves: [
        { name: "wave-1", state: "WAVE_STATE_WAITING", nodesByStanding: { waiting: 1 } },
        { name: "wave-2", nodesByStanding: { waiting: 3 } },
      ],
    });
    expect((await ask().createRollout({ name: "to-2", policy, hold: true })).rollout).toEqual(rollout);
    expect((await ask().startRollout({ name: "to-2" })).rollout!.state).toBe("ROLLOUT_STATE_RUNNING");
    expect((await ask().pauseRollout({ name: "to-2", reason: "lunch" })).rollout).toMatchObject({
      state: "ROLLOUT_STATE_PAUSED",
      reason: "lunch",
    });
    expect((await ask().resumeRollout({ name: "to-2" })).rollout!.state).toBe("ROLLOUT_STATE_RUNNING");
    expect((await ask().listRollouts({})).rollouts).toMatchObject([{ name: "to-2" }]);
  });

  it.each([
    ["metadata.name", "TO 2", {}],
    ["spec.release", "other", { release: "9.9" }],
    ["spec.channel", "other", { channel: "os/stable" }],
    ["spec.selector", "other", { selector: "nobody" }],
    ["spec.selector", "other", { selector: "" }],
    ["spec.nodes[0]", "other", { nodes: ["nobody"] }],
    ["spec.exclude.selector", "other", { excludeSelector: "" }],
    ["spec.waves", "other", { waves: [] }],
    ["spec.waves", "other", { waves: Array.from({ length: 101 }, () => ({ count: 1 })) }],
    ["spec.waves[0].count", "other", { waves: [{ count: -1 }] }],
    ["spec.waves[0]", "other", { waves: [{}] }],
    ["spec.maxUnavailable", "other", { maxUnavailable: "none" }],
    ["spec.budgets[0].per", "other", { budgets: [{ per: "shelf", maxUnavailable: "1" }] }],
    ["spec.nodeSoak", "other", { nodeSoakMillis: 2 ** 31 }],
    ["spec.retries.limit", "other", { retries: 11 }],
    ["spec.onFailure", "other", { onFailure: "explode" }],
    ["spec.gate", "other", { gate: {} }],
  ])("with a wrong %s are refused with its name, planned or created", async (field, name, wrong) => {
    const request = { name, policy: { ...policy, ...wrong } };
    const refusal = { status: 3, reason: "INVALID", violations: expect.arrayContaining([expect.objectContaining({ field })]) };
    await expect(ask().createRollout({ ...request, hold: true })).rejects.toMatchObject(refusal);
    await expect(ask().planRollout(request)).rejects.toMatchObject(refusal);
  });

  it("refuse what their state forbids, with a status that says which", async () => {
    await expect(ask().createRollout({ name: "to-2", policy: { ...policy, maxUnavailable: "1" } })).rejects.toMatchObject({
      status: 6,
      reason: "EXISTS",
    });
    const {
      getRollout,
      startRollout,
      pauseRollout,
      resumeRollout,
      abortRollout,
      rollbackRollout,
      approveWave,
      retryRollout,
      listRolloutNodes,
      getRolloutHistory,
    } = ask();
    const calls = [
      getRollout,
      startRollout,
      pauseRollout,
      resumeRollout,
      abortRollout,
      rollbackRollout,
      approveWave,
      retryRollout,
      listRolloutNodes,
      getRolloutHistory,
    ];
    for (const call of calls) await expect(call({ name: "none" })).rejects.toMatchObject({ status: 5 });
    await expect(ask().approveWave({ name: "to-2" })).rejects.toMatchObject({ status: 9, reason: "WRONG_STATE" });
    await expect(ask().retryRollout({ name: "to-2", nodes: ["nobody"] })).rejects.toMatchObject({ status: 5, reason: "NODE_UNKNOWN" });
  });

  it("are planned without being made, and told who stands in their way", async () => {
    const { plan } = await ask().planRollout({ name: "second", policy });
    expect(plan).toMatchObject({
      ...{ target: { version: "2.0" }, nodeCount: 4, refusedCount: 4 },
      waves: [
        { name: "wave-1", nodeCount: 1, firstNodes: ["a"] },
        { name: "wave-2", nodeCount: 3, firstNodes: ["a", "b", "c"] },
      ],
      conflicts: [{ rollout: "to-2", nodes: 4 }],
      rollback: { unknown: 4 },
    });
    expect(plan!.refused.map(({ name }) => name)).toEqual(["a", "a", "b", "c"]);
    expect((await ask().listRollouts({})).rollouts).toHaveLength(1);
  });

  it("end for good when they are aborted", async () => {
    const { rollout } = await ask().abortRollout({ name: "to-2", reason: "bad kernel" });
    expect(rollout).toMatchObject({
      state: "ROLLOUT_STATE_ABORTED",
      reason: "aborted by an operator: bad kernel",
      waves: [{ state: "WAVE_STATE_WAITING" }, {}],
    });
    expect(Number(rollout!.endedAtMillis)).toBeGreaterThan(0);
    expect((await ask().abortRollout({ name: "to-2", reason: "again" })).rollout!.reason).toBe("aborted by an operator: bad kernel");
    await expect(ask().resumeRollout({ name: "to-2" })).rejects.toMatchObject({ status: 9, reason: "WRONG_STATE" });
  });
});

it("rollouts are listed page by page, the newest first", async () => {
  await ask().createRollout({ name: "later", policy, hold: true });
  const {
    rollouts: [first],
    nextPageToken,
  } = await ask().listRollouts({ pageSize: 1 });
  expect({ name: first!.name, nextPageToken }).toEqual({ name: "later", nextPageToken: "later" });
  expect(await ask().listRollouts({ pageSize: 1, pageToken: nextPageToken })).toMatchObject({
    rollouts: [{ name: "to-2" }],
    nextPageToken: "",
  });
  await expect(ask().listRollouts({ pageToken: "none" })).rejects.toMatchObject({ status: 3, violations: [{ field: "page_token" }] });
});

describe("the nodes of a rollout", () => {
  it("come in pages by wave and name, and by phase", async () => {
    const names: (readonly [string, number])[] = [];
    let pages = 0;
    for (let pageToken = ""; pages === 0 || pageToken !== ""; pages++) {
      const page = await ask().listRolloutNodes({ name: "to-2", pageSize: 3, pageToken });
      names.push(...page.nodes.map(({ name, wave }) => [name, wave] as const));
      pageToken = page.nextPageToken;
    }
    expect(names).toEqual([
      ["a", 0],
      ["a", 1],
      ["b", 1],
      ["c", 1],
    ]);
    expect(pages).toBe(2);
    // The place in the list is kept also when the node that stood there has gone: the page goes on behind it.
    const gone = Buffer.from(JSON.stringify([1, "aa", "nobody"])).toString("base64url");
    expect((await ask().listRolloutNodes({ name: "to-2", pageToken: gone })).nodes.map(({ name }) => name)).toEqual(["b", "c"]);
    expect((await ask().listRolloutNodes({ name: "to-2", phases: ["UPDATE_PHASE_IDLE"] })).nodes).toHaveLength(4);
    expect((await ask().listRolloutNodes({ name: "to-2", phases: ["UPDATE_PHASE_FAILED", "UPDATE_PHASE_REVERTED"] })).nodes).toEqual([]);
  });

  it.each(["x", "bm8", Buffer.from('["1",2]').toString("base64url")])(
    "are not listed by a page token of nobody's: %s",
    async (pageToken) => {
      await expect(ask().listRolloutNodes({ name: "to-2", pageToken })).rejects.toMatchObject({
        status: 3,
        violations: [{ field: "page_token" }],
      });
    },
  );
});

/** What another person calls. */
async function colleague(person: string) {
  const { secret } = await server.front.access.createApiToken({ name: person, person, grants: [{ role: "operator", scope: "fleet" }] });
  return server.clients(secret).rollouts;
}

describe("a wave", () => {
  it("waits for its approval, says so, and opens after it; nobody approves it twice", async () => {
    const { stream } = await connected("approved");
    const waves = [{ name: "only", rest: true, approval: true }];
    await ask().createRollout({ name: "approved", policy: { release: "2.0", selector: "approved", waves } });
    await expect
      .poll(async () => (await ask().getRollout({ name: "approved" })).rollout!.waves[0]!.state)
      .toBe("WAVE_STATE_AWAITING_APPROVAL");
    await expect(ask().approveWave({ name: "approved", wave: "second" })).rejects.toMatchObject({
      status: 5,
      remedy: expect.stringContaining("only"),
    });
    const { secret } = await server.front.access.createApiToken({ name: "of-the-creator", grants: [{ role: "operator", scope: "fleet" }] });
    for (const same of [ask(), server.clients(secret).rollouts])
      await expect(same.approveWave({ name: "approved" })).rejects.toMatchObject({ status: 7, reason: "FORBIDDEN", remedy: expect.stringContaining("somebody else") });
    const { rollout } = await (await colleague("berta")).approveWave({ name: "approved", reason: "looks well" });
    expect(rollout!.waves[0]).toMatchObject({ needsApproval: true, approval: { by: "token:berta", reason: "looks well" } });
    expect(await stream.next("intent", ({ intent }) => intent.attempt !== undefined)).toMatchObject({
      intent: { target: { version: "2.0" } },
    });
    expect((await ask().getRollout({ name: "approved" })).rollout).toMatchObject({ openWave: 0, waves: [{ state: "WAVE_STATE_OPEN" }] });
    const { entries } = await ask().getRolloutHistory({ name: "approved" });
    expect(entries.find(({ action }) => action === "approve-wave")).toMatchObject({
      actor: "token:berta",
      because: "wave only: looks well",
    });
    await expect(ask().approveWave({ name: "approved", wave: "1" })).rejects.toMatchObject({
      status: 9,
      message: expect.stringContaining("by token:berta already"),
    });
    await stream.end();
  });

  it("bakes after its last node, for as long as it says", async () => {
    const { node, stream } = await connected("baked");
    const waves = [{ name: "canary", rest: true, bakeMillis: 3_600_000 }];
    await ask().createRollout({ name: "baked", policy: { release: "2.0", selector: "baked", waves } });
    const intent = await node.stage(stream);
    expect(await node.confirm(node.question(intent))).toMatchObject({ granted: true });
    await stream.end();
    await node.connect(updated(intent));
    await expect
      .poll(async () => (await ask().getRollout({ name: "baked" })).rollout!.waves[0]!.state, { timeout: 15_000 })
      .toBe("WAVE_STATE_BAKING");
    const {
      waves: [wave],
    } = (await ask().getRollout({ name: "baked" })).rollout!;
    expect(Number(wave!.bakeEndsAtMillis) - Number(wave!.bakingSinceMillis)).toBe(3_600_000);
    expect(wave!.nodesByStanding).toMatchObject({ updated: 1, waiting: 0 });
  });
});

describe("a rollout that failed on a node", () => {
  it("halts, and goes on when the node is tried again", async () => {
    const { node, stream } = await connected("retried");
    await ask().createRollout({ name: "retried", policy: { release: "2.0", selector: "retried", waves: [{ rest: true }] } });
    const { intent } = await stream.next("intent", ({ intent: sent }) => sent.attempt !== undefined);
    const outcome = { kind: "failed", failure: "node", reason: "no space", bootId: node.bootId } as const;
    const closed = [{ attempt: intent.attempt!.ref, target: intent.target, outcome }];
    await node.observe(stream, { update: { phase: "Failed", reason: "no space", closed, denied: [], highest: intent.generation } });
    await reaches("retried", "ROLLOUT_STATE_HALTED");
    expect((await ask().listRolloutNodes({ name: "retried" })).nodes).toMatchObject([
      { phase: "UPDATE_PHASE_FAILED", class: "node", reason: expect.stringContaining("no space") },
    ]);
    expect((await ask().getRollout({ name: "retried" })).rollout!.nodesByStanding).toMatchObject({ failed: 1 });

    expect((await ask().retryRollout({ name: "retried", nodes: ["retried"], reason: "disk emptied" })).rollout!.state).toBe(
      "ROLLOUT_STATE_RUNNING",
    );
    const again = await stream.next("intent", (message) => message.intent.attempt?.ref.number === 2);
    expect(again.intent.target.version).toBe("2.0");
    await stream.end();
  });
});

describe("a rollout that is taken back", () => {
  it("goes back although it has completed, and remembers who did what", async () => {
    const { node, stream } = await connected("back");
    await ask().createRollout({ name: "back", policy: { release: "2.0", selector: "back", waves: [{ rest: true }] } });
    const intent = await node.stage(stream);
    expect(await node.confirm(node.question(intent))).toMatchObject({ granted: true });
    await stream.end();
    const booted = await node.connect(updated(intent));
    await reaches("back", "ROLLOUT_STATE_COMPLETED");
    expect((await ask().listRolloutNodes({ name: "back" })).nodes).toMatchObject([
      { phase: "UPDATE_PHASE_UPDATED", proved: true, goingBack: false },
    ]);

    const { rollout } = await ask().rollbackRollout({ name: "back", reason: "slow disks" });
    expect(rollout).toMatchObject({ state: "ROLLOUT_STATE_ROLLING_BACK", goingBack: true });
    const back = await booted.next("intent", (message) => message.intent.attempt?.ref.number === 2);
    expect(back.intent.target.checksum).toBe("b".repeat(64));
    await expect.poll(async () => (await ask().listRolloutNodes({ name: "back" })).nodes[0]!.goingBack).toBe(true);
    await booted.end();

    const all = await ask().getRolloutHistory({ name: "back", pageSize: 1_000 });
    const who = all.entries.map(({ actor, action }) => `${actor} ${action}`);
    expect(who.filter((entry) => entry.startsWith("token:"))).toEqual([
      "token:admin rollback-rollout",
      "token:admin create-rollout",
    ]);
    expect(who).toContain("controller complete-rollout");
    expect(all.entries.find(({ action }) => action === "rollback-rollout")).toMatchObject({
      subject: "rollout back",
      because: "slow disks",
    });
    expect(all.entries.some(({ subject }) => subject === `rollout back node ${node.nodeId}`)).toBe(true);
    expect(all.nextPageToken).toBe("");
    const paged: string[] = [];
    for (let pageToken = "", first = true; first || pageToken !== ""; first = false) {
      const page = await ask().getRolloutHistory({ name: "back", pageSize: 2, pageToken });
      expect(page.entries.length).toBeLessThanOrEqual(2);
      paged.push(...page.entries.map(({ sequence }) => sequence));
      pageToken = page.nextPageToken;
    }
    expect(paged).toEqual(all.entries.map(({ sequence }) => sequence));
    await expect(ask().getRolloutHistory({ name: "back", pageToken: "-1" })).rejects.toMatchObject({ status: 3 });
  });
});
