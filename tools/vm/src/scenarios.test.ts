import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { scenarios } from "./scenarios.ts";

test("docs/real-boots.md has a row for each scenario, in their order, and says which are only in the long form", async () => {
  const text = await readFile(path.join(import.meta.dirname, "../../../docs/real-boots.md"), "utf8");
  const rows = [...text.matchAll(/^\| `([\w-]+)`( \*)? \|/gm)].map(([, name, long]) => ({ name, long: long !== undefined }));
  expect(rows).toEqual(scenarios.map(({ name, long = false }) => ({ name, long })));
});
