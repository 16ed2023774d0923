import type { Fleet } from "@treeline/control";
import type { GrpcListener } from "@treeline/rpc";
import type { NodeRequests } from "../http/node-requests.ts";
import { nodePrincipal } from "./sessions.ts";

/** How long a session that ends may take to say why, in milliseconds. Nothing that comes meanwhile is acted upon. */
const lastWordMillis = 1_000;

export interface CutRevokedOptions {
  readonly fleet: Fleet;
  readonly listener: Pick<GrpcListener, "cut">;
  readonly requests: NodeRequests;
}

/**
 * Cuts all that a revoked node has open: downloads at once, before the revocation is answered; its other connections when its session has said why it ends.
 * From the answer on no call and no request of the node is let in, on whatever connection it comes: each asks whether the node may act. Returns how to stop.
 */
export function cutRevoked({ fleet, listener, requests }: CutRevokedOptions): () => void {
  return fleet.onDurable((changes) => {
    for (const change of changes) {
      if (change.kind !== "node" || change.value.revokedAt === undefined) continue;
      const { id } = change.value;
      requests.cut(id);
      setTimeout(() => listener.cut(`${nodePrincipal}${id}`), lastWordMillis).unref();
    }
  });
}
