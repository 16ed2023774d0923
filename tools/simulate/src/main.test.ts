import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

function simulate(...args: readonly string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

describe("npm run simulate", () => {
  it("ends with one JSON line", () => {
    const { status, out, err } = simulate("--seed", "3", "--runs", "2", "--nodes", "8", "--faults", "none", "--json");
    expect(JSON.parse(out)).toEqual({
      simulate: "ok",
      seed: 3,
      runs: 2,
      violations: 0,
      steps: expect.any(Number),
      seconds: expect.any(Number),
    });
    expect(err).toContain("2 of 2 runs");
    expect(status).toBe(0);
  }, 60_000);

  it("calls a run that does not come to rest a violation, shrinks it and says how to play it again", () => {
    const { status, out, err } = simulate("--seed", "3", "--runs", "1", "--nodes", "3", "--faults", "default", "--steps", "300", "--json");
    expect(err).toContain("VIOLATION of EveryRunEnds: seed 3, run 0");
    expect(out).toContain("npm run simulate -- --seed 3 --run 0 --nodes 3 --faults default");
    expect(JSON.parse(out.trim().split("\n").at(-1)!)).toMatchObject({ simulate: "failed", violations: 1 });
    expect(status).toBe(1);
  }, 120_000);

  it.each([
    [["--faults", "some"], /--faults must be one of none, default, harsh/],
    [["--trace"], /--run=R/],
    [["--run", "1", "--only-happenings", "1,x"], /numbers joined by commas/],
    [["--policy", "/nowhere/policy.yaml"], /cannot be used/],
    [["--nodse", "3"], /did you mean --nodes/],
  ])("refuses %j", (args, message) => {
    const { status, err } = simulate(...args);
    expect(err).toMatch(message);
    expect(status).toBe(2);
  });

  it("shows examples", () => {
    expect(simulate("--help").out).toContain("npm run simulate -- --self-test");
  });
});
