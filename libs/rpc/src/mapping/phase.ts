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
