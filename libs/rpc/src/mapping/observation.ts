import type { CheckResult, ExtendedResources, Health, Observation, ObservationDelta, Trust, UpdateState } from "@treeline/fleet";
import type { wire } from "../wire.ts";
import {
  closedAttemptToProto,
  deniedCommitToProto,
  openAttemptToProto,
  readClosedAttempt,
  readDeniedCommit,
  readOpenAttempt,
} from "./attempt.ts";
import { generationToProto, osStateToProto, readGeneration, readOsState } from "./deployment.ts";
import { Fields, integerText, readWhole, type Read } from "./fields.ts";
import { inventoryToProto, readInventory } from "./inventory.ts";
import { bootIdFormat, resourceNameFormat, wireLimits } from "./limits.ts";
import { phasesByWireName, phaseToProto } from "./phase.ts";

const wireHealth = {
  unknown: "HEALTH_STATE_UNKNOWN",
  green: "HEALTH_STATE_GREEN",
  red: "HEALTH_STATE_RED",
} as const satisfies Record<Health["state"], wire.HealthState__Output>;
const healthByWireName = new Map<unknown, Health["state"]>(
  Object.entries(wireHealth).map(([state, name]) => [name, state as Health["state"]]),
);

const readCheckResult: Read<CheckResult> = (message, at, violations) => {
  const fields = new Fields<wire.CheckResult__Output>(message, at, violations);
  return {
    name: fields.text("name", wireLimits.name),
    required: fields.flag("required"),
    passed: fields.flag("passed"),
    output: fields.text("output", wireLimits.checkOutput),
  };
};

export const readHealth: Read<Health> = (message, at, violations) => {
  const fields = new Fields<wire.Health__Output>(message, at, violations);
  return {
    state: fields.named("state", healthByWireName),
    bootId: fields.formed("bootId", bootIdFormat),
    checks: fields.list("checks", wireLimits.checks, readCheckResult),
  };
};

export const readUpdateState: Read<UpdateState> = (message, at, violations) => {
  const fields = new Fields<wire.UpdateState__Output>(message, at, violations);
  const open = fields.optional("open", readOpenAttempt);
  const journalNote = fields.textOrAbsent("journalNote", wireLimits.reason);
  return {
    phase: fields.named("phase", phasesByWireName),
    reason: fields.text("reason", wireLimits.reason),
    ...(open === undefined ? {} : { open }),
    closed: fields.list("closed", wireLimits.closedAttempts, readClosedAttempt),
    denied: fields.list("denied", wireLimits.deniedCommits, readDeniedCommit),
    highest: fields.message("highest", readGeneration),
    ...(journalNote === undefined ? {} : { journalNote }),
  };
};

export const readExtendedResources: Read<ExtendedResources> = (message, at, violations) =>
  new Fields<wire.ExtendedResources__Output>(message, at, violations).integersByName(
    "amounts",
    wireLimits.extendedResources,
    resourceNameFormat,
  );

export const readTrust: Read<Trust> = (message, at, violations) => {
  const fields = new Fields<wire.Trust__Output>(message, at, violations);
  return { serial: fields.integer("serial"), note: fields.text("note", wireLimits.reason) };
};

/** Reads an observation message as what it says it is: full ones must carry every section. */
export const readObservation: Read<{ readonly sequence: number; readonly full: boolean; readonly delta: ObservationDelta }> = (
  message,
  at,
  violations,
) => {
  const fields = new Fields<wire.Observation__Output>(message, at, violations);
  const full = fields.flag("full");
  const os = fields.optional("os", readOsState);
  const update = fields.optional("update", readUpdateState);
  const health = fields.optional("health", readHealth);
  const inventory = fields.optional("inventory", readInventory);
  const extendedResources = fields.optional("extendedResources", readExtendedResources);
  const trust = fields.optional("trust", readTrust);
  const delta: ObservationDelta = {
    ...(os && { os }),
    ...(update && { update }),
    ...(health && { health }),
    ...(inventory && { inventory }),
    ...(extendedResources && { extendedResources }),
    ...(trust && { trust }),
  };
  if (full)
    for (const key of sections)
      if (delta[key] === undefined)
        fields.wrong(key, "is missing; a full observation carries every section that every node has", undefined);
  return { sequence: fields.integer("sequence"), full, delta };
};

const sections = ["os", "update", "health", "inventory"] as const satisfies readonly (keyof Observation)[];

/** Whether every section is there that every node has. */
export function isWhole(delta: ObservationDelta): delta is Observation {
  return sections.every((key) => delta[key] !== undefined);
}

export function healthToProto(health: Health): wire.Health {
  return {
    state: wireHealth[health.state],
    bootId: health.bootId,
    checks: health.checks.map(({ name, required, passed, output }) => ({ name, required, passed, output })),
  };
}

export function updateStateToProto(update: UpdateState): wire.UpdateState {
  return {
    phase: phaseToProto(update.phase),
    reason: update.reason,
    open: update.open ? openAttemptToProto(update.open) : null,
    closed: update.closed.map(closedAttemptToProto),
    denied: update.denied.map(deniedCommitToProto),
    highest: generationToProto(update.highest),
    journalNote: update.journalNote ?? "",
  };
}

export function extendedResourcesToProto(resources: ExtendedResources): wire.ExtendedResources {
  return { amounts: Object.fromEntries(Object.entries(resources).map(([name, amount]) => [name, integerText(name, amount)])) };
}

export function trustToProto({ serial, note }: Trust): wire.Trust {
  return { serial: integerText("serial", serial), note };
}

/** The sections that are there. `sequence` and `full` belong to the session and are set by it. */
export function observationToProto(delta: ObservationDelta): wire.Observation {
  return {
    os: delta.os ? osStateToProto(delta.os) : null,
    update: delta.update ? updateStateToProto(delta.update) : null,
    health: delta.health ? healthToProto(delta.health) : null,
    inventory: delta.inventory ? inventoryToProto(delta.inventory) : null,
    extendedResources: delta.extendedResources ? extendedResourcesToProto(delta.extendedResources) : null,
    trust: delta.trust ? trustToProto(delta.trust) : null,
  };
}

export function healthFromProto(message: wire.Health__Output): Health {
  return readWhole(message, "health", readHealth);
}

export function extendedResourcesFromProto(message: wire.ExtendedResources__Output): ExtendedResources {
  return readWhole(message, "extendedResources", readExtendedResources);
}

export function trustFromProto(message: wire.Trust__Output): Trust {
  return readWhole(message, "trust", readTrust);
}

export function updateStateFromProto(message: wire.UpdateState__Output): UpdateState {
  return readWhole(message, "update", readUpdateState);
}

/** The sections of an observation message, whole or not. */
export function observationDeltaFromProto(message: wire.Observation__Output): ObservationDelta {
  return readWhole(message, "observation", readObservation).delta;
}
