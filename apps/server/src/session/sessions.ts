import { status } from "@grpc/grpc-js";
import { Conversations, requireCurrentNode, ServerStoppingError, type ConversationContext } from "@treeline/control";
import type { NodeId } from "@treeline/fleet";
import { RpcError } from "@treeline/rpc";
import type { ProgressBoard } from "../progress.ts";
import { Session, type SessionCall } from "./session.ts";

/** How often leases are looked at, in milliseconds, or more often when they are short. */
const maxScanMillis = 1_000;

/** How a node is called as a principal: this and its id. */
export const nodePrincipal = "node:";

export interface SessionsOptions extends ConversationContext {
  readonly progress: ProgressBoard;
}

/** All live streams, and their leases. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #conversations: Conversations;
  readonly #live = new Set<Session>();
  readonly #timer: NodeJS.Timeout;
  readonly #scanMillis: number;
  #scannedAt = performance.now();

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#conversations = new Conversations(options);
    this.#scanMillis = Math.min(maxScanMillis, options.leaseMillis / 4);
    this.#timer = setInterval(() => this.#scan(), this.#scanMillis);
  }

  get size(): number {
    return this.#conversations.size;
  }

  /** Takes a new stream of whom its connection's certificate names: it must be a node that is enrolled and not revoked. */
  accept(call: SessionCall, identity: string | undefined): void {
    const { progress, log } = this.#options;
    const session: Session = new Session({
      ...{ nodeId: this.nodeOf(identity), call, conversations: this.#conversations, progress, log },
      onEnd: () => this.#live.delete(session),
    });
    this.#live.add(session);
  }

  /** The node behind a call on the sessions listener. Throws when its certificate names none that may act: asked with every call, because a connection outlives a revocation by a moment. */
  nodeOf(identity: string | undefined): NodeId {
    const nodeId = identity?.startsWith(nodePrincipal) ? identity.slice(nodePrincipal.length) : undefined;
    if (nodeId === undefined)
      throw new RpcError("the certificate names no node", {
        status: status.UNAUTHENTICATED,
        reason: "NOT_A_NODE",
        remedy: "enroll this host with a token",
      });
    requireCurrentNode(this.#options.fleet, nodeId);
    return nodeId;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#conversations.close(new ServerStoppingError());
  }

  /** Ends sessions whose lease has run out. The server's own stalls are added to every lease: it could not have heard anybody meanwhile. */
  #scan(): void {
    const now = performance.now();
    const stall = Math.max(0, now - this.#scannedAt - 2 * this.#scanMillis);
    this.#scannedAt = now;
    for (const session of [...this.#live]) {
      session.heardAt += stall;
      if (now - session.heardAt > this.#options.leaseMillis) session.expire();
    }
  }
}
