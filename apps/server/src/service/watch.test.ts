import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { Writable } from "node:stream";
import { Fleet } from "@treeline/control";
import { silentLogger } from "@treeline/process";
import { checkPolicy, type AssignmentRecord, type DurableChange, type RolloutRecord } from "@treeline/rollout";
import { fromServiceError, maxMessageBytes, messages, type wire } from "@treeline/rpc";
import { openSqliteStore, type SqliteStore } from "@treeline/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProgressBoard } from "../progress.ts";
import { deployment, type TestNode, type TestStream } from "../test-node.ts";
import { everything, publish, Publisher, type TestRelease } from "../test-release.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";
import { Rollouts } from "./rollouts.ts";
import { watch as handleWatch, type WatchCall } from "./watch.ts";

let server: TestServer;
let release: TestRelease;

beforeAll(async () => {
  server = await startTestServer();
  const publisher = await Publisher.create(await temporaryData());
  release = await publisher.compose("2.0");
  await publish(server.front, await everything(release));
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

function watch(rollout: string) {
  const call = server.front.watch.watch({ rollout });
  const seen: (wire.Rollout__Output & { readonly nodes: wire.RolloutNode__Output[] })[] = [];
  call.on("data", (message: wire.WatchResponse__Output) => seen.push({ ...message.rollout!, nodes: message.nodes }));
  const ended = new Promise<unknown>((resolve) => {
    call.on("error", (error) => resolve(fromServiceError(error)));
    call.on("end", () => resolve(undefined));
  });
  return { call, seen, ended, first: () => once(call, "data") };
}

async function running(name: string): Promise<{ readonly node: TestNode; readonly stream: TestStream }> {
  const node = await server.enroll({ labels: { rollout: name } });
  const stream = await node.connect();
  await server.front.rollouts.createRollout({ name, policy: { release: "2.0", selector: `rollout=${name}`, waves: [{ rest: true }] } });
  return { node, stream };
}

describe("a watch", () => {
  it("of an unknown rollout says so", async () => {
    expect(await watch("none").ended).toMatchObject({ status: 5, reason: "ROLLOUT_UNKNOWN" });
  });

  it("shows the state of now first, then changes, and ends when the rollout has settled", async () => {
    const { node, stream } = await running("good");
    const { seen, ended, first } = watch("good");
    await first();
    expect(seen[0]).toMatchObject({
      name: "good",
      state: "ROLLOUT_STATE_RUNNING",
      nodes: [{ connected: true, holdsSlot: false, proved: false }],
    });
    const intent = await node.stage(stream);
    expect(await node.confirm(node.question(intent))).toMatchObject({ granted: true });

    stream.call.end();
    await stream.ended;
    const bootId = randomUUID();
    const booted = await node.connect({
      os: { bootId, deployments: [deployment(release.checksum), deployment("b".repeat(64), { serial: 0, booted: false, rollback: true })] },
      health: { state: "green", bootId, checks: [] },
      update: {
        ...{ phase: "Updated", reason: "", denied: [], highest: intent.generation },
        closed: [{ attempt: intent.attempt!.ref, target: intent.target, outcome: { kind: "updated", bootId, soakedMillis: 0 } }],
      },
    });
    expect(await ended).toBeUndefined();
    expect(seen.at(-1)).toMatchObject({
      state: "ROLLOUT_STATE_COMPLETED",
      nodes: [{ phase: "UPDATE_PHASE_UPDATED", proved: true, holdsSlot: false }],
    });
    await booted.settled();
    // Whoever comes late sees the end at once.
    const late = watch("good");
    expect(await late.ended).toBeUndefined();
    expect(late.seen).toHaveLength(1);
  });

  it("joins changes that come close together, and shows the last of them", async () => {
    const { node, stream } = await running("busy");
    const { call, seen, first } = watch("busy");
    await first();
    for (let bytesDone = 1; bytesDone <= 500; bytesDone++)
      stream.send({ kind: "progress", attempt: { rollout: "busy", number: 1 }, bytesDone, objectsDone: 0, bytesTotal: 0 });
    await expect.poll(() => seen.at(-1)?.nodes[0]?.bytesPulled, { timeout: 15_000, interval: 10 }).toBe("500");
    expect(seen.length).toBeLessThan(100);
    call.cancel();
    node.close();
  });

  it("goes on over a halt until the node that is out is Lost, and no longer", async () => {
    const { node, stream } = await running("lost");
    const { seen, ended, first } = watch("lost");
    await first();
    const intent = await node.stage(stream);
    expect(await node.confirm(node.question(intent))).toMatchObject({ granted: true });
    stream.call.end();
    await stream.ended;
    server.clock.ahead += 21 * 60_000;
    // Something must happen for the server to look at its clock.
    await (await server.enroll()).connect();
    expect(await ended).toBeUndefined();
    expect(seen.at(-1)).toMatchObject({
      state: "ROLLOUT_STATE_HALTED",
      nodes: [{ phase: "UPDATE_PHASE_LOST", holdsSlot: true, connected: false }],
    });
  });

  it("that is cancelled is forgotten, also by a fleet in which nothing happens", async () => {
    await using bench = await LargeRollout.open(1);
    const watching = bench.watch();
    await watching.next();
    expect(bench.listening).toBe(1);
    watching.call.emit("cancelled");
    await watching.ended;
    expect(bench.listening).toBe(0);
  });

  it("of a large rollout begins with all nodes, in messages that can be received, and goes on with those that changed", async () => {
    const nodes = 30_000;
    await using bench = await LargeRollout.open(nodes, { reason: "r".repeat(100) });
    const watching = bench.watch();
    const seen = new Map<string, string>();
    let message: wire.WatchResponse;
    do {
      message = await watching.next();
      expect(messages.WatchResponse.serialize(message).length).toBeLessThan(maxMessageBytes / 2);
      expect(message.rollout).toMatchObject({ name: "r", nodesByStanding: { waiting: nodes } });
      for (const node of message.nodes!) seen.set(node.nodeId!, node.name!);
    } while (message.partial === true);
    expect(seen.size).toBe(nodes);
    expect([...seen.values()]).toEqual([...seen.values()].sort());

    await bench.fleet.transact(() => ({
      changes: [{ kind: "assignment", value: { ...bench.assignment(7), phase: "Staging" } }],
      result: undefined,
    }));
    expect(await watching.next()).toMatchObject({
      rollout: { nodesByStanding: { waiting: nodes - 1, moving: 1 } },
      nodes: [{ nodeId: "n-00007", phase: "UPDATE_PHASE_STAGING" }],
      removed: [],
    });
    await bench.fleet.transact(() => ({ changes: [{ kind: "assignment-removed", rollout: "r", nodeId: "n-00008" }], result: undefined }));
    expect(await watching.next()).toMatchObject({ nodes: [], removed: ["n-00008"] });
    watching.call.emit("cancelled");
    await watching.ended;

    const summary = bench.watch({ summary: true });
    expect(await summary.next()).toEqual({ rollout: expect.objectContaining({ name: "r" }) });
    summary.call.emit("cancelled");
    await summary.ended;
  });

  it("says when a bake is over, although nothing is written down then", async () => {
    await using bench = await LargeRollout.open(1);
    const waves = [
      { ...bench.rollout.policy.waves[0]!, bakeMillis: 600 },
      { name: "second", size: { rest: true }, bakeMillis: 0, approval: true },
    ] as const;
    const baking = {
      ...bench.rollout,
      state: "running",
      openWave: 0,
      bakingSince: Date.now(),
      policy: { ...bench.rollout.policy, waves },
    } as const;
    const updated = { ...bench.assignment(0), phase: "Updated" } as const;
    await bench.fleet.transact(() => ({
      changes: [
        { kind: "rollout", value: baking },
        { kind: "assignment", value: updated },
      ],
      result: undefined,
    }));
    const watching = bench.watch();
    expect(await watching.next()).toMatchObject({ rollout: { waves: [{ state: "WAVE_STATE_BAKING" }, { state: "WAVE_STATE_WAITING" }] } });
    expect(await watching.next()).toMatchObject({
      rollout: { waves: [{ state: "WAVE_STATE_DONE" }, { state: "WAVE_STATE_AWAITING_APPROVAL" }] },
    });
    watching.call.emit("cancelled");
    await watching.ended;
  });
});

/** A fleet of its own with a held rollout `r` over so many nodes, and watches of it without a connection. */
class LargeRollout implements AsyncDisposable {
  readonly fleet: Fleet;
  readonly rollout: RolloutRecord;
  readonly #store: SqliteStore;
  readonly #reason: string;
  listening = 0;

  private constructor(parts: {
    readonly fleet: Fleet;
    readonly rollout: RolloutRecord;
    readonly store: SqliteStore;
    readonly reason: string;
  }) {
    this.fleet = parts.fleet;
    this.rollout = parts.rollout;
    this.#store = parts.store;
    this.#reason = parts.reason;
    const onDurable = this.fleet.onDurable.bind(this.fleet);
    this.fleet.onDurable = (listener) => {
      const stop = onDurable(listener);
      this.listening++;
      return () => {
        this.listening--;
        stop();
      };
    };
  }

  static async open(nodes: number, { reason = "" }: { readonly reason?: string } = {}): Promise<LargeRollout> {
    const store = await openSqliteStore({ path: join(await temporaryData(), "treeline.db") });
    const fleet = await Fleet.open({ store, log: silentLogger, onFatal: () => {} });
    const checked = checkPolicy({ release: "1", selector: "*", waves: [{ size: { rest: true } }] });
    if (!checked.ok) throw new Error("the policy is not valid");
    const rollout: RolloutRecord = {
      ...{ name: "r", policy: checked.policy, target: { checksum: "", ref: "", version: "1" }, state: "held", reason: "", createdAt: 0 },
      ...{ way: "forward", openWave: -1, approvals: {}, pardons: {}, settled: false },
    };
    const bench = new LargeRollout({ fleet, rollout, store, reason });
    const ids = Array.from({ length: nodes }, (_, index) => idOf(index));
    const changes: DurableChange[] = [
      { kind: "rollout", value: rollout },
      ...ids.map(
        (id): DurableChange => ({
          kind: "node",
          value: { id, name: `host-${id}`, labels: {}, enrolledAt: 0, publicKey: id, tokenId: "t" },
        }),
      ),
      ...ids.map((_, index): DurableChange => ({ kind: "assignment", value: bench.assignment(index) })),
    ];
    for (let from = 0; from < changes.length; from += 5_000)
      await fleet.transact(() => ({ changes: changes.slice(from, from + 5_000), result: undefined }));
    return bench;
  }

  assignment(index: number): AssignmentRecord {
    return {
      rollout: "r",
      nodeId: idOf(index),
      wave: 0,
      phase: "pending",
      since: 0,
      attempt: 0,
      way: "forward",
      retried: 0,
      reason: this.#reason,
    };
  }

  watch({ summary = false } = {}) {
    const { fleet } = this;
    const progress = new ProgressBoard();
    const received: wire.WatchResponse[] = [];
    let wake = (): void => {};
    const sink = new Writable({
      objectMode: true,
      write: (message: wire.WatchResponse, _encoding, done) => (received.push(message), wake(), done()),
    });
    const call = Object.assign(sink, { request: { rollout: "r", summary } });
    const rollouts = new Rollouts({ fleet, progress, audit: this.#store, now: Date.now });
    const ended = handleWatch(call as unknown as WatchCall, { fleet, progress, rollouts, stopping: new AbortController().signal });
    const next = async (): Promise<wire.WatchResponse> => {
      while (received.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return received.shift()!;
    };
    return { call, ended, next };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close();
  }
}

function idOf(index: number): string {
  return `n-${String(index).padStart(5, "0")}`;
}
