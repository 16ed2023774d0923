import { connect, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { services } from "@treeline/rpc";
import type { NodeIdentity } from "./node-identities.ts";

/** "treeline": hello and a full observation before the heartbeats. "echo": the bare server, which knows of neither. */
export type Protocol = "treeline" | "echo";

export interface LoadAgentOptions {
  readonly port: number;
  readonly caPem: string;
  readonly identity: NodeIdentity;
  /** Hears of every whole answer. */
  readonly onFrame: (frame: Buffer) => void;
  /** The session has ended, which it never should. */
  readonly onEnd: (reason: string) => void;
}

/**
 * One agent's connection and stream, with little work per heartbeat: gRPC framing over node:http2. With grpc-js at this end, too, the load would
 * need more CPU than the server, and on a small machine the load would be what is measured.
 */
export class LoadAgent {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #rest: Buffer | undefined;

  constructor({ port, caPem, identity, onFrame, onEnd }: LoadAgentOptions) {
    this.#session = connect(`https://127.0.0.1:${port}`, { ca: caPem, cert: identity.certPem, key: identity.keyPem });
    this.#stream = this.#session.request({
      ":method": "POST",
      ":path": services.agent.Session.path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    this.#session.on("error", (error) => onEnd(error.message));
    this.#stream.on("error", (error) => onEnd(error.message));
    this.#stream.on("trailers", (trailers) => onEnd(`the server ended the session: ${String(trailers["grpc-message"] ?? trailers["grpc-status"])}`));
    this.#stream.on("close", () => onEnd("the stream was closed"));
    this.#stream.on("data", (chunk: Buffer) => this.#take(chunk, onFrame));
  }

  send(frame: Buffer): void {
    this.#stream.write(frame);
  }

  #take(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 5) {
      const end = 5 + bytes.readUInt32BE(1);
      if (bytes.length < end) break;
      onFrame(bytes.subarray(0, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes.length === 0 ? undefined : bytes;
  }
}
