import type { Instant } from "@treeline/fleet";
import { confirm, confirmTtlMillis, type ConfirmRequest } from "@treeline/rollout";
import type { Fleet } from "./fleet.ts";

/** The answer to a node at its point of no return. */
export interface ConfirmAnswer {
  readonly granted: boolean;
  /** How long it may act on it, in milliseconds from the sending of its question; 0 when refused. */
  readonly ttlMillis: number;
  /** Why not; empty when granted. */
  readonly reason: string;
}

/**
 * May the node go past the point of no return? Judged and committed in one transaction, on all that is decided until now, at once (within this
 * call). Resolves only after the commit.
 * INVARIANT: a server that was stopped, replaced or whose store has failed answers nothing: then this rejects, and the node does not act.
 * @throws what `Fleet.transact` throws
 */
export async function confirmAttempt(fleet: Fleet, request: ConfirmRequest, now: Instant): Promise<ConfirmAnswer> {
  return fleet.transact<ConfirmAnswer>((working) => {
    const judged = confirm(working, request, now);
    if (!judged.granted) return { changes: [], result: { granted: false, ttlMillis: 0, reason: judged.reason } };
    const { nodeId, attempt } = request;
    const subject = `rollout ${attempt.rollout} node ${nodeId}`;
    const entry = { at: now, actor: `node:${nodeId}`, action: "confirm", subject, because: "every condition held" };
    return {
      changes: [{ kind: "slot", value: judged.slot }],
      audit: [entry],
      result: { granted: true, ttlMillis: confirmTtlMillis, reason: "" },
    };
  });
}
