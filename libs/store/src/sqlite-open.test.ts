import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nodeRecord } from "./conformance-records.ts";
import { DatabaseError, NewerSchemaError } from "./errors.ts";
import { migrations } from "./migrations/migrate.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const directory = mkdtempSync(join(tmpdir(), "treeline-store-"));
beforeAll(() => chmodSync(directory, 0o755));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
const newPath = (): string => join(directory, `${files++}.db`);

/** A closed database with enough nodes in it to fill many pages. */
async function writtenDatabase(): Promise<string> {
  const path = newPath();
  const store = await openSqliteStore({ path });
  const changes = Array.from({ length: 500 }, (_, index) => ({ kind: "node" as const, value: nodeRecord(`n${index}`) }));
  await store.commit({ epoch: 1, changes, audit: [] });
  await store.close();
  return path;
}

function withDatabase(path: string, action: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path);
  action(database);
  database.close();
}

async function openError(path: string): Promise<unknown> {
  return openSqliteStore({ path }).then(
    async (store) => {
      await store.close();
      return undefined;
    },
    (error: unknown) => error,
  );
}

describe("a database of a newer program", () => {
  it("is refused with what to do, and nothing in it is changed", async () => {
    const path = await writtenDatabase();
    withDatabase(path, (database) => {
      database.exec(`insert into schema_migration values (${migrations.length + 1}, 'of the future', '0.9.0')`);
      // Not in the mode in which this program would keep it.
      database.exec("pragma journal_mode = delete");
    });
    const before = readFileSync(path);
    const error = await openError(path);
    expect(error).toBeInstanceOf(NewerSchemaError);
    expect(error).toMatchObject({
      code: "newer-schema",
      phase: "open",
      subject: path,
      found: migrations.length + 1,
      known: migrations.length,
    });
    expect(String(error)).toContain("start a server of at least version 0.9.0 or restore the backup taken before the upgrade");
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe("a file that is no database of ours", () => {
  it.each([
    ["text", "This is not a database, although it is long enough to be one. ".repeat(100)],
    ["a few bytes", "short"],
  ])("is refused and left alone: %s", async (_what, content) => {
    const path = newPath();
    writeFileSync(path, content, { mode: 0o644 });
    const error = await openError(path);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ code: "not-a-database", phase: "open", subject: path });
    expect(String(error)).toContain(path);
    expect(String(error)).toContain("Check the path");
    expect(readFileSync(path, "utf8")).toBe(content);
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it("is refused and left alone: another program's database", async () => {
    const path = newPath();
    withDatabase(path, (database) => database.exec("create table recipe (name text); insert into recipe values ('soup')"));
    const before = readFileSync(path);
    expect(await openError(path)).toMatchObject({ code: "foreign", subject: path });
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

describe("a damaged database", () => {
  it("is refused when its beginning is gone", async () => {
    const path = await writtenDatabase();
    const file = openSync(path, "r+");
    writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, 0);
    closeSync(file);
    expect(await openError(path)).toMatchObject({ code: "not-a-database", subject: path });
  });

  it.each([
    ["its end is missing", (path: string) => truncateSync(path, 4096 * 3)],
    [
      "its pages are garbled",
      (path: string) => {
        const file = openSync(path, "r+");
        const pages = statSync(path).size / 4096;
        for (let page = 2; page < pages; page++) writeSync(file, Buffer.alloc(4096, 0x5a), 0, 4096, page * 4096);
        closeSync(file);
      },
    ],
    [
      "a record is not JSON",
      (path: string) => withDatabase(path, (database) => database.exec("update node set body = 'soup' where id = 'n7'")),
    ],
  ])("names the file and the remedy when %s", async (_what, damage) => {
    const path = await writtenDatabase();
    damage(path);
    const outcome = await openSqliteStore({ path }).then(
      async (store) => {
        const error: unknown = await store.load().catch((failure: unknown) => failure);
        await store.close();
        return error;
      },
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(DatabaseError);
    expect(outcome).toMatchObject({ code: "corrupt", subject: path });
    expect(String(outcome)).toContain("restore the newest backup");
  });
});

describe("a path where no database can be", () => {
  it("is refused when it is a directory", async () => {
    const path = newPath();
    mkdirSync(path);
    const error = await openError(path);
    expect(error).toMatchObject({ code: "cannot-open", subject: path });
    expect(String(error)).toContain("it is a directory");
    expect(readdirSync(path)).toEqual([]);
  });

  it("is refused when its directory is missing", async () => {
    const path = join(directory, "missing", "treeline.db");
    const error = await openError(path);
    expect(error).toMatchObject({ code: "cannot-open", subject: path });
    expect(String(error)).toContain("Create its directory");
  });

  it("is refused when its directory may not be written", () => {
    const closed = join(directory, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o555);
    const path = join(closed, "treeline.db");
    const program = `
      const { openSqliteStore } = await import(${JSON.stringify(new URL("./sqlite-store.ts", import.meta.url).href)});
      await openSqliteStore({ path: ${JSON.stringify(path)} }).catch(({ name, code, subject }) => console.log(JSON.stringify({ name, code, subject })));`;
    // To root every directory is open: the child is nobody then.
    const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const child = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { ...identity, encoding: "utf8", cwd: "/" });
    expect(child.stderr).toBe("");
    expect(JSON.parse(child.stdout)).toEqual({ name: "DatabaseError", code: "cannot-open", subject: path });
  });
});
