import type { UpdatePhase } from "@treeline/fleet";
import { phasesByWireName } from "@treeline/rpc";
import type { Colour } from "../output/style.ts";

/** A wire phase in the domain's word; `unspecified` where the server says nothing. */
export function phaseOf<Other extends string>(wireName: string, unspecified: Other): UpdatePhase | Other {
  return phasesByWireName.get(wireName) ?? unspecified;
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
      return "dim";
    default:
      return undefined;
  }
}
