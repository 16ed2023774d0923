import { existsSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { measure } from "./measure.ts";

type Context = BenchmarkContext<string, string>;
const figures = {
  speed: { note: "how fast", unit: "1/s", aim: 10, better: "higher" },
  size: { note: "how big", unit: "KiB", aim: null, better: "lower" },
  peer: { note: "how big another is", unit: "KiB", aim: null, better: "lower", optional: true },
} as const;

async function measured(run: (context: Context) => Promise<void>, signal = new AbortController().signal) {
  const benchmark: Benchmark = { name: "trial", summary: "a trial", figures, options: {}, run };
  const [lines, told]: [string[], string[]] = [[], []];
  const complete = await measure({ benchmark, options: { runs: 2 }, signal, print: (line) => lines.push(line), progress: (line) => told.push(line) });
  return { complete, told: told.join("\n"), figures: lines.map((line) => JSON.parse(line) as { figure: string; value: number; runs: number; note: string }) };
}

describe("measure", () => {
  it("prints the median of each figure, whether or not it meets its aim", async () => {
    const { complete, figures } = await measured(async ({ record }) => {
      for (const speed of [1, 3, 2]) record("speed", speed);
      record("size", 7);
    });
    expect(complete).toBe(true);
    expect(figures).toMatchObject([
      { figure: "speed", value: 2, runs: 3, aim: 10 },
      { figure: "size", value: 7, runs: 1, aim: null },
    ]);
  });

  it("prints an optional figure where it was measured", async () => {
    const { complete, figures } = await measured(async ({ record }) => {
      for (const figure of ["speed", "size", "peer"]) record(figure, 1);
    });
    expect(complete).toBe(true);
    expect(figures.map(({ figure }) => figure)).toEqual(["speed", "size", "peer"]);
  });

  it("puts remarks into the note of every figure", async () => {
    const { figures } = await measured(async ({ record, remark }) => {
      record("speed", 1);
      record("size", 1);
      remark("the peer is missing");
    });
    for (const { note } of figures) expect(note).toContain("the peer is missing");
  });

  it("is not complete when a figure has no measurement, and names it", async () => {
    const { complete, told, figures } = await measured(async ({ record }) => record("speed", 1));
    expect(complete).toBe(false);
    expect(told).toContain("no measurement of size");
    expect(figures.map(({ figure }) => figure)).toEqual(["speed"]);
  });

  it("is not complete when a measurement is no finite number", async () => {
    const { complete, told, figures } = await measured(async ({ record }) => {
      for (const sample of [1, Number.NaN, 1 / 0]) record("speed", sample);
      record("size", 1);
    });
    expect(complete).toBe(false);
    expect(told).toContain("speed: measured NaN");
    expect(figures).toMatchObject([{ figure: "speed", value: 1, runs: 1 }, { figure: "size" }]);
  });

  it("prints what was measured before a failure", async () => {
    const { complete, told, figures } = await measured(async ({ record }) => {
      record("speed", 1);
      record("size", 1);
      throw new Error("the second run broke");
    });
    expect(complete).toBe(false);
    expect(told).toContain("the second run broke");
    expect(figures).toHaveLength(2);
  });

  it("refuses a figure that the benchmark does not list", async () => {
    const { complete, told } = await measured(async ({ record }) => record("sped", 1));
    expect(complete).toBe(false);
    expect(told).toContain('"sped"');
  });

  it("gives a private directory and removes it, also after a failure", async () => {
    let directory = "";
    await measured(async (context) => {
      directory = context.directory;
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      throw new Error("no");
    });
    expect(directory).not.toBe("");
    expect(existsSync(directory)).toBe(false);
  });
});
