import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, it } from "vitest";
import { benchmarks } from "./registry.ts";

const main = path.join(import.meta.dirname, "main.ts");

/** Where the benchmarks of this test keep their files, and nobody else does. */
const temporary = mkdtempSync(path.join(tmpdir(), "treeline-bench-test-"));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function started(...args: readonly string[]) {
  return spawn("setpriv", ["--pdeathsig", "KILL", "--", process.execPath, main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: temporary },
  });
}

async function bench(...args: readonly string[]): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = started(...args);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { status: child.exitCode, stdout, stderr };
}

describe("npm run bench", { timeout: 60_000 }, () => {
  it("lists every benchmark with one line when none is named", async () => {
    const { status, stdout } = await bench();
    expect(status).toBe(0);
    for (const { name, summary } of benchmarks) expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, "m"));
  });

  it("says what there is when the name is unknown", async () => {
    const { status, stdout, stderr } = await bench("sesion");
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("did you mean session?");
  });

  it.each([
    ["an unknown flag", ["--agnts", "5"], "did you mean --agents?"],
    ["a value that is no number", ["--agents", "many"], "--agents must be a whole number from 1 to 20000"],
    ["a value out of range", ["--runs=0"], "--runs must be a whole number from 1"],
  ])("refuses %s before it measures anything", async (_what, args, message) => {
    const { status, stdout, stderr } = await bench("session", ...args);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(message);
  });

  it("lists a benchmark's flags with their defaults", async () => {
    const { status, stdout } = await bench("session", "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(/--agents N .*default 1000, with --quick 50/);
  });
});

describe("npm run bench -- session", { timeout: 300_000 }, () => {
  it("measures every figure against the real server", async () => {
    const { status, stdout, stderr } = await bench("session", "--quick", "--agents", "20");
    expect(status, stderr).toBe(0);
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    const keys = ["bench", "figure", "value", "unit", "aim", "better", "runs", "min", "max", "note"];
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(keys);
      for (const key of ["value", "min", "max"]) expect(line[key], `${line["figure"]} ${key}`).toSatisfy(Number.isFinite);
      expect(line["note"]).toContain("20 agents");
    }
    const expected = Object.keys(benchmarks.find(({ name }) => name === "session")?.figures ?? {});
    expect(lines.map((line) => line["figure"])).toEqual(expected);
    expect(expected).toEqual(expect.arrayContaining(["heartbeats-per-cpu-vs-bare", "rss-per-agent-vs-bare"]));
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const child = started("session", "--agents", "20", "--window-millis", "600000");
    const [stderr] = await Promise.all([
      text(child.stderr),
      once(child, "exit"),
      once(child.stderr, "data").then(() => child.kill("SIGINT")),
    ]);
    expect(child.exitCode).toBe(130);
    expect(stderr).toContain("interrupted");
    expect(readdirSync(temporary)).toEqual([]);
  });
});
