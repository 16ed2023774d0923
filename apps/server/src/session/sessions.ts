import { status } from "@grpc/grpc-js";
import { currentNodeProblem, type NodeId } from "@treeline/fleet";
import { identityOf } from "@treeline/pki";
import { peerCertificateOf, RpcError } from "@treeline/rpc";
import type { Change } from "@treeline/rollout";
import { Session, type SessionCall, type SessionContext } from "./session.ts";

/** How often leases are looked at, in milliseconds, or more often when they are short. */
const maxScanMillis = 1_000;

/** All live sessions, one per node: a newer one replaces an older, which may be half-open. */
export class Sessions {
  readonly #context: SessionContext;
  readonly #byNode = new Map<NodeId, Session>();
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  readonly #scanMillis: number;
  #scannedAt = performance.now();

  constructor(context: SessionContext) {
    this.#context = context;
    this.#scanMillis = Math.min(maxScanMillis, context.leaseMillis / 4);
    this.#timer = setInterval(() => this.#scan(), this.#scanMillis);
    this.#unsubscribe = context.fleet.onDurable((changes) => this.#follow(changes));
  }

  get size(): number {
    return this.#byNode.size;
  }

  /** Takes a new stream. TLS has verified the certificate; here it must name a node that is enrolled and not revoked. */
  accept(call: SessionCall): void {
    const nodeId = this.nodeOf(call);
    // Ended first: it takes itself out of the map, and must not take out its successor.
    this.#byNode.get(nodeId)?.end(new RpcError("a newer session of this node has begun", { status: status.ABORTED, reason: "SESSION_REPLACED", subject: nodeId }));
    this.#byNode.set(nodeId, new Session(nodeId, call, this.#context, () => this.#byNode.delete(nodeId)));
  }

  /** The node behind a call on the sessions listener. Throws when its certificate names none that may act. */
  nodeOf(call: Parameters<typeof peerCertificateOf>[0]): NodeId {
    const raw = peerCertificateOf(call);
    const identity = identityOf(raw ? { raw } : undefined);
    if (identity === undefined)
      throw new RpcError("the certificate names no node", { status: status.UNAUTHENTICATED, reason: "NOT_A_NODE", remedy: "enroll this host with a token" });
    const problem = currentNodeProblem(this.#context.fleet.durable.nodes.get(identity.nodeId));
    if (problem !== undefined)
      throw new RpcError(problem, { status: status.PERMISSION_DENIED, reason: "NODE_REFUSED", subject: identity.nodeId, remedy: "enroll this host again with a new token" });
    return identity.nodeId;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
    for (const session of [...this.#byNode.values()]) session.end(serverStopping());
  }

  #follow(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.kind === "intent") this.#byNode.get(change.value.nodeId)?.sendIntent();
      if (change.kind === "node" && change.value.revokedAt !== undefined)
        this.#byNode.get(change.value.id)?.end(new RpcError("the node was revoked", { status: status.PERMISSION_DENIED, reason: "NODE_REFUSED", subject: change.value.id }));
    }
  }

  /** Ends sessions whose lease has run out. The server's own stalls are added to every lease: it could not have heard anybody meanwhile. */
  #scan(): void {
    const now = performance.now();
    const stall = Math.max(0, now - this.#scannedAt - 2 * this.#scanMillis);
    this.#scannedAt = now;
    for (const session of [...this.#byNode.values()]) {
      session.heardAt += stall;
      if (now - session.heardAt > this.#context.leaseMillis)
        session.end(new RpcError("nothing was heard for a whole lease", { status: status.DEADLINE_EXCEEDED, reason: "LEASE_EXPIRED", subject: session.nodeId }));
    }
  }
}

/** For every stream that is open when the server stops. */
export function serverStopping(): RpcError {
  return new RpcError("the server is stopping", { status: status.UNAVAILABLE, reason: "SERVER_STOPPING", remedy: "connect again in a moment" });
}
