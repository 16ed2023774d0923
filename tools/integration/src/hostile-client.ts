import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

/** One listener of the server, and with which certificate it is reached. */
export interface Listener {
  readonly port: number;
  readonly caPem: string;
  readonly certPem?: string;
  readonly keyPem?: string;
}

const silenceMillis = 20_000;

/** A gRPC frame (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): flag, length, body. `length` and `compressed` may lie. */
export function frame(
  body: Uint8Array,
  { length = body.length, compressed = false }: { readonly length?: number; readonly compressed?: boolean } = {},
): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, body]);
}

/** Sends bytes as the body of a gRPC call that no client library would make; resolves with the gRPC status, or how the stream ended. */
export async function rawCall(
  { port, caPem, certPem, keyPem }: Listener,
  method: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, {
    ca: caPem,
    ...(certPem === undefined ? {} : { cert: certPem, key: keyPem }),
  });
  try {
    const { HTTP2_HEADER_METHOD, HTTP2_HEADER_PATH, HTTP2_HEADER_CONTENT_TYPE } = constants;
    const stream = session.request({
      [HTTP2_HEADER_METHOD]: "POST",
      [HTTP2_HEADER_PATH]: method,
      [HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
      te: "trailers",
      ...headers,
    });
    return await new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Error("the server said nothing")), silenceMillis);
      const answer = (text: string): void => {
        clearTimeout(patience);
        resolve(text);
      };
      const statusOf = (headers: Readonly<Record<string, unknown>>): void => {
        if (headers["grpc-status"] !== undefined) answer(`status ${String(headers["grpc-status"])}`);
      };
      session.on("error", (error) => answer(`connection ended: ${error.message}`));
      stream.on("error", (error) => answer(`stream ended: ${error.message}`));
      stream.on("response", statusOf);
      stream.on("trailers", statusOf);
      stream.on("close", () => answer(`stream closed: ${stream.rstCode}`));
      stream.resume();
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
}

/** Sends bytes after a TLS handshake, in which HTTP/2 may have been agreed on, and returns what comes back until the server closes. */
export async function rawTls(
  { port, caPem, certPem, keyPem }: Listener,
  bytes: Uint8Array,
  protocols: readonly string[] = [],
): Promise<string> {
  const socket = connectTls({
    host: "127.0.0.1",
    port,
    ca: caPem,
    ALPNProtocols: [...protocols],
    ...(certPem === undefined ? {} : { cert: certPem, key: keyPem }),
  });
  return heard(socket, bytes);
}

/** The same on a bare connection. */
export async function rawTcp({ port }: Pick<Listener, "port">, bytes: Uint8Array): Promise<string> {
  return heard(connectTcp({ host: "127.0.0.1", port }), bytes);
}

async function heard(socket: ReturnType<typeof connectTcp>, bytes: Uint8Array): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => {});
  socket.setTimeout(silenceMillis, () => socket.destroy(new Error("the server said nothing")));
  socket.write(bytes);
  if (!socket.closed) await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}
