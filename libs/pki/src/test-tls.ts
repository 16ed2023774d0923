import { connect, createServer, type Server, type TlsOptions, type TLSSocket } from "node:tls";
import { identityOf, type NodeIdentity } from "./identity.ts";

/** What a listener that asks for certificates saw of one client. */
export interface SeenClient {
  readonly authorized: boolean;
  readonly reason: string | undefined;
  readonly identity: NodeIdentity | undefined;
}

/** A TLS listener on a free port of 127.0.0.1, closed by `await using`. */
export async function listenTls(
  options: TlsOptions,
  onConnection: (socket: TLSSocket) => void = () => {},
): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<TLSSocket>();
  const server: Server = createServer(options, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Meeting {
  readonly server: { readonly certPem: string; readonly keyPem: string };
  /** The authority whose clients the server accepts. */
  readonly clientCa: string;
  /** The authority whose server the client accepts. */
  readonly serverCa: string;
  readonly client: { readonly certPem: string; readonly keyPem: string } | undefined;
}

/** Lets one client meet one server that asks for a certificate and looks at it itself; gives what the server saw. */
export async function meet({ server, clientCa, serverCa, client }: Meeting): Promise<SeenClient> {
  const { promise, resolve, reject } = Promise.withResolvers<SeenClient>();
  const options = { cert: server.certPem, key: server.keyPem, ca: clientCa, requestCert: true, rejectUnauthorized: false };
  await using listener = await listenTls(options, (socket) => {
    const reason = socket.authorizationError as unknown;
    resolve({
      authorized: socket.authorized,
      reason: reason === undefined || reason === null ? undefined : String(reason),
      identity: identityOf(socket.getPeerCertificate()),
    });
  });
  const socket = connect({
    host: "127.0.0.1",
    port: listener.port,
    ca: serverCa,
    ...(client === undefined ? {} : { cert: client.certPem, key: client.keyPem }),
  });
  socket.on("error", reject);
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
