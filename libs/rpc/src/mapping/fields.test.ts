import { describe, expect, it } from "vitest";
import { messages } from "../definition.ts";
import { RpcError } from "../error.ts";
import type { wire } from "../wire.ts";
import { closedAttemptFromProto } from "./attempt.ts";
import { deploymentFromProto, generationToProto, osStateFromProto } from "./deployment.ts";
import { safeInteger } from "./fields.ts";
import { attemptOrderToProto, intentFromProto } from "./intent.ts";
import { inventoryFromProto } from "./inventory.ts";
import { wireLimits } from "./limits.ts";
import { extendedResourcesFromProto, healthFromProto, observationDeltaFromProto, updateStateFromProto } from "./observation.ts";
import { agentMessageFromProto } from "./session.ts";

const bootId = "0b5c0a4e-4a5c-4f1e-8d0a-2f1f6a1f9b3c";
const checksum = "a".repeat(64);

/** What the wire makes of `input`: defaults filled in, as a handler sees it. */
function received<Input, Output>(codec: { serialize(value: Input): Buffer; deserialize(bytes: Buffer): Output }, input: Input): Output {
  return codec.deserialize(codec.serialize(input));
}

function violationsOf(read: () => unknown): Readonly<Record<string, string>> {
  try {
    read();
  } catch (error) {
    if (error instanceof RpcError && error.status === 3)
      return Object.fromEntries(error.violations.map((found) => [found.field, found.description]));
    throw error;
  }
  return {};
}

describe("64-bit integers", () => {
  it.each(["0", "1", "9007199254740991"])("takes %s", (text) => expect(safeInteger("n", text)).toBe(Number(text)));

  it.each(["-1", "9007199254740992", "18446744073709551615", "", "1.0", "1e3", " 1", "0x10", "NaN", 5, undefined])("refuses %j", (text) => {
    expect(Object.keys(violationsOf(() => safeInteger("n", text)))).toEqual(["n"]);
  });

  it("is no 32-bit integer beyond 2^32-1", () => {
    const deployment = received(messages.Deployment, { checksum, serial: 2 ** 32 - 1 });
    expect(deploymentFromProto(deployment).serial).toBe(2 ** 32 - 1);
    expect(Object.keys(violationsOf(() => deploymentFromProto({ ...deployment, serial: 2 ** 32 })))).toEqual(["deployment.serial"]);
  });

  it("refuses to send a number that would arrive as another", () => {
    for (const epoch of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => generationToProto({ epoch, number: 0 })).toThrow(RpcError);
  });
});

describe("lists", () => {
  const deployment: wire.Deployment = { checksum, osname: "os" };
  const full = <Item>(length: number, item: Item): Item[] => Array.from({ length }, () => item);

  it.each([
    [
      "os.deployments",
      wireLimits.deployments,
      (n: number) => osStateFromProto(received(messages.OsState, { bootId, deployments: full(n, deployment) })),
    ],
    [
      "health.checks",
      wireLimits.checks,
      (n: number) => healthFromProto(received(messages.Health, { bootId, state: "HEALTH_STATE_RED", checks: full(n, {}) })),
    ],
    [
      "update.denied",
      wireLimits.deniedCommits,
      (n: number) => updateStateFromProto(received(messages.UpdateState, { ...update, denied: full(n, { checksum }) })),
    ],
    [
      "update.closed",
      wireLimits.closedAttempts,
      (n: number) => updateStateFromProto(received(messages.UpdateState, { ...update, closed: full(n, closed) })),
    ],
    ["inventory.disks", wireLimits.disks, (n: number) => inventoryFromProto(received(messages.Inventory, { disks: full(n, {}) }))],
    [
      "inventory.interfaces",
      wireLimits.interfaces,
      (n: number) => inventoryFromProto(received(messages.Inventory, { interfaces: full(n, {}) })),
    ],
  ] as const)("%s takes %i entries and not one more", (field, max, read) => {
    expect(violationsOf(() => read(max))).toEqual({});
    expect(violationsOf(() => read(max + 1))).toEqual({ [field]: `has ${max + 1} entries; at most ${max} are allowed` });
  });

  it("names the entry", () => {
    const spoiled = received(messages.OsState, { bootId, deployments: [deployment, { ...deployment, checksum: "A".repeat(64) }] });
    expect(violationsOf(() => osStateFromProto(spoiled))).toEqual({
      "os.deployments[1].checksum": "must be 64 lower-case hexadecimal digits",
    });
  });
});

describe("extended resources", () => {
  const read = (amounts: Record<string, string | number>) =>
    violationsOf(() => extendedResourcesFromProto(received(messages.ExtendedResources, { amounts })));
  const many = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, index) => [`vendor.com/r${index}`, 1]));

  it("takes as many as the wire allows and not one more", () => {
    expect(read(many(wireLimits.extendedResources))).toEqual({});
    expect(read(many(wireLimits.extendedResources + 1))).toEqual({
      "extendedResources.amounts": `has ${wireLimits.extendedResources + 1} entries; at most ${wireLimits.extendedResources} are allowed`,
    });
  });

  it.each(["gpu", "vendor.com/gpu", "a/B_c.d-e", "x".repeat(63)])("takes the name %s", (name) => expect(read({ [name]: 4 })).toEqual({}));

  it.each(["", "/gpu", "vendor.com/", "a/b/c", "Vendor.com/gpu", "gpu-", "x".repeat(64), "__proto__", "gpu\n"])(
    "refuses the name %j",
    (name) => {
      expect(Object.keys(read(Object.fromEntries([[name, 4]])))).toEqual(["extendedResources.amounts"]);
    },
  );

  it("names the amount that is too big", () => {
    expect(Object.keys(read({ gpu: "18446744073709551615" }))).toEqual(["extendedResources.amounts[gpu]"]);
  });

  it("tells none from not said, in a delta", () => {
    const delta = (extendedResources: wire.ExtendedResources | null) =>
      observationDeltaFromProto(received(messages.Observation, { extendedResources }));
    expect(delta({})).toEqual({ extendedResources: {} });
    expect(delta(null)).toEqual({});
  });
});

describe("an order", () => {
  it("does not send a limit of 0, which would arrive as none", () => {
    const order = { ref: { rollout: "r", number: 1 }, soakMillis: 0, clearDenied: false };
    expect(() => attemptOrderToProto({ ...order, maxBytesPerSecond: 0 })).toThrow(/only whole numbers from 1 to/);
    expect(attemptOrderToProto(order).maxBytesPerSecond).toBe("0");
  });

  it("refuses to keep what is no commit", () => {
    const intent = received(messages.Intent, { generation: {}, target: { checksum }, keep: "treeline/keep" });
    expect(violationsOf(() => intentFromProto(intent))).toEqual({ "intent.keep": "must be 64 lower-case hexadecimal digits" });
  });
});

const update: wire.UpdateState = { phase: "UPDATE_PHASE_IDLE", highest: {} };
const closed: wire.ClosedAttempt = {
  attempt: { rollout: "r", number: 1 },
  target: { checksum },
  outcome: "UPDATE_PHASE_FAILED",
  class: "node",
  bootId,
};

describe("forms", () => {
  it("bounds the output of a check at 4 KiB", () => {
    const health = (length: number): wire.Health => ({ state: "HEALTH_STATE_GREEN", bootId, checks: [{ output: "x".repeat(length) }] });
    expect(violationsOf(() => healthFromProto(received(messages.Health, health(4096))))).toEqual({});
    expect(Object.keys(violationsOf(() => healthFromProto(received(messages.Health, health(4097)))))).toEqual(["health.checks[0].output"]);
  });

  it.each(["", "unknown", bootId.toUpperCase(), `${bootId}\n`])("refuses the boot id %j", (text) => {
    expect(Object.keys(violationsOf(() => osStateFromProto(received(messages.OsState, { bootId: text }))))).toEqual(["os.bootId"]);
  });

  it("refuses an unspecified and an unknown enum value", () => {
    for (const phase of [0, 99] as const)
      expect(
        Object.keys(violationsOf(() => updateStateFromProto(received(messages.UpdateState, { ...update, phase: phase as 0 })))),
      ).toEqual(["update.phase"]);
  });

  it("refuses an outcome that no attempt ends in, and a class that does not belong to the outcome", () => {
    const fields = (message: wire.ClosedAttempt): readonly string[] =>
      Object.keys(violationsOf(() => closedAttemptFromProto(received(messages.ClosedAttempt, message))));
    expect(fields(closed)).toEqual([]);
    expect(fields({ ...closed, outcome: "UPDATE_PHASE_SOAKING" })).toEqual(["closed.outcome"]);
    expect(fields({ ...closed, outcome: "UPDATE_PHASE_ROLLED_BACK" })).toEqual(["closed.class"]);
  });

  it("names everything that is wrong at once", () => {
    expect(Object.keys(violationsOf(() => deploymentFromProto(received(messages.Deployment, { osname: "x".repeat(257) }))))).toEqual([
      "deployment.osname",
      "deployment.checksum",
    ]);
  });
});

describe("a session message", () => {
  it("must carry one of its kinds", () => {
    expect(Object.keys(violationsOf(() => agentMessageFromProto(received(messages.SessionRequest, {}))))).toEqual(["session.message"]);
  });

  it("must carry every section when it calls itself full", () => {
    const message = received(messages.SessionRequest, { observation: { full: true, os: { bootId } } });
    expect(Object.keys(violationsOf(() => agentMessageFromProto(message)))).toEqual([
      "session.observation.update",
      "session.observation.health",
      "session.observation.inventory",
    ]);
  });
});
