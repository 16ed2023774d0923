import type { AttemptRef, ClosedAttempt, DeniedCommit, FailureClass, OpenAttempt, Outcome, RollbackCause } from "@treeline/fleet";
import type { wire } from "../wire.ts";
import { readTarget, targetToProto } from "./deployment.ts";
import { Fields, readWhole, uint32, type Read } from "./fields.ts";
import { bootIdFormat, checksumFormat, identifierFormat, wireLimits } from "./limits.ts";
import { phasesByWireName, phaseToProto } from "./phase.ts";

export const readAttemptRef: Read<AttemptRef> = (message, at, violations) => {
  const fields = new Fields<wire.AttemptRef__Output>(message, at, violations);
  return { rollout: fields.formed("rollout", identifierFormat), number: fields.count("number") };
};

export const readOpenAttempt: Read<OpenAttempt> = (message, at, violations) => {
  const fields = new Fields<wire.OpenAttempt__Output>(message, at, violations);
  const confirmedBootId = fields.formedOrAbsent("confirmedBootId", bootIdFormat);
  return {
    attempt: fields.message("attempt", readAttemptRef),
    target: fields.message("target", readTarget),
    base: { checksum: fields.formed("baseChecksum", checksumFormat), serial: fields.count("baseSerial") },
    phase: fields.named("phase", phasesByWireName),
    ...(confirmedBootId === undefined ? {} : { confirmedBootId }),
  };
};

export const readClosedAttempt: Read<ClosedAttempt> = (message, at, violations) => {
  const fields = new Fields<wire.ClosedAttempt__Output>(message, at, violations);
  const confirmedBootId = fields.formedOrAbsent("confirmedBootId", bootIdFormat);
  return {
    attempt: fields.message("attempt", readAttemptRef),
    target: fields.message("target", readTarget),
    outcome: readOutcome(fields),
    ...(confirmedBootId === undefined ? {} : { confirmedBootId }),
  };
};

export const readDeniedCommit: Read<DeniedCommit> = (message, at, violations) => {
  const fields = new Fields<wire.DeniedCommit__Output>(message, at, violations);
  return { checksum: fields.formed("checksum", checksumFormat), reason: fields.text("reason", wireLimits.reason) };
};

// The four phases an attempt can end in; Idle is the node that went back to nothing under way, an attempt called off.
const outcomeKinds = {
  updated: "UPDATE_PHASE_UPDATED",
  "rolled-back": "UPDATE_PHASE_ROLLED_BACK",
  failed: "UPDATE_PHASE_FAILED",
  abandoned: "UPDATE_PHASE_IDLE",
} as const satisfies Record<Outcome["kind"], wire.UpdatePhase__Output>;

// Complete by type: a class added to the domain does not compile until it stands here.
const failureClasses = {
  transient: true,
  "never-booted": true,
  unreachable: true,
  node: true,
  release: true,
  operator: true,
  "needs-operator": true,
} as const satisfies Record<FailureClass, true>;
const rollbackCauses = { "required-check": true, "no-session": true, "boot-guard": true, unproven: true } as const satisfies Record<
  RollbackCause,
  true
>;

const kindsByWireName = new Map<unknown, Outcome["kind"]>(
  Object.entries(outcomeKinds).map(([kind, name]) => [name, kind as Outcome["kind"]]),
);
const failuresByName = new Map<unknown, FailureClass>(Object.keys(failureClasses).map((name) => [name, name as FailureClass]));
const causesByName = new Map<unknown, RollbackCause>(Object.keys(rollbackCauses).map((name) => [name, name as RollbackCause]));

function readOutcome(fields: Fields<wire.ClosedAttempt__Output>): Outcome {
  const kind = fields.named("outcome", kindsByWireName);
  const bootId = fields.formed("bootId", bootIdFormat);
  const reason = fields.text("reason", wireLimits.reason);
  switch (kind) {
    case "updated":
      return { kind, bootId, soakedMillis: fields.count("soakedMillis") };
    case "rolled-back":
      return { kind, bootId, reason, cause: fields.named("class", causesByName) };
    case "failed":
      return { kind, bootId, reason, failure: fields.named("class", failuresByName) };
    case "abandoned":
      return { kind, bootId, reason };
  }
}

export function attemptRefToProto(attempt: AttemptRef): wire.AttemptRef {
  return { rollout: attempt.rollout, number: uint32("number", attempt.number) };
}

export function openAttemptToProto(open: OpenAttempt): wire.OpenAttempt {
  return {
    attempt: attemptRefToProto(open.attempt),
    target: targetToProto(open.target),
    baseChecksum: open.base.checksum,
    baseSerial: uint32("baseSerial", open.base.serial),
    phase: phaseToProto(open.phase),
    confirmedBootId: open.confirmedBootId ?? "",
  };
}

export function closedAttemptToProto(closed: ClosedAttempt): wire.ClosedAttempt {
  return {
    attempt: attemptRefToProto(closed.attempt),
    target: targetToProto(closed.target),
    outcome: outcomeKinds[closed.outcome.kind],
    ...outcomeFields(closed.outcome),
    confirmedBootId: closed.confirmedBootId ?? "",
  };
}

function outcomeFields(outcome: Outcome): Pick<wire.ClosedAttempt, "bootId" | "class" | "reason" | "soakedMillis"> {
  const { bootId } = outcome;
  switch (outcome.kind) {
    case "updated":
      return { bootId, soakedMillis: uint32("soakedMillis", outcome.soakedMillis) };
    case "rolled-back":
      return { bootId, class: outcome.cause, reason: outcome.reason };
    case "failed":
      return { bootId, class: outcome.failure, reason: outcome.reason };
    case "abandoned":
      return { bootId, reason: outcome.reason };
  }
}

export function deniedCommitToProto({ checksum, reason }: DeniedCommit): wire.DeniedCommit {
  return { checksum, reason };
}

export function attemptRefFromProto(message: wire.AttemptRef__Output): AttemptRef {
  return readWhole(message, "attempt", readAttemptRef);
}

export function openAttemptFromProto(message: wire.OpenAttempt__Output): OpenAttempt {
  return readWhole(message, "open", readOpenAttempt);
}

export function closedAttemptFromProto(message: wire.ClosedAttempt__Output): ClosedAttempt {
  return readWhole(message, "closed", readClosedAttempt);
}
