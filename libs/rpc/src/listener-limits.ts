import type { Rate } from "./token-buckets.ts";

/** What a listener grants to everybody and to each. Times in milliseconds. */
export interface ListenerLimits {
  /** Open connections, those still in the TLS handshake included. More are closed as they come. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Of one identity (`identify`); the oldest is cut for a new one, because a client that comes back shall not wait for its own dead connection. */
  readonly connectionsPerIdentity: number;
  readonly handshakeMillis: number;
  /** A connection without a call for so long is closed. */
  readonly idleMillis: number;
  /** Calls under way on one connection. */
  readonly callsPerConnection: number;
  /** A unary call ends after so long, whatever deadline its client set. */
  readonly callMillis: number;
  /** Other ends for single methods, by path such as "/treeline.v1.ReleaseService/MirrorRelease". */
  readonly callMillisByMethod: Readonly<Record<string, number>>;
  /** A stream whose client takes no message, or sends none although it is its turn (uploads), for so long is ended. */
  readonly stallMillis: number;
  readonly metadataEntries: number;
  readonly metadataBytes: number;
  /** Of one message. */
  readonly messageBytes: number;
  /** Calls begun, per identity, or per address where there is none. */
  readonly calls: Rate;
}

export const defaultListenerLimits: ListenerLimits = {
  connections: 4_096,
  connectionsPerAddress: 256,
  connectionsPerIdentity: 8,
  handshakeMillis: 10_000,
  idleMillis: 600_000,
  callsPerConnection: 100,
  callMillis: 30_000,
  callMillisByMethod: {},
  stallMillis: 120_000,
  metadataEntries: 32,
  metadataBytes: 8 * 1024,
  messageBytes: 4 * 1024 * 1024,
  calls: { perSecond: 200, burst: 1_000 },
};

/** Why something was refused or ended; a closed set, for metrics. */
export type Refusal =
  | "connections"
  | "connections-per-address"
  | "connections-per-identity"
  | "handshake"
  | "identity"
  | "call-rate"
  | "metadata"
  | "deadline"
  | "slow-reader"
  | "slow-writer"
  | "cut";
