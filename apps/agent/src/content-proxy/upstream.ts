import { Agent, request } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** Connections to the content server at once. ostree asks for up to 8 things at a time. */
const maxConnections = 8;
const maxHeaderBytes = 16 * 1024;

export interface UpstreamOptions {
  /** `host:port`, an IPv6 address in brackets; all hold the same content. At least one. */
  readonly endpoints: readonly string[];
  /** Where the repository lies on each of them, for example `/ostree`. */
  readonly basePath: string;
  readonly tls: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
}

export interface UpstreamRequest {
  readonly method: "GET" | "HEAD";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
}

/**
 * The content servers. TLS trusts the pinned authority and nothing else (libcurl inside ostree would also trust the system's), and the certificate
 * must name the endpoint's host.
 */
export class Upstream {
  readonly #options: UpstreamOptions;
  readonly #agent: Agent;
  #current = 0;

  constructor(options: UpstreamOptions) {
    const { caPem, certPem, keyPem } = options.tls;
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: maxConnections, ca: caPem, cert: certPem, key: keyPem, minVersion: "TLSv1.3", rejectUnauthorized: true });
  }

  /** The endpoint that requests go to now. */
  get endpoint(): string {
    return this.#options.endpoints[this.#current % this.#options.endpoints.length] ?? "";
  }

  /** Goes on to the next endpoint, unless somebody else has done so since `from` failed. */
  failOver(from: string): void {
    if (this.endpoint === from) this.#current++;
  }

  /** The head of the answer; its body is still to be read. Rejects when there is no answer. */
  open({ method, path, headers, signal }: UpstreamRequest): Promise<UpstreamResponse> {
    return new Promise((resolve, reject) => {
      const outgoing = request(`https://${this.endpoint}${this.#options.basePath}${path}`, {
        agent: this.#agent,
        method,
        headers,
        signal,
        maxHeaderSize: maxHeaderBytes,
      });
      outgoing.once("error", reject);
      outgoing.once("response", (body) => {
        // A reset in the middle of the body is reported to its reader; without a listener it would end the process.
        body.on("error", () => {});
        resolve({ status: body.statusCode ?? 0, headers: body.headers, body });
      });
      outgoing.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
