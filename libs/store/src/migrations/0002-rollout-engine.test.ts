import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import type { DurableChange } from "@treeline/rollout";
import { Kysely } from "kysely";
import { afterAll, describe, expect, it } from "vitest";
import type { Schema } from "../schema.ts";
import { NodeSqliteDialect } from "../sqlite-dialect.ts";
import { openSqliteStore } from "../sqlite-store.ts";
import { firstSchema } from "./0001-first-schema.ts";
import { migrate } from "./migrate.ts";

const directory = mkdtempSync(join(tmpdir(), "treeline-store-"));
afterAll(() => rmSync(directory, { recursive: true }));

const a = "a".repeat(64);
const b = "b".repeat(64);
const target = `{"checksum":"${a}","ref":"edge/stable","version":"1.2.3"}`;
const oldPolicy = `{"release":"1.2.3","selector":"pool=edge","waves":[{"count":1},{"percent":12.5},{"rest":true}],"maxUnavailable":{"percent":10},"nodeSoakMillis":30000,"retries":2}`;
/** As schema 1 wrote them. */
const oldRollouts = [
  `{"name":"held","policy":${oldPolicy},"target":${target},"state":"held","reason":"","createdAt":1,"openWave":0,"settled":false}`,
  `{"name":"running","policy":${oldPolicy},"target":${target},"state":"running","reason":"","createdAt":1,"startedAt":2,"openWave":1,"settled":false}`,
  `{"name":"paused","policy":${oldPolicy},"target":${target},"state":"paused","reason":"lunch","createdAt":1,"startedAt":2,"openWave":0,"settled":false}`,
  `{"name":"halted","policy":${oldPolicy},"target":${target},"state":"halted","reason":"node n1 failed","createdAt":1,"startedAt":2,"endedAt":9,"openWave":1,"settled":true}`,
  `{"name":"never","policy":${oldPolicy},"target":${target},"state":"halted","reason":"aborted by an operator","createdAt":1,"endedAt":9,"openWave":0,"settled":false}`,
  `{"name":"done","policy":${oldPolicy},"target":${target},"state":"completed","reason":"every node is updated","createdAt":1,"startedAt":2,"endedAt":9,"openWave":2,"settled":true}`,
];
const proof = `{"at":9,"bootId":"boot-2","previousBootId":"boot-1","checksum":"${a}","soakedMillis":30000}`;
const oldAssignments = [
  `{"rollout":"running","nodeId":"n1","wave":0,"phase":"Updated","attempt":1,"retried":0,"reason":"","base":{"checksum":"${b}","serial":0},"proof":${proof}}`,
  `{"rollout":"running","nodeId":"n2","wave":1,"phase":"Draining","attempt":3,"retried":2,"reason":"","base":{"checksum":"${b}","serial":1},"clearDenied":true}`,
  `{"rollout":"running","nodeId":"n3","wave":1,"phase":"Failed","attempt":1,"retried":0,"reason":"disk full","failure":"node"}`,
  `{"rollout":"running","nodeId":"n4","wave":2,"phase":"pending","attempt":0,"retried":0,"reason":""}`,
];
const oldSlot = `{"id":"s1","nodeId":"n2","holder":{"kind":"rollout","rollout":"running","number":3},"epoch":2,"grantedAt":5,"budgets":["rollout running"],"confirmed":{"at":6,"bootId":"boot-1"}}`;
const oldDenied = `{"nodeId":"n1","checksum":"${b}","reason":"required check red","at":8}`;
const oldIntent = `{"nodeId":"n2","intent":{"generation":{"epoch":2,"number":4},"target":${target},"attempt":{"ref":{"rollout":"running","number":3},"soakMillis":30000,"clearDenied":false,"permission":{"slot":"s1","epoch":2}}}}`;
const oldRuns = [`{"epoch":1,"startedAt":100,"aliveAt":5000}`, `{"epoch":2,"startedAt":6000,"aliveAt":7000}`];

let files = 0;

/** A database file as a server of schema 1 left it. */
async function oldDatabase(fill: (database: DatabaseSync) => void): Promise<string> {
  const path = join(directory, `${files++}.db`);
  const database = new DatabaseSync(path);
  await migrate({ db: new Kysely<Schema>({ dialect: new NodeSqliteDialect(database) }), subject: path, known: [firstSchema] });
  database.exec("begin");
  fill(database);
  database.exec("commit");
  database.close();
  return path;
}

function insert(
  database: DatabaseSync,
  table: string,
  body: string,
  columns: (record: never) => Readonly<Record<string, string | number>>,
): void {
  const row = { ...columns(JSON.parse(body) as never), body };
  const names = Object.keys(row);
  database.prepare(`insert into ${table} (${names.join()}) values (${names.map(() => "?").join()})`).run(...Object.values(row));
}

const insertRollout = (database: DatabaseSync, body: string): void =>
  insert(database, "rollout", body, ({ name, state }: { name: string; state: string }) => ({ name, state }));
const insertAssignment = (database: DatabaseSync, body: string): void =>
  insert(database, "assignment", body, ({ rollout, nodeId, phase }: { rollout: string; nodeId: string; phase: string }) => ({
    rollout,
    node_id: nodeId,
    phase,
  }));

function fillWhole(database: DatabaseSync): void {
  for (const body of oldRuns)
    insert(database, "server_run", body, ({ epoch, startedAt }: { epoch: number; startedAt: number }) => ({
      epoch,
      started_at: startedAt,
    }));
  for (const body of oldRollouts) insertRollout(database, body);
  for (const body of oldAssignments) insertAssignment(database, body);
  insert(database, "slot", oldSlot, () => ({ id: "s1", node_id: "n2", rollout: "running" }));
  insert(database, "denied", oldDenied, () => ({ node_id: "n1", checksum: b }));
  insert(database, "intent", oldIntent, () => ({ node_id: "n2" }));
}

async function load(path: string): Promise<readonly DurableChange[]> {
  const store = await openSqliteStore({ path });
  const changes = await store.load();
  await store.close();
  return changes;
}

function query(path: string, sql: string): readonly unknown[] {
  const database = new DatabaseSync(path);
  const rows = database.prepare(sql).all();
  database.close();
  return rows.map((row) => ({ ...row }));
}

const policy = {
  target: { release: "1.2.3" },
  selector: "pool=edge",
  nodes: [],
  exclude: { nodes: [] },
  priority: 0,
  cure: false,
  waves: [
    { name: "wave-1", size: { count: 1 }, bakeMillis: 0, approval: false },
    { name: "wave-2", size: { percent: 12.5 }, bakeMillis: 0, approval: false },
    { name: "wave-3", size: { rest: true }, bakeMillis: 0, approval: false },
  ],
  budgets: [{ maxUnavailable: { percent: 10 } }],
  nodeSoakMillis: 30_000,
  gate: { maxFailures: 0 },
  onFailure: "halt",
  timeouts: { stagingMillis: 3_600_000, drainingMillis: 600_000, rebootingMillis: 1_200_000, verifyingMillis: 1_200_000 },
  retries: { limit: 2, backoffMillis: 10_000, maxBackoffMillis: 600_000 },
  staging: { jitterMillis: 0 },
};
const rolloutBase = { policy, target: JSON.parse(target) as unknown, createdAt: 1, way: "forward", approvals: {}, pardons: {} };

describe("a database that schema 1 wrote", () => {
  it("is brought to the new shapes with the behaviour it had", async () => {
    const loaded = await load(await oldDatabase(fillWhole));
    const valuesOf = (kind: DurableChange["kind"]): readonly unknown[] =>
      loaded.flatMap((change) => (change.kind === kind && "value" in change ? [change.value] : []));

    expect(valuesOf("rollout")).toEqual([
      {
        ...rolloutBase,
        name: "done",
        state: "completed",
        reason: "every node is updated",
        startedAt: 2,
        endedAt: 9,
        openWave: 2,
        settled: true,
      },
      { ...rolloutBase, name: "halted", state: "aborted", reason: "node n1 failed", startedAt: 2, endedAt: 9, openWave: 1, settled: true },
      { ...rolloutBase, name: "held", state: "held", reason: "", openWave: -1, settled: false },
      { ...rolloutBase, name: "never", state: "aborted", reason: "aborted by an operator", endedAt: 9, openWave: -1, settled: false },
      { ...rolloutBase, name: "paused", state: "paused", reason: "lunch", startedAt: 2, openWave: 0, settled: false },
      { ...rolloutBase, name: "running", state: "running", reason: "", startedAt: 2, openWave: 1, settled: false },
    ]);
    expect(valuesOf("assignment")).toEqual(
      oldAssignments.map((body) => ({ ...(JSON.parse(body) as object), way: "forward", since: 7_000 })),
    );
    expect(valuesOf("slot")).toEqual([JSON.parse(oldSlot)]);
    expect(valuesOf("denied")).toEqual([JSON.parse(oldDenied)]);
    expect(valuesOf("intent")).toEqual([JSON.parse(oldIntent)]);
    expect(valuesOf("server-run")).toEqual(oldRuns.map((body) => JSON.parse(body) as unknown));
  });

  it("shows the same in its columns", async () => {
    const path = await oldDatabase(fillWhole);
    await load(path);
    expect(query(path, "select name, state from rollout order by name")).toEqual([
      { name: "done", state: "completed" },
      { name: "halted", state: "aborted" },
      { name: "held", state: "held" },
      { name: "never", state: "aborted" },
      { name: "paused", state: "paused" },
      { name: "running", state: "running" },
    ]);
    expect(query(path, "select id, node_id, holder from slot")).toEqual([{ id: "s1", node_id: "n2", holder: "rollout running attempt 3" }]);
    expect(query(path, "select number, name from schema_migration order by number")).toEqual([
      { number: 1, name: "first schema" },
      { number: 2, name: "rollout engine" },
      { number: 3, name: "key rotations" },
      { number: 4, name: "audit seals" },
      { number: 5, name: "access" },
    ]);
  });

  it("is written on as if it had been made so", async () => {
    const path = await oldDatabase(fillWhole);
    const store = await openSqliteStore({ path });
    const rollout = (await store.load()).find((change) => change.kind === "rollout" && change.value.name === "running");
    if (rollout?.kind !== "rollout") throw new Error("the rollout is missing");
    const changes: readonly DurableChange[] = [
      { kind: "rollout", value: { ...rollout.value, state: "rolling-back", way: "back" } },
      { kind: "slot-released", nodeId: "n2", id: "s1" },
      {
        kind: "slot",
        value: { id: "s2", nodeId: "n2", holder: { kind: "repair", id: "w1" }, epoch: 2, grantedAt: 10, budgets: [] },
      },
    ];
    await store.commit({ epoch: 2, changes, audit: [] });
    await store.close();
    expect(query(path, "select state from rollout where name = 'running'")).toEqual([{ state: "rolling-back" }]);
    expect(query(path, "select node_id, holder from slot")).toEqual([{ node_id: "n2", holder: "repair w1" }]);
  });

  it("is rewritten to its last row, however many there are", async () => {
    const nodes = 1_101;
    const path = await oldDatabase((database) => {
      for (let rollout = 0; rollout < nodes; rollout++) insertRollout(database, String(oldRollouts[1]).replace("running", `r${rollout}`));
      for (const rollout of ["r1", "r2"])
        for (let node = 0; node < nodes; node++)
          insertAssignment(
            database,
            `{"rollout":"${rollout}","nodeId":"n${node}","wave":0,"phase":"pending","attempt":0,"retried":${node},"reason":""}`,
          );
    });
    const loaded = await load(path);
    expect(loaded).toHaveLength(3 * nodes);
    const wrong = loaded.filter((change) => {
      if (change.kind === "rollout") return !isDeepStrictEqual(change.value.policy, policy);
      if (change.kind !== "assignment") return true;
      const { nodeId, retried, way, since } = change.value;
      return nodeId !== `n${retried}` || way !== "forward" || since !== 0;
    });
    expect(wrong).toEqual([]);
  });

  it("is left as it was when a record in it cannot be read", async () => {
    const path = await oldDatabase((database) => {
      fillWhole(database);
      database.exec("update assignment set body = 'soup' where node_id = 'n3'");
    });
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: "corrupt", phase: "open", subject: path });
    expect(query(path, "select number from schema_migration")).toEqual([{ number: 1 }]);
    expect(query(path, "select rollout from slot")).toEqual([{ rollout: "running" }]);
    expect(query(path, "select body from rollout where name = 'halted'")).toEqual([{ body: oldRollouts[3] }]);
    expect(query(path, "select name from sqlite_schema where name in ('budget', 'stop')")).toEqual([]);
  });
});
