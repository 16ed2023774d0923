import { constants } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from "node:tls";
import { Server, ServerCredentials, status, type ConnectionInjector, type Metadata, type ServerInterceptor } from "@grpc/grpc-js";
import { ConnectionTable, type Connection, type ConnectionAddresses } from "./connection.ts";
import { RpcError } from "./error.ts";
import { LimitedCall } from "./limited-call.ts";
import { defaultListenerLimits, type ListenerLimits, type Refusal } from "./listener-limits.ts";
import { TokenBuckets } from "./token-buckets.ts";

export interface ListenerTls {
  readonly certPem: string;
  readonly keyPem: string;
  /** CAs of client certificates, one PEM or several in one; absent: none is asked for. */
  readonly clientCaPem?: string;
}

export interface GrpcListenerOptions {
  readonly tls: ListenerTls;
  /** With `clientCaPem`. "required" (default): without a certificate of these CAs no byte of HTTP/2 is spoken. "optional": it is asked for. */
  readonly clientCertificate?: "required" | "optional";
  /** Over `defaultListenerLimits`. */
  readonly limits?: Partial<ListenerLimits>;
  /** Whom a verified certificate (DER) names; once per connection. What it throws cuts the connection. */
  readonly identify?: (certificate: Buffer) => string | undefined;
  /** Run after the limits, so `connectionOf` answers in them. */
  readonly interceptors?: readonly ServerInterceptor[];
  /** What is refused, for metrics. */
  readonly onRefused?: (refusal: Refusal) => void;
}

type OpenState = { readonly metadata: Metadata };

/**
 * A gRPC listener whose sockets are ours: TCP is accepted and counted here, TLS (1.3 only) ends here, and a socket goes to grpc-js after its
 * handshake. So its peer is identified once, all connections of one identity can be found and cut, and certificates change while it runs.
 *
 * INVARIANTS: every open socket is counted, from accept to close. No call reaches a handler without a `Connection`.
 */
export class GrpcListener {
  /** `addService` before `listen`. */
  readonly server: Server;
  readonly #options: GrpcListenerOptions;
  readonly #limits: ListenerLimits;
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  readonly #table = new ConnectionTable();
  readonly #connectionOfCall = new WeakMap<Metadata, Connection>();
  readonly #callRate: TokenBuckets;
  readonly #tls: TlsServer;
  readonly #tcp: NetServer;
  readonly #injector: ConnectionInjector;

  constructor(options: GrpcListenerOptions) {
    this.#options = options;
    this.#limits = { ...defaultListenerLimits, ...options.limits };
    const { callsPerConnection, messageBytes, idleMillis, handshakeMillis, calls } = this.#limits;
    this.#callRate = new TokenBuckets({ ...calls, now: () => performance.now() });
    this.server = new Server({
      "grpc.max_receive_message_length": messageBytes,
      "grpc.max_concurrent_streams": callsPerConnection,
      "grpc.max_connection_idle_ms": idleMillis,
      // A peer that is gone, or that never speaks HTTP/2 after its handshake, answers no ping and is cut within half a minute.
      "grpc.keepalive_time_ms": 20_000,
      "grpc.keepalive_timeout_ms": 10_000,
      // Nobody asks this process for its own statistics; they would cost memory per connection.
      "grpc.enable_channelz": 0,
      interceptors: [(method, call) => this.#limited(method, call), ...(options.interceptors ?? [])],
    });
    this.#injector = this.server.createConnectionInjector(ServerCredentials.createInsecure());
    const asked = options.tls.clientCaPem !== undefined;
    this.#tls = createTlsServer({
      ...contextOf(options.tls),
      requestCert: asked,
      rejectUnauthorized: asked && options.clientCertificate !== "optional",
      handshakeTimeout: handshakeMillis,
      ALPNProtocols: ["h2"],
    });
    this.#tls.on("secureConnection", (socket) => this.#take(socket));
    this.#tls.on("tlsClientError", (_error, socket) => {
      this.#refused("handshake");
      socket.destroy();
    });
    this.#tcp = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  /** Opens the port (0: any free one) and returns it. Rejects with the error of the operating system. */
  async listen(at: { readonly port: number; readonly address: string }): Promise<number> {
    this.#tcp.listen(at.port, at.address);
    await once(this.#tcp, "listening");
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** The connection of a call, in a handler or an interceptor's `onReceiveMetadata`: what was found out at its handshake. A look into a map. */
  connectionOf(call: OpenState): Connection {
    const connection = this.#connectionOfCall.get(call.metadata);
    if (connection === undefined) throw connectionGone();
    return connection;
  }

  /** Connections past the handshake. */
  get connections(): Iterable<Connection> & { readonly size: number } {
    return this.#table;
  }

  /** All open sockets, those in the handshake included. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /**
   * Ends all connections of an identity at once; nothing more is read from them, and no call of theirs that has not begun will. Returns their
   * number. A handshake under way ends after this: `identify`, or a check per call, must know by then that the identity may do nothing.
   */
  cut(identity: string): number {
    const ended = this.#table.cut(identity);
    for (let each = 0; each < ended; each++) this.#refused("cut");
    return ended;
  }

  /** Certificate, key and client CAs of connections from now on; those that are open stay. Throws when they cannot be used. */
  setTls(tls: ListenerTls): void {
    this.#tls.setSecureContext(contextOf(tls));
  }

  /** Takes no new connection, lets calls under way finish for so long, in milliseconds, then cuts what is left. */
  async close(graceMillis = 2_000): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
    // Its answer is not waited for: it comes before the last status has left. A connection closes when its last call is done.
    this.server.tryShutdown(() => undefined);
    const patience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMillis);
    await closed;
    clearTimeout(patience);
    this.server.forceShutdown();
  }

  #accept(socket: Socket): void {
    const { remoteAddress } = socket;
    // What comes on a socket that is refused, or cut in its handshake, is nobody's error.
    socket.on("error", () => undefined);
    if (remoteAddress === undefined) return void socket.destroy();
    const ofAddress = this.#perAddress.get(remoteAddress) ?? 0;
    if (this.#sockets.size >= this.#limits.connections) return this.#turnAway(socket, "connections");
    if (ofAddress >= this.#limits.connectionsPerAddress) return this.#turnAway(socket, "connections-per-address");
    this.#sockets.add(socket);
    this.#perAddress.set(remoteAddress, ofAddress + 1);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      const left = (this.#perAddress.get(remoteAddress) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(remoteAddress);
      else this.#perAddress.set(remoteAddress, left);
    });
    this.#tls.emit("connection", socket);
  }

  #turnAway(socket: Socket, refusal: Refusal): void {
    this.#refused(refusal);
    socket.destroy();
  }

  #take(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    if (socket.alpnProtocol !== "h2" || socket.remoteAddress === undefined) return this.#turnAway(socket, "handshake");
    const { raw } = socket.getPeerCertificate();
    const certificate = socket.authorized ? raw : undefined;
    const problem = raw !== undefined && !socket.authorized ? String(socket.authorizationError) : undefined;
    let identity: string | undefined;
    try {
      identity = certificate && this.#options.identify?.(certificate);
    } catch {
      return this.#turnAway(socket, "identity");
    }
    if (identity !== undefined && this.#table.countOf(identity) >= this.#limits.connectionsPerIdentity) {
      this.#refused("connections-per-identity");
      this.#table.cutOldestOf(identity);
    }
    const { remoteAddress } = socket;
    this.#table.add({ remoteAddress, certificate, certificateProblem: problem, identity, since: Date.now() }, socket);
    this.#injector.injectConnection(socket);
  }

  #limited(method: Parameters<ServerInterceptor>[0], call: Parameters<ServerInterceptor>[1]): LimitedCall {
    return new LimitedCall(call, {
      method,
      limits: this.#limits,
      onRefused: (refusal) => this.#refused(refusal),
      admit: (next, metadata) => this.#admit(next.getConnectionInfo(), metadata),
      cut: (next) => this.#table.cutAt(next.getConnectionInfo()),
    });
  }

  #admit(addresses: ConnectionAddresses, metadata: Metadata): void {
    const connection = this.#table.find(addresses);
    if (connection === undefined) throw connectionGone();
    if (!this.#callRate.take(connection.identity ?? connection.remoteAddress)) {
      this.#refused("call-rate");
      throw new RpcError("too many calls", {
        status: status.RESOURCE_EXHAUSTED,
        reason: "CALL_RATE",
        remedy: `wait a moment; ${this.#limits.calls.perSecond} calls a second are granted`,
      });
    }
    this.#connectionOfCall.set(metadata, connection);
  }

  #refused(refusal: Refusal): void {
    this.#options.onRefused?.(refusal);
  }
}

function contextOf({ certPem, keyPem, clientCaPem }: ListenerTls) {
  return {
    cert: certPem,
    key: keyPem,
    ...(clientCaPem === undefined ? {} : { ca: clientCaPem }),
    minVersion: "TLSv1.3" as const,
    // No resumption: it would take over a verdict on a certificate from before a CA was withdrawn.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

function connectionGone(): RpcError {
  return new RpcError("the connection of this call has ended", {
    status: status.UNAVAILABLE,
    reason: "CONNECTION_GONE",
    remedy: "connect again",
  });
}
