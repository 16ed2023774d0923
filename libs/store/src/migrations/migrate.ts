import type { Kysely } from "kysely";
import { DatabaseError, NewerSchemaError } from "../errors.ts";
import type { Schema } from "../schema.ts";
import { firstSchema } from "./0001-first-schema.ts";
import { rolloutEngine } from "./0002-rollout-engine.ts";
import { keyRotations } from "./0003-key-rotations.ts";
import { auditSeals } from "./0004-audit-seals.ts";
import { access } from "./0005-access.ts";
import type { Migration } from "./migration.ts";

/** In order; `number` is the place in the list, from 1. */
export const migrations: readonly Migration[] = [firstSchema, rolloutEngine, keyRotations, auditSeals, access];

export interface MigrateOptions {
  readonly db: Kysely<Schema>;
  /** What to call the database in errors. */
  readonly subject: string;
  readonly known?: readonly Migration[];
}

/**
 * The number of the newest migration in the database; 0 for an empty one. Reads only.
 * Throws `NewerSchemaError` when this program does not know it, `DatabaseError` `foreign` when the tables there are not ours.
 */
export async function schemaNumber({ db, subject, known = migrations }: MigrateOptions): Promise<number> {
  const tables = await db.introspection.getTables();
  if (tables.length === 0) return 0;
  if (!tables.some(({ name }) => name === "schema_migration"))
    throw new DatabaseError("foreign", { phase: "open", subject, cause: `it has the table "${tables[0]?.name}" and none of Treeline's` });
  const newest = await db.selectFrom("schema_migration").select(["number", "since"]).orderBy("number", "desc").limit(1).executeTakeFirst();
  const found = newest?.number ?? 0;
  if (newest !== undefined && found > known.length)
    throw new NewerSchemaError({ subject, found, known: known.length, since: newest.since });
  return found;
}

/**
 * Brings the schema to the newest this program knows, each step in its own transaction: after a crash or an error the steps done are done
 * and the others not begun. Returns the names of the steps taken. Throws as `schemaNumber` does.
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const { db, known = migrations } = options;
  const taken: string[] = [];
  for (const { number, name, since, up } of known) {
    await db.transaction().execute(async (transaction) => {
      // Read again within the transaction: another server may just have taken this step.
      if ((await schemaNumber({ ...options, db: transaction })) >= number) return;
      if (number === 1) await createMigrationTable(transaction);
      await up(transaction as unknown as Kysely<never>);
      await transaction.insertInto("schema_migration").values({ number, name, since }).execute();
      taken.push(name);
    });
  }
  return taken;
}

async function createMigrationTable(db: Kysely<Schema>): Promise<void> {
  await db.schema
    .createTable("schema_migration")
    .addColumn("number", "integer", (column) => column.notNull().primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("since", "text", (column) => column.notNull())
    .execute();
}
