import { formatAmount } from "@treeline/fleet";
import type {
  BudgetDraft,
  FailureRateDraft,
  GateDraft,
  LimitsDraft,
  OwnBudget,
  OwnBudgetDraft,
  PolicyDraft,
  RolloutPolicy,
  WaveDraft,
} from "@treeline/rollout";
import type { wire } from "../wire.ts";
import { integerText, safeInteger, uint32 } from "./fields.ts";

/**
 * Policies and budgets, as written, on their way to the server and back to the operator. Nothing is checked or filled in here: what is absent stays
 * absent, and the domain's own check names what is wrong.
 */

/** @throws RpcError INTERNAL for a number that the wire cannot carry; a checked draft has none */
export function policyDraftToProto(draft: PolicyDraft): wire.RolloutPolicy {
  const { exclude, retries, timeouts, staging } = draft;
  return present({
    release: draft.release,
    channel: draft.channel,
    selector: draft.selector,
    nodes: [...(draft.nodes ?? [])],
    excludeSelector: exclude?.selector,
    excludeNodes: [...(exclude?.nodes ?? [])],
    priority: draft.priority,
    cure: draft.cure,
    waves: draft.waves.map(waveToProto),
    maxUnavailable: draft.maxUnavailable,
    budgets: (draft.budgets ?? []).map(limitsToProto),
    nodeSoakMillis: count("nodeSoakMillis", draft.nodeSoakMillis),
    gate: draft.gate && gateToProto(draft.gate),
    onFailure: draft.onFailure,
    timeouts: timeouts && counts(timeouts),
    retries: count("retries", retries?.limit),
    retryBackoffMillis: count("retryBackoffMillis", retries?.backoffMillis),
    retryMaxBackoffMillis: count("retryMaxBackoffMillis", retries?.maxBackoffMillis),
    staging:
      staging &&
      present({
        ...counts({ nodes: staging.nodes, jitterMillis: staging.jitterMillis }),
        bytesPerSecond: staging.bytesPerSecond === undefined ? undefined : integerText("bytesPerSecond", staging.bytesPerSecond),
      }),
  });
}

/** A policy that was checked, as somebody could have written it. */
export function policyToProto(policy: RolloutPolicy): wire.RolloutPolicy {
  const { target, budgets, ...rest } = policy;
  const [first, ...others] = budgets.map(ownBudgetDraft);
  // One limit over all nodes is what the short form says, and what those who wrote it look for.
  const isShort =
    others.length === 0 && first?.per === undefined && first?.minAvailable === undefined && first?.maxUnavailable !== undefined;
  return policyDraftToProto({
    ...rest,
    ...target,
    ...(isShort ? { maxUnavailable: first.maxUnavailable } : { budgets: budgets.map(ownBudgetDraft) }),
  });
}

/** A missing policy is one in which everything is missing. @throws RpcError INVALID_ARGUMENT for a number beyond 2^53-1 */
export function policyDraftFromProto(policy: wire.RolloutPolicy__Output | null): PolicyDraft {
  if (policy === null) return { waves: [] };
  const { retries, retryBackoffMillis, retryMaxBackoffMillis, staging, timeouts } = policy;
  const hasRetries = retries !== undefined || retryBackoffMillis !== undefined || retryMaxBackoffMillis !== undefined;
  return present({
    release: policy.release,
    channel: policy.channel,
    selector: policy.selector,
    nodes: policy.nodes,
    exclude: present({ selector: policy.excludeSelector, nodes: policy.excludeNodes }),
    priority: policy.priority,
    cure: policy.cure,
    maxUnavailable: policy.maxUnavailable || undefined,
    budgets: policy.budgets.map(limitsFromProto),
    nodeSoakMillis: policy.nodeSoakMillis,
    gate: policy.gate ? gateFromProto(policy.gate) : undefined,
    onFailure: policy.onFailure,
    timeouts: timeouts
      ? present(pick(timeouts, ["eligibleMillis", "stagingMillis", "drainingMillis", "rebootingMillis", "verifyingMillis"]))
      : undefined,
    retries: hasRetries
      ? present({ limit: retries, backoffMillis: retryBackoffMillis, maxBackoffMillis: retryMaxBackoffMillis })
      : undefined,
    staging: staging
      ? present({
          ...pick(staging, ["nodes", "jitterMillis"]),
          bytesPerSecond:
            staging.bytesPerSecond === undefined ? undefined : safeInteger("policy.staging.bytesPerSecond", staging.bytesPerSecond),
        })
      : undefined,
    waves: policy.waves.map(waveFromProto),
  }) as PolicyDraft;
}

export function budgetDraftToProto(draft: BudgetDraft): wire.Budget {
  return present({ name: draft.name, selector: draft.selector, ...limitsToProto(draft) });
}

export function budgetDraftFromProto(budget: wire.Budget__Output | null): BudgetDraft {
  if (budget === null) return { name: "" };
  return { name: budget.name, ...present({ selector: budget.selector }), ...limitsFromProto(budget) };
}

function ownBudgetDraft({ per, maxUnavailable, minAvailable }: OwnBudget): OwnBudgetDraft {
  return present({
    per,
    maxUnavailable: maxUnavailable && formatAmount(maxUnavailable),
    minAvailable: minAvailable && formatAmount(minAvailable),
  });
}

function limitsToProto({ per, maxUnavailable, minAvailable }: OwnBudgetDraft): wire.OwnBudget {
  return present({ per, maxUnavailable, minAvailable });
}

function limitsFromProto({ per, maxUnavailable, minAvailable }: OwnBudgetDraft): OwnBudgetDraft & LimitsDraft {
  return present({ per, maxUnavailable, minAvailable });
}

function waveToProto({ name, selector, size, bakeMillis, approval, gate }: WaveDraft): wire.Wave {
  return present({
    name,
    selector,
    bakeMillis: count("bakeMillis", bakeMillis),
    approval,
    gate: gate && gateToProto(gate),
    ...(size && sizeToProto(size)),
  });
}

function sizeToProto(size: NonNullable<WaveDraft["size"]>): wire.Wave {
  return "count" in size ? { count: uint32("waves.count", size.count) } : size;
}

function waveFromProto(wave: wire.Wave__Output): WaveDraft {
  const { name, selector, bakeMillis, approval, gate } = wave;
  return present({ name, selector, size: sizeFromProto(wave), bakeMillis, approval, gate: gate ? gateFromProto(gate) : undefined });
}

function sizeFromProto({ size, count: nodes, percent, rest }: wire.Wave__Output): WaveDraft["size"] {
  switch (size) {
    case "count":
      return { count: nodes ?? Number.NaN };
    case "percent":
      return { percent: percent ?? Number.NaN };
    case "rest":
      // `rest: false` says nothing that could be done.
      return rest === true ? { rest } : { count: Number.NaN };
    default:
      return undefined;
  }
}

function gateToProto({ maxFailures, failureRate }: GateDraft): wire.Gate {
  return present({ maxFailures: count("maxFailures", maxFailures), failureRate: failureRate && failureRateToProto(failureRate) });
}

function failureRateToProto({ minSample, ...rates }: FailureRateDraft): wire.FailureRate {
  return present({ ...rates, minSample: count("minSample", minSample) });
}

function gateFromProto({ maxFailures, failureRate }: wire.Gate__Output): GateDraft {
  const rates = failureRate ? present(pick(failureRate, ["acceptable", "unacceptable", "falseAlarm", "miss", "minSample"])) : undefined;
  return present({ maxFailures, failureRate: rates });
}

function count(field: string, value: number | undefined): number | undefined {
  return value === undefined ? undefined : uint32(field, value);
}

function counts<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [[field, uint32(field, value as number)]])),
  ) as Present<Fields>;
}

type Present<Fields> = { [Key in keyof Fields]?: Exclude<Fields[Key], undefined> };

/** Without the fields that are undefined. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}

function pick<Fields extends object, Key extends keyof Fields>(fields: Fields, keys: readonly Key[]): Pick<Fields, Key> {
  return Object.fromEntries(keys.map((key) => [key, fields[key]])) as Pick<Fields, Key>;
}
