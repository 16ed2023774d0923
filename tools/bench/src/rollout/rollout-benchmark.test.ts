import { roomIn } from "@treeline/disruption";
import { tallyOf } from "@treeline/rollout";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { openFullRun, runWindow } from "./full-run.ts";
import { paperFleet } from "./paper-fleet.ts";
import { rolloutBenchmark } from "./rollout-benchmark.ts";

const now = 1_000_000;

describe("a rollout in full run", () => {
  const { run, decisions } = openFullRun(paperFleet(2_000), now);

  it("has half of the fleet staged, as many nodes under way as its budget lets go, and the rest waiting for their wave", () => {
    const { counts, slots } = tallyOf(run.snapshot, "full-run");
    expect(counts).toMatchObject({ waiting: 1_000, moving: 1_000, failed: 0 });
    expect(slots).toBe(60);
    expect(roomIn(run.snapshot.ledger, "rollout full-run")).toBe(0);
    // One for the wave, one for each of its nodes.
    expect(decisions).toBe(1_001);
  });

  it("updates nodes, the same ones in every window, and fills their places", () => {
    const [first, second] = [runWindow(run, 24), runWindow(run, 24)];
    expect(first.updated).toBeGreaterThan(150);
    expect({ ...second, millis: 0 }).toEqual({ ...first, millis: 0 });
  });

  it("is the same work in a fleet of another size", () => {
    const other = openFullRun(paperFleet(1_000), now).run;
    expect({ ...runWindow(other, 24), millis: 0 }).toEqual({ ...runWindow(run, 24), millis: 0 });
  });
});

describe("npm run bench -- rollout", { timeout: 300_000 }, () => {
  it("measures every figure", async () => {
    const main = path.join(import.meta.dirname, "..", "main.ts");
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", process.execPath, main, "rollout", "--quick"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    expect(child.exitCode, stderr).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map((line) => line["figure"])).toEqual(Object.keys(rolloutBenchmark.figures));
    for (const line of lines)
      for (const key of ["value", "min", "max"]) expect(line[key], `${line["figure"]} ${key}`).toSatisfy(Number.isFinite);
    expect(lines[0]?.["note"]).toContain("100k stands for 2000 nodes");
  });
});
