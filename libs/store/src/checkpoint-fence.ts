import type { Checkpoint } from "@treeline/audit";
import { InvalidRequestError } from "./errors.ts";

/**
 * A checkpoint signs what is sealed, and goes past the newest one.
 * Throws `InvalidRequestError`.
 */
export function checkNextCheckpoint({
  checkpoint: { sequence, hash },
  sealed,
  newest,
}: {
  readonly checkpoint: Checkpoint;
  /** The hash stored at its place. */
  readonly sealed: string | undefined;
  /** The place of the newest checkpoint. */
  readonly newest: number | undefined;
}): void {
  if (newest !== undefined && sequence <= newest)
    throw invalid("sequence", `is ${sequence}, not past the newest checkpoint at ${newest}`, "sign the newest sealed row");
  if (sealed === undefined) throw invalid("sequence", `is ${sequence}, which is not sealed`, "seal it first");
  if (sealed !== hash) throw invalid("hash", `is not the one sealed at ${sequence}`, "verify the audit log: a seal may have been changed");
}

function invalid(field: string, reason: string, remedy: string): InvalidRequestError {
  return new InvalidRequestError({ phase: "seal", field: `checkpoint.${field}`, reason, remedy });
}
