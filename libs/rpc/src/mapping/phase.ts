import type { UpdatePhase } from "@treeline/fleet";
import type { wire } from "../wire.ts";

const wirePhases = {
  Idle: "UPDATE_PHASE_IDLE",
  Staging: "UPDATE_PHASE_STAGING",
  Staged: "UPDATE_PHASE_STAGED",
  Draining: "UPDATE_PHASE_DRAINING",
  Finalizing: "UPDATE_PHASE_FINALIZING",
  Rebooting: "UPDATE_PHASE_REBOOTING",
  Verifying: "UPDATE_PHASE_VERIFYING",
  Soaking: "UPDATE_PHASE_SOAKING",
  Updated: "UPDATE_PHASE_UPDATED",
  RolledBack: "UPDATE_PHASE_ROLLED_BACK",
  Failed: "UPDATE_PHASE_FAILED",
  Lost: "UPDATE_PHASE_LOST",
  NotEligible: "UPDATE_PHASE_NOT_ELIGIBLE",
} as const satisfies Record<UpdatePhase, wire.UpdatePhase__Output>;

export const phasesByWireName: ReadonlyMap<unknown, UpdatePhase> = new Map(
  Object.entries(wirePhases).map(([phase, name]) => [name, phase as UpdatePhase]),
);

export const updatePhases: readonly UpdatePhase[] = [...phasesByWireName.values()];

export function phaseToProto<Phase extends UpdatePhase>(phase: Phase): (typeof wirePhases)[Phase] {
  return wirePhases[phase];
}

/** A node's place in a rollout: its own phases, and two ends that only a rollout can give it. */
export type PlacePhase = UpdatePhase | "Reverted" | "Superseded";

const wirePlaces = {
  ...wirePhases,
  Reverted: "UPDATE_PHASE_REVERTED",
  Superseded: "UPDATE_PHASE_SUPERSEDED",
} as const satisfies Record<PlacePhase, wire.UpdatePhase__Output>;

/** For places in rollouts only: a node never reports the two ends that it does not know. */
export const placesByWireName: ReadonlyMap<unknown, PlacePhase> = new Map(
  Object.entries(wirePlaces).map(([phase, name]) => [name, phase as PlacePhase]),
);

export function placeToProto(phase: PlacePhase): wire.UpdatePhase__Output {
  return wirePlaces[phase];
}
