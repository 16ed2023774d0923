import type { TLSSocket } from "node:tls";
import { identityOf } from "@treeline/pki";

/**
 * HTTPS connections of nodes, from the end of their handshake to their close, so that all of one node can be cut: those with a download under
 * way, those kept alive between requests, and those that have sent half a request.
 */
export class NodeConnections {
  readonly #byNode = new Map<string, Set<TLSSocket>>();

  /** Notes a connection past its handshake. One without an accepted node certificate is nobody's: each of its requests is refused anyway. */
  add(socket: TLSSocket): void {
    const nodeId = socket.authorized ? identityOf(socket.getPeerCertificate())?.nodeId : undefined;
    if (nodeId === undefined) return;
    const sockets = this.#byNode.get(nodeId) ?? new Set();
    this.#byNode.set(nodeId, sockets.add(socket));
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0 && this.#byNode.get(nodeId) === sockets) this.#byNode.delete(nodeId);
    });
  }

  /** Destroys all connections of a node at once: nothing more is read from them or sent to them. Returns how many there were. */
  cut(nodeId: string): number {
    const sockets = [...(this.#byNode.get(nodeId) ?? [])];
    for (const socket of sockets) socket.destroy();
    return sockets.length;
  }
}
