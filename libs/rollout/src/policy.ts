import type { Limits, Domain } from "@treeline/disruption";

/** How many of the selected nodes a wave takes. */
export type WaveSize = { readonly count: number } | { readonly percent: number } | { readonly rest: true };

export interface Wave {
  readonly name: string;
  readonly size: WaveSize;
  /** Which of the selected nodes it takes from, as written; absent: any. Percentages are of these. */
  readonly selector?: string;
  /** How long the wave is watched after its last node ended, in milliseconds. It holds no slot meanwhile. */
  readonly bakeMillis: number;
  /** A person must approve the wave before it opens. */
  readonly approval: boolean;
  /** For this wave's own results, beside the rollout's gate. */
  readonly gate?: Gate;
}

/** When a rollout must not go on. Judged after every result. */
export interface Gate {
  /** More failed nodes than this close the gate. Absent: no absolute limit. */
  readonly maxFailures?: number;
  readonly failureRate?: FailureRate;
}

/** The sequential test's parameters, all as fractions from 0 to 1 but for the sample. */
export interface FailureRate {
  /** A failure rate that is fine. */
  readonly acceptable: number;
  /** A failure rate that is not. */
  readonly unacceptable: number;
  /** The chance to close the gate although the true rate is acceptable (type I error). */
  readonly falseAlarm: number;
  /** The chance to take an unacceptable rate for acceptable (type II error). */
  readonly miss: number;
  /** No verdict before so many nodes have a result. */
  readonly minSample: number;
}

/** What follows when the gate closes. */
export type OnFailure = "pause" | "halt" | "rollback";

/** How long a node may stay in a phase, in milliseconds. */
export interface Timeouts {
  /** Waiting to be fit for its attempt (in contact, checks green) once its wave is open; absent: for ever. */
  readonly eligibleMillis?: number;
  readonly stagingMillis: number;
  readonly drainingMillis: number;
  /** From the confirmation to the first report of the new boot. A node silent for longer is Lost. */
  readonly rebootingMillis: number;
  /** From that report to the beginning of the soak. */
  readonly verifyingMillis: number;
}

export interface Retries {
  /** How often a retryable failure of one node is tried again. */
  readonly limit: number;
  /** The first wait; each later one is twice as long, up to `maxBackoffMillis`. */
  readonly backoffMillis: number;
  readonly maxBackoffMillis: number;
}

export interface Staging {
  /** Nodes that pull at once; absent: no limit. */
  readonly nodes?: number;
  /** Of all of them together; needs `nodes`. */
  readonly bytesPerSecond?: number;
  /** Each node begins at its own moment within this time after its wave opened. */
  readonly jitterMillis: number;
}

/** A budget of the rollout's own over its nodes: it can only tighten what the fleet's budgets allow. */
export interface OwnBudget extends Limits {
  readonly per?: Domain;
}

/** What an operator asked for, checked. */
export interface RolloutPolicy {
  /** A version, a commit checksum, or the newest release of a channel. */
  readonly target: { readonly release: string } | { readonly channel: string };
  /** As written; absent: only the nodes named. */
  readonly selector?: string;
  /** Nodes by name or id, beside those selected. */
  readonly nodes: readonly string[];
  readonly exclude: { readonly selector?: string; readonly nodes: readonly string[] };
  /** Of two rollouts over one node the higher goes first; of equal ones the older. */
  readonly priority: number;
  /** Nodes whose required checks are red are updated, too: the release is to cure them. */
  readonly cure: boolean;
  /** In order; each node belongs to exactly one. */
  readonly waves: readonly Wave[];
  readonly budgets: readonly OwnBudget[];
  /** How long a node must stay healthy after its update before it counts, in milliseconds. It holds its slot meanwhile. */
  readonly nodeSoakMillis: number;
  readonly gate: Gate;
  readonly onFailure: OnFailure;
  readonly timeouts: Timeouts;
  readonly retries: Retries;
  readonly staging: Staging;
}

/** One thing wrong with one field; `description` says the reason and the remedy. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}
