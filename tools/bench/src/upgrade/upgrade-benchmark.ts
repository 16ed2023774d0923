import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { sleep } from "@treeline/process";
import { DemoFleet, type Release } from "@treeline/testkit";
import type { Benchmark, BenchmarkContext } from "../benchmark.ts";
import type { FigureDefinition } from "../figure.ts";
import { upgradeByAgent, upgradeByHand, type Upgraded } from "./upgraded-machine.ts";

const figures = {
  "wall-over-bare": {
    unit: "ratio",
    aim: 1.15,
    better: "lower",
    note: "from the order to pull to the deployment being written, by the agent (slot and confirmation included), over bare `ostree pull` + `ostree admin deploy --stage` on a machine like it",
  },
  "bytes-over-delta": {
    unit: "ratio",
    aim: 1.05,
    better: "lower",
    note: "bytes that the machine's network interface received during the agent's upgrade, over the size of the static delta's files",
  },
  "bare-bytes-over-delta": { unit: "ratio", aim: null, better: "lower", note: "the same for bare ostree" },
  "wall-seconds": { unit: "s", aim: null, better: "lower", note: "the agent's side" },
  "bare-wall-seconds": { unit: "s", aim: null, better: "lower", note: "bare ostree's side" },
} as const satisfies Record<string, FigureDefinition>;

const options = {
  pairs: { description: "pairs of upgrades, one by the agent and one by hand, taking turns in going first", normal: 7, quick: 1, min: 1, max: 100 },
  "size-mib": { description: "size of the operating system's data, of which 5 % change", normal: 300, quick: 8, min: 1, max: 2000 },
} as const;

type Context = BenchmarkContext<keyof typeof figures, keyof typeof options>;

/**
 * An upgrade by the agent beside the same upgrade by hand: the same real server with mutual TLS, the same static delta, a fresh machine with the old release for
 * each. By hand, ostree speaks to the server itself; the agent puts its proxy between them, checks the signature, asks for the slot, and scans.
 */
export const upgradeBenchmark: Benchmark<keyof typeof figures, keyof typeof options> = {
  name: "upgrade",
  summary: "one upgrade of a host: wall time and bytes beside bare ostree pull and deploy",
  figures,
  options,
  async run(context) {
    const { directory, options: chosen, remark, progress, signal } = context;
    const fleet = await DemoFleet.start({ directory: path.join(directory, "fleet"), agentSettings: { guard: { required: false } } });
    try {
      progress(`composing two releases of ${chosen["size-mib"]} MiB, of which 5 % differ`);
      const from = await fleet.compose("1.0", { sizeMiB: chosen["size-mib"] });
      await fleet.publish(from);
      const to = await fleet.compose("2.0", { sizeMiB: chosen["size-mib"] });
      await fleet.publish(to);
      const deltaBytes = await deltaSize(path.join(fleet.directory, "server/ostree/deltas"), signal);
      remark(`${chosen["size-mib"]} MiB, 5 % changed, static delta of ${(deltaBytes / 1e6).toFixed(2)} MB`);
      for (let pair = 1; pair <= chosen.pairs; pair++) await measurePair(context, { fleet, from, to, deltaBytes, pair });
    } finally {
      await fleet.destroy();
    }
  },
};

interface Pair {
  readonly fleet: DemoFleet;
  readonly from: Release;
  readonly to: Release;
  readonly deltaBytes: number;
  readonly pair: number;
}

async function measurePair({ options: chosen, record, progress, signal }: Context, { fleet, from, to, deltaBytes, pair }: Pair): Promise<void> {
  const sides = { agent: () => upgradeByAgent({ fleet, from, to, name: `agent-${pair}` }), bare: () => upgradeByHand({ fleet, from, to, name: `bare-${pair}` }) };
  const found: Partial<Record<keyof typeof sides, Upgraded>> = {};
  for (const side of pair % 2 === 1 ? (["bare", "agent"] as const) : (["agent", "bare"] as const)) {
    signal.throwIfAborted();
    found[side] = await sides[side]();
  }
  const { agent, bare } = found as Record<keyof typeof sides, Upgraded>;
  record("wall-over-bare", agent.seconds / bare.seconds);
  record("bytes-over-delta", agent.bytesReceived / deltaBytes);
  record("bare-bytes-over-delta", bare.bytesReceived / deltaBytes);
  record("wall-seconds", agent.seconds);
  record("bare-wall-seconds", bare.seconds);
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);
  progress(`pair ${pair}/${chosen.pairs}: agent ${agent.seconds.toFixed(2)} s and ${megabytes(agent.bytesReceived)} MB, bare ${bare.seconds.toFixed(2)} s and ${megabytes(bare.bytesReceived)} MB`);
}

/** The server makes deltas in the background; the superblock is written last. */
async function deltaSize(directory: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const files = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
    const sizes = await Promise.all(files.filter((file) => file.isFile()).map((file) => stat(path.join(file.parentPath, file.name))));
    if (files.some(({ name }) => name === "superblock")) return sizes.reduce((sum, { size }) => sum + size, 0);
    await sleep(200, signal);
  }
}
