import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { chainStep, verify, type Verification } from "@treeline/audit";
import { createLogger, silentLogger } from "@treeline/process";
import { createMemoryStore, openSqliteStore, type Store } from "@treeline/store";
import { afterAll, expect, it } from "vitest";
import { nodeClock } from "../clock.ts";
import { removeTemporaryData, temporaryData } from "../test-server.ts";
import { openSealKey, type SealKey } from "./seal-key.ts";
import { Sealer } from "./sealer.ts";

afterAll(removeTemporaryData);
const clock = nodeClock(Date.now);
const entry = (subject: string) => ({ at: 1, actor: "server", action: "test", subject, because: "" });

async function verified(store: Store, key: SealKey): Promise<Verification> {
  const { last } = await store.readAuditState();
  const pages = [await store.readAuditLog({ limit: 1_000 })];
  while (pages.at(-1)!.records.length === 1_000) pages.push(await store.readAuditLog({ limit: 1_000, after: pages.at(-1)!.records.at(-1)!.sequence }));
  const found = verify({ records: pages.flatMap(({ records }) => records), checkpoints: pages.flatMap(({ checkpoints }) => checkpoints) }, { publicKeys: [key.publicKey] });
  expect(found.rows).toBe(last);
  return found;
}

it("leaves a log that verifies, killed at any moment between a row, its seal and its checkpoint", { timeout: 180_000 }, async () => {
  const data = await temporaryData();
  let acknowledged = 0;
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, [fileURLToPath(new URL("./sealer.child.ts", import.meta.url)), data], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const enough = 1 + Math.floor(Math.random() * 200);
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged += 1 + (Number(line) % 5);
      if (++lines === enough) child.kill("SIGKILL");
    }
    expect(await ended).toEqual([null, "SIGKILL"]);

    const store = await openSqliteStore({ path: `${data}/treeline.db` });
    const key = await openSealKey(data, { signed: true });
    const found = await verified(store, key);
    expect(found.findings).toEqual([]);
    expect(found.rows).toBeGreaterThanOrEqual(acknowledged);
    await store.close();
  }
  // Whoever comes next seals and signs the rest.
  const store = await openSqliteStore({ path: `${data}/treeline.db` });
  const key = await openSealKey(data, { signed: true });
  const sealer = await Sealer.start({ store, key, epoch: () => 1, clock, log: silentLogger });
  await sealer.close();
  const found = await verified(store, key);
  expect(found).toMatchObject({ findings: [], signed: { sequence: found.rows } });
  expect(found.unsealed).toBeUndefined();
  await store.close();
});

it("signs a long log at least every thousand rows", async () => {
  const store = createMemoryStore();
  const key = await openSealKey(await temporaryData(), { signed: false });
  await store.commit({ epoch: 1, changes: [], audit: Array.from({ length: 3_500 }, (_, index) => entry(`n${index}`)) });
  const sealer = await Sealer.start({ store, key, epoch: () => 1, clock, log: silentLogger });
  await sealer.close();
  expect(await verified(store, key)).toMatchObject({ findings: [], rows: 3_500, signed: { sequence: 3_500 } });
  const { checkpoints } = await store.readAuditLog({ limit: 1_000, after: 3_499 });
  expect(checkpoints).toHaveLength(1);
});

it.each([
  ["an edited row", "update audit set because = 'nothing happened' where sequence = 4"],
  ["a removed row", "delete from audit where sequence = 4"],
  ["a taken seal", "delete from audit_seal where sequence = 5"],
  ["a forged checkpoint", "update audit_checkpoint set signature = 'AAAA' where sequence = 2"],
  ["removed checkpoints", "delete from audit_checkpoint"],
])("signs nothing on top of %s, says so, and lets the fleet go on", async (_name, tampering) => {
  const data = await temporaryData();
  const path = `${data}/treeline.db`;
  const key = await openSealKey(data, { signed: false });
  const before = await openSqliteStore({ path });
  await before.commit({ epoch: 1, changes: [], audit: [entry("a"), entry("b")] });
  const first = await Sealer.start({ store: before, key, epoch: () => 1, clock, log: silentLogger });
  await first.close();
  // Sealed, not signed: as after a kill.
  await before.commit({ epoch: 1, changes: [], audit: [entry("c"), entry("d"), entry("e"), entry("f")] });
  await before.seal({ epoch: 1, most: 4 });
  await before.close();
  const database = new DatabaseSync(path);
  database.exec(tampering);
  database.close();

  const store = await openSqliteStore({ path });
  const lines: string[] = [];
  const log = createLogger({ name: "test", level: "error", destination: { write: (line) => void lines.push(line) } });
  const state = await store.readAuditState();
  const sealer = await Sealer.start({ store, key, epoch: () => 1, clock, log });
  await store.commit({ epoch: 1, changes: [], audit: [entry("g")] });
  await sealer.close();
  expect(sealer.broken).toBe(true);
  expect(lines.join("")).toMatch(/the audit log was changed by somebody else/);
  const after = await store.readAuditState();
  expect({ sealed: after.sealed, checkpoint: after.checkpoint }).toEqual({ sealed: state.sealed, checkpoint: state.checkpoint });
  await store.close();
});

it("signs nothing on top of a head that was moved while it ran", async () => {
  const data = await temporaryData();
  const path = `${data}/treeline.db`;
  const key = await openSealKey(data, { signed: false });
  const store = await openSqliteStore({ path });
  await store.commit({ epoch: 1, changes: [], audit: [entry("a"), entry("b")] });
  await store.addCheckpoint({ epoch: 1, checkpoint: key.sign({ sequence: 0, hash: "0".repeat(64) }, 1) });
  await store.seal({ epoch: 1, most: 2 });
  const sealer = await Sealer.start({ store, key, epoch: () => 1, clock, log: silentLogger });
  // Row and seal rewritten, so that they fit each other.
  const [first, second] = (await store.readAuditLog({ limit: 2 })).records;
  const row = { ...second!.row!, because: "x" };
  const database = new DatabaseSync(path);
  database.prepare("update audit set because = 'x' where sequence = 2").run();
  database.prepare("update audit_seal set hash = ? where sequence = 2").run(chainStep(first!.hash!, row));
  database.close();
  await sealer.close();
  expect(sealer.broken).toBe(true);
  expect((await store.readAuditState()).checkpoint).toMatchObject({ sequence: 0 });
  await store.close();
});

it("keeps its key for its owner, makes it once, and says what is wrong with it", async () => {
  const data = await temporaryData();
  const file = `${data}/audit/seal.key`;
  await expect(openSealKey(data, { signed: true })).rejects.toMatchObject({ code: "seal-key-missing" });
  const key = await openSealKey(data, { signed: false });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await openSealKey(data, { signed: true })).publicKey).toBe(key.publicKey);
  const pem = await readFile(file, "utf8");
  await chmod(file, 0o640);
  await expect(openSealKey(data, { signed: true })).rejects.toMatchObject({ code: "seal-key-exposed" });
  await chmod(file, 0o600);
  await writeFile(file, pem.slice(0, 60));
  const damaged = await openSealKey(data, { signed: true }).catch((error: unknown) => error as Error);
  expect(damaged).toMatchObject({ code: "seal-key-damaged" });
  expect((damaged as Error).message).not.toContain(pem.slice(30, 50));
  await rm(file);
  await mkdir(file);
  await expect(openSealKey(data, { signed: true })).rejects.toMatchObject({ code: "seal-key-unavailable" });
});
