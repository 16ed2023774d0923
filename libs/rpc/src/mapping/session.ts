import type { AgentMessage, AttemptRef, Hello, Permission, Progress, ServerMessage, Welcome } from "@treeline/fleet";
import type { wire } from "../wire.ts";
import { attemptRefToProto, readAttemptRef } from "./attempt.ts";
import { generationToProto, readGeneration } from "./deployment.ts";
import { Fields, integerText, readText, readWhole, uint32, type Read } from "./fields.ts";
import { intentToProto, permissionToProto, readIntent, readPermission } from "./intent.ts";
import { bootIdFormat, checksumFormat, identifierFormat, wireLimits } from "./limits.ts";
import { observationToProto, readObservation } from "./observation.ts";

export type { AgentMessage, Hello, ServerMessage, Welcome } from "@treeline/fleet";

/** The question before the point of no return. */
export interface Confirmation {
  readonly attempt: AttemptRef;
  readonly permission: Permission;
  readonly bootId: string;
  readonly nonce: string;
  readonly checksum: string;
}

/** The answer. `ttlMillis` counts from the sending of the question. */
export interface ConfirmationAnswer {
  readonly granted: boolean;
  readonly ttlMillis: number;
  readonly reason: string;
  readonly nonce: string;
}

const readHello: Read<Hello> = (message, at, violations) => {
  const fields = new Fields<wire.Hello__Output>(message, at, violations);
  return {
    agentVersion: fields.text("agentVersion", wireLimits.identifier),
    bootId: fields.formed("bootId", bootIdFormat),
    instanceNonce: fields.formed("instanceNonce", identifierFormat),
    highest: fields.message("highest", readGeneration),
    openAttempts: fields.list("openAttempts", wireLimits.openAttempts, readAttemptRef),
    followsKeyRotations: fields.flag("followsKeyRotations"),
  };
};

const readWelcome: Read<Welcome> = (message, at, violations) => {
  const fields = new Fields<wire.Welcome__Output>(message, at, violations);
  return { epoch: fields.integer("epoch"), heartbeatMillis: fields.count("heartbeatMillis"), leaseMillis: fields.count("leaseMillis") };
};

const readSequence: Read<number> = (message, at, violations) =>
  new Fields<wire.Heartbeat__Output | wire.Acknowledgement__Output>(message, at, violations).integer("sequence");

const readKeyRotations: Read<readonly string[]> = (message, at, violations) =>
  new Fields<wire.KeyRotations__Output>(message, at, violations).list(
    "documents",
    wireLimits.keyRotations,
    readText(wireLimits.keyRotation),
  );

const readProgress: Read<Progress> = (message, at, violations) => {
  const fields = new Fields<wire.Progress__Output>(message, at, violations);
  return {
    attempt: fields.message("attempt", readAttemptRef),
    bytesDone: fields.integer("bytesDone"),
    objectsDone: fields.integer("objectsDone"),
    bytesTotal: fields.integer("bytesTotal"),
  };
};

const agentKinds = new Map<unknown, AgentMessage["kind"]>(
  (["hello", "observation", "heartbeat", "progress"] as const).map((kind) => [kind, kind]),
);
const serverKinds = new Map<unknown, ServerMessage["kind"]>([
  ...(["welcome", "acknowledgement", "heartbeat", "intent"] as const).map((kind) => [kind, kind] as const),
  ["keyRotations", "key-rotations"],
]);

const readAgentMessage: Read<AgentMessage> = (message, at, violations) => {
  const fields = new Fields<wire.SessionRequest__Output>(message, at, violations);
  const kind = fields.namedIfKnown("message", agentKinds);
  switch (kind) {
    case undefined:
      return { kind: "heartbeat", sequence: 0 };
    case "hello":
      return { kind, hello: fields.message("hello", readHello) };
    case "observation":
      return { kind, ...fields.message("observation", readObservation) };
    case "heartbeat":
      return { kind, sequence: fields.message("heartbeat", readSequence) };
    case "progress":
      return { kind, ...fields.message("progress", readProgress) };
  }
};

const readServerMessage: Read<ServerMessage> = (message, at, violations) => {
  const fields = new Fields<wire.SessionResponse__Output>(message, at, violations);
  const kind = fields.namedIfKnown("message", serverKinds);
  switch (kind) {
    case undefined:
      return { kind: "heartbeat", sequence: 0 };
    case "welcome":
      return { kind, welcome: fields.message("welcome", readWelcome) };
    case "acknowledgement":
      return { kind, sequence: fields.message("acknowledgement", readSequence) };
    case "heartbeat":
      return { kind, sequence: fields.message("heartbeat", readSequence) };
    case "intent":
      return { kind, intent: fields.message("intent", readIntent) };
    case "key-rotations":
      return { kind, documents: fields.message("keyRotations", readKeyRotations) };
  }
};

const readConfirmation: Read<Confirmation> = (message, at, violations) => {
  const fields = new Fields<wire.ConfirmRequest__Output>(message, at, violations);
  return {
    attempt: fields.message("attempt", readAttemptRef),
    permission: fields.message("permission", readPermission),
    bootId: fields.formed("bootId", bootIdFormat),
    nonce: fields.formed("nonce", identifierFormat),
    checksum: fields.formed("checksum", checksumFormat),
  };
};

const readConfirmationAnswer: Read<ConfirmationAnswer> = (message, at, violations) => {
  const fields = new Fields<wire.ConfirmResponse__Output>(message, at, violations);
  return {
    granted: fields.flag("granted"),
    ttlMillis: fields.count("ttlMillis"),
    reason: fields.text("reason", wireLimits.reason),
    nonce: fields.formed("nonce", identifierFormat),
  };
};

export function agentMessageFromProto(message: wire.SessionRequest__Output): AgentMessage {
  return readWhole(message, "session", readAgentMessage);
}

export function agentMessageToProto(message: AgentMessage): wire.SessionRequest {
  switch (message.kind) {
    case "hello": {
      const { highest, openAttempts, agentVersion, bootId, instanceNonce, followsKeyRotations } = message.hello;
      const sent = {
        agentVersion,
        bootId,
        instanceNonce,
        highest: generationToProto(highest),
        openAttempts: openAttempts.map(attemptRefToProto),
        followsKeyRotations,
      };
      return { hello: sent };
    }
    case "observation":
      return {
        observation: { ...observationToProto(message.delta), sequence: integerText("sequence", message.sequence), full: message.full },
      };
    case "heartbeat":
      return { heartbeat: { sequence: integerText("sequence", message.sequence) } };
    case "progress":
      return {
        progress: {
          attempt: attemptRefToProto(message.attempt),
          bytesDone: integerText("bytesDone", message.bytesDone),
          objectsDone: integerText("objectsDone", message.objectsDone),
          bytesTotal: integerText("bytesTotal", message.bytesTotal),
        },
      };
  }
}

export function serverMessageFromProto(message: wire.SessionResponse__Output): ServerMessage {
  return readWhole(message, "session", readServerMessage);
}

export function serverMessageToProto(message: ServerMessage): wire.SessionResponse {
  switch (message.kind) {
    case "welcome":
      return {
        welcome: {
          epoch: integerText("epoch", message.welcome.epoch),
          heartbeatMillis: uint32("heartbeatMillis", message.welcome.heartbeatMillis),
          leaseMillis: uint32("leaseMillis", message.welcome.leaseMillis),
        },
      };
    case "acknowledgement":
      return { acknowledgement: { sequence: integerText("sequence", message.sequence) } };
    case "heartbeat":
      return { heartbeat: { sequence: integerText("sequence", message.sequence) } };
    case "intent":
      return { intent: intentToProto(message.intent) };
    case "key-rotations":
      return { keyRotations: { documents: [...message.documents] } };
  }
}

export function confirmationFromProto(message: wire.ConfirmRequest__Output): Confirmation {
  return readWhole(message, "confirm", readConfirmation);
}

export function confirmationToProto({ attempt, permission, bootId, nonce, checksum }: Confirmation): wire.ConfirmRequest {
  return { attempt: attemptRefToProto(attempt), permission: permissionToProto(permission), bootId, nonce, checksum };
}

export function confirmationAnswerFromProto(message: wire.ConfirmResponse__Output): ConfirmationAnswer {
  return readWhole(message, "answer", readConfirmationAnswer);
}

export function confirmationAnswerToProto({ granted, ttlMillis, reason, nonce }: ConfirmationAnswer): wire.ConfirmResponse {
  return { granted, ttlMillis: uint32("ttlMillis", ttlMillis), reason, nonce };
}
