import { join } from "node:path";
import { createLogger } from "@treeline/process";
import type { DurableChange, RolloutRecord } from "@treeline/rollout";
import { openSqliteStore, type Store } from "@treeline/store";
import { afterAll, describe, expect, it } from "vitest";
import { startController } from "./controller.ts";
import { Fleet } from "./fleet.ts";
import { removeTemporaryData, temporaryData } from "./test-server.ts";

afterAll(removeTemporaryData);

/** A controller over a fleet on the real store, whose commits wait for `disk`. */
async function controlled({ maxUnderWay = 100, disk = Promise.resolve() }: { readonly maxUnderWay?: number; readonly disk?: Promise<void> } = {}) {
  const sqlite = await openSqliteStore({ path: join(await temporaryData(), "treeline.db") });
  const commit: Store["commit"] = async (batch) => {
    await disk;
    return sqlite.commit(batch);
  };
  const store: Store = { ...sqlite, commit, load: () => sqlite.load() };
  const logs: string[] = [];
  const logger = createLogger({ name: "test", level: "debug", destination: { write: (line) => void logs.push(line) } });
  const fleet = await Fleet.open({ store, logger, maxUnderWay, onFatal: (error) => expect.fail(String(error)) });
  const controller = startController({ fleet, now: Date.now, logger });
  return {
    ...{ sqlite, fleet, controller, logs },
    put: (...changes: readonly DurableChange[]) => fleet.transact(() => ({ changes, result: undefined })),
    settled: (name: string) => fleet.durable.rollouts.get(name)?.settled,
    async [Symbol.asyncDispose]() {
      controller.stop();
      await sqlite.close();
    },
  };
}

/** A running rollout over no node: nothing is left to do but to complete it. */
function rollout(name: string): RolloutRecord {
  const policy = { release: "1", selector: "*", waves: [{ rest: true as const }], maxUnavailable: { count: 1 }, nodeSoakMillis: 0, retries: 0 };
  return { name, policy, target: { checksum: "", ref: "", version: "1" }, state: "running", reason: "", createdAt: 0, openWave: 0, settled: false };
}
const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const wait = { timeout: 30_000, interval: 10 };

describe("the controller", () => {
  it("decides after a change, until nothing is left to decide", async () => {
    await using on = await controlled();
    await on.put({ kind: "rollout", value: rollout("r") });
    await expect.poll(() => on.settled("r"), wait).toBe(true);
    expect((await on.sqlite.readAudit({ limit: 10 })).map(({ action }) => action)).toEqual(["settle-rollout", "complete-rollout"]);
  });

  it("rests while the disk cannot keep up, and forgets nothing over it", async () => {
    const disk = Promise.withResolvers<void>();
    await using on = await controlled({ maxUnderWay: 1, disk: disk.promise });
    const change = on.put({ kind: "rollout", value: rollout("r") });
    await aTurn();
    expect(on.fleet.working.rollouts.get("r")?.state).toBe("running");
    disk.resolve();
    await change;
    await expect.poll(() => on.settled("r"), wait).toBe(true);
    // It did not decide the same again and again meanwhile.
    expect(on.logs.filter((line) => line.includes("complete-rollout"))).toHaveLength(1);
  });

  it("survives a defect in deciding, says so, and goes on with the next change", async () => {
    await using on = await controlled();
    const broken = { ...rollout("broken"), policy: undefined } as unknown as RolloutRecord;
    const assignment = { rollout: "broken", nodeId: "n", wave: 0, phase: "Staged", attempt: 1, retried: 0, reason: "" } as const;
    await on.put({ kind: "rollout", value: broken }, { kind: "assignment", value: assignment });
    on.fleet.note({ kind: "contact", nodeId: "n", connected: true, at: 0 });
    await expect.poll(() => on.logs.some((line) => line.includes("deciding failed")), wait).toBe(true);
    await on.put({ kind: "rollout", value: { ...broken, state: "held" } }, { kind: "rollout", value: rollout("next") });
    await expect.poll(() => on.settled("next"), wait).toBe(true);
  });

  it("does nothing any more once it was stopped", async () => {
    await using on = await controlled();
    on.controller.stop();
    await on.put({ kind: "rollout", value: rollout("r") });
    await aTurn();
    expect(on.fleet.working.rollouts.get("r")?.state).toBe("running");
  });
});
