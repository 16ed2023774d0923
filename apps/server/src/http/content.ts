import type { TLSSocket } from "node:tls";
import { currentNodeProblem } from "@treeline/fleet";
import { identityOf } from "@treeline/pki";
import express, { type RequestHandler, type Router } from "express";
import type { Fleet } from "@treeline/control";
import type { NodeRequests } from "./node-requests.ts";

/** Why HTTPS refused something; a closed set, for metrics. */
export type HttpRefusal = "connections" | "handshake" | "method" | "authentication" | "requests-per-node";

/** What an OSTree client asks of an archive repository; everything else in the folder (locks, state, half-written files) is none of its business. */
const served = /^\/(config|summary|summary\.sig|refs\/[\w./-]+|objects\/[0-9a-f]{2}\/[0-9a-f]{62}\.(commit|commitmeta|dirtree|dirmeta|filez)|deltas\/[\w+/-]+|delta-indexes\/[\w+./-]+)$/;
/** Named by their content: never another answer under the same path. Detached metadata and summaries do change. */
const immutable = /^\/(objects\/.*\.(commit|dirtree|dirmeta|filez)$|deltas\/)/;

/** `/ostree/`: the content repository, for node certificates. A refusal is a 403 that says why, because OSTree shows nothing but the status. */
export interface ContentOptions {
  readonly fleet: Fleet;
  readonly repository: string;
  readonly requests: NodeRequests;
  readonly onBytes: (bytes: number) => void;
  readonly onRefused: (reason: HttpRefusal) => void;
}

export function contentRouter({ fleet, repository, requests, onBytes, onRefused }: ContentOptions): Router {
  const router = express.Router();
  router.use(nodesOnly(fleet, requests, onRefused));
  router.use((request, response, next) => {
    if (!served.test(request.path) || request.path.includes("..")) return void response.status(404).end("no such object\n");
    if (request.method === "GET") response.on("finish", () => onBytes(Number(response.getHeader("content-length") ?? 0)));
    next();
  });
  router.use(
    express.static(repository, {
      dotfiles: "deny",
      index: false,
      redirect: false,
      fallthrough: false,
      etag: true,
      acceptRanges: true,
      cacheControl: false,
      setHeaders: (response, path) => {
        const below = path.slice(repository.length);
        response.setHeader("cache-control", immutable.test(below) ? "public, max-age=31536000, immutable" : "no-cache");
        response.setHeader("content-type", "application/octet-stream");
      },
    }),
  );
  return router;
}

function nodesOnly(fleet: Fleet, requests: NodeRequests, onRefused: (reason: HttpRefusal) => void): RequestHandler {
  return (request, response, next) => {
    const socket = request.socket as TLSSocket;
    const refuse = (why: string): void => void response.status(403).set("cache-control", "no-store").type("text/plain").end(`${why}\n`);
    const peer = socket.getPeerCertificate();
    if (!socket.authorized) return refuse(peer.raw ? `the client certificate is not accepted: ${String(socket.authorizationError)}` : "a node certificate is required here");
    const identity = identityOf(peer);
    if (identity === undefined) return refuse("the certificate names no node");
    const problem = currentNodeProblem(fleet.durable.nodes.get(identity.nodeId));
    if (problem !== undefined) return refuse(problem);
    if (requests.begin(identity.nodeId, response)) return next();
    onRefused("requests-per-node");
    response.status(429).set({ "retry-after": "1", "cache-control": "no-store" }).type("text/plain").end("too many requests of this node at a time\n");
  };
}
