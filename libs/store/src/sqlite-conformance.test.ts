import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { describeStoreConformance } from "./conformance.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const directory = mkdtempSync(join(tmpdir(), "treeline-store-"));
afterAll(() => rmSync(directory, { recursive: true }));

let stores = 0;
describeStoreConformance("the SQLite store", async () => {
  const path = join(directory, `${stores++}.db`);
  return { store: await openSqliteStore({ path }), reopen: () => openSqliteStore({ path }) };
});
