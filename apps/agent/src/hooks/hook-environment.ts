import type { AttemptRef, Checksum, Outcome, Target } from "@treeline/fleet";

export interface HookSubject {
  readonly attempt: AttemptRef;
  readonly target: Target;
  /** The commit that ran when the attempt began. */
  readonly from: Checksum;
  /** Of an attempt that is over, so for `post-update` only. */
  readonly outcome?: Outcome["kind"];
}

/** What a hook is told about the attempt. TREELINE_HOOK is added by `runHooks`. */
export function hookEnvironment({ attempt, target, from, outcome }: HookSubject): Readonly<Record<string, string>> {
  const variables = {
    TREELINE_ROLLOUT: attempt.rollout,
    TREELINE_ATTEMPT: String(attempt.number),
    TREELINE_TARGET: target.checksum,
    TREELINE_TARGET_VERSION: target.version,
    TREELINE_FROM: from,
    ...(outcome === undefined ? {} : { TREELINE_OUTCOME: outcome }),
  };
  // A version is any text; an environment takes no NUL.
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value.replaceAll("\0", "")]));
}
