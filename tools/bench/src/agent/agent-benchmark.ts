import { execFile } from "node:child_process";
import { copyFile, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { createKeyAndRequest, openAuthority } from "@treeline/pki";
import { sleep } from "@treeline/process";
import { services } from "@treeline/rpc";
import { appRootInMachine, checkoutRoot, DemoFleet, type Machine } from "@treeline/testkit";
import type { Benchmark, BenchmarkContext } from "../benchmark.ts";
import { ChildProgram } from "../child-program.ts";
import type { FigureDefinition } from "../figure.ts";
import { heartbeatFrames } from "../session/agent-messages.ts";
import { watchIdle } from "./idle-window.ts";
import { startNodeExporter } from "./node-exporter.ts";
import { QuietProcess } from "./quiet-process.ts";

const figures = {
  "rss-over-bare": { unit: "ratio", aim: 1.3, better: "lower", note: "RSS of the idle agent over that of a bare Node with the same version, V8 flags, TLS and heartbeats, and nothing but one grpc-js stream" },
  "cpu-seconds-per-hour": { unit: "s/h", aim: null, better: "lower", note: "CPU time of the idle agent, its children included" },
  "rss-kib": { unit: "KiB", aim: null, better: "lower", note: "RSS of the idle agent" },
  "bare-rss-kib": { unit: "KiB", aim: null, better: "lower", note: "RSS of the bare Node" },
  "bare-cpu-seconds-per-hour": { unit: "s/h", aim: null, better: "lower", note: "CPU time of the bare Node" },
  "start-seconds": { unit: "s", aim: 0.5, better: "lower", note: "wall clock of `treeline-agent --version`, five times in each run" },
  "executable-bytes": { unit: "B", aim: 130_000_000, better: "lower", note: "size of the executable" },
  "node-exporter-rss-kib": { unit: "KiB", aim: null, better: "lower", optional: true, note: "RSS of Debian's prometheus-node-exporter, scraped every 15 s" },
  "node-exporter-cpu-seconds-per-hour": { unit: "s/h", aim: null, better: "lower", optional: true, note: "CPU time of Debian's prometheus-node-exporter, scraped every 15 s" },
} as const satisfies Record<string, FigureDefinition>;

const options = {
  runs: { description: "runs, each with fresh processes", normal: 3, quick: 1, min: 1, max: 1000 },
  "settle-seconds": { description: "rest after everybody is connected", normal: 15, quick: 1, min: 0, max: 3600 },
  "idle-seconds": { description: "how long they are watched", normal: 60, quick: 3, min: 1, max: 86_400 },
} as const;

type Context = BenchmarkContext<keyof typeof figures, keyof typeof options>;

/** The heartbeat that a server asks of its agents by default. */
const heartbeatMillis = 3000;
const startsInRun = 5;
const node = path.join(checkoutRoot, "node_modules/node/bin/node");
const artifact = "dist/treeline-agent";
const bareProgram = path.join(import.meta.dirname, "bare-agent.mjs");
const bareServer = path.join(import.meta.dirname, "../session/bare-server.ts");

/**
 * The agent beside the least that could do its talking. Measured is the executable, built anew, on a machine with a real OSTree sysroot, enrolled with a real
 * server and connected to it over mutual TLS; the bare Node talks to an echo server. They live at the same time, fresh in every run.
 */
export const agentBenchmark: Benchmark<keyof typeof figures, keyof typeof options> = {
  name: "agent",
  summary: "an idle agent: memory and CPU of the executable beside a bare Node with one gRPC stream",
  figures,
  options,
  async run(context) {
    const { directory, signal, options: chosen, progress, record, remark } = context;
    progress("building the executable");
    await promisify(execFile)(process.execPath, [path.join(checkoutRoot, "tools/build-agent/src/main.ts")], { signal });
    record("executable-bytes", (await stat(path.join(checkoutRoot, artifact))).size);
    const flags = JSON.parse(await readFile(path.join(checkoutRoot, "apps/agent/packaging/node-flags.json"), "utf8")) as readonly string[];
    remark(`V8 flags of both: ${flags.join(" ") || "none"}`);
    progress("starting a server and a machine");
    const fleet = await DemoFleet.start({ directory: path.join(directory, "fleet"), agentProgram: [`${appRootInMachine}/${artifact}`] });
    try {
      const machine = await fleet.addMachine("idle", await fleet.compose("1.0"));
      // Enrolled before anything is measured: an agent joins once in its life.
      await machine.powerOn();
      await fleet.connected([machine.name]);
      await using server = new ChildProgram({ file: bareServer, signal });
      const bareSettings = await writeBareSettings(directory, server);
      const bareNode = path.join(directory, "node");
      await copyFile(node, bareNode);
      for (let run = 1; run <= chosen.runs; run++) await runOnce({ context, fleet, machine, bareArgv: [bareNode, ...flags, bareProgram, bareSettings], run });
    } finally {
      await fleet.destroy();
    }
  },
};

/** Starts the echo server with certificates of an authority of its own. Returns the file with all that the bare Node must know. */
async function writeBareSettings(directory: string, server: ChildProgram): Promise<string> {
  const authority = await openAuthority(path.join(directory, "bare-pki"));
  const { certPem, keyPem } = await authority.issueServer({ dnsNames: ["localhost"], ipAddresses: [] });
  const { port } = (await server.ask({ certPem, keyPem, clientCaPem: authority.caPem })) as { readonly port: number };
  const request = await createKeyAndRequest();
  const { certPem: ownCertPem } = await authority.issueNode({ csrPem: request.csrPem, nodeId: "00000000-0000-4000-8000-000000000000" });
  const file = path.join(directory, "bare.json");
  const message = heartbeatFrames()[0]?.subarray(5).toString("base64");
  await writeFile(
    file,
    JSON.stringify({ endpoint: `localhost:${port}`, caPem: authority.caPem, certPem: ownCertPem, keyPem: request.keyPem, path: services.agent.Session.path, everyMillis: heartbeatMillis, message }),
    { mode: 0o600 },
  );
  return file;
}

interface Run {
  readonly context: Context;
  readonly fleet: DemoFleet;
  readonly machine: Machine;
  readonly bareArgv: readonly string[];
  readonly run: number;
}

async function runOnce({ context, fleet, machine, bareArgv, run }: Run): Promise<void> {
  const { directory, signal, options: chosen, record, remark, progress } = context;
  for (let start = 0; start < startsInRun; start++) record("start-seconds", await startSeconds(signal));
  await machine.stopAgent();
  await forgetPages([path.join(checkoutRoot, artifact), bareArgv[0] ?? ""]);
  await machine.startAgent();
  await using bare = await QuietProcess.start({ argv: bareArgv, ready: "answered", cwd: directory, signal });
  await using exporter = await startNodeExporter({ cwd: directory, signal });
  if (exporter === undefined && run === 1) remark("prometheus-node-exporter is not installed, so it was not measured");
  await fleet.connected([machine.name]);
  await sleep(chosen["settle-seconds"] * 1000, signal);

  const agentPid = (): number => machine.agentPid() ?? Number.NaN;
  const pids = [agentPid, () => bare.pid, ...(exporter === undefined ? [] : [() => exporter.pid])];
  const [agent, peer, other] = await watchIdle(pids, chosen["idle-seconds"], signal);
  if (agent === undefined || peer === undefined) throw new Error("nothing was watched");
  record("rss-over-bare", agent.rssKib / peer.rssKib);
  record("rss-kib", agent.rssKib);
  record("bare-rss-kib", peer.rssKib);
  record("cpu-seconds-per-hour", agent.cpuSecondsPerHour);
  record("bare-cpu-seconds-per-hour", peer.cpuSecondsPerHour);
  if (other !== undefined) {
    record("node-exporter-rss-kib", other.rssKib);
    record("node-exporter-cpu-seconds-per-hour", other.cpuSecondsPerHour);
  }
  progress(`run ${run}/${chosen.runs}: RSS ${(agent.rssKib / 1024).toFixed(1)} MiB, bare ${(peer.rssKib / 1024).toFixed(1)} MiB; CPU ${agent.cpuSecondsPerHour.toFixed(1)} s/h, bare ${peer.cpuSecondsPerHour.toFixed(1)} s/h`);
}

/**
 * Lets the kernel forget what it has of files, as after a boot. RSS counts pages that it maps because they happen to be in memory near one that was needed, and
 * of a file that was just written all are: that made up to 20 MiB of difference.
 */
async function forgetPages(files: readonly string[]): Promise<void> {
  for (const file of files) await promisify(execFile)("sh", ["-c", 'sync "$1" && dd if="$1" iflag=nocache count=0 status=none', "sh", file]);
}

async function startSeconds(signal: AbortSignal): Promise<number> {
  const began = performance.now();
  await promisify(execFile)(path.join(checkoutRoot, artifact), ["--version"], { signal });
  return (performance.now() - began) / 1000;
}
