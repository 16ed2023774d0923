import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestFleet } from "../test-fleet.ts";

/** Support for tests: a content server with mutual TLS that keeps account of what it was asked, and can be told to fail. */

export interface TestRequest {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
}

export type Answer = (request: TestRequest, response: ServerResponse, message: IncomingMessage) => void;

export async function testUpstream(fleet: TestFleet, answer: Answer, options: { readonly clientsOf?: TestFleet } = {}) {
  const requests: TestRequest[] = [];
  let connections = 0;
  const server = createServer({ cert: fleet.server.certPem, key: fleet.server.keyPem, ca: (options.clientsOf ?? fleet).authority.caPem, requestCert: true, rejectUnauthorized: true }, (message, response) => {
    const { method = "", url = "", headers } = message;
    const request = { method, path: url, range: headers.range, ifRange: headers["if-range"] as string | undefined };
    requests.push(request);
    answer(request, response, message);
  });
  server.on("secureConnection", () => connections++);
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Answers with `body`, a range of it where asked, as a good server does. */
export function sendBody(request: TestRequest, response: ServerResponse, body: Buffer, etag = '"v1"'): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.range ?? "")?.[1] ?? 0);
  if (from > 0 && (request.ifRange === undefined || request.ifRange === etag)) {
    response.writeHead(206, { etag, "content-length": body.length - from, "content-range": `bytes ${from}-${body.length - 1}/${body.length}` }).end(body.subarray(from));
  } else {
    response.writeHead(200, { etag, "content-length": body.length }).end(body);
  }
}

/** Serves a directory below `/ostree`. */
export function sendFile(directory: string): Answer {
  return (request, response) => {
    const path = join(directory, request.path.replace(/^\/ostree/, ""));
    void stat(path).then(
      (file) => {
        if (!file.isFile()) return response.writeHead(404).end();
        response.writeHead(200, { "content-length": file.size });
        return createReadStream(path).pipe(response);
      },
      () => response.writeHead(404).end(),
    );
  };
}
