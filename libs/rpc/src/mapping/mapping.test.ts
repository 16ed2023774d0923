import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import * as arbitraries from "../arbitraries.ts";
import { messages } from "../definition.ts";
import { RpcError } from "../error.ts";
import * as attempt from "./attempt.ts";
import * as deployment from "./deployment.ts";
import * as intent from "./intent.ts";
import * as inventory from "./inventory.ts";
import * as observation from "./observation.ts";
import * as session from "./session.ts";

interface Codec<Input, Output> {
  serialize(value: Input): Buffer;
  deserialize(bytes: Buffer): Output;
}

/** One message's way: the domain's value as bytes, the bytes as a message, the message as a value again. */
interface Conversion {
  readonly name: string;
  readonly values: Arbitrary<unknown>;
  readonly send: (value: unknown) => Buffer;
  readonly receive: (bytes: Buffer) => object;
  readonly fromProto: (message: unknown) => unknown;
}

function conversion<Domain, Input, Output extends object>(
  name: string,
  values: Arbitrary<Domain>,
  codec: Codec<Input, Output>,
  toProto: (value: Domain) => Input,
  fromProto: (message: Output) => unknown,
): Conversion {
  return {
    name,
    values,
    send: (value) => codec.serialize(toProto(value as Domain)),
    receive: (bytes) => codec.deserialize(bytes),
    fromProto: (message) => fromProto(message as Output),
  };
}

const conversions: readonly Conversion[] = [
  conversion("Generation", arbitraries.generations, messages.Generation, deployment.generationToProto, deployment.generationFromProto),
  conversion("Target", arbitraries.targets, messages.Target, deployment.targetToProto, deployment.targetFromProto),
  conversion("Deployment", arbitraries.deployments, messages.Deployment, deployment.deploymentToProto, deployment.deploymentFromProto),
  conversion("OsState", arbitraries.osStates, messages.OsState, deployment.osStateToProto, deployment.osStateFromProto),
  conversion("AttemptRef", arbitraries.attemptRefs, messages.AttemptRef, attempt.attemptRefToProto, attempt.attemptRefFromProto),
  conversion("OpenAttempt", arbitraries.openAttempts, messages.OpenAttempt, attempt.openAttemptToProto, attempt.openAttemptFromProto),
  conversion(
    "ClosedAttempt",
    arbitraries.closedAttempts,
    messages.ClosedAttempt,
    attempt.closedAttemptToProto,
    attempt.closedAttemptFromProto,
  ),
  conversion(
    "UpdateState",
    arbitraries.updateStates,
    messages.UpdateState,
    observation.updateStateToProto,
    observation.updateStateFromProto,
  ),
  conversion("Health", arbitraries.healths, messages.Health, observation.healthToProto, observation.healthFromProto),
  conversion("Inventory", arbitraries.inventories, messages.Inventory, inventory.inventoryToProto, inventory.inventoryFromProto),
  conversion(
    "ObservationDelta",
    arbitraries.observationDeltas,
    messages.Observation,
    observation.observationToProto,
    observation.observationDeltaFromProto,
  ),
  conversion(
    "ExtendedResources",
    arbitraries.extendedResources,
    messages.ExtendedResources,
    observation.extendedResourcesToProto,
    observation.extendedResourcesFromProto,
  ),
  conversion("Permission", arbitraries.permissions, messages.Permission, intent.permissionToProto, intent.permissionFromProto),
  conversion("AttemptOrder", arbitraries.attemptOrders, messages.AttemptOrder, intent.attemptOrderToProto, intent.attemptOrderFromProto),
  conversion("Intent", arbitraries.intents, messages.Intent, intent.intentToProto, intent.intentFromProto),
  conversion(
    "SessionRequest",
    arbitraries.agentMessages,
    messages.SessionRequest,
    session.agentMessageToProto,
    session.agentMessageFromProto,
  ),
  conversion(
    "SessionResponse",
    arbitraries.serverMessages,
    messages.SessionResponse,
    session.serverMessageToProto,
    session.serverMessageFromProto,
  ),
  conversion(
    "ConfirmRequest",
    arbitraries.confirmations,
    messages.ConfirmRequest,
    session.confirmationToProto,
    session.confirmationFromProto,
  ),
];

describe.each(conversions)("$name", ({ values, send, receive, fromProto }) => {
  it("survives the way over the wire and back", () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(fromProto(receive(send(value)))).toStrictEqual(value);
      }),
    );
  });

  it("answers junk with INVALID_ARGUMENT and nothing else", () => {
    const junk = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true });
    fc.assert(fc.property(junk, (message) => onlyRefuses(() => fromProto(message))));
  });

  it("answers a good message with one spoiled field with a value or INVALID_ARGUMENT", () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.anything(), (value, at, spoiler) => {
        const message = receive(send(value));
        const keys = Object.keys(message);
        onlyRefuses(() => fromProto({ ...message, [keys[at % keys.length]!]: spoiler }));
      }),
    );
  });

  it("answers other bytes that are still protobuf with a value or INVALID_ARGUMENT", () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, flip) => {
        const bytes = send(value);
        if (bytes.length === 0) return;
        bytes[at % bytes.length]! ^= flip;
        const message = received(() => receive(bytes));
        if (message !== undefined) onlyRefuses(() => fromProto(message));
      }),
    );
  });
});

/** What is not protobuf never reaches a handler: grpc-js answers it. */
function received(receive: () => object): object | undefined {
  try {
    return receive();
  } catch {
    return undefined;
  }
}

function onlyRefuses(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError);
    expect((error as RpcError).status).toBe(3);
    expect((error as RpcError).violations.length).toBeGreaterThan(0);
    expect((error as RpcError).violations.length).toBeLessThanOrEqual(16);
  }
}
