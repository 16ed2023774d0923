import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { Writable } from "node:stream";
import { silentLogger } from "@treeline/process";
import { fromServiceError, type wire } from "@treeline/rpc";
import { openSqliteStore } from "@treeline/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fleet } from "../fleet.ts";
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
  const seen: wire.Rollout__Output[] = [];
  call.on("data", (message: wire.WatchResponse__Output) => seen.push(message.rollout!));
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
    expect(seen[0]).toMatchObject({ name: "good", state: "ROLLOUT_STATE_RUNNING", nodes: [{ connected: true, holdsSlot: false, proved: false }] });
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
    expect(seen.at(-1)).toMatchObject({ state: "ROLLOUT_STATE_COMPLETED", nodes: [{ phase: "UPDATE_PHASE_UPDATED", proved: true, holdsSlot: false }] });
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
    for (let bytesDone = 1; bytesDone <= 500; bytesDone++) stream.send({ kind: "progress", attempt: { rollout: "busy", number: 1 }, bytesDone, objectsDone: 0 });
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
    expect(seen.at(-1)).toMatchObject({ state: "ROLLOUT_STATE_HALTED", nodes: [{ phase: "UPDATE_PHASE_LOST", holdsSlot: true, connected: false }] });
  });

  it("that is cancelled is forgotten, also by a fleet in which nothing happens", async () => {
    const store = await openSqliteStore({ path: join(await temporaryData(), "treeline.db") });
    const fleet = await Fleet.open({ store, logger: silentLogger, onFatal: () => {} });
    const policy = { release: "1", selector: "*", waves: [{ rest: true as const }], maxUnavailable: { count: 1 }, nodeSoakMillis: 0, retries: 0 };
    const rollout = { name: "r", policy, target: { checksum: "", ref: "", version: "1" }, state: "held", reason: "", createdAt: 0, openWave: 0, settled: false } as const;
    await fleet.transact(() => ({ changes: [{ kind: "rollout", value: rollout }], result: undefined }));
    let listening = 0;
    const onDurable = fleet.onDurable.bind(fleet);
    fleet.onDurable = (listener) => {
      const stop = onDurable(listener);
      listening++;
      return () => {
        listening--;
        stop();
      };
    };
    const progress = new ProgressBoard();
    const written = Promise.withResolvers<void>();
    const call = new Writable({ objectMode: true, write: (_message, _encoding, done) => (written.resolve(), done()) });
    const watching = handleWatch(Object.assign(call, { request: { rollout: "r" } }) as unknown as WatchCall, {
      fleet,
      progress,
      rollouts: new Rollouts({ fleet, progress, now: Date.now }),
      stopping: new AbortController().signal,
    });
    await written.promise;
    expect(listening).toBe(1);
    call.emit("cancelled");
    await watching;
    expect(listening).toBe(0);
    await store.close();
  });
});
