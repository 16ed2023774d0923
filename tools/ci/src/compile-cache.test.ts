import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { compileCache, emptyCompileCache } from "./compile-cache.ts";
import { testDirectory } from "./test-directory.ts";

it("keeps what Node compiled for a run, and is empty for the next", async () => {
  await using root = await testDirectory({ "main.ts": 'import "./part.ts";', "part.ts": "const part: number = 1; console.log(part);" });
  execFileSync(process.execPath, [path.join(root.path, "main.ts")], { env: { ...process.env, ...compileCache(root.path) } });
  const directory = path.join(root.path, ".cache");
  const files = (): readonly string[] =>
    readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  expect(files().length).toBeGreaterThan(1);
  await emptyCompileCache(root.path);
  expect(existsSync(directory) ? files() : []).toEqual([]);
});
