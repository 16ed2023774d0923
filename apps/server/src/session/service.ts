import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { confirmAttempt, type Fleet } from "@treeline/control";
import { confirmationAnswerToProto, confirmationFromProto, failCall, unary, type GrpcListener, type OnUnexpected, type wire } from "@treeline/rpc";
import { answering, onTheWire } from "../control-error.ts";
import type { SessionCall } from "./session.ts";
import type { Sessions } from "./sessions.ts";

export interface AgentServiceOptions {
  readonly fleet: Fleet;
  readonly sessions: Sessions;
  readonly listener: Pick<GrpcListener, "connectionOf">;
  readonly now: () => number;
  readonly onUnexpected: OnUnexpected;
  /** Counts answers, for the metrics. */
  readonly onConfirmation: (granted: boolean) => void;
}

/** AgentService: what a node reaches with its certificate. */
export function agentService(options: AgentServiceOptions): UntypedServiceImplementation {
  const { fleet, sessions, listener, now, onUnexpected, onConfirmation } = options;
  return {
    session: (call: SessionCall) => {
      try {
        sessions.accept(call, listener.connectionOf(call).identity);
      } catch (error) {
        failCall(call, onTheWire(error), onUnexpected);
      }
    },
    confirm: unary<wire.ConfirmRequest__Output, wire.ConfirmResponse>(
      (request, call) =>
        answering(async () => {
          const nodeId = sessions.nodeOf(listener.connectionOf(call).identity);
          const { nonce, ...asked } = confirmationFromProto(request);
          const answer = await confirmAttempt(fleet, { nodeId, ...asked }, now());
          onConfirmation(answer.granted);
          return confirmationAnswerToProto({ ...answer, nonce });
        }),
      onUnexpected,
    ),
  };
}
