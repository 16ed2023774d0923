import { compareGenerations, type Checksum, type Generation, type Intent } from "@treeline/fleet";

/**
 * What the local ref for a rollback of the whole rollout shall hold, as the newest intent has it: the commit it says to keep; else, while it orders a way back,
 * where that leads. Undefined: nobody has said yet, so the ref stays as it is.
 */
export function wantedKeep(intent: Intent | undefined, highest: Generation): { readonly commit: Checksum | undefined } | undefined {
  if (intent === undefined || compareGenerations(intent.generation, highest) < 0) return undefined;
  return { commit: intent.keep ?? (intent.attempt?.back === true ? intent.target.checksum : undefined) };
}
