import { chmodSync, closeSync, openSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { Kysely } from "kysely";
import { DatabaseError } from "./errors.ts";
import { migrate, schemaNumber } from "./migrations/migrate.ts";
import type { Schema } from "./schema.ts";
import { describeSqliteError, NodeSqliteDialect } from "./sqlite-dialect.ts";

/** How long a write waits for another process's lock, in milliseconds. */
const busyMillis = 5_000;

export interface OpenedDatabase {
  readonly db: Kysely<Schema>;
  /** Names of the migrations that were needed. */
  readonly migrated: readonly string[];
  /** Read back from the connection: what the durability of a commit rests on. */
  readonly settings: ConnectionSettings;
}

export interface ConnectionSettings {
  readonly journalMode: string;
  /** 2 is FULL: the write-ahead log is on the disk before a commit returns. */
  readonly synchronous: number;
  readonly foreignKeys: number;
  readonly trustedSchema: number;
}

/**
 * Opens or creates the database, brings its schema up to date and sets it to write durably. Blocks: for the database's own thread only.
 * Throws `NewerSchemaError` or `DatabaseError`. A file that is not ours, or is newer than this program, is left as it was.
 */
export async function openSqliteFile(path: string): Promise<OpenedDatabase> {
  try {
    createFile(path);
    const database = new DatabaseSync(path, { timeout: busyMillis, enableForeignKeyConstraints: true });
    try {
      return await prepare(database, path);
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw describeSqliteError(error, { phase: "open", path });
  }
}

async function prepare(database: DatabaseSync, path: string): Promise<OpenedDatabase> {
  database.exec("pragma trusted_schema = off");
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(database) });
  // Before anything is written: switching to the write-ahead log changes the file.
  await schemaNumber({ db, subject: path });
  restrictToOwner(path);
  database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  const settings = readSettings(database);
  if (settings.journalMode !== "wal")
    throw new DatabaseError("no-wal", { phase: "open", subject: path, cause: `the journal mode stayed "${settings.journalMode}"` });
  return { db, migrated: await migrate({ db, subject: path }), settings };
}

/**
 * SQLite would create it readable for all; its log files take on the mode of the database. An existing file is never opened here: closing
 * it would drop the locks that another connection of this process holds on it.
 */
function createFile(path: string): void {
  const existing = describing(path, () => statSync(path, { throwIfNoEntry: false }));
  if (existing === undefined) describing(path, () => closeSync(openSync(path, "wx", 0o600)));
  else if (!existing.isFile())
    throw new DatabaseError("cannot-open", {
      phase: "open",
      subject: path,
      cause: existing.isDirectory() ? "it is a directory" : "it is not a file",
    });
}

function restrictToOwner(path: string): void {
  describing(path, () => {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  });
}

function describing<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new DatabaseError(code === "EROFS" ? "read-only" : "cannot-open", { phase: "open", subject: path, cause: message });
  }
}

function readSettings(database: DatabaseSync): ConnectionSettings {
  const read = (name: string): unknown => Object.values(database.prepare(`pragma ${name}`).get() ?? {})[0];
  return {
    journalMode: String(read("journal_mode")),
    synchronous: Number(read("synchronous")),
    foreignKeys: Number(read("foreign_keys")),
    trustedSchema: Number(read("trusted_schema")),
  };
}
