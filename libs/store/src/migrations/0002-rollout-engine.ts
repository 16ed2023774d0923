import type { Kysely } from "kysely";
import type { Migration } from "./migration.ts";
import { rewriteRows, type Json } from "./rewrite-rows.ts";

/** The tables this step reads and writes, as it leaves them. */
interface Tables {
  readonly server_run: { readonly epoch: number; readonly body: string };
  readonly rollout: { readonly name: string; readonly state: string; readonly body: string };
  readonly assignment: { readonly rollout: string; readonly node_id: string; readonly body: string };
  readonly slot: { readonly id: string; readonly holder: string; readonly body: string };
}

/** Budgets and stops of the whole fleet, slots that not only rollouts hold, and rollouts with the policy of schema 1 spelled out. */
export const rolloutEngine: Migration = {
  number: 2,
  name: "rollout engine",
  since: "0.2.0",
  async up(anyDb: Kysely<never>): Promise<void> {
    const db = anyDb as unknown as Kysely<Tables>;
    const { schema } = db;

    await schema
      .createTable("budget")
      .addColumn("name", "text", (column) => column.notNull().primaryKey())
      .addColumn("selector", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema
      .createTable("stop")
      .addColumn("id", "text", (column) => column.notNull().primaryKey())
      .addColumn("at", "bigint", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();

    await schema.alterTable("slot").renameColumn("rollout", "holder").execute();
    await rewriteRows(db, { table: "slot", key: ["id"], rewrite: (body) => ({ holder: holderOf(body) }) });

    await rewriteRows(db, {
      table: "rollout",
      key: ["name"],
      rewrite: (body) => {
        const rollout = nextRollout(body);
        return { state: String(rollout["state"]), body: JSON.stringify(rollout) };
      },
    });

    const since = await lastKnownInstant(db);
    await rewriteRows(db, {
      table: "assignment",
      key: ["rollout", "node_id"],
      rewrite: (body) => ({ body: JSON.stringify({ ...body, since, way: "forward" }) }),
    });
  },
};

/** Only rollouts held slots in schema 1. */
function holderOf(slot: Json): string {
  const { rollout, number } = slot["holder"] as Json;
  return `rollout ${String(rollout)} attempt ${String(number)}`;
}

function nextRollout(rollout: Json): Json {
  return {
    ...rollout,
    policy: nextPolicy(rollout["policy"] as Json),
    // Schema 1 had no way on from halted: an end, which is called aborted now.
    state: rollout["state"] === "halted" ? "aborted" : rollout["state"],
    way: "forward",
    // Schema 1 called the first wave open before anything had started.
    openWave: rollout["startedAt"] === undefined ? -1 : rollout["openWave"],
    approvals: {},
    pardons: {},
  };
}

function nextPolicy({ release, selector, waves, maxUnavailable, nodeSoakMillis, retries }: Json): Json {
  return {
    target: { release },
    selector,
    nodes: [],
    exclude: { nodes: [] },
    priority: 0,
    cure: false,
    waves: (waves as readonly Json[]).map((size, index) => ({ name: `wave-${index + 1}`, size, bakeMillis: 0, approval: false })),
    budgets: [{ maxUnavailable }],
    nodeSoakMillis,
    gate: { maxFailures: 0 },
    onFailure: "halt",
    timeouts: { stagingMillis: 3_600_000, drainingMillis: 600_000, rebootingMillis: 1_200_000, verifyingMillis: 1_200_000 },
    retries: { limit: retries, backoffMillis: 10_000, maxBackoffMillis: 600_000 },
    staging: { jitterMillis: 0 },
  };
}

/**
 * Since when an assignment is in its phase was not stored. Its time runs from when the last server was still there: from 0, every attempt
 * under way would be out of time at once.
 */
async function lastKnownInstant(db: Kysely<Tables>): Promise<number> {
  const run = await db.selectFrom("server_run").select("body").orderBy("epoch", "desc").limit(1).executeTakeFirst();
  return run === undefined ? 0 : Number((JSON.parse(run.body) as Json)["aliveAt"]);
}
