import { createServer, type Server } from "node:https";
import { status } from "@grpc/grpc-js";
import type { Fleet } from "@treeline/control";
import type { Logger } from "@treeline/process";
import { RpcError } from "@treeline/rpc";
import express, { type RequestHandler } from "express";
import { principalOf, requireReach, type AuthorizeOptions } from "../access/authorize.ts";
import { contentRouter } from "./content.ts";
import type { ServerMetrics } from "./metrics.ts";

export interface HttpsOptions {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
  readonly fleet: Fleet;
  readonly access: AuthorizeOptions;
  readonly repository: string;
  readonly metrics: ServerMetrics;
  readonly isReady: () => boolean;
  readonly logger: Logger;
}

/** A connection on which nothing moves for so long, in milliseconds, is cut: a reader that does not read would hold a file open for ever. */
const silentConnectionMillis = 120_000;

/** The HTTPS listener: content for nodes, metrics for operators, health for everybody. HTTP/1.1 with keep-alive. */
export function httpsServer(options: HttpsOptions): Server {
  const { fleet, access, metrics, logger } = options;
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use((_request, response, next) => {
    response.set({ "x-content-type-options": "nosniff", "strict-transport-security": "max-age=31536000", "content-security-policy": "default-src 'none'", "referrer-policy": "no-referrer" });
    next();
  });
  app.get("/healthz", (_request, response) => void response.type("text/plain").end("ok\n"));
  app.get("/readyz", (_request, response) => void (options.isReady() ? response.type("text/plain").end("ready\n") : response.status(503).type("text/plain").end("not ready\n")));
  app.get("/metrics", mayReadMetrics(access), (_request, response, next) => {
    metrics.registry.metrics().then((text) => response.type(metrics.registry.contentType).end(text), next);
  });
  app.use("/ostree", contentRouter({ fleet, repository: options.repository, onBytes: (bytes) => metrics.contentBytes.inc(bytes) }));
  app.use((_request, response) => void response.status(404).type("text/plain").end("there is nothing here\n"));
  app.use(((error: { status?: number }, request, response, _next) => {
    const code = error.status ?? 500;
    if (code >= 500) logger.error("an HTTPS request failed", { method: request.method, path: request.path, err: error });
    if (response.headersSent) return void response.destroy();
    response.status(code).type("text/plain").end(code === 404 ? "no such object\n" : code < 500 ? "bad request\n" : "the server failed\n");
  }) satisfies express.ErrorRequestHandler);

  const server = createServer(
    {
      cert: options.certPem,
      key: options.keyPem,
      ca: options.caPem,
      // Checked in the handler, so that a refusal can say why.
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      maxHeaderSize: 16 * 1024,
      headersTimeout: 20_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 60_000,
      handshakeTimeout: 20_000,
    },
    app,
  );
  server.setTimeout(silentConnectionMillis);
  return server;
}

function mayReadMetrics(access: AuthorizeOptions): RequestHandler {
  return (request, response, next) => {
    const token = /^Bearer ([\x21-\x7e]{1,4096})$/.exec(request.get("authorization") ?? "")?.[1];
    try {
      requireReach(access, principalOf(access, token), { resource: "metrics", verb: "read" });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      if (error.status === status.PERMISSION_DENIED) return void response.status(403).type("text/plain").end(`${error.message}\n`);
      return void response.set("www-authenticate", "Bearer").status(401).type("text/plain").end("send a token: authorization: Bearer TOKEN\n");
    }
    next();
  };
}
