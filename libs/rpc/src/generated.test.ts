import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

let fresh: string;
beforeEach(() => {
  fresh = mkdtempSync(join(tmpdir(), "treeline-generated-"));
});
afterEach(() => rmSync(fresh, { recursive: true, force: true }));

function contents(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

it("the committed types are what the protos generate; if not, run `npm run generate -w libs/rpc`", () => {
  execFileSync(process.execPath, [join(import.meta.dirname, "../generate.mjs"), fresh], { stdio: "pipe" });
  expect(contents(join(import.meta.dirname, "generated"))).toEqual(contents(fresh));
}, 60_000);
