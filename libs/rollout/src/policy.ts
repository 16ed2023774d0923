import { maxUnavailableOf, parseAmount, parseSelector, type Amount } from "@treeline/fleet";

/** How many nodes a wave takes. */
export type Wave = { readonly count: number } | { readonly percent: number } | { readonly rest: true };

/** What an operator asked for, checked. */
export interface RolloutPolicy {
  /** A version or a commit checksum, as written. */
  readonly release: string;
  readonly selector: string;
  /** In order; each node belongs to exactly one. */
  readonly waves: readonly Wave[];
  readonly maxUnavailable: Amount;
  /** How long a node must stay healthy after its update before it counts, in milliseconds. It holds its slot meanwhile. */
  readonly nodeSoakMillis: number;
  /** How often a retryable failure of one node is tried again. */
  readonly retries: number;
}

/** The same before it is checked: what came over the wire or out of a document. */
export interface PolicyDraft {
  readonly release: string;
  readonly selector: string;
  readonly waves: readonly Wave[];
  readonly maxUnavailable: string;
  readonly nodeSoakMillis: number;
  readonly retries?: number;
}

/** One thing wrong with one field; `description` says the reason and the remedy. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

export type CheckedPolicy =
  | { readonly ok: true; readonly policy: RolloutPolicy }
  | { readonly ok: false; readonly violations: readonly FieldViolation[] };

export const maxWaves = 100;
export const maxSoakMillis = 7 * 24 * 3600 * 1000;
const maxRetries = 10;
const defaultRetries = 2;

/** Checks every field and names all that is wrong at once. Whether the release exists and nodes match is asked of the snapshot later. */
export function checkPolicy(draft: PolicyDraft): CheckedPolicy {
  const violations: FieldViolation[] = [];
  const wrong = (field: string, description: string): void => void violations.push({ field, description });

  if (draft.release.trim() === "") wrong("spec.release", "is empty; name a version or a commit that `treeline release list` shows");
  const selector = parseSelector(draft.selector);
  if (!selector.ok) wrong("spec.selector", selector.problem);
  violations.push(...waveProblems(draft.waves));
  const amount = parseAmount(draft.maxUnavailable === "" ? "1" : draft.maxUnavailable);
  if (!amount.ok) wrong("spec.maxUnavailable", amount.problem);
  else if (maxUnavailableOf(amount.amount, 1_000_000) === 0)
    wrong("spec.maxUnavailable", "is 0, so no node could ever be updated; allow at least 1");
  if (!Number.isInteger(draft.nodeSoakMillis) || draft.nodeSoakMillis < 0 || draft.nodeSoakMillis > maxSoakMillis)
    wrong("spec.nodeSoak", 'must be between 0 and 7 days, such as "30s"');
  const retries = draft.retries ?? defaultRetries;
  if (!Number.isInteger(retries) || retries < 0 || retries > maxRetries)
    wrong("spec.retries", `must be a whole number from 0 to ${maxRetries}`);

  if (violations.length > 0 || !amount.ok) return { ok: false, violations };
  const { release, waves, nodeSoakMillis } = draft;
  return {
    ok: true,
    policy: { release: release.trim(), selector: draft.selector.trim(), waves, maxUnavailable: amount.amount, nodeSoakMillis, retries },
  };
}

function waveProblems(waves: readonly Wave[]): readonly FieldViolation[] {
  if (waves.length === 0) return [{ field: "spec.waves", description: 'has no wave; write at least one, such as "- rest: true"' }];
  if (waves.length > maxWaves) return [{ field: "spec.waves", description: `has ${waves.length} waves; at most ${maxWaves} are allowed` }];
  return waves.flatMap((wave, index) => {
    const field = `spec.waves[${index}]`;
    if ("count" in wave && (!Number.isInteger(wave.count) || wave.count < 1))
      return [{ field: `${field}.count`, description: `is ${wave.count}; a wave takes at least one node` }];
    if ("percent" in wave && !(wave.percent > 0 && wave.percent <= 100))
      return [{ field: `${field}.percent`, description: `is ${wave.percent}; it must be more than 0 and at most 100` }];
    if ("rest" in wave && index < waves.length - 1)
      return [{ field: `${field}.rest`, description: "takes every node that is left, so no wave can follow it; move it to the end" }];
    return [];
  });
}

/**
 * Cuts an ordered list of nodes into waves. Percentages are of the whole list, rounded down, at least one node; a wave takes what is left
 * when fewer are left. Nodes that no wave takes are left over: a policy with left-overs does not reach the whole selection.
 */
export function cutWaves<Item>(
  items: readonly Item[],
  waves: readonly Wave[],
): { readonly waves: readonly (readonly Item[])[]; readonly leftOver: readonly Item[] } {
  let start = 0;
  const cut = waves.map((wave) => {
    const size =
      "count" in wave ? wave.count : "percent" in wave ? Math.max(1, Math.floor((items.length * wave.percent) / 100)) : items.length;
    const taken = items.slice(start, start + size);
    start += taken.length;
    return taken;
  });
  return { waves: cut, leftOver: items.slice(start) };
}
