import fc, { type Arbitrary } from "fast-check";
import type {
  AttemptOrder,
  AttemptRef,
  ClosedAttempt,
  DeniedCommit,
  Deployment,
  ExtendedResources,
  Generation,
  Health,
  Intent,
} from "@treeline/fleet";
import type {
  Inventory,
  Observation,
  ObservationDelta,
  OpenAttempt,
  OsState,
  Outcome,
  Permission,
  Target,
  Trust,
  UpdateState,
} from "@treeline/fleet";
import type { AgentMessage, Confirmation, Hello, ServerMessage } from "./mapping/session.ts";
import { wireLimits } from "./mapping/limits.ts";
import { updatePhases } from "./mapping/phase.ts";

/**
 * Every value of the domain that may be sent: bounds are the wire's own, texts hold any character. Lists are kept short so that a
 * property runs fast; the bounds of their length have tests of their own.
 */
const text = (max: number): Arbitrary<string> => fc.string({ unit: "binary", maxLength: 24 }).filter((value) => value.length <= max);
const list = <T>(item: Arbitrary<T>): Arbitrary<T[]> => fc.array(item, { maxLength: 3 });
const name = text(wireLimits.name);
const reason = text(wireLimits.reason);
const safeNatural = fc.maxSafeNat();
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });

/** A record with these keys, those of `optional` sometimes absent. */
function record<T>(
  model: { readonly [Key in keyof T]-?: Arbitrary<Exclude<T[Key], undefined>> },
  optional: readonly (keyof T)[] = [],
): Arbitrary<T> {
  const requiredKeys = (Object.keys(model) as (keyof T)[]).filter((key) => !optional.includes(key));
  return fc.record(model, { requiredKeys, noNullPrototype: true }) as unknown as Arbitrary<T>;
}

export const checksums: Arbitrary<string> = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
export const bootIds: Arbitrary<string> = fc.uuid({ version: 4 });
export const identifiers: Arbitrary<string> = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,20}$/);

export const generations: Arbitrary<Generation> = record<Generation>({ epoch: safeNatural, number: safeNatural });
export const targets: Arbitrary<Target> = record<Target>({ checksum: checksums, ref: name, version: name });
export const attemptRefs: Arbitrary<AttemptRef> = record<AttemptRef>({ rollout: identifiers, number: uint32 });

export const deployments: Arbitrary<Deployment> = record<Deployment>({
  osname: name,
  checksum: checksums,
  serial: uint32,
  version: name,
  refspec: name,
  booted: fc.boolean(),
  pending: fc.boolean(),
  staged: fc.boolean(),
  rollback: fc.boolean(),
  pinned: fc.boolean(),
  kargs: text(wireLimits.kargs),
});

export const osStates: Arbitrary<OsState> = record<OsState>({ bootId: bootIds, deployments: list(deployments) });

export const openAttempts: Arbitrary<OpenAttempt> = record<OpenAttempt>(
  {
    attempt: attemptRefs,
    target: targets,
    base: record<OpenAttempt["base"]>({ checksum: checksums, serial: uint32 }),
    phase: fc.constantFrom(...updatePhases),
    confirmedBootId: bootIds,
  },
  ["confirmedBootId"],
);

const kind = <Kind extends Outcome["kind"]>(value: Kind): Arbitrary<Kind> => fc.constant(value);
type OutcomeOf<Kind> = Extract<Outcome, { readonly kind: Kind }>;

export const outcomes: Arbitrary<Outcome> = fc.oneof(
  record<OutcomeOf<"updated">>({ kind: kind("updated"), bootId: bootIds, soakedMillis: uint32 }),
  record<OutcomeOf<"rolled-back">>({
    ...{ kind: kind("rolled-back"), reason, bootId: bootIds },
    cause: fc.constantFrom("required-check", "no-session", "boot-guard", "unproven"),
  }),
  record<OutcomeOf<"failed">>({
    ...{ kind: kind("failed"), reason, bootId: bootIds },
    failure: fc.constantFrom("transient", "never-booted", "unreachable", "node", "release", "operator", "needs-operator"),
  }),
  record<OutcomeOf<"abandoned">>({ kind: kind("abandoned"), reason, bootId: bootIds }),
);

export const closedAttempts: Arbitrary<ClosedAttempt> = record<ClosedAttempt>(
  { attempt: attemptRefs, target: targets, outcome: outcomes, confirmedBootId: bootIds },
  ["confirmedBootId"],
);

export const updateStates: Arbitrary<UpdateState> = record<UpdateState>(
  {
    phase: fc.constantFrom(...updatePhases),
    reason,
    open: openAttempts,
    closed: list(closedAttempts),
    denied: list(record<DeniedCommit>({ checksum: checksums, reason })),
    highest: generations,
    // On the wire an empty note is no note.
    journalNote: reason.filter((note) => note !== ""),
  },
  ["open", "journalNote"],
);

export const healths: Arbitrary<Health> = record<Health>({
  state: fc.constantFrom("unknown", "green", "red"),
  bootId: bootIds,
  checks: list(
    record<Health["checks"][number]>({ name, required: fc.boolean(), passed: fc.boolean(), output: text(wireLimits.checkOutput) }),
  ),
});

export const inventories: Arbitrary<Inventory> = record<Inventory>({
  hostname: name,
  machineId: name,
  architecture: name,
  osName: name,
  osVersion: name,
  kernel: name,
  cpuModel: name,
  cpuCores: uint32,
  memoryBytes: safeNatural,
  disks: list(record<Inventory["disks"][number]>({ name, type: name, sizeBytes: safeNatural })),
  interfaces: list(record<Inventory["interfaces"][number]>({ name, mac: name, addresses: list(name), speedMbps: uint32 })),
  virtualization: name,
});

export const resourceNames: Arbitrary<string> = fc.stringMatching(
  /^(?:[a-z0-9](?:[a-z0-9.-]{0,9}[a-z0-9])?\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,9}[A-Za-z0-9])?$/,
);
export const extendedResources: Arbitrary<ExtendedResources> = fc.dictionary(resourceNames, safeNatural, {
  maxKeys: 3,
  noNullPrototype: true,
});

const trust = record<Trust>({ serial: safeNatural, note: reason });
const sections = { os: osStates, update: updateStates, health: healths, inventory: inventories, extendedResources, trust };
export const observations: Arbitrary<Observation> = record<Observation>(sections, ["extendedResources", "trust"]);
export const observationDeltas: Arbitrary<ObservationDelta> = record<ObservationDelta>(sections, [
  "os",
  "update",
  "health",
  "inventory",
  "extendedResources",
  "trust",
]);

export const permissions: Arbitrary<Permission> = record<Permission>({ slot: identifiers, epoch: safeNatural });
export const attemptOrders: Arbitrary<AttemptOrder> = record<AttemptOrder>(
  {
    ...{
      ref: attemptRefs,
      soakMillis: uint32,
      clearDenied: fc.boolean(),
      permission: permissions,
      back: fc.constant(true as const),
      cure: fc.constant(true as const),
    },
    // On the wire 0 is no limit.
    maxBytesPerSecond: safeNatural.filter((limit) => limit > 0),
  },
  ["permission", "back", "cure", "maxBytesPerSecond"],
);
export const intents: Arbitrary<Intent> = record<Intent>(
  { generation: generations, target: targets, attempt: attemptOrders, keep: checksums },
  ["attempt", "keep"],
);

const hellos = record<Hello>({
  agentVersion: text(wireLimits.identifier),
  bootId: bootIds,
  instanceNonce: identifiers,
  highest: generations,
  openAttempts: list(attemptRefs),
  followsKeyRotations: fc.boolean(),
});

type AgentMessageOf<Kind> = Extract<AgentMessage, { readonly kind: Kind }>;
type ServerMessageOf<Kind> = Extract<ServerMessage, { readonly kind: Kind }>;

export const agentMessages: Arbitrary<AgentMessage> = fc.oneof(
  record<AgentMessageOf<"hello">>({ kind: fc.constant("hello"), hello: hellos }),
  record<AgentMessageOf<"observation">>({
    kind: fc.constant("observation"),
    sequence: safeNatural,
    full: fc.constant(true),
    delta: observations,
  }),
  record<AgentMessageOf<"observation">>({
    kind: fc.constant("observation"),
    sequence: safeNatural,
    full: fc.constant(false),
    delta: observationDeltas,
  }),
  record<AgentMessageOf<"heartbeat">>({ kind: fc.constant("heartbeat"), sequence: safeNatural }),
  record<AgentMessageOf<"progress">>({
    kind: fc.constant("progress"),
    attempt: attemptRefs,
    bytesDone: safeNatural,
    objectsDone: safeNatural,
    bytesTotal: safeNatural,
  }),
);

export const serverMessages: Arbitrary<ServerMessage> = fc.oneof(
  record<ServerMessageOf<"welcome">>({
    kind: fc.constant("welcome"),
    welcome: record<ServerMessageOf<"welcome">["welcome"]>({ epoch: safeNatural, heartbeatMillis: uint32, leaseMillis: uint32 }),
  }),
  record<ServerMessageOf<"acknowledgement">>({ kind: fc.constant("acknowledgement"), sequence: safeNatural }),
  record<ServerMessageOf<"heartbeat">>({ kind: fc.constant("heartbeat"), sequence: safeNatural }),
  record<ServerMessageOf<"intent">>({ kind: fc.constant("intent"), intent: intents }),
  record<ServerMessageOf<"key-rotations">>({ kind: fc.constant("key-rotations"), documents: list(text(wireLimits.keyRotation)) }),
);

export const confirmations: Arbitrary<Confirmation> = record<Confirmation>({
  attempt: attemptRefs,
  permission: permissions,
  bootId: bootIds,
  nonce: identifiers,
  checksum: checksums,
});
