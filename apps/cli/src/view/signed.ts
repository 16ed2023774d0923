import type { wire } from "@treeline/rpc";
import { instantOf } from "./instant.ts";

/** Who did something by hand, when and why. */
export interface SignedView {
  readonly at: string | null;
  readonly by: string;
  readonly reason: string;
}

export function signedView({ atMillis, by, reason }: wire.Signed__Output): SignedView {
  return { at: instantOf(atMillis), by, reason };
}
