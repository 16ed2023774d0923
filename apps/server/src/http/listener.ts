import { constants } from "node:crypto";
import { createServer, type Server } from "node:https";
import { status } from "@grpc/grpc-js";
import type { Fleet } from "@treeline/control";
import type { Logger } from "@treeline/process";
import { RpcError } from "@treeline/rpc";
import express, { type RequestHandler } from "express";
import { principalOf, requireReach, type AuthorizeOptions } from "../access/authorize.ts";
import { contentRouter, type HttpRefusal } from "./content.ts";
import type { ServerMetrics } from "./metrics.ts";
import type { NodeConnections } from "./node-connections.ts";
import type { NodeRequests } from "./node-requests.ts";

export interface HttpsOptions {
  readonly certPem: string;
  readonly keyPem: string;
  readonly caPem: string;
  readonly fleet: Fleet;
  readonly access: AuthorizeOptions;
  readonly repository: string;
  readonly metrics: ServerMetrics;
  readonly requests: NodeRequests;
  readonly connections: NodeConnections;
  readonly limits: { readonly httpsConnections: number; readonly handshakeMillis: number };
  readonly isReady: () => boolean;
  readonly logger: Logger;
}

/** A connection on which nothing moves for so long, in milliseconds, is cut: a reader that does not read would hold a file open for ever. */
const silentConnectionMillis = 120_000;

/** On every answer. Nothing here is for a browser to run, frame, guess the type of or keep; content that may be kept says so itself. */
const strictHeaders = {
  "x-content-type-options": "nosniff",
  "strict-transport-security": "max-age=31536000",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** The HTTPS listener: content for nodes, metrics for operators, health for everybody. HTTP/1.1 with keep-alive. */
export function httpsServer(options: HttpsOptions): Server {
  const { fleet, access, metrics, requests, limits, logger } = options;
  const onRefused = (reason: HttpRefusal): void => metrics.refusals.inc({ listener: "https", reason });
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", false);
  app.use((request, response, next) => {
    response.set(strictHeaders);
    if (request.method === "GET" || request.method === "HEAD") return next();
    onRefused("method");
    // The body is not read: the connection ends with the answer.
    response.set({ allow: "GET, HEAD", connection: "close" }).status(405).type("text/plain").end("only GET and HEAD\n");
  });
  app.get("/healthz", (_request, response) => void response.type("text/plain").end("ok\n"));
  app.get("/readyz", (_request, response) => void (options.isReady() ? response.type("text/plain").end("ready\n") : response.status(503).type("text/plain").end("not ready\n")));
  app.get("/metrics", mayReadMetrics(access, onRefused), (_request, response, next) => {
    metrics.registry.metrics().then((text) => response.type(metrics.registry.contentType).end(text), next);
  });
  app.use("/ostree", contentRouter({ fleet, repository: options.repository, requests, onBytes: (bytes) => metrics.contentBytes.inc(bytes), onRefused }));
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
      handshakeTimeout: limits.handshakeMillis,
      connectionsCheckingInterval: 5_000,
      // A session taken up again would keep a verdict on the certificate from before.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
    app,
  );
  server.setTimeout(silentConnectionMillis);
  server.maxHeadersCount = 64;
  server.maxRequestsPerSocket = 100_000;
  server.maxConnections = limits.httpsConnections;
  server.on("secureConnection", (socket) => options.connections.add(socket));
  server.on("drop", () => onRefused("connections"));
  server.on("tlsClientError", () => onRefused("handshake"));
  return server;
}

function mayReadMetrics(access: AuthorizeOptions, onRefused: (reason: HttpRefusal) => void): RequestHandler {
  return (request, response, next) => {
    const token = /^Bearer ([\x21-\x7e]{1,4096})$/.exec(request.get("authorization") ?? "")?.[1];
    try {
      requireReach(access, principalOf(access, token), { resource: "metrics", verb: "read" });
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      onRefused("authentication");
      if (error.status === status.PERMISSION_DENIED) return void response.status(403).type("text/plain").end(`${error.message}\n`);
      return void response.set("www-authenticate", "Bearer").status(401).type("text/plain").end("send a token: authorization: Bearer TOKEN\n");
    }
    next();
  };
}
