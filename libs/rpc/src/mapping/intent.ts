import type { AttemptOrder, Intent, Permission } from "@treeline/fleet";
import type { wire } from "../wire.ts";
import { attemptRefToProto, readAttemptRef } from "./attempt.ts";
import { generationToProto, readGeneration, readTarget, targetToProto } from "./deployment.ts";
import { Fields, integerText, positiveIntegerText, readWhole, uint32, type Read } from "./fields.ts";
import { checksumFormat, identifierFormat } from "./limits.ts";

export const readPermission: Read<Permission> = (message, at, violations) => {
  const fields = new Fields<wire.Permission__Output>(message, at, violations);
  return { slot: fields.formed("slot", identifierFormat), epoch: fields.integer("epoch") };
};

export const readAttemptOrder: Read<AttemptOrder> = (message, at, violations) => {
  const fields = new Fields<wire.AttemptOrder__Output>(message, at, violations);
  const permission = fields.optional("permission", readPermission);
  const maxBytesPerSecond = fields.integer("maxBytesPerSecond");
  return {
    ref: fields.message("ref", readAttemptRef),
    soakMillis: fields.count("soakMillis"),
    clearDenied: fields.flag("clearDenied"),
    ...(permission === undefined ? {} : { permission }),
    ...(fields.flag("back") ? { back: true } : {}),
    ...(fields.flag("cure") ? { cure: true } : {}),
    ...(maxBytesPerSecond === 0 ? {} : { maxBytesPerSecond }),
  };
};

export const readIntent: Read<Intent> = (message, at, violations) => {
  const fields = new Fields<wire.Intent__Output>(message, at, violations);
  const attempt = fields.optional("attempt", readAttemptOrder);
  const keep = fields.formedOrAbsent("keep", checksumFormat);
  return {
    generation: fields.message("generation", readGeneration),
    target: fields.message("target", readTarget),
    ...(attempt === undefined ? {} : { attempt }),
    ...(keep === undefined ? {} : { keep }),
  };
};

export function permissionToProto(permission: Permission): wire.Permission {
  return { slot: permission.slot, epoch: integerText("epoch", permission.epoch) };
}

export function attemptOrderToProto(order: AttemptOrder): wire.AttemptOrder {
  return {
    ref: attemptRefToProto(order.ref),
    soakMillis: uint32("soakMillis", order.soakMillis),
    clearDenied: order.clearDenied,
    permission: order.permission ? permissionToProto(order.permission) : null,
    back: order.back ?? false,
    cure: order.cure ?? false,
    // On the wire 0 stands for no limit: a limit of 0 would turn into its opposite.
    maxBytesPerSecond: order.maxBytesPerSecond === undefined ? "0" : positiveIntegerText("maxBytesPerSecond", order.maxBytesPerSecond),
  };
}

export function intentToProto(intent: Intent): wire.Intent {
  return {
    generation: generationToProto(intent.generation),
    target: targetToProto(intent.target),
    attempt: intent.attempt ? attemptOrderToProto(intent.attempt) : null,
    keep: intent.keep ?? "",
  };
}

export function intentFromProto(message: wire.Intent__Output): Intent {
  return readWhole(message, "intent", readIntent);
}

export function attemptOrderFromProto(message: wire.AttemptOrder__Output): AttemptOrder {
  return readWhole(message, "attempt", readAttemptOrder);
}

export function permissionFromProto(message: wire.Permission__Output): Permission {
  return readWhole(message, "permission", readPermission);
}
