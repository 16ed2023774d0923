import type { WaveSize } from "./policy.ts";

/**
 * A policy before it is checked: what came over the wire, out of a document or from options. Selectors and amounts are texts. What is absent gets
 * its default; an empty text is a mistake, never the same as absent. Durations are in milliseconds.
 */
export interface PolicyDraft {
  /** A version or a commit checksum. Either this or `channel`. */
  readonly release?: string | undefined;
  readonly channel?: string | undefined;
  /** This, `nodes` or both. */
  readonly selector?: string | undefined;
  readonly nodes?: readonly string[] | undefined;
  readonly exclude?: { readonly selector?: string | undefined; readonly nodes?: readonly string[] | undefined } | undefined;
  readonly priority?: number | undefined;
  readonly cure?: boolean | undefined;
  readonly waves: readonly WaveDraft[];
  /** Short for a budget over all nodes of the rollout. An empty text counts as absent: old clients send it. */
  readonly maxUnavailable?: string | undefined;
  readonly budgets?: readonly OwnBudgetDraft[] | undefined;
  readonly nodeSoakMillis?: number | undefined;
  readonly gate?: GateDraft | undefined;
  readonly onFailure?: string | undefined;
  readonly timeouts?: TimeoutsDraft | undefined;
  readonly retries?: RetriesDraft | undefined;
  readonly staging?: StagingDraft | undefined;
}

export interface WaveDraft {
  readonly name?: string | undefined;
  /** Absent with a selector: everything that the selector matches. */
  readonly size?: WaveSize | undefined;
  readonly selector?: string | undefined;
  readonly bakeMillis?: number | undefined;
  readonly approval?: boolean | undefined;
  readonly gate?: GateDraft | undefined;
}

/** "2" or "10%". */
export interface LimitsDraft {
  readonly maxUnavailable?: string | undefined;
  readonly minAvailable?: string | undefined;
}

export interface OwnBudgetDraft extends LimitsDraft {
  /** `region`, `zone` or `rack`. */
  readonly per?: string | undefined;
}

/** A budget of the fleet before it is checked. */
export interface BudgetDraft extends OwnBudgetDraft {
  readonly name: string;
  readonly selector?: string | undefined;
}

export interface GateDraft {
  readonly maxFailures?: number | undefined;
  readonly failureRate?: FailureRateDraft | undefined;
}

/** Fractions from 0 to 1 but for the sample. */
export interface FailureRateDraft {
  readonly acceptable?: number | undefined;
  readonly unacceptable?: number | undefined;
  readonly falseAlarm?: number | undefined;
  readonly miss?: number | undefined;
  readonly minSample?: number | undefined;
}

export interface TimeoutsDraft {
  readonly eligibleMillis?: number | undefined;
  readonly stagingMillis?: number | undefined;
  readonly drainingMillis?: number | undefined;
  readonly rebootingMillis?: number | undefined;
  readonly verifyingMillis?: number | undefined;
}

export interface RetriesDraft {
  readonly limit?: number | undefined;
  readonly backoffMillis?: number | undefined;
  readonly maxBackoffMillis?: number | undefined;
}

export interface StagingDraft {
  readonly nodes?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
  readonly jitterMillis?: number | undefined;
}
