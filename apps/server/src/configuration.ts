import { hostname } from "node:os";
import { isIP } from "node:net";
import { KeyFormatError, parsePublicKey } from "@treeline/ostree";
import { z } from "zod";

const port = z.int().min(0).max(65535);
const hostName = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;
const host = z.string().refine((text) => isIP(text) !== 0 || hostName.test(text), "is not a host name or an IP address (without a port)");
const publicKey = z.string().refine(isPublicKey, "is not an ed25519 public key in base64; `treeline release keygen` writes one");
const count = z.int().min(1).max(10_000_000);
const millis = (least: number, most: number): z.ZodInt => z.int().min(least).max(most);

/** Everything that can be set about a server. Times in milliseconds. */
export const serverSchema = z.strictObject({
  /** Everything the server keeps: database, authority, first credential, content. */
  data: z.string().min(1).default("/var/lib/treeline-server"),
  listen: z
    .strictObject({
      address: host.default("0.0.0.0"),
      /** gRPC for enrollment and operators. 0: any free port. */
      front: port.default(7440),
      /** gRPC for enrolled nodes only. */
      sessions: port.default(7441),
      /** HTTPS for content and metrics. */
      https: port.default(7443),
    })
    .prefault({}),
  /** Names and addresses at which agents and operators reach this server: they stand in its certificate and in enrollment tokens. */
  advertise: z.array(host).min(1).max(16).default([hostname()]),
  session: z
    .strictObject({
      heartbeatMillis: millis(100, 60_000).default(3_000),
      leaseMillis: millis(300, 600_000).default(12_000),
    })
    .refine(({ heartbeatMillis, leaseMillis }) => leaseMillis >= 2 * heartbeatMillis, {
      path: ["leaseMillis"],
      message: "is less than two heartbeats, so one lost heartbeat would end every session; make it at least twice session.heartbeatMillis",
    })
    .prefault({}),
  releases: z
    .strictObject({
      /** Public keys (base64, ed25519). When there are any, a release must be signed by one of them or by one named in a token. */
      keys: z.array(publicKey).max(64).default([]),
      /** URLs (prefixes) of archive repositories that may be mirrored. */
      mirrors: z.array(z.url({ protocol: /^https?$/ })).max(64).default([]),
      /** How long an upload may pause before it is given up, in milliseconds. */
      uploadPauseMillis: millis(100, 3_600_000).default(60_000),
    })
    .prefault({}),
  /** How long a node's certificate is valid, in days. */
  nodeCertificateDays: z.int().min(1).max(3650).default(365),
  /** What listeners grant; beyond it is refused and counted in /metrics. */
  limits: z
    .strictObject({
      /** Open connections of the front listener: of all, of one address. */
      frontConnections: count.default(4_096),
      frontConnectionsPerAddress: count.default(256),
      /** Of the sessions listener; a whole fleet may stand behind one address. */
      sessionConnections: count.default(100_000),
      /** Of one node: beyond, its oldest is cut. */
      connectionsPerNode: count.default(8),
      httpsConnections: count.default(10_000),
      /** Requests for content under way of one node. */
      requestsPerNode: count.default(64),
      /** gRPC calls that one node, or one address on the front listener, may begin. */
      callsPerSecond: count.default(1_000),
      callBurst: count.default(5_000),
      /** A TLS handshake, a unary call, a stream on which nothing moves although somebody waits, a connection without a call. */
      handshakeMillis: millis(100, 600_000).default(10_000),
      callMillis: millis(100, 3_600_000).default(30_000),
      stallMillis: millis(100, 3_600_000).default(120_000),
      idleMillis: millis(1_000, 86_400_000).default(600_000),
    })
    .prefault({}),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

function isPublicKey(text: string): boolean {
  try {
    parsePublicKey(text);
    return true;
  } catch (error) {
    if (error instanceof KeyFormatError) return false;
    throw error;
  }
}

export type ServerConfiguration = z.output<typeof serverSchema>;
