import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Logger } from "@treeline/process";
import { rateLimit, unlimited } from "./rate-limit.ts";
import { relay, type Counters } from "./relay.ts";
import { requestPath } from "./request-path.ts";
import { Upstream, type UpstreamOptions } from "./upstream.ts";

export interface ContentProxyOptions extends UpstreamOptions {
  /** For all streams together; no limit when absent. */
  readonly bytesPerSecond?: number | undefined;
  readonly idleMillis?: number;
  readonly retry?: { readonly baseMs: number; readonly maxMs: number };
  readonly logger: Logger;
}

export interface ContentProxy extends AsyncDisposable {
  /** For `ostree pull --url`. Its path is a secret that lives as long as the proxy. */
  readonly url: string;
  readonly counters: Readonly<Counters>;
}

/**
 * Starts the loopback proxy that ostree pulls through: ostree speaks plain HTTP to it on 127.0.0.1, it speaks mutual TLS to the content server. It
 * exists because libcurl inside ostree trusts the system's authorities beside the pinned one, opens hundreds of TLS connections, and gives up at the
 * first fault. Alive only during a pull: dispose it afterwards.
 */
export async function startContentProxy(options: ContentProxyOptions): Promise<ContentProxy> {
  const token = randomBytes(32).toString("hex");
  const upstream = new Upstream(options);
  const counters: Counters = { requests: 0, bytes: 0, objects: 0, retries: 0, failures: 0, pacing: 0 };
  const { bytesPerSecond, idleMillis = 20_000, retry = { baseMs: 100, maxMs: 2000 }, logger } = options;
  const limit = bytesPerSecond === undefined ? unlimited : rateLimit({ bytesPerSecond });
  const server = createServer({ maxHeaderSize: 8 * 1024, keepAliveTimeout: 60_000, headersTimeout: 10_000 }, (request, response) => {
    // Whatever a local client sends as a body is not read.
    request.resume();
    const found = requestPath(request.url ?? "", token);
    if (!found.ok) response.writeHead(found.status).end();
    else if (request.method !== "GET" && request.method !== "HEAD") response.writeHead(405, { allow: "GET, HEAD" }).end();
    else {
      relay(found.path, { request, response }, { upstream, limit, counters, idleMillis, retry, logger }).catch((err: unknown) => {
        logger.error("the content proxy failed on a request", { path: found.path, err });
        response.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${token}`,
    counters,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      upstream.close();
    },
  };
}
