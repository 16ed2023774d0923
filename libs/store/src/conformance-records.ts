import type { Slot } from "@treeline/disruption";
import type {
  EnrollmentRecord,
  NodeRecord,
  ObservationRecord,
  OperatorRecord,
  ReleaseRecord,
  ServerRunRecord,
  TokenRecord,
} from "@treeline/fleet";
import type { AssignmentRecord, AuditEntry, DurableChange, RolloutRecord } from "@treeline/rollout";

/** Records for the conformance suite: complete, and different in what tells them apart. */

export const checksumOf = (digit: string): string => digit.repeat(64);

export function serverRun(run: Partial<ServerRunRecord> = {}): DurableChange {
  return { kind: "server-run", value: { epoch: 1, startedAt: 1_000, aliveAt: 1_000, ...run } };
}

export function nodeRecord(id: string, over: Partial<NodeRecord> = {}): NodeRecord {
  return {
    id,
    name: `host-${id}`,
    labels: { "treeline.dev/pool": "edge" },
    enrolledAt: 1_700_000_000_000,
    publicKey: `key-${id}`,
    tokenId: "t1",
    ...over,
  };
}

export function slotRecord(id: string, nodeId: string, over: Partial<Slot> = {}): Slot {
  return { id, nodeId, holder: { kind: "rollout", rollout: "r1", number: 1 }, epoch: 1, grantedAt: 5, budgets: ["rollout r1"], ...over };
}

export function tokenRecord(id: string, over: Partial<TokenRecord> = {}): TokenRecord {
  return {
    id,
    name: `token ${id}`,
    secretHash: `hash-of-${id}`,
    createdAt: 1,
    expiresAt: 2,
    uses: 3,
    used: 0,
    labels: {},
    releaseKeys: ["a2V5"],
    ...over,
  };
}

export function operatorRecord(name: string, over: Partial<OperatorRecord> = {}): OperatorRecord {
  return { name, role: "admin", secretHash: `hash-of-${name}`, createdAt: 1, ...over };
}

export function enrollmentRecord(tokenId: string, publicKey: string, nodeId: string): EnrollmentRecord {
  return { tokenId, publicKey, nodeId, certificatePem: `-----BEGIN CERTIFICATE-----\n${nodeId}\n-----END CERTIFICATE-----\n` };
}

export function releaseRecord(digit: string, over: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    checksum: checksumOf(digit),
    ref: "edge/stable",
    version: "1.2.3",
    publishedAt: 7,
    signedBy: ["a2V5"],
    objects: 12,
    bytes: 2 ** 41,
    ...over,
  };
}

export function rolloutRecord(name: string, over: Partial<RolloutRecord> = {}): RolloutRecord {
  return {
    name,
    policy: {
      release: "1.2.3",
      selector: "pool=edge",
      waves: [{ count: 1 }, { percent: 12.5 }, { rest: true }],
      maxUnavailable: { count: 1 },
      nodeSoakMillis: 30_000,
      retries: 2,
    },
    target: { checksum: checksumOf("a"), ref: "edge/stable", version: "1.2.3" },
    state: "running",
    reason: "",
    createdAt: 1,
    openWave: 0,
    settled: false,
    ...over,
  };
}

export function assignmentRecord(rollout: string, nodeId: string, over: Partial<AssignmentRecord> = {}): AssignmentRecord {
  return { rollout, nodeId, wave: 0, phase: "pending", attempt: 0, retried: 0, reason: "", ...over };
}

export function observationRecord(nodeId: string, over: Partial<ObservationRecord> = {}): ObservationRecord {
  const deployment = { osname: "os", checksum: checksumOf("b"), serial: 0, version: "1.2.2", refspec: "edge/stable", kargs: "quiet" };
  const states = { booted: true, pending: false, staged: false, rollback: false, pinned: false };
  return {
    nodeId,
    at: 11,
    agentVersion: "0.1.0",
    observation: {
      os: { bootId: "boot-1", deployments: [{ ...deployment, ...states }] },
      update: {
        phase: "Idle",
        reason: "",
        closed: [],
        denied: [{ checksum: checksumOf("c"), reason: "red" }],
        highest: { epoch: 1, number: 2 },
      },
      health: {
        state: "green",
        bootId: "boot-1",
        checks: [{ name: "net", required: true, passed: true, output: 'ünïcode \u{1f332}\u0000\n"quoted"' }],
      },
      inventory: {
        hostname: `host-${nodeId}`,
        machineId: "m",
        architecture: "x86_64",
        osName: "os",
        osVersion: "1",
        kernel: "6.1",
        cpuModel: "c",
        cpuCores: 4,
        memoryBytes: 2 ** 40 + 1,
        disks: [{ name: "sda", type: "ssd", sizeBytes: 2 ** 44 }],
        interfaces: [],
        virtualization: "",
      },
    },
    ...over,
  };
}

/** One of every kind that `load` yields. */
export function oneOfEach(): readonly DurableChange[] {
  return [
    serverRun(),
    { kind: "operator", value: operatorRecord("ada") },
    { kind: "token", value: tokenRecord("t1") },
    { kind: "release", value: releaseRecord("a") },
    { kind: "node", value: nodeRecord("n1") },
    { kind: "rollout", value: rolloutRecord("r1") },
    {
      kind: "assignment",
      value: assignmentRecord("r1", "n1", {
        phase: "Updated",
        attempt: 1,
        base: { checksum: checksumOf("b"), serial: 0 },
        proof: { at: 9, bootId: "boot-2", previousBootId: "boot-1", checksum: checksumOf("a"), soakedMillis: 30_000 },
      }),
    },
    { kind: "slot", value: slotRecord("s1", "n1", { confirmed: { at: 6, bootId: "boot-1" } }) },
    {
      kind: "intent",
      value: {
        nodeId: "n1",
        intent: { generation: { epoch: 1, number: 4 }, target: { checksum: checksumOf("a"), ref: "edge/stable", version: "1.2.3" } },
      },
    },
    { kind: "denied", value: { nodeId: "n1", checksum: checksumOf("c"), reason: "required check red", at: 8 } },
    { kind: "observation", value: observationRecord("n1") },
  ];
}

export function auditEntry(subject: string, over: Partial<AuditEntry> = {}): AuditEntry {
  return { at: 1_700_000_000_000, actor: "controller", action: "grant", subject, because: "wave 0 is open", ...over };
}
