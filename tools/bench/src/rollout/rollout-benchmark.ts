import path from "node:path";
import type { Benchmark, BenchmarkContext } from "../benchmark.ts";
import { ChildProgram } from "../child-program.ts";
import type { FigureDefinition } from "../figure.ts";
import type { EngineQuestion, Heap, Planned, Prepared } from "./engine.ts";
import { changedPerTick, type Window } from "./full-run.ts";
import { measureStops } from "./stop-all.ts";

const tick = `CPU time of a tick with ${changedPerTick} changed nodes while a rollout is in full run: every change applied and noted, decided until nothing is left`;
const plan = "planRollout over a whole fleet with budgets per region, zone and rack, wall clock";

const figures = {
  "tick-cost-100k-over-1k": { unit: "ratio", aim: 2, better: "lower", note: `${tick}; 100,000 nodes over 1,000, in turns` },
  "tick-ms-1k": { unit: "ms", aim: null, better: "lower", note: tick },
  "tick-ms-10k": { unit: "ms", aim: null, better: "lower", note: tick },
  "tick-ms-100k": { unit: "ms", aim: null, better: "lower", note: tick },
  "plan-1k-seconds": { unit: "s", aim: null, better: "lower", note: plan },
  "plan-10k-seconds": { unit: "s", aim: null, better: "lower", note: plan },
  "plan-100k-seconds": { unit: "s", aim: 1, better: "lower", note: plan },
  "decisions-per-second": {
    unit: "1/s",
    aim: null,
    better: "higher",
    note: "decisions to begin an attempt, when a wave of half of the 100,000 nodes opens; wall clock, nothing stored",
  },
  "stop-all-p99-ms": {
    unit: "ms",
    aim: null,
    better: "lower",
    note: "from the call StopAll to a real server, over gRPC, until the last agent has its call-off, when every agent holds a slot; 99th percentile of the stops of a run",
  },
  "stop-all-answer-p99-ms": {
    unit: "ms",
    aim: null,
    better: "lower",
    note: "the same until StopAll has answered: from then on nothing is granted or confirmed",
  },
  "heap-100k-mib": {
    unit: "MiB",
    aim: null,
    better: "lower",
    note: "heapUsed after a collection: 100,000 nodes with their observations and a rollout in full run, and the engine's code",
  },
} as const satisfies Record<string, FigureDefinition>;

const options = {
  runs: { description: "runs, each with fresh processes", normal: 5, quick: 1, min: 1, max: 1000 },
  nodes: {
    description: "nodes of the largest fleet; the others have a tenth and a hundredth, at least 1000",
    normal: 100_000,
    quick: 2_000,
    min: 1_000,
    max: 1_000_000,
  },
  rounds: { description: "windows of each fleet in a run, after one to warm up", normal: 4, quick: 1, min: 1, max: 1000 },
  agents: { description: "paper agents that hold a slot when everything is stopped", normal: 1000, quick: 20, min: 1, max: 20_000 },
  stops: { description: "stops in a run", normal: 10, quick: 2, min: 1, max: 1000 },
  ticks: { description: "ticks in a window", normal: 24, quick: 12, min: 1, max: 30 },
} as const;

type Context = BenchmarkContext<keyof typeof figures, keyof typeof options>;

const engineProgram = path.join(import.meta.dirname, "engine.ts");
const sizes = ["1k", "10k", "100k"] as const;

type Size = (typeof sizes)[number];

/**
 * The engine alone, as the controller drives it, over fleets of three sizes: no store and no network; the andon cord over a real server. Each fleet lives in a process of its own, so that
 * none pays for another's garbage; they take turns.
 */
export const rolloutBenchmark: Benchmark<keyof typeof figures, keyof typeof options> = {
  name: "rollout",
  summary: "the rollout engine: ticks, plans and memory up to 100,000 nodes, and how soon a stop reaches the last agent",
  figures,
  options,
  async run(context) {
    const { nodes, runs } = context.options;
    if (nodes !== options.nodes.normal) context.remark(`100k stands for ${nodes} nodes`);
    for (let run = 1; run <= runs; run++) await runOnce(context, run);
    await runStops(context);
  },
};

async function runOnce({ options: chosen, signal, record, progress }: Context, run: number): Promise<void> {
  await using engines = new Engines(signal);
  const nodesOf = {
    "1k": Math.max(1_000, Math.floor(chosen.nodes / 100)),
    "10k": Math.max(1_000, Math.floor(chosen.nodes / 10)),
    "100k": chosen.nodes,
  };
  const order = run % 2 === 1 ? sizes : sizes.toReversed();
  for (const size of order) {
    const { decisions, seconds } = await engines.ask<Prepared>(size, { kind: "prepare", nodes: nodesOf[size] });
    if (size === "100k") record("decisions-per-second", decisions / seconds);
  }
  record("heap-100k-mib", (await engines.ask<Heap>("100k", { kind: "heap" })).mib);

  const window = (size: Size): Promise<Window> => engines.ask<Window>(size, { kind: "window", ticks: chosen.ticks });
  for (const size of order) await window(size);
  const millis: Record<Size, number> = { "1k": 0, "10k": 0, "100k": 0 };
  for (let round = 0; round < chosen.rounds; round++)
    for (const size of round % 2 === 0 ? order : order.toReversed())
      millis[size] += (await window(size)).millis / (chosen.rounds * chosen.ticks);
  for (const size of sizes) record(`tick-ms-${size}`, millis[size]);
  record("tick-cost-100k-over-1k", millis["100k"] / millis["1k"]);

  for (const size of order) {
    // The first plan of a process is spent on compiling.
    await engines.ask<Planned>(size, { kind: "plan" });
    record(`plan-${size}-seconds`, (await engines.ask<Planned>(size, { kind: "plan" })).seconds);
  }
  progress(`run ${run}/${chosen.runs}: a tick costs ${sizes.map((size) => `${millis[size].toFixed(2)} ms at ${size}`).join(", ")}`);
}

/** One server and its agents for all runs: to enroll them takes longer than to stop them. */
async function runStops({ options: { runs, stops, agents }, directory, signal, record, remark, progress }: Context): Promise<void> {
  progress(`stopping ${agents} agents ${runs * stops} times`);
  remark(`${agents} agents are stopped`);
  const stopped = await measureStops({ directory, agents, stops: runs * stops, signal });
  for (let run = 0; run < runs; run++) {
    const ofRun = stopped.slice(run * stops, (run + 1) * stops);
    record("stop-all-p99-ms", percentile99(ofRun.map(({ lastMillis }) => lastMillis)));
    record("stop-all-answer-p99-ms", percentile99(ofRun.map(({ answeredMillis }) => answeredMillis)));
  }
}

/** By the nearest rank: of fewer than a hundred, the greatest. */
function percentile99(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * 0.99) - 1] ?? Number.NaN;
}

/** A process for each size of fleet. */
class Engines implements AsyncDisposable {
  readonly #programs: Readonly<Record<Size, ChildProgram>>;

  constructor(signal: AbortSignal) {
    const program = (): ChildProgram => new ChildProgram({ file: engineProgram, nodeFlags: ["--expose-gc"], signal });
    this.#programs = { "1k": program(), "10k": program(), "100k": program() };
  }

  async ask<Answer>(size: Size, question: EngineQuestion): Promise<Answer> {
    return (await this.#programs[size].ask(question)) as Answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Object.values(this.#programs).map((program) => program[Symbol.asyncDispose]()));
  }
}
