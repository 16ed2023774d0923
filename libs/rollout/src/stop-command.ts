import { parseSelector, type Instant } from "@treeline/fleet";
import type { DurableChange } from "./change.ts";
import { invalid, refuse, type Refused } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StopRecord } from "./stop.ts";

export interface StopAll {
  /** A label selector; `*` for the whole fleet. */
  readonly selector: string;
  readonly reason: string;
  readonly by: string;
  readonly sparesRollbacks: boolean;
}

export type StopResult = { readonly ok: true; readonly stop: StopRecord; readonly changes: readonly DurableChange[] } | Refused;

/** Pulls the andon cord. The same scope once more is the same cord; it may only become stricter. */
export function stopAll(snapshot: Snapshot, request: StopAll, now: Instant): StopResult {
  const parsed = parseSelector(request.selector);
  if (!parsed.ok) return invalid("the selector is not valid", [{ field: "selector", description: parsed.problem }]);
  const id = request.selector.trim();
  const before = snapshot.stops.get(id);
  if (before !== undefined && (!before.sparesRollbacks || request.sparesRollbacks)) return { ok: true, stop: before, changes: [] };
  const stop: StopRecord = { id, selector: id, reason: request.reason, by: request.by, at: now, sparesRollbacks: request.sparesRollbacks };
  return { ok: true, stop, changes: [{ kind: "stop", value: stop }] };
}

export type ResumeResult =
  | { readonly ok: true; readonly lifted: readonly StopRecord[]; readonly changes: readonly DurableChange[] }
  | Refused;

/** Lets go of the cord of one scope, or of every one. */
export function resumeAll(snapshot: Snapshot, { selector }: { readonly selector?: string | undefined }): ResumeResult {
  if (selector !== undefined && !snapshot.stops.has(selector.trim())) {
    const standing = [...snapshot.stops.keys()].map((id) => `"${id}"`).join(", ");
    return refuse(
      "not-found",
      `nothing is stopped by "${selector}"`,
      standing === "" ? "no stop stands" : `the stops that stand are ${standing}`,
    );
  }
  const lifted = [...snapshot.stops.values()].filter(({ id }) => selector === undefined || id === selector.trim());
  return { ok: true, lifted, changes: lifted.map(({ id }) => ({ kind: "stop-lifted", id })) };
}
