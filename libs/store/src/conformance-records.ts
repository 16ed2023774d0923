import type { BudgetRecord, Slot } from "@treeline/disruption";
import type {
  ApiTokenRecord,
  EnrollmentRecord,
  NodeRecord,
  ObservationRecord,
  ReleaseRecord,
  ServerRunRecord,
  TokenRecord,
} from "@treeline/fleet";
import type { AssignmentRecord, AuditEntry, DurableChange, RolloutPolicy, RolloutRecord, StopRecord } from "@treeline/rollout";

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

export function apiTokenRecord(name: string, over: Partial<ApiTokenRecord> = {}): ApiTokenRecord {
  const grants = [{ role: "operator", scope: "tenant/acme" }] as const;
  return { name, secretHash: `hash-of-${name}`, grants, createdAt: 1, expiresAt: 9, owners: ["oidc:corp:ada"], ...over };
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

export function stopRecord(id: string, over: Partial<StopRecord> = {}): StopRecord {
  return { id, selector: id, reason: "smoke", by: "ada", at: 3, sparesRollbacks: false, ...over };
}

export function budgetRecord(name: string, over: Partial<BudgetRecord> = {}): BudgetRecord {
  return { name, selector: "pool=edge", per: "rack", maxUnavailable: { count: 1 }, minAvailable: { percent: 12.5 }, createdAt: 4, ...over };
}

/** With every field there is. */
const policy: RolloutPolicy = {
  target: { channel: "edge/stable" },
  selector: "pool=edge",
  nodes: ["host-n1"],
  exclude: { selector: "canary=never", nodes: ["n9"] },
  priority: 5,
  cure: true,
  waves: [
    { name: "canary", size: { count: 1 }, selector: "canary=yes", bakeMillis: 60_000, approval: true, gate: { maxFailures: 0 } },
    { name: "some", size: { percent: 12.5 }, bakeMillis: 0, approval: false },
    { name: "all", size: { rest: true }, bakeMillis: 0, approval: false },
  ],
  budgets: [{ maxUnavailable: { count: 1 } }, { per: "zone", minAvailable: { percent: 90 } }],
  nodeSoakMillis: 30_000,
  gate: { maxFailures: 3, failureRate: { acceptable: 0.01, unacceptable: 0.1, falseAlarm: 0.05, miss: 0.05, minSample: 10 } },
  onFailure: "rollback",
  timeouts: { eligibleMillis: 86_400_000, stagingMillis: 1, drainingMillis: 2, rebootingMillis: 3, verifyingMillis: 4 },
  retries: { limit: 2, backoffMillis: 10_000, maxBackoffMillis: 600_000 },
  staging: { nodes: 10, bytesPerSecond: 2 ** 33, jitterMillis: 5_000 },
};

export function rolloutRecord(name: string, over: Partial<RolloutRecord> = {}): RolloutRecord {
  return {
    name,
    policy,
    target: { checksum: checksumOf("a"), ref: "edge/stable", version: "1.2.3" },
    state: "running",
    reason: "",
    createdAt: 1,
    way: "forward",
    openWave: 0,
    approvals: {},
    pardons: {},
    settled: false,
    ...over,
  };
}

export function assignmentRecord(rollout: string, nodeId: string, over: Partial<AssignmentRecord> = {}): AssignmentRecord {
  return { rollout, nodeId, wave: 0, phase: "pending", since: 0, attempt: 0, way: "forward", retried: 0, reason: "", ...over };
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
    { kind: "role", value: { name: "cutter", rules: [{ resources: ["rollouts"], verbs: ["get"] }], createdAt: 1 } },
    { kind: "tenant", value: { name: "acme", createdAt: 1 } },
    { kind: "pool", value: { name: "gpu", tenant: "acme", createdAt: 1 } },
    { kind: "binding", value: { name: "sre", role: "cutter", scope: "pool/gpu", subjects: ["group:corp:sre"], createdAt: 2 } },
    { kind: "api-token", value: apiTokenRecord("ada") },
    { kind: "token", value: tokenRecord("t1") },
    { kind: "release", value: releaseRecord("a", { unmanaged: "built without the agent" }) },
    { kind: "key-rotation", value: { serial: 3, document: '{"kind":"KeyRotation"}\n', publishedAt: 11, publishedBy: "ada" } },
    { kind: "node", value: nodeRecord("n1") },
    { kind: "stop", value: stopRecord("pool=edge") },
    { kind: "budget", value: budgetRecord("racks") },
    {
      kind: "rollout",
      value: rolloutRecord("r1", {
        approvals: { 0: { at: 2, by: "ada", reason: "looks good" } },
        pardons: { 0: { ended: 5, failed: 1 } },
      }),
    },
    {
      kind: "assignment",
      value: assignmentRecord("r1", "n1", {
        phase: "Updated",
        attempt: 1,
        base: { checksum: checksumOf("b"), serial: 0 },
        origin: { checksum: checksumOf("b"), ref: "edge/stable", version: "1.2.2", serial: 0 },
        resources: { "vendor.com/gpu": 4 },
        proof: { at: 9, bootId: "boot-2", previousBootId: "boot-1", checksum: checksumOf("a"), soakedMillis: 30_000 },
      }),
    },
    { kind: "slot", value: slotRecord("s1", "n1", { confirmed: { at: 6, bootId: "boot-1" } }) },
    {
      kind: "intent",
      value: {
        nodeId: "n1",
        intent: {
          generation: { epoch: 1, number: 4 },
          target: { checksum: checksumOf("a"), ref: "edge/stable", version: "1.2.3" },
          keep: checksumOf("b"),
        },
      },
    },
    {
      kind: "denied",
      value: {
        nodeId: "n1",
        checksum: checksumOf("c"),
        reason: "required check red",
        at: 8,
        cleared: { at: 9, by: "ada", reason: "mended" },
      },
    },
    { kind: "observation", value: observationRecord("n1") },
  ];
}

export function auditEntry(subject: string, over: Partial<AuditEntry> = {}): AuditEntry {
  return { at: 1_700_000_000_000, actor: "controller", action: "grant", subject, because: "wave 0 is open", ...over };
}
