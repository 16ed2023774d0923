import { status } from "@grpc/grpc-js";
import { Conversations, requireCurrentNode, ServerStoppingError, type ConversationContext } from "@treeline/control";
import type { NodeId } from "@treeline/fleet";
import { identityOf } from "@treeline/pki";
import { peerCertificateOf, RpcError } from "@treeline/rpc";
import type { ProgressBoard } from "../progress.ts";
import { Session, type SessionCall } from "./session.ts";

/** How often leases are looked at, in milliseconds, or more often when they are short. */
const maxScanMillis = 1_000;

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

  /** Takes a new stream. TLS has verified the certificate; here it must name a node that is enrolled and not revoked. */
  accept(call: SessionCall): void {
    const { progress, log } = this.#options;
    const session: Session = new Session({
      ...{ nodeId: this.nodeOf(call), call, conversations: this.#conversations, progress, log },
      onEnd: () => this.#live.delete(session),
    });
    this.#live.add(session);
  }

  /** The node behind a call on the sessions listener. Throws when its certificate names none that may act. */
  nodeOf(call: Parameters<typeof peerCertificateOf>[0]): NodeId {
    const raw = peerCertificateOf(call);
    const identity = identityOf(raw ? { raw } : undefined);
    if (identity === undefined)
      throw new RpcError("the certificate names no node", {
        status: status.UNAUTHENTICATED,
        reason: "NOT_A_NODE",
        remedy: "enroll this host with a token",
      });
    requireCurrentNode(this.#options.fleet, identity.nodeId);
    return identity.nodeId;
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
