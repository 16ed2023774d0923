import { describe, expect, it } from "vitest";
import { simulate } from "./run.ts";
import { Pool } from "./spread/pool.ts";
import type { RunKey } from "./plan/run-plan.ts";

const key: RunKey = { seed: 4, run: 2, nodes: 25, faults: "harsh" };

describe("simulate", () => {
  it("plays the same run twice, to the byte", async () => {
    const [first, second] = [await simulate({ key }), await simulate({ key })];
    expect(second).toEqual(first);
    expect(first.steps).toBeGreaterThan(1_000);
    expect(first.struck.length).toBeGreaterThan(20);
  });

  it("plays other runs for other keys", async () => {
    const digests = new Set<string>();
    for (const other of [key, { ...key, seed: 5 }, { ...key, run: 3 }, { ...key, nodes: 26 }, { ...key, faults: "default" as const }])
      digests.add((await simulate({ key: other })).digest);
    expect(digests.size).toBe(5);
  });

  it("gives the same whether one thread plays or two", async () => {
    const runs = [0, 1, 2, 3].map((run) => ({ key: { ...key, run } }));
    const playAll = async (workers: number): Promise<readonly string[]> => {
      const pool = new Pool({ workers, limitMillis: 60_000 });
      try {
        return (await Promise.all(runs.map((options) => pool.play(options)))).map(({ digest }) => digest);
      } finally {
        await pool.close();
      }
    };
    expect(await playAll(2)).toEqual(await playAll(1));
  }, 60_000);

  it("completes a rollout when nothing goes wrong", async () => {
    const { lines, violation } = await simulate({ key: { seed: 1, run: 0, nodes: 10, faults: "none" }, trace: true });
    expect(violation).toBeUndefined();
    expect(lines.filter((line) => line.includes("node-updated"))).toHaveLength(10);
    expect(lines.some((line) => line.includes("complete-rollout"))).toBe(true);
  });

  it("does not shift what is left when a happening is taken away that never struck", async () => {
    const whole = await simulate({ key });
    const part = await simulate({ key, only: { happenings: whole.struck } });
    expect(part.digest).toBe(whole.digest);
  });
});
