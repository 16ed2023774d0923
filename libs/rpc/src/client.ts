import { isIP } from "node:net";
import type { Stream } from "node:stream";
import { checkServerIdentity, createSecureContext, type SecureContextOptions } from "node:tls";
import { Channel, credentials, Metadata, status, type ChannelCredentials, type ChannelOptions, type Client } from "@grpc/grpc-js";
import type { ClientUnaryCall, requestCallback, ServiceDefinition, VerifyOptions } from "@grpc/grpc-js";
import { clientConstructors } from "./definition.ts";
import { fromServiceError, RpcError } from "./error.ts";
import type { AccessServiceClient } from "./generated/treeline/v1/AccessService.ts";
import type { AgentServiceClient } from "./generated/treeline/v1/AgentService.ts";
import type { AuditServiceClient } from "./generated/treeline/v1/AuditService.ts";
import type { BudgetServiceClient } from "./generated/treeline/v1/BudgetService.ts";
import type { EnrollmentServiceClient } from "./generated/treeline/v1/EnrollmentService.ts";
import type { NodeServiceClient } from "./generated/treeline/v1/NodeService.ts";
import type { ReleaseServiceClient } from "./generated/treeline/v1/ReleaseService.ts";
import type { RolloutServiceClient } from "./generated/treeline/v1/RolloutService.ts";
import type { StopServiceClient } from "./generated/treeline/v1/StopService.ts";
import type { WatchServiceClient } from "./generated/treeline/v1/WatchService.ts";

export const defaultDeadlineMillis = 15_000;

/** How long a message may be, both ways. */
export const maxMessageBytes = 4 * 1024 * 1024;

export interface UnaryOptions {
  /** Milliseconds from now; default 15,000. A call without an end does not exist. */
  readonly deadlineMillis?: number;
  /** Cancels the call; it then rejects with CANCELLED. */
  readonly signal?: AbortSignal;
}

type UnaryMethod<Request, Response> = (argument: Request, callback: requestCallback<Response>) => ClientUnaryCall;
type MethodName<C> = Exclude<keyof C, keyof Client> & Uncapitalize<string>;

/** A generated client whose unary methods return promises (rejected with RpcError); its streaming methods stay as they are. */
export type PromiseClient<C> = {
  readonly [Name in MethodName<C>]: C[Name] extends (...args: never[]) => Stream
    ? C[Name]
    : C[Name] extends UnaryMethod<infer Request, infer Response>
      ? (request: Request, options?: UnaryOptions) => Promise<Response>
      : never;
};

/** What an operator or an enrolling host reaches: server certificate checked against `caPem` alone, no client certificate. */
export interface FrontClients {
  readonly access: PromiseClient<AccessServiceClient>;
  readonly audit: PromiseClient<AuditServiceClient>;
  readonly budgets: PromiseClient<BudgetServiceClient>;
  readonly enrollment: PromiseClient<EnrollmentServiceClient>;
  readonly nodes: PromiseClient<NodeServiceClient>;
  readonly releases: PromiseClient<ReleaseServiceClient>;
  readonly rollouts: PromiseClient<RolloutServiceClient>;
  readonly stops: PromiseClient<StopServiceClient>;
  readonly watch: PromiseClient<WatchServiceClient>;
  close(): void;
}

/** What a node reaches with its certificate. */
export interface SessionClient {
  readonly agent: PromiseClient<AgentServiceClient>;
  close(): void;
}

export interface FrontOptions {
  /** "host:port", "192.0.2.1:7440" or "[2001:db8::1]:7440"; the certificate must name exactly this host or address. */
  readonly endpoint: string;
  /** The only roots trusted; the system's are not. */
  readonly caPem: string;
  /** Sent as `authorization: Bearer` with every call, streams included. */
  readonly token?: string;
}

export interface SessionOptions {
  readonly endpoint: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** All services of the front listener over one connection. Connects with the first call. Throws RpcError when the endpoint or the PEM is malformed. */
export function createFrontClients(options: FrontOptions): FrontClients {
  const server = serverOf(options.endpoint);
  const tls = tlsCredentials({ ca: options.caPem }, server.verify);
  const channel = openChannel(options.endpoint, server, options.token === undefined ? tls : withToken(tls, options.token));
  return {
    access: promiseClient(clientConstructors.AccessService, channel),
    audit: promiseClient(clientConstructors.AuditService, channel),
    budgets: promiseClient(clientConstructors.BudgetService, channel),
    enrollment: promiseClient(clientConstructors.EnrollmentService, channel),
    nodes: promiseClient(clientConstructors.NodeService, channel),
    releases: promiseClient(clientConstructors.ReleaseService, channel),
    rollouts: promiseClient(clientConstructors.RolloutService, channel),
    stops: promiseClient(clientConstructors.StopService, channel),
    watch: promiseClient(clientConstructors.WatchService, channel),
    close: () => channel.close(),
  };
}

/** The service of the sessions listener, with the node's own certificate. Throws RpcError when the endpoint or a PEM is malformed. */
export function createSessionClient(options: SessionOptions): SessionClient {
  const server = serverOf(options.endpoint);
  const { caPem: ca, keyPem: key, certPem: cert } = options;
  const channel = openChannel(options.endpoint, server, tlsCredentials({ ca, key, cert }, server.verify));
  return { agent: promiseClient(clientConstructors.AgentService, channel), close: () => channel.close() };
}

const channelOptions: ChannelOptions = {
  // A dead peer is noticed within half a minute even when TCP says nothing.
  "grpc.keepalive_time_ms": 20_000,
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.max_receive_message_length": maxMessageBytes,
  // grpc-js waits up to two minutes between attempts otherwise; a fleet's reconnects are spread by its agents' own jitter.
  "grpc.initial_reconnect_backoff_ms": 1_000,
  "grpc.max_reconnect_backoff_ms": 10_000,
  // Our own connection: closing a client ends it, and no other client of this process shares its fate.
  "grpc.use_local_subchannel_pool": 1,
};

const endpointForm = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9.-]{0,252})):\d{1,5}$/;

interface ServerIdentity {
  readonly verify: VerifyOptions;
  readonly channelOptions: ChannelOptions;
}

/**
 * How the server of an endpoint is recognised. A host name: as TLS does by itself. An address: grpc-js would also send it as the TLS server
 * name, which RFC 6066, section 3, forbids and Node warns of; so a name that means nothing goes out instead, and the certificate is checked
 * against the address itself, whatever name was sent.
 */
function serverOf(endpoint: string): ServerIdentity {
  const match = endpointForm.exec(endpoint);
  // Other schemes (unix:, xds:) would leave the TLS host check without a host.
  if (!match)
    throw new RpcError(`"${endpoint.slice(0, 300)}" is not an endpoint`, {
      status: status.INVALID_ARGUMENT,
      reason: "ENDPOINT_MALFORMED",
      subject: endpoint.slice(0, 300),
      remedy: 'write host and port, such as "treeline.example.org:7440"',
    });
  const host = match[1] ?? match[2] ?? "";
  if (isIP(host) === 0) return { verify: {}, channelOptions };
  return {
    verify: { checkServerIdentity: (_sentName, certificate) => checkServerIdentity(host, certificate) },
    channelOptions: { ...channelOptions, "grpc.ssl_target_name_override": "address.invalid" },
  };
}

function openChannel(endpoint: string, server: ServerIdentity, credentials: ChannelCredentials): Channel {
  return new Channel(endpoint, credentials, server.channelOptions);
}

/** TLS 1.3 and nothing older: both ends are ours, and its handshake shows nobody the node's certificate. */
function tlsCredentials(identity: SecureContextOptions, verify: VerifyOptions): ChannelCredentials {
  try {
    return credentials.createFromSecureContext(createSecureContext({ ...identity, minVersion: "TLSv1.3" }), verify);
  } catch (cause) {
    throw new RpcError("the certificates for this connection cannot be used", {
      status: status.INVALID_ARGUMENT,
      reason: "PEM_MALFORMED",
      remedy: "check that the CA, certificate and key files hold PEM and that key and certificate belong together",
      cause,
    });
  }
}

function withToken(tls: ChannelCredentials, token: string): ChannelCredentials {
  const bearer = new Metadata();
  bearer.set("authorization", `Bearer ${token}`);
  return credentials.combineChannelCredentials(
    tls,
    credentials.createFromMetadataGenerator((_options, callback) => callback(null, bearer)),
  );
}

type Constructor<C extends Client> = {
  new (address: string, credentials: ChannelCredentials, options: ChannelOptions & { channelOverride: Channel }): C;
  readonly service: ServiceDefinition;
};

function promiseClient<C extends Client>(constructor: Constructor<C>, channel: Channel): PromiseClient<C> {
  // Address and credentials belong to the channel; the constructor only insists on having some.
  const client = new constructor(channel.getTarget(), credentials.createInsecure(), { channelOverride: channel });
  const methods = Object.entries(constructor.service).map(([name, method]) => {
    const local = name.charAt(0).toLowerCase() + name.slice(1);
    if (method.requestStream || method.responseStream) return [local, (client[local as keyof C] as () => unknown).bind(client)];
    return [local, (request: unknown, options: UnaryOptions = {}) => callUnary(client, method, request, options)];
  });
  return Object.fromEntries(methods) as PromiseClient<C>;
}

type MethodDefinition = ServiceDefinition[string];

async function callUnary(client: Client, method: MethodDefinition, request: unknown, options: UnaryOptions): Promise<unknown> {
  const { signal, deadlineMillis = defaultDeadlineMillis } = options;
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let call: ClientUnaryCall;
  try {
    signal?.throwIfAborted();
    call = client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      new Metadata(),
      { deadline: Date.now() + deadlineMillis },
      (error, response) => (error ? reject(fromServiceError(error)) : resolve(response)),
    );
  } catch (cause) {
    if (signal?.aborted)
      throw new RpcError("the call was cancelled before it was sent", { status: status.CANCELLED, reason: "CANCELLED", cause });
    throw fromServiceError(cause);
  }
  const cancel = (): void => call.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await promise;
  } finally {
    signal?.removeEventListener("abort", cancel);
  }
}
