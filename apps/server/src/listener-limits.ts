import type { ListenerLimits } from "@treeline/rpc";
import type { ServerConfiguration } from "./configuration.ts";

type Limits = ServerConfiguration["limits"];

/** Copying a release from a mirror is a unary call that takes as long as the release is big. */
const mirrorMillis = 30 * 60_000;

/** What anybody who can reach the server gets. */
export function frontLimits(limits: Limits): Partial<ListenerLimits> {
  return {
    ...common(limits),
    connections: limits.frontConnections,
    connectionsPerAddress: limits.frontConnectionsPerAddress,
    callMillisByMethod: { "/treeline.v1.ReleaseService/MirrorRelease": mirrorMillis },
  };
}

/** What nodes get. */
export function sessionLimits(limits: Limits): Partial<ListenerLimits> {
  const { sessionConnections, connectionsPerNode } = limits;
  return {
    ...common(limits),
    connections: sessionConnections,
    connectionsPerAddress: sessionConnections,
    connectionsPerIdentity: connectionsPerNode,
  };
}

function common({ handshakeMillis, callMillis, stallMillis, idleMillis, callsPerSecond, callBurst }: Limits): Partial<ListenerLimits> {
  return { handshakeMillis, callMillis, stallMillis, idleMillis, calls: { perSecond: callsPerSecond, burst: callBurst } };
}
