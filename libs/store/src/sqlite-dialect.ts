import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import {
  CompiledQuery,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  type SqliteStatement,
} from "kysely";
import { ConflictError, DatabaseError, StoreError, type DatabaseErrorCode, type StorePhase } from "./errors.ts";

/** Kysely's SQLite dialect over `node:sqlite`. */
export class NodeSqliteDialect extends SqliteDialect {
  readonly #database: SqliteDatabase;

  constructor(database: DatabaseSync) {
    const adapted = adaptDatabase(database);
    super({ database: adapted });
    this.#database = adapted;
  }

  override createDriver(): Driver {
    return new ImmediateDriver({ database: this.#database });
  }
}

/** Takes the write lock when a transaction begins: one that reads first and writes later would fail when another process wrote between. */
class ImmediateDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}

/** Statements are kept: the store's own are few, and preparing one costs more than running it. */
function adaptDatabase(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => database.close(),
    prepare: (sql) => {
      const kept = statements.get(sql);
      if (kept !== undefined) return kept;
      const statement = database.prepare(sql);
      const values = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      const adapted: SqliteStatement = {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
      statements.set(sql, adapted);
      return adapted;
    },
  };
}

/** Primary result codes, https://www.sqlite.org/rescode.html; extended codes carry them in their low byte. */
const errorCodes: ReadonlyMap<number, DatabaseErrorCode> = new Map([
  [3, "cannot-open"],
  [5, "busy"],
  [6, "busy"],
  [8, "read-only"],
  [10, "io"],
  [11, "corrupt"],
  [13, "full"],
  [14, "cannot-open"],
  [23, "cannot-open"],
  [26, "not-a-database"],
]);
const constraintFailed = 19;

/** Makes a typed error of what `node:sqlite` threw; typed ones stay as they are. */
export function describeSqliteError(error: unknown, about: { readonly phase: StorePhase; readonly path: string }): StoreError {
  if (error instanceof StoreError) return error;
  const cause = error instanceof Error ? error.message : String(error);
  const extended = (error as { readonly errcode?: unknown } | undefined)?.errcode;
  const code = typeof extended === "number" ? extended & 0xff : undefined;
  // A record that is not JSON: someone or something else wrote it.
  if (error instanceof SyntaxError) return new DatabaseError("corrupt", { phase: about.phase, subject: about.path, cause });
  if (code === constraintFailed) return new ConflictError({ subject: /failed: (.+)$/.exec(cause)?.[1] ?? "a unique column", cause });
  return new DatabaseError(errorCodes.get(code ?? 0) ?? "failed", { phase: about.phase, subject: about.path, cause });
}
