import type { BudgetRecord, Domain } from "@treeline/disruption";
import type { Labels, NodeId, Observation, ReleaseRecord } from "@treeline/fleet";
import { applyAll, emptySnapshot, type Change, type Snapshot } from "@treeline/rollout";

/** What every node runs at first, and what the rollout brings. */
export const [oldCommit, newCommit] = ["4f".repeat(32), "a7".repeat(32)];

/** Nodes in a rack, racks in a zone, zones in a region: 1,000 nodes make a region, whatever the size of the fleet. */
const shape = { nodesInRack: 20, racksInZone: 10, zonesInRegion: 5 } as const;

/** What the rollouts bring. */
export const release: ReleaseRecord = {
  checksum: newCommit,
  ref: "fleetos/x86_64/stable",
  version: "41.20261101.0",
  publishedAt: 1,
  signedBy: [],
  objects: 40_000,
  bytes: 1.2e9,
};

/** One budget per level of failure domain, each tighter than the one around it. */
const budgets: readonly BudgetRecord[] = (["region", "zone", "rack"] as const).map((per: Domain, level) => ({
  name: `${per}s`,
  selector: "*",
  per,
  maxUnavailable: { percent: [10, 15, 20][level]! },
  createdAt: 1,
}));

/** A fleet at rest: every node enrolled, in contact, healthy, on the old commit. The real records, made through `apply`. */
export function paperFleet(nodes: number): Snapshot {
  const begun = applyAll(emptySnapshot, [
    { kind: "server-run", value: { epoch: 1, startedAt: 1, aliveAt: 1 } },
    { kind: "release", value: release },
    ...budgets.map((value): Change => ({ kind: "budget", value })),
  ]);
  let fleet = begun;
  for (let index = 0; index < nodes; index++) fleet = applyAll(fleet, enrolled(index));
  return fleet;
}

export function nodeIdOf(index: number): NodeId {
  // A UUID as the server gives them: unlike its neighbours from the first digit on.
  const digits = (Math.imul(index + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0");
  return `${digits}-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

function enrolled(index: number): readonly Change[] {
  const id = nodeIdOf(index);
  const name = `host-${String(index).padStart(6, "0")}`;
  return [
    { kind: "node", value: { id, name, labels: labelsOf(index), enrolledAt: 1, publicKey: id.repeat(2).slice(0, 64), tokenId: "token" } },
    { kind: "observation", value: { nodeId: id, at: 1, agentVersion: "0.1.0", observation: observation(name, id) } },
    { kind: "contact", nodeId: id, connected: true, at: 1 },
  ];
}

function labelsOf(index: number): Labels {
  const rack = Math.floor(index / shape.nodesInRack);
  const zone = Math.floor(rack / shape.racksInZone);
  const region = Math.floor(zone / shape.zonesInRegion);
  return {
    "topology.kubernetes.io/region": `region-${region}`,
    "topology.kubernetes.io/zone": `zone-${zone}`,
    "treeline.dev/rack": `rack-${rack}`,
    pool: "edge",
  };
}

/** As the server has it after reading it from its store: every text a copy of its own. */
function observation(hostname: string, id: NodeId): Observation {
  return JSON.parse(JSON.stringify(healthyHost(hostname, id))) as Observation;
}

function healthyHost(hostname: string, id: NodeId): Observation {
  const deployment = {
    osname: "fleetos",
    serial: 0,
    refspec: "treeline:fleetos/x86_64/stable",
    pending: false,
    staged: false,
    pinned: false,
  };
  const kargs = "root=LABEL=root rw console=ttyS0 ostree=/ostree/boot.1/fleetos/0";
  const bootId = `${id}-boot-0`;
  return {
    os: {
      bootId,
      deployments: [
        { ...deployment, checksum: oldCommit, version: "41.20261001.0", booted: true, rollback: false, kargs },
        { ...deployment, checksum: "07".repeat(32), version: "41.20260901.0", booted: false, rollback: true, kargs },
      ],
    },
    update: { phase: "Idle", reason: "", closed: [], denied: [], highest: { epoch: 0, number: 0 } },
    health: {
      state: "green",
      bootId,
      checks: ["disk-space", "network", "kubelet"].map((name) => ({ name, required: true, passed: true, output: "" })),
    },
    inventory: {
      ...{ hostname, machineId: id.replaceAll("-", ""), architecture: "x86_64", osName: "FleetOS", osVersion: "41", kernel: "6.12.0" },
      ...{ cpuModel: "Example CPU @ 2.40GHz", cpuCores: 16, memoryBytes: 64 * 2 ** 30, virtualization: "kvm" },
      disks: [{ name: "nvme0n1", type: "NVMe", sizeBytes: 10 ** 12 }],
      interfaces: [{ name: "eth0", mac: "52:54:00:12:34:56", addresses: ["192.0.2.17", "2001:db8::17"], speedMbps: 25_000 }],
    },
  };
}
