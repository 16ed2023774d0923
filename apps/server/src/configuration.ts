import { hostname } from "node:os";
import { z } from "zod";

const port = z.int().min(0).max(65535);
const host = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,252}[A-Za-z0-9])?$/, "is not a host name or an IP address");
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
    .prefault({}),
  releases: z
    .strictObject({
      /** Public keys (base64, ed25519). When there are any, a release must be signed by one of them or by one named in a token. */
      keys: z.array(z.string()).max(64).default([]),
      /** URLs (prefixes) of archive repositories that may be mirrored. */
      mirrors: z.array(z.url({ protocol: /^https?$/ })).max(64).default([]),
    })
    .prefault({}),
  /** How long a node's certificate is valid, in days. */
  nodeCertificateDays: z.int().min(1).max(3650).default(365),
  logLevel: z.enum(["debug", "info", "warn", "error"]).default("info"),
});

export type ServerConfiguration = z.output<typeof serverSchema>;
