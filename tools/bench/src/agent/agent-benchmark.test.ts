import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { measure } from "../measure.ts";
import { agentBenchmark } from "./agent-benchmark.ts";

let temporary: string;
beforeAll(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), "treeline-bench-test-"));
});
afterAll(() => rm(temporary, { recursive: true, force: true }));

it("measures the executable against a real server, and leaves nothing behind", { timeout: 300_000 }, async () => {
  const [lines, progress]: [string[], string[]] = [[], []];
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  const measured = await measure({
    benchmark: agentBenchmark,
    options: { runs: 2, "settle-seconds": 0, "idle-seconds": 1 },
    signal: new AbortController().signal,
    print: (line) => lines.push(line),
    progress: (line) => progress.push(line),
  }).finally(() => (before === undefined ? delete process.env["TMPDIR"] : (process.env["TMPDIR"] = before)));
  expect(measured, progress.join("\n")).toBe(true);
  const figures = new Map(lines.map((line) => [(JSON.parse(line) as { readonly figure: string }).figure, JSON.parse(line) as { readonly value: number; readonly note: string }]));
  const required = Object.entries(agentBenchmark.figures).filter(([, figure]) => !("optional" in figure));
  for (const [name] of required) expect(figures.get(name)?.value, name).toSatisfy(Number.isFinite);
  expect(figures.get("rss-over-bare")?.note).toContain("--max-semi-space-size");
  expect(await readdir(temporary)).toEqual([]);
});
