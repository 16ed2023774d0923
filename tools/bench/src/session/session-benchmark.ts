import { cp, writeFile } from "node:fs/promises";
import path from "node:path";
import { openAuthority } from "@treeline/pki";
import { sleep } from "@treeline/process";
import { ServerProcess } from "@treeline/testkit";
import type { Benchmark, BenchmarkContext } from "../benchmark.ts";
import type { FigureDefinition } from "../figure.ts";
import type { Beaten } from "./load.ts";
import { enrollNodes } from "./node-identities.ts";
import { serverSettings, Side, type Certificate } from "./side.ts";

const figures = {
  "heartbeats-per-cpu-vs-bare": {
    unit: "ratio",
    aim: 0.6,
    better: "higher",
    note: "heartbeats per CPU second of treeline-server over those of a bare grpc-js echo server with the same bytes, TLS and client certificates",
  },
  "rss-per-agent-vs-bare": {
    unit: "ratio",
    aim: 1.5,
    better: "lower",
    note: "(RSS with all agents connected - RSS before) of treeline-server over that of the bare server",
  },
  "heartbeats-per-cpu-second": { unit: "1/s", aim: null, better: "higher", note: "treeline-server, all agents beating in a closed loop" },
  "bare-heartbeats-per-cpu-second": { unit: "1/s", aim: null, better: "higher", note: "the bare server, the same" },
  "heartbeats-per-second": { unit: "1/s", aim: null, better: "higher", note: "treeline-server, wall clock; the load takes its share of the same CPUs" },
  "bare-heartbeats-per-second": { unit: "1/s", aim: null, better: "higher", note: "the bare server, the same" },
  "rss-per-agent-kib": { unit: "KiB", aim: null, better: "lower", note: "(RSS with all agents connected - RSS before) / agents of treeline-server" },
  "bare-rss-per-agent-kib": { unit: "KiB", aim: null, better: "lower", note: "the bare server, the same" },
  "rss-per-agent-after-beating-kib": { unit: "KiB", aim: null, better: "lower", note: "the same after all windows: the heap of a server at full speed has grown" },
  "bare-rss-per-agent-after-beating-kib": { unit: "KiB", aim: null, better: "lower", note: "the bare server, the same" },
  "connect-seconds": { unit: "s", aim: null, better: "lower", note: "until every agent is connected and its full observation is durable, 32 connecting at once" },
  "bare-connect-seconds": { unit: "s", aim: null, better: "lower", note: "until every agent is connected to the bare server and has had one echo" },
  "connect-cpu-ms-per-agent": { unit: "ms", aim: null, better: "lower", note: "CPU time of treeline-server meanwhile, storing included" },
  "bare-connect-cpu-ms-per-agent": { unit: "ms", aim: null, better: "lower", note: "CPU time of the bare server meanwhile" },
} as const satisfies Record<string, FigureDefinition>;

const options = {
  runs: { description: "runs, each with fresh processes", normal: 3, quick: 1, min: 1, max: 1000 },
  agents: { description: "agents, each with its own connection and certificate", normal: 1000, quick: 50, min: 1, max: 20_000 },
  rounds: { description: "rounds of four windows of heartbeats in a run, two per side", normal: 2, quick: 1, min: 1, max: 1000 },
  "window-millis": { description: "length of a window", normal: 2000, quick: 300, min: 100, max: 600_000 },
  "settle-millis": { description: "rest before the memory is read", normal: 2000, quick: 200, min: 0, max: 600_000 },
} as const;

type Context = BenchmarkContext<keyof typeof figures, keyof typeof options>;

interface Prepared {
  /** A data directory in which every node is enrolled and none has ever had a session. */
  readonly enrolled: string;
  readonly identitiesFile: string;
  /** The bare server's, from the same authority. */
  readonly certificate: Certificate;
}

/**
 * The session protocol beside the least that could carry it. Both servers are fresh processes in every run and live at the same time; the
 * order changes from run to run and within it (ABBA), so that a mood of the machine meets both. Neither server's garbage collector is told
 * anything: a heap's unused part belongs to the memory that an operator sees.
 */
export const sessionBenchmark: Benchmark<keyof typeof figures, keyof typeof options> = {
  name: "session",
  summary: "agents' heartbeats: CPU and memory of treeline-server beside a bare gRPC echo server",
  figures,
  options,
  async run(context) {
    const prepared = await prepare(context);
    context.remark(`${context.options.agents} agents over mutual TLS on loopback`);
    for (let run = 1; run <= context.options.runs; run++) await runOnce(context, prepared, run);
  },
};

async function prepare({ directory, signal, options: { agents }, progress }: Context): Promise<Prepared> {
  progress(`enrolling ${agents} nodes`);
  const enrolled = path.join(directory, "enrolled");
  const server = await ServerProcess.start({ data: enrolled, advertise: ["127.0.0.1"], ...serverSettings });
  const identitiesFile = path.join(directory, "identities.json");
  try {
    const identities = await enrollNodes(server, agents, signal);
    await writeFile(identitiesFile, JSON.stringify(identities), { mode: 0o600 });
    await server.stop();
  } finally {
    await server.kill();
  }
  const pki = path.join(directory, "bare-pki");
  await cp(path.join(enrolled, "pki"), pki, { recursive: true });
  const authority = await openAuthority(pki);
  const { certPem, keyPem } = await authority.issueServer({ dnsNames: [], ipAddresses: ["127.0.0.1"] });
  return { enrolled, identitiesFile, certificate: { caPem: authority.caPem, certPem, keyPem } };
}

async function runOnce(context: Context, { enrolled, identitiesFile, certificate }: Prepared, run: number): Promise<void> {
  const { directory, signal, options: chosen, record, progress } = context;
  await using ours = await Side.ours({ enrolled, directory: path.join(directory, `run-${run}`), signal });
  await using bare = await Side.bare({ certificate, signal });
  const order = run % 2 === 1 ? ([ours, bare] as const) : ([bare, ours] as const);
  const rest = (): Promise<unknown> => sleep(chosen["settle-millis"], signal);

  await rest();
  const before = { ours: ours.rssKib, bare: bare.rssKib };
  const connected = new Map<Side, Opened>();
  for (const side of order) connected.set(side, await open(side, identitiesFile, chosen.agents));
  await rest();
  const growth = (): Comparison => ({ ours: (ours.rssKib - before.ours) / chosen.agents, bare: (bare.rssKib - before.bare) / chosen.agents });
  const rss = growth();
  const beaten = await beatInTurns(order, chosen);
  await rest();
  const rssAfter = growth();

  const heartbeats = { ours: total(beaten.get(ours)), bare: total(beaten.get(bare)) };
  const perCpu = { ours: heartbeats.ours.heartbeats / heartbeats.ours.serverCpuSeconds, bare: heartbeats.bare.heartbeats / heartbeats.bare.serverCpuSeconds };
  record("heartbeats-per-cpu-vs-bare", perCpu.ours / perCpu.bare);
  record("rss-per-agent-vs-bare", rss.ours / rss.bare);
  record("heartbeats-per-cpu-second", perCpu.ours);
  record("bare-heartbeats-per-cpu-second", perCpu.bare);
  record("heartbeats-per-second", heartbeats.ours.heartbeats / heartbeats.ours.seconds);
  record("bare-heartbeats-per-second", heartbeats.bare.heartbeats / heartbeats.bare.seconds);
  record("rss-per-agent-kib", rss.ours);
  record("bare-rss-per-agent-kib", rss.bare);
  record("rss-per-agent-after-beating-kib", rssAfter.ours);
  record("bare-rss-per-agent-after-beating-kib", rssAfter.bare);
  record("connect-seconds", connected.get(ours)?.seconds ?? Number.NaN);
  record("bare-connect-seconds", connected.get(bare)?.seconds ?? Number.NaN);
  record("connect-cpu-ms-per-agent", connected.get(ours)?.cpuMillisPerAgent ?? Number.NaN);
  record("bare-connect-cpu-ms-per-agent", connected.get(bare)?.cpuMillisPerAgent ?? Number.NaN);
  progress(
    `run ${run}/${chosen.runs}: heartbeats per CPU second ${perCpu.ours.toFixed(0)}, bare ${perCpu.bare.toFixed(0)}; ` +
      `RSS per agent ${rss.ours.toFixed(1)} KiB, bare ${rss.bare.toFixed(1)} KiB`,
  );
}

interface Comparison {
  readonly ours: number;
  readonly bare: number;
}

interface Opened {
  readonly seconds: number;
  readonly cpuMillisPerAgent: number;
}

async function open(side: Side, identitiesFile: string, agents: number): Promise<Opened> {
  const before = side.cpuSeconds;
  const { seconds } = await side.connect(identitiesFile);
  return { seconds, cpuMillisPerAgent: ((side.cpuSeconds - before) * 1000) / agents };
}

/** The windows of a run. The first of each side only warms it up: a fresh process spends its time compiling. */
async function beatInTurns(order: readonly [Side, Side], chosen: Context["options"]): Promise<ReadonlyMap<Side, readonly Beaten[]>> {
  const windowMillis = chosen["window-millis"];
  const beat = (side: Side): Promise<Beaten> => side.beat({ warmupMillis: windowMillis / 4, windowMillis });
  const [first, second] = order;
  for (const side of order) await beat(side);
  const beaten = new Map<Side, Beaten[]>(order.map((side) => [side, []]));
  for (let round = 0; round < chosen.rounds; round++)
    for (const side of [first, second, second, first]) beaten.get(side)?.push(await beat(side));
  return beaten;
}

function total(windows: readonly Beaten[] = []): Beaten {
  const sum = (of: (window: Beaten) => number): number => windows.reduce((so, window) => so + of(window), 0);
  return { heartbeats: sum((w) => w.heartbeats), serverCpuSeconds: sum((w) => w.serverCpuSeconds), seconds: sum((w) => w.seconds) };
}
