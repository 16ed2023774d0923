import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { errorOf, failureOf, StoreError, type StorePhase } from "./errors.ts";
import { describeSqliteError } from "./sqlite-dialect.ts";

const directory = mkdtempSync(join(tmpdir(), "treeline-store-"));
afterAll(() => rmSync(directory, { recursive: true }));
const path = join(directory, "errors.db");

function thrownBy(action: () => unknown, phase: StorePhase = "commit"): StoreError {
  try {
    action();
  } catch (error) {
    return describeSqliteError(error, { phase, path });
  }
  throw new Error("nothing was thrown");
}

describe("an error of SQLite", () => {
  const database = new DatabaseSync(path);
  database.exec("create table pair (a text unique, b text unique); insert into pair values ('1', '1')");
  afterAll(() => database.close());

  it("says that another process holds the lock", () => {
    const other = new DatabaseSync(path, { timeout: 0 });
    database.exec("begin immediate");
    const errors = (["open", "commit"] as const).map((phase) => thrownBy(() => other.exec("begin immediate"), phase));
    database.exec("rollback");
    other.close();
    expect(errors).toMatchObject([
      { name: "DatabaseError", code: "busy", phase: "open", subject: path, retryable: true },
      // What was made meanwhile rests on it, so it is never committed again.
      { name: "DatabaseError", code: "busy", phase: "commit", subject: path, retryable: false },
    ]);
  });

  it("names the column that must be unique", () => {
    expect(thrownBy(() => database.exec("insert into pair values ('2', '1')"))).toMatchObject({
      name: "ConflictError",
      code: "conflict",
      subject: "pair.b",
    });
  });

  it("says that the database is read-only", () => {
    const reader = new DatabaseSync(path, { readOnly: true });
    const error = thrownBy(() => reader.exec("delete from pair"));
    reader.close();
    expect(error).toMatchObject({ name: "DatabaseError", code: "read-only" });
  });

  it("of no known kind keeps its cause", () => {
    expect(thrownBy(() => database.exec("not sql"))).toMatchObject({ code: "failed", details: { cause: 'near "not": syntax error' } });
  });
});

describe("a typed error", () => {
  it.each([
    errorOf({ code: "stale-epoch", details: { epoch: 1, newest: 2 } }),
    errorOf({ code: "conflict", details: { subject: "slot.node_id" } }),
    errorOf({ code: "after-refused", details: { cause: "full" } }),
    errorOf({ code: "invalid", details: { phase: "read", field: "limit", reason: "is 0", remedy: "ask for more" } }),
    errorOf({ code: "newer-schema", details: { subject: path, found: 2, known: 1, since: "0.9.0" } }),
    errorOf({ code: "overloaded", details: { pending: 3 } }),
    errorOf({ code: "closed", details: { phase: "read" } }),
    errorOf({ code: "gone", details: { phase: "commit", subject: path, cause: "it exited" } }),
    errorOf({ code: "full", details: { phase: "commit", subject: path, cause: "disk full" } }),
  ])("is the same after it crossed a thread: $name", (error) => {
    const crossed = errorOf(structuredClone(failureOf(error)));
    expect(crossed).toBeInstanceOf(StoreError);
    expect(crossed.constructor).toBe(error.constructor);
    const { code, phase, subject, message, retryable, details } = error;
    expect(crossed).toMatchObject({ code, phase, subject, message, retryable, details });
  });
});
