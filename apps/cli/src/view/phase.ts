import { placesByWireName, type PlacePhase, type wire } from "@treeline/rpc";
import type { Colour } from "../output/style.ts";

/** A wire phase in the domain's word; `unspecified` where the server says nothing. */
export function phaseOf<Other extends string>(wireName: string, unspecified: Other): PlacePhase | Other {
  return placesByWireName.get(wireName) ?? unspecified;
}

/** Green: arrived. Red: a person should look. Yellow: the node is being taken away from its work. Cyan: work without a slot. */
export function phaseColour(phase: string): Colour | undefined {
  switch (phase) {
    case "Updated":
      return "green";
    case "RolledBack":
    case "Failed":
    case "Lost":
      return "red";
    case "Draining":
    case "Finalizing":
    case "Rebooting":
    case "Verifying":
    case "Soaking":
      return "yellow";
    case "Staging":
    case "Staged":
      return "cyan";
    case "Idle":
    case "Superseded":
      return "dim";
    default:
      return undefined;
  }
}

/** A phase in the domain's word, whatever its case, as the wire has it. */
export function wirePhaseOf(word: string): wire.UpdatePhase__Output | undefined {
  const found = [...placesByWireName].find(([, phase]) => phase.toLowerCase() === word.toLowerCase());
  return found?.[0] as wire.UpdatePhase__Output | undefined;
}
