import { formatDuration, type GateDraft, type OwnBudgetDraft, type PolicyDraft, type WaveDraft } from "@treeline/rollout";
import { policyDraftFromProto, type wire } from "@treeline/rpc";

/** A wave as machines read it: one of `count`, `percent` and `rest` is there, none when it takes all that its selector matches. */
export type WaveView = Partial<{ readonly count: number; readonly percent: number; readonly rest: true }> & {
  readonly name: string;
  readonly selector: string | null;
  readonly bakeMillis: number;
  readonly approval: boolean;
  readonly gate: GateDraft | null;
};

/** A rollout's policy as machines read it, every default filled in by the server. */
export interface PolicyView {
  readonly release: string | null;
  readonly channel: string | null;
  readonly selector: string | null;
  readonly nodes: readonly string[];
  readonly exclude: { readonly selector: string | null; readonly nodes: readonly string[] };
  readonly priority: number;
  readonly cure: boolean;
  readonly waves: readonly WaveView[];
  /** The one limit over all its nodes; null when `budgets` says more than that. */
  readonly maxUnavailable: string | null;
  readonly budgets: readonly OwnBudgetDraft[];
  readonly nodeSoakMillis: number;
  readonly gate: GateDraft | null;
  readonly onFailure: string | null;
  readonly timeouts: NonNullable<PolicyDraft["timeouts"]>;
  readonly retries: number | null;
  readonly retryBackoffMillis: number | null;
  readonly retryMaxBackoffMillis: number | null;
  readonly staging: NonNullable<PolicyDraft["staging"]>;
}

export function policyView(policy: wire.RolloutPolicy__Output): PolicyView {
  const draft = policyDraftFromProto(policy);
  const { exclude, retries } = draft;
  return {
    release: draft.release ?? null,
    channel: draft.channel ?? null,
    selector: draft.selector ?? null,
    nodes: draft.nodes ?? [],
    exclude: { selector: exclude?.selector ?? null, nodes: exclude?.nodes ?? [] },
    priority: draft.priority ?? 0,
    cure: draft.cure ?? false,
    waves: draft.waves.map(waveView),
    maxUnavailable: draft.maxUnavailable ?? null,
    budgets: draft.budgets ?? [],
    nodeSoakMillis: draft.nodeSoakMillis ?? 0,
    gate: draft.gate ?? null,
    onFailure: draft.onFailure ?? null,
    timeouts: draft.timeouts ?? {},
    retries: retries?.limit ?? null,
    retryBackoffMillis: retries?.backoffMillis ?? null,
    retryMaxBackoffMillis: retries?.maxBackoffMillis ?? null,
    staging: draft.staging ?? {},
  };
}

function waveView({ name, size, selector, bakeMillis, approval, gate }: WaveDraft, index: number): WaveView {
  return {
    name: name ?? `wave-${index + 1}`,
    ...size,
    selector: selector ?? null,
    bakeMillis: bakeMillis ?? 0,
    approval: approval ?? false,
    gate: gate ?? null,
  };
}

/** As the command line takes them: "1,50%,rest". */
export function formatWaves(waves: readonly WaveView[]): string {
  return waves.map((wave) => formatSize(wave)).join(",");
}

function formatSize({ count, percent }: Pick<WaveView, "count" | "percent">): string {
  if (count !== undefined) return String(count);
  return percent === undefined ? "rest" : `${percent}%`;
}

/** "2 failures", "2 failures, or a failure rate of 10% (acceptable 1%)". */
export function formatGate(gate: GateDraft | null): string {
  if (gate === null) return "";
  const { maxFailures, failureRate } = gate;
  return [
    maxFailures === undefined ? "" : `more than ${maxFailures} failed`,
    failureRate === undefined ? "" : `a failure rate of ${percent(failureRate.unacceptable)} (${percent(failureRate.acceptable)} is fine)`,
  ]
    .filter((part) => part !== "")
    .join(", or ");
}

/** "1 at most", "zone: at most 2 unavailable". */
export function formatBudgets({ maxUnavailable, budgets }: Pick<PolicyView, "maxUnavailable" | "budgets">): string {
  if (maxUnavailable !== null) return `at most ${maxUnavailable} unavailable`;
  return budgets.map((budget) => `${budget.per === undefined ? "" : `per ${budget.per} `}${formatLimits(budget)}`).join("; ");
}

export function formatLimits({ maxUnavailable, minAvailable }: OwnBudgetDraft): string {
  return [maxUnavailable && `at most ${maxUnavailable} unavailable`, minAvailable && `at least ${minAvailable} available`]
    .filter(Boolean)
    .join(", ");
}

export function formatRetries({ retries, retryBackoffMillis }: Pick<PolicyView, "retries" | "retryBackoffMillis">): string {
  if (retries === null) return "";
  return retries === 0 || !retryBackoffMillis ? String(retries) : `${retries}, the first after ${formatDuration(retryBackoffMillis)}`;
}

function percent(fraction: number | undefined): string {
  return fraction === undefined ? "?" : `${Number((fraction * 100).toFixed(4))}%`;
}
