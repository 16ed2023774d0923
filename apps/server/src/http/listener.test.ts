import { mkdir, open, readFile } from "node:fs/promises";
import { request, type RequestOptions } from "node:https";
import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from "node:http";
import { Socket } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { connect } from "node:tls";
import { objectFile } from "@treeline/ostree";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestNode } from "../test-node.ts";
import { everything, publish, Publisher, releaseRef, type TestRelease } from "../test-release.ts";
import { NodeRequests } from "./node-requests.ts";
import { removeTemporaryData, startTestServer, temporaryData, type TestServer } from "../test-server.ts";

let server: TestServer;
let release: TestRelease;
let node: TestNode;

beforeAll(async () => {
  server = await startTestServer();
  const publisher = await Publisher.create(await temporaryData());
  release = await publisher.compose("1.0");
  await publish(server.front, await everything(release));
  node = await server.enroll();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request; with a node's certificate unless `as` is null. The path is sent as it is. */
function get(path: string, options: RequestOptions = {}, as: TestNode | null = node): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const tls = { ca: server.credential.ca, ...(as ? { cert: as.tls.certPem, key: as.tls.keyPem } : {}) };
  const outgoing = request({ host: "127.0.0.1", port: server.running.ports.https, path, agent: false, ...tls, ...options }, async (response) => {
    const body = Buffer.concat(await response.toArray().catch(reject) ?? []);
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
  });
  outgoing.on("error", reject).end();
  return promise;
}

const content = (): string => `/ostree/${objectFile(release.names.find((name) => name.endsWith(".filez"))!)}`;
const commit = (): string => `/ostree/${objectFile(`${release.checksum}.commit`)}`;

describe("content", () => {
  it("is served to an enrolled node as it lies in the repository", async () => {
    const { status, headers, body } = await get(content());
    expect([status, headers["content-type"], headers["cache-control"]]).toEqual([200, "application/octet-stream", "public, max-age=31536000, immutable"]);
    expect(body.equals(await readFile(join(server.data, content())))).toBe(true);
    for (const path of ["config", "summary", `refs/heads/${releaseRef}`, objectFile(`${release.checksum}.commitmeta`)!]) {
      const answer = await get(`/ostree/${path}`);
      expect([path, answer.status, answer.headers["cache-control"]]).toEqual([path, 200, "no-cache"]);
    }
  });

  it("answers HEAD, parts, a part of an object that changed, and a part beyond the end", async () => {
    const whole = await get(content());
    const head = await get(content(), { method: "HEAD" });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, String(whole.body.length), 0]);
    const part = await get(content(), { headers: { range: "bytes=2-5", "if-range": whole.headers.etag! } });
    expect([part.status, part.headers["content-range"], part.body.equals(whole.body.subarray(2, 6))]).toEqual([206, `bytes 2-5/${whole.body.length}`, true]);
    const changed = await get(content(), { headers: { range: "bytes=2-5", "if-range": '"other"' } });
    expect([changed.status, changed.body.length]).toEqual([200, whole.body.length]);
    const beyond = await get(content(), { headers: { range: "bytes=99999999-" } });
    expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, `bytes */${whole.body.length}`]);
    expect((await get(content(), { headers: { "if-none-match": whole.headers.etag! } })).status).toBe(304);
  });

  it.each([
    "/ostree/",
    "/ostree/objects",
    "/ostree/state/",
    "/ostree/.lock",
    "/ostree/tmp/x",
    "/ostree/refs/heads",
    "/ostree/refs/heads/../../config",
    "/ostree/../treeline.db",
    "/ostree/%2e%2e/treeline.db",
    "/ostree/..%2ftreeline.db",
    "/ostree//etc/passwd",
    "/ostree/objects/00/%00",
    "/ostree/%zz",
    "/treeline.db",
    "/operator/admin.yaml",
  ])("is nothing else of the server: %s", async (path) => {
    const { status, body } = await get(path);
    expect([403, 404, 400]).toContain(status);
    expect(body.length).toBeLessThan(100);
  });

  it("is only read", async () => {
    for (const path of [content(), "/healthz", "/readyz", "/metrics", "/nothing"])
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]) {
        const { status, headers } = await get(path, { method });
        expect([path, method, status, headers.allow]).toEqual([path, method, 405, "GET, HEAD"]);
      }
  });

  it("is not for strangers: without a certificate, and with one of another authority", async () => {
    const without = await get(content(), {}, null);
    expect([without.status, without.body.toString()]).toEqual([403, "a node certificate is required here\n"]);
    await using other = await startTestServer();
    const foreign = await get(content(), {}, await other.enroll());
    expect([foreign.status, foreign.body.toString()]).toEqual([403, expect.stringContaining("not accepted")]);
  });

  it("is refused to a revoked node that comes again, and it is told why", async () => {
    const revoked = await server.enroll();
    expect((await get(commit(), {}, revoked)).status).toBe(200);
    await server.front.nodes.revokeNode({ node: revoked.nodeId, reason: "stolen" });
    const { status, body } = await get(commit(), {}, revoked);
    expect([status, body.toString()]).toEqual([403, "the node was revoked: stolen\n"]);
  });

  it("is cut in the middle of a download when its node is revoked", async () => {
    // More than the buffers of both sides hold, so that it cannot be under way to the end when the revocation comes.
    const size = 256 * 1024 * 1024;
    const name = `${"d".repeat(64)}.filez`;
    await mkdir(dirname(join(server.data, "ostree", objectFile(name)!)), { recursive: true });
    await using file = await open(join(server.data, "ostree", objectFile(name)!), "w");
    await file.truncate(size);
    const thief = await server.enroll();
    const tls = { ca: server.credential.ca, cert: thief.tls.certPem, key: thief.tls.keyPem };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: "127.0.0.1", port: server.running.ports.https, path: `/ostree/${objectFile(name)!}`, agent: false, ...tls }, resolve).on("error", reject).end();
    });
    expect(response.headers["content-length"]).toBe(String(size));
    await server.front.nodes.revokeNode({ node: thief.nodeId, reason: "stolen" });
    let received = 0;
    await expect((async () => {
      for await (const chunk of response) received += (chunk as Buffer).length;
    })()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(received).toBeLessThan(size);
  });
});

describe("the rest", () => {
  it("tells everybody that it lives and is ready, and nothing else", async () => {
    for (const [path, text] of [["/healthz", "ok\n"], ["/readyz", "ready\n"]] as const) {
      const { status, body, headers } = await get(path, {}, null);
      expect([status, body.toString(), headers["x-powered-by"]]).toEqual([200, text, undefined]);
    }
    expect((await get("/", {}, null)).status).toBe(404);
  });

  it("shows metrics to operators alone, and counts what was sent to nodes, not what was only asked about", async () => {
    const metrics = (token: string) => get("/metrics", { headers: { authorization: `Bearer ${token}` } }, null);
    const bytes = async (): Promise<number> => Number(/^treeline_content_bytes_total (\d+)$/m.exec((await metrics(server.credential.token)).body.toString())?.[1]);
    expect((await metrics("tlo_wrong")).status).toBe(401);
    expect((await get("/metrics")).status).toBe(401);
    const before = await bytes();
    const { body } = await get(content());
    await get(content(), { method: "HEAD" });
    expect((await bytes()) - before).toBe(body.length);
    expect((await metrics(server.credential.token)).body.toString()).toMatch(/^treeline_nodes\{contact="silent"\} [1-9]/m);
  });

  it("sends strict headers with every answer, errors too, and lets nothing be kept that is not content", async () => {
    for (const [path, kept] of [[content(), "public, max-age=31536000, immutable"], [`/ostree/objects/00/${"0".repeat(62)}.filez`, "no-store"], ["/ostree/x", "no-store"], ["/healthz", "no-store"], ["/metrics", "no-store"], ["/", "no-store"], ["/ostree/%zz", "no-store"]]) {
      const { headers } = await get(path!);
      expect([path, headers["x-content-type-options"], headers["content-security-policy"], headers["strict-transport-security"], headers["referrer-policy"], headers["cache-control"], headers["x-powered-by"], headers["server"]]).toEqual([
        ...[path, "nosniff", "default-src 'none'; frame-ancestors 'none'", "max-age=31536000", "no-referrer", kept, undefined, undefined],
      ]);
    }
  });

  it("answers one node so many requests at a time, and another all the same", async () => {
    const requests = new NodeRequests(2);
    const [first, second, third, other] = [1, 2, 3, 4].map(() => new ServerResponse(new IncomingMessage(new Socket())));
    expect([requests.begin("a", first!), requests.begin("a", second!), requests.begin("a", third!), requests.begin("b", other!)]).toEqual([true, true, false, true]);
    first!.emit("close");
    expect(requests.begin("a", third!)).toBe(true);
    await using narrow = await startTestServer({ settings: { limits: { requestsPerNode: 1 } } });
    const host = await narrow.enroll();
    const tls = { ca: narrow.credential.ca, cert: host.tls.certPem, key: host.tls.keyPem, ALPNProtocols: ["http/1.1"] };
    const silent = connect({ host: "127.0.0.1", port: narrow.running.ports.https, ...tls });
    // Node answers pipelined requests in order but handles them at once: the second finds the first under way.
    silent.write("GET /ostree/config HTTP/1.1\r\nhost: x\r\n\r\n".repeat(2) + "GET /ostree/config HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    const answers = await text(silent);
    expect(answers.match(/^HTTP\/1\.1 \d+/gm)).toEqual(expect.arrayContaining(["HTTP/1.1 200", "HTTP/1.1 429"]));
    expect(await narrow.metrics()).toMatch(/treeline_refusals_total\{listener="https",reason="requests-per-node"\} [12]/);
  });

  it("speaks nothing older than TLS 1.3", async () => {
    await expect(get("/healthz", { maxVersion: "TLSv1.2" }, null)).rejects.toThrow(/protocol version/);
    expect((await get("/healthz", { minVersion: "TLSv1.3" }, null)).status).toBe(200);
  });

  it("does not read headers without end", async () => {
    const answer = await get("/healthz", { headers: { x: "y".repeat(40_000) } }, null).catch((error: unknown) => error);
    expect(answer).toSatisfy((value: Answer | Error) => value instanceof Error || value.status === 431);
    expect((await get("/healthz", {}, null)).status).toBe(200);
  });
});
