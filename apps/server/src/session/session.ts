import { status, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Conversation, Conversations, Log, ServerMessage } from "@treeline/control";
import type { NodeId } from "@treeline/fleet";
import { agentMessageFromProto, failCall, RpcError, serverMessageToProto, type wire } from "@treeline/rpc";
import { onTheWire } from "../control-error.ts";
import type { ProgressBoard } from "../progress.ts";

export type SessionCall = ServerDuplexStream<wire.SessionRequest__Output, wire.SessionResponse>;

export interface SessionOptions {
  readonly nodeId: NodeId;
  readonly call: SessionCall;
  readonly conversations: Conversations;
  readonly progress: ProgressBoard;
  readonly log: Log;
  readonly onEnd: () => void;
}

/** Messages waiting for an agent that does not read: beyond this the session is cut. */
const maxUnread = 1_000;

/** One agent's stream: it carries a conversation, whose rules are in `@treeline/control`. */
export class Session {
  readonly #nodeId: NodeId;
  readonly #call: SessionCall;
  readonly #conversation: Conversation;
  /** When the agent was last heard, on the server's monotonic clock; the registry moves it by the server's own stalls. */
  heardAt = performance.now();

  /** @throws NodeRefusedError when the node may not act */
  constructor({ nodeId, call, conversations, progress, log, onEnd }: SessionOptions) {
    this.#nodeId = nodeId;
    this.#call = call;
    this.#conversation = conversations.begin({
      nodeId,
      send: (message) => this.#send(message),
      onProgress: (pulled) => progress.set(nodeId, pulled),
      onEnd: (reason) => {
        if (reason === undefined) call.end();
        else failCall(call, onTheWire(reason), (err) => log.error("a session failed", { node: nodeId, err }));
        onEnd();
      },
    });
    call.on("data", (message) => this.#receive(message));
    call.on("end", () => this.#conversation.end());
    call.on("cancelled", () => this.#conversation.end());
    call.on("error", () => this.#conversation.end());
  }

  /** Nothing was heard for a whole lease. */
  expire(): void {
    this.#conversation.end(
      new RpcError("nothing was heard for a whole lease", {
        status: status.DEADLINE_EXCEEDED,
        reason: "LEASE_EXPIRED",
        subject: this.#nodeId,
      }),
    );
  }

  #receive(message: wire.SessionRequest__Output): void {
    if (this.#conversation.ended) return;
    this.heardAt = performance.now();
    // The only frequent message: answered as it came.
    if (message.message === "heartbeat" && this.#conversation.greeted) return this.#write({ heartbeat: message.heartbeat ?? null });
    try {
      void this.#conversation.receive(agentMessageFromProto(message));
    } catch (error) {
      this.#conversation.end(error);
    }
  }

  #send(message: ServerMessage): void {
    this.#write(serverMessageToProto(message));
  }

  #write(message: wire.SessionResponse): void {
    this.#call.write(message);
    if (this.#call.writableLength > maxUnread)
      this.#conversation.end(
        new RpcError("the agent does not read", { status: status.RESOURCE_EXHAUSTED, reason: "SLOW_READER", subject: this.#nodeId }),
      );
  }
}
