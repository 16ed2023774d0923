import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { confirm, confirmTtlMillis, type Confirmation } from "@treeline/rollout";
import { confirmationAnswerToProto, confirmationFromProto, failCall, unary, type OnUnexpected, type wire } from "@treeline/rpc";
import type { Fleet } from "../fleet.ts";
import type { SessionCall } from "./session.ts";
import type { Sessions } from "./sessions.ts";

export interface AgentServiceOptions {
  readonly fleet: Fleet;
  readonly sessions: Sessions;
  readonly now: () => number;
  readonly onUnexpected: OnUnexpected;
  /** Counts answers, for the metrics. */
  readonly onConfirmation: (granted: boolean) => void;
}

/** AgentService: what a node reaches with its certificate. */
export function agentService(options: AgentServiceOptions): UntypedServiceImplementation {
  const { fleet, sessions, now, onUnexpected, onConfirmation } = options;
  return {
    session: (call: SessionCall) => {
      try {
        sessions.accept(call);
      } catch (error) {
        failCall(call, error, onUnexpected);
      }
    },
    confirm: unary<wire.ConfirmRequest__Output, wire.ConfirmResponse>(async (request, call) => {
      const nodeId = sessions.nodeOf(call);
      const asked = confirmationFromProto(request);
      // Judged and committed in one transaction; the node is told only after the commit.
      const answer = await fleet.transact<Confirmation>((working) => {
        const at = now();
        const judged = confirm(working, { nodeId, ...asked }, at);
        if (!judged.granted) return { changes: [], result: judged };
        const subject = `rollout ${asked.attempt.rollout} node ${nodeId}`;
        const entry = { at, actor: `node:${nodeId}`, action: "confirm", subject, because: "every condition held" };
        return { changes: [{ kind: "slot", value: judged.slot }], audit: [entry], result: judged };
      });
      onConfirmation(answer.granted);
      return confirmationAnswerToProto({
        granted: answer.granted,
        ttlMillis: answer.granted ? confirmTtlMillis : 0,
        reason: answer.granted ? "" : answer.reason,
        nonce: asked.nonce,
      });
    }, onUnexpected),
  };
}
