import type { FaultCase } from "./fault-case.ts";
import { specialCases } from "./special.ts";
import { stepCases } from "./steps.ts";

/** The whole matrix. Names are unique. */
export function allCases(): readonly FaultCase[] {
  return [...stepCases(), ...specialCases()];
}
