import { readFile } from "node:fs/promises";
import { sleep } from "@treeline/process";
import type { DemoFleet, Machine, Release } from "@treeline/testkit";

export interface UpgradeOptions {
  readonly fleet: DemoFleet;
  readonly from: Release;
  readonly to: Release;
  /** Of the machine; not used before. */
  readonly name: string;
}

export interface Upgraded {
  readonly seconds: number;
  /** By the machine's network interfaces, but for the loopback. */
  readonly bytesReceived: number;
}

/** A machine with the old release, joined and green. */
async function installed({ fleet, from, name }: UpgradeOptions): Promise<Machine> {
  const token = await fleet.createToken({ name, labels: { bench: name }, uses: 1 });
  const [machine] = await fleet.addMachines([name], from, { token: token.trim() });
  if (machine === undefined) throw new Error(`no machine ${name} was made`);
  return machine;
}

/** As a rollout does it. The time is the agent's own: from the line that begins to stage to the one that says that the deployment is written. */
export async function upgradeByAgent(options: UpgradeOptions): Promise<Upgraded> {
  const { fleet, to, name } = options;
  const machine = await installed(options);
  try {
    const before = await bytesReceived(machine);
    const rollout = `to-${to.version}-${name}`;
    await fleet.operator.treeline("rollout", "create", rollout, "--release", to.version, "--selector", `bench=${name}`, "--waves", "rest", "--max-unavailable", "100%", "--soak", "0s");
    const deployed = await logLine(machine, (line) => line["msg"] === "deployed");
    const after = await bytesReceived(machine).catch(() => Number.NaN);
    const begun = await logLine(machine, (line) => line["msg"] === "step" && line["do"] === "stage");
    await fleet.operator.treeline("rollout", "abort", rollout, "--reason", "measured").catch(() => {});
    return { seconds: (deployed.at - begun.at) / 1000, bytesReceived: after - before };
  } finally {
    await machine.destroy();
  }
}

const script = `set -eu
ostree remote add --repo=/sysroot/ostree/repo --no-gpg-verify --set=tls-ca-path=$PKI/ca.crt --set=tls-client-cert-path=$PKI/node.crt --set=tls-client-key-path=$PKI/node.key bare "$URL"
begun=$(date +%s%N)
ostree pull bare "$REF@$COMMIT" >&2
ostree admin deploy --stage "bare:$REF" >&2
echo $(($(date +%s%N) - begun))`;

/** As a person with the node's certificate does it. */
export async function upgradeByHand(options: UpgradeOptions): Promise<Upgraded> {
  const { fleet, to } = options;
  const machine = await installed(options);
  try {
    await machine.stopAgent();
    const before = await bytesReceived(machine);
    const env = { PKI: "/var/lib/treeline/pki", URL: `https://${machine.serverAddress}:${fleet.server.httpsPort}/ostree`, REF: to.ref, COMMIT: to.checksum };
    const { code, stdout, stderr } = await machine.exec(["bash", "-c", script], { env });
    if (code !== 0) throw new Error(`ostree by hand ended with status ${code}: ${stderr.trim()}`);
    return { seconds: Number(stdout.trim().split("\n").at(-1)) / 1e9, bytesReceived: (await bytesReceived(machine)) - before };
  } finally {
    await machine.destroy();
  }
}

async function bytesReceived(machine: Machine): Promise<number> {
  const { stdout } = await machine.exec(["cat", "/proc/net/dev"]);
  const counts = stdout.split("\n").flatMap((line) => {
    const [, name, bytes] = /^\s*(\S+):\s*(\d+)/.exec(line) ?? [];
    return name === undefined || name === "lo" ? [] : [Number(bytes)];
  });
  if (counts.length === 0) throw new Error("the machine has no network of its own: run as root");
  return counts.reduce((sum, count) => sum + count, 0);
}

/** The first line of the agent's log that fits, once it is there. `at`: when it was written, in milliseconds. */
async function logLine(machine: Machine, fits: (line: Readonly<Record<string, unknown>>) => boolean): Promise<{ readonly at: number }> {
  for (const deadline = performance.now() + 300_000; performance.now() < deadline; await sleep(20)) {
    for (const text of (await readFile(machine.consolePath, "utf8")).split("\n")) {
      if (!text.startsWith("{")) continue;
      const line = parsed(text);
      if (line !== undefined && fits(line)) return { at: Date.parse(String(line["time"])) };
    }
  }
  throw new Error(`the agent of ${machine.name} never said so: ${machine.consoleTail()}`);
}

/** The last line may still be being written. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
