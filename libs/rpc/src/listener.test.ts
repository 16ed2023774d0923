import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { status, type ServerWritableStream } from "@grpc/grpc-js";
import { afterEach, expect, it } from "vitest";
import { createFrontClients, createSessionClient, type FrontClients, type SessionClient } from "./client.ts";
import type { Connection } from "./connection.ts";
import { messages, services } from "./definition.ts";
import { GrpcListener, type GrpcListenerOptions } from "./listener.ts";
import type { ListenerLimits, Refusal } from "./listener-limits.ts";
import { streaming, unary, upload } from "./server.ts";
import { createTestAuthority, type TestIdentity } from "./test-certificates.ts";
import type { wire } from "./wire.ts";

const authority = createTestAuthority();
const own = authority.issue("IP:127.0.0.1");
const node = authority.issue("URI:treeline://node/1");
const noError = (): void => undefined;

interface Running {
  readonly listener: GrpcListener;
  readonly port: number;
  readonly refusals: Refusal[];
  /** The connection of each unary call, in order. */
  readonly seen: Connection[];
  /** Watches that have not ended. */
  readonly watching: Set<object>;
}

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function start(
  options: Omit<Partial<GrpcListenerOptions>, "limits"> & { readonly limits?: Partial<ListenerLimits> } = {},
): Promise<Running> {
  const refusals: Refusal[] = [];
  const seen: Connection[] = [];
  const watching = new Set<object>();
  const listener = new GrpcListener({ tls: own, onRefused: (refusal) => void refusals.push(refusal), ...options });
  listener.server.addService(services.agent, {
    Confirm: unary<wire.ConfirmRequest__Output, wire.ConfirmResponse>(async (_request, call) => {
      seen.push(listener.connectionOf(call));
      return { granted: true };
    }, noError),
    Session: () => undefined,
  });
  listener.server.addService(services.nodes, {
    ListNodes: unary<wire.ListNodesRequest__Output, wire.ListNodesResponse>(async (_request, call) => {
      seen.push(listener.connectionOf(call));
      return {};
    }, noError),
    GetNode: unary<wire.GetNodeRequest__Output, wire.GetNodeResponse>((_request, call) => {
      seen.push(listener.connectionOf(call));
      return new Promise(() => undefined);
    }, noError),
  });
  listener.server.addService(services.watch, {
    Watch: streaming<ServerWritableStream<wire.WatchRequest__Output, wire.WatchResponse>>(async (call) => {
      watching.add(call);
      const over = new Promise<void>((resolve) => call.on("cancelled", resolve));
      // Without heed of backpressure: the worst handler there may be.
      for (let each = 0; each < 40; each++) call.write({ rollout: { name: "x".repeat(64 * 1024) } });
      await over;
      watching.delete(call);
    }, noError),
  });
  listener.server.addService(services.releases, {
    PublishRelease: upload<wire.PublishReleaseRequest__Output, wire.PublishReleaseResponse>(async (call) => {
      for await (const _ of call);
      return {};
    }, noError),
  });
  const port = await listener.listen({ port: 0, address: "127.0.0.1" });
  closing.push(() => listener.close(0));
  return { listener, port, refusals, seen, watching };
}

function front({ port }: Running): FrontClients {
  const clients = createFrontClients({ endpoint: `127.0.0.1:${port}`, caPem: authority.caPem });
  closing.push(() => clients.close());
  return clients;
}

function session({ port }: Running, identity: TestIdentity = node): SessionClient {
  const client = createSessionClient({ endpoint: `127.0.0.1:${port}`, caPem: authority.caPem, ...identity });
  closing.push(() => client.close());
  return client;
}

function tcp(port: number): Socket {
  const socket = connectTcp(port, "127.0.0.1");
  socket.on("error", noError);
  closing.push(() => socket.destroy());
  return socket;
}

async function tls(port: number, identity?: TestIdentity): Promise<TLSSocket> {
  const pair = identity && { cert: identity.certPem, key: identity.keyPem };
  const socket = connectTls({ host: "127.0.0.1", port, ca: authority.caPem, ALPNProtocols: ["h2"], ...pair });
  socket.on("error", noError);
  closing.push(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

function http2({ port }: Running, settings = {}): ClientHttp2Session {
  const client = connectHttp2(`https://127.0.0.1:${port}`, { ca: authority.caPem, settings });
  client.on("error", noError);
  closing.push(() => client.destroy());
  return client;
}

function call(client: ClientHttp2Session, path: string, headers = {}): ClientHttp2Stream {
  const stream = client.request({
    ":method": "POST",
    ":path": `/treeline.v1.${path}`,
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  stream.on("error", noError);
  return stream;
}

const report = (line: string): void => void process.stdout.write(`${line}\n`);

/** Waits for a state that is certain to come; the test's own time limit says when it did not. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const frame = (message: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);

it("knows a call's connection: address, verified certificate, and the identity found once for all its calls", async () => {
  let identified = 0;
  const running = await start({
    tls: { ...own, clientCaPem: authority.caPem },
    identify: (der) => (identified++, new X509Certificate(der).subjectAltName),
  });
  const { agent } = session(running);
  for (let each = 0; each < 5; each++) await agent.confirm({});
  expect([identified, new Set(running.seen).size, running.listener.connections.size]).toEqual([1, 1, 1]);
  expect(running.seen[0]).toMatchObject({
    remoteAddress: "127.0.0.1",
    identity: "URI:treeline://node/1",
    certificate: new X509Certificate(node.certPem).raw,
  });
});

it("asks for a certificate without requiring one, and takes none that it cannot verify", async () => {
  const running = await start({ tls: { ...own, clientCaPem: authority.caPem }, clientCertificate: "optional" });
  await front(running).nodes.listNodes({});
  await session(running).agent.confirm({});
  await session(running, createTestAuthority().issue("URI:treeline://node/1")).agent.confirm({});
  expect(running.seen.map(({ certificate, certificateProblem }) => [certificate !== undefined, certificateProblem])).toEqual([
    [false, undefined],
    [true, undefined],
    [false, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ]);
});

it("speaks no byte of HTTP/2 without a required certificate, nor to whom identify refuses", async () => {
  const running = await start({
    tls: { ...own, clientCaPem: authority.caPem },
    identify: () => {
      throw new Error("revoked");
    },
  });
  await expect(session(running).agent.confirm({})).rejects.toMatchObject({ status: status.UNAVAILABLE });
  await expect(front(running).nodes.listNodes({})).rejects.toMatchObject({ status: status.UNAVAILABLE });
  expect(running.seen).toEqual([]);
  expect(new Set(running.refusals)).toEqual(new Set(["identity", "handshake"]));
});

it("speaks TLS 1.3 and nothing older, as openssl sees it, and resumes no session", async () => {
  const { port } = await start();
  const client = async (version: string): Promise<string> => {
    const args = ["s_client", "-connect", `127.0.0.1:${port}`, version, "-alpn", "h2", "-brief"];
    const child = promisify(execFile)("openssl", args, { timeout: 10_000 });
    child.child.stdin?.end();
    return child.then(
      ({ stderr }) => stderr,
      (error: { stderr: string }) => error.stderr,
    );
  };
  expect(await client("-tls1_2")).toMatch(/alert protocol version|handshake failure/i);
  expect(await client("-tls1_3")).toContain("Protocol version: TLSv1.3");
  const sessions: Buffer[] = [];
  const first = connectTls({ host: "127.0.0.1", port, ca: authority.caPem, ALPNProtocols: ["h2"] });
  first.on("session", (ticket: Buffer) => sessions.push(ticket)).on("error", noError);
  await once(first, "data");
  first.destroy();
  const again = connectTls({
    host: "127.0.0.1",
    port,
    ca: authority.caPem,
    ALPNProtocols: ["h2"],
    ...(sessions[0] ? { session: sessions[0] } : {}),
  });
  await once(again, "secureConnect");
  expect(again.isSessionReused()).toBe(false);
  again.destroy();
});

it("cuts all connections of an identity and no other, while their streams are open", async () => {
  const running = await start({
    tls: { ...own, clientCaPem: authority.caPem },
    identify: (der) => new X509Certificate(der).subjectAltName,
  });
  const open = await Promise.all(Array.from({ length: 3 }, () => tls(running.port, node)));
  const other = await tls(running.port, authority.issue("URI:treeline://node/2"));
  await until(() => running.listener.connections.size === 4);
  const closed = Promise.all(open.map((socket) => once(socket.resume(), "close")));
  expect(running.listener.cut("URI:treeline://node/1")).toBe(3);
  await closed;
  expect([...running.listener.connections].map(({ identity }) => identity)).toEqual(["URI:treeline://node/2"]);
  expect(other.destroyed).toBe(false);
  expect(running.listener.cut("URI:treeline://node/1")).toBe(0);
});

it("of one identity keeps the newest connections", async () => {
  const running = await start({
    tls: { ...own, clientCaPem: authority.caPem },
    identify: () => "one",
    limits: { connectionsPerIdentity: 2 },
  });
  const oldest = await tls(running.port, node);
  const gone = once(oldest.resume(), "close");
  await until(() => running.listener.connections.size === 1);
  await tls(running.port, node);
  await until(() => running.listener.connections.size === 2);
  await tls(running.port, node);
  await gone;
  expect(running.listener.connections.size).toBe(2);
  expect(running.refusals).toEqual(["connections-per-identity"]);
});

it("takes new certificates and client authorities while it runs; what is open stays", async () => {
  const running = await start({ tls: { ...own, clientCaPem: authority.caPem } });
  const old = session(running);
  await old.agent.confirm({});
  const next = createTestAuthority();
  const fresh = next.issue("IP:127.0.0.1");
  running.listener.setTls({ ...fresh, clientCaPem: next.caPem });
  await old.agent.confirm({});
  const client = createSessionClient({ endpoint: `127.0.0.1:${running.port}`, caPem: next.caPem, ...next.issue("URI:treeline://node/1") });
  closing.push(() => client.close());
  await client.agent.confirm({});
  await expect(session(running).agent.confirm({})).rejects.toMatchObject({ status: status.UNAVAILABLE });
});

it("holds at most so many connections under two thousand, and forgets them when they go", async () => {
  const running = await start({ limits: { connections: 100, connectionsPerAddress: 1_000, handshakeMillis: 600_000 } });
  const before = process.memoryUsage.rss();
  const sockets: Socket[] = [];
  // In portions below the listen backlog: what the kernel turns away never reaches the limit that is tested.
  for (let each = 0; each < 2_000; each += 100) {
    sockets.push(...Array.from({ length: 100 }, () => tcp(running.port)));
    await until(() => running.refusals.length === each);
  }
  expect(running.listener.sockets).toBe(100);
  report(
    `2,000 connections that say nothing: resident memory grew by ${Math.round((process.memoryUsage.rss() - before) / 2 ** 20)} MiB, both ends`,
  );
  for (const socket of sockets) socket.destroy();
  await until(() => running.listener.sockets === 0);
  await front(running).nodes.listNodes({});
});

it("holds at most so many connections of one address", async () => {
  const running = await start({ limits: { connectionsPerAddress: 5 } });
  for (let each = 0; each < 20; each++) tcp(running.port);
  await until(() => running.refusals.length === 15);
  expect([running.listener.sockets, new Set(running.refusals)]).toEqual([5, new Set(["connections-per-address"])]);
});

it("cuts a handshake that does not end, and a connection without a call", async () => {
  const running = await start({ limits: { handshakeMillis: 50, idleMillis: 50 } });
  await once(tcp(running.port).resume(), "close");
  expect(running.refusals).toEqual(["handshake"]);
  await once((await tls(running.port)).resume(), "close");
});

it("ends a unary call that is not answered, whatever its client would wait", async () => {
  const running = await start({ limits: { callMillis: 50 } });
  await expect(front(running).nodes.getNode({}, { deadlineMillis: 600_000 })).rejects.toMatchObject({
    status: status.DEADLINE_EXCEEDED,
    reason: "CALL_TOO_LONG",
  });
  expect(running.refusals).toEqual(["deadline"]);
});

it("ends unary calls whose body never comes, one byte at a time or not at all", async () => {
  const running = await start({ limits: { callMillis: 50 } });
  const client = http2(running);
  const streams = Array.from({ length: 50 }, () => call(client, "NodeService/ListNodes"));
  for (const stream of streams) stream.write(Buffer.from([0]));
  await Promise.all(streams.map((stream) => once(stream, "response")));
  expect(running.refusals).toEqual(Array.from({ length: 50 }, () => "deadline"));
});

it("grants a method its own time", async () => {
  const running = await start({ limits: { callMillis: 600_000, callMillisByMethod: { "/treeline.v1.NodeService/GetNode": 50 } } });
  await expect(front(running).nodes.getNode({})).rejects.toMatchObject({ reason: "CALL_TOO_LONG" });
});

it("runs at most so many calls of one connection: two thousand streams are opened, a hundred begin", async () => {
  const running = await start({ limits: { callMillis: 600_000 } });
  const client = http2(running);
  await once(client, "remoteSettings");
  // Node's own client would keep to what the server said; what it holds back is sent when one ends.
  for (let each = 0; each < 2_000; each++) call(client, "NodeService/GetNode").end(frame(Buffer.alloc(0)));
  expect(client.remoteSettings.maxConcurrentStreams).toBe(100);
  await until(() => running.seen.length === 100);
  await front(running).nodes.listNodes({});
  expect(running.seen).toHaveLength(101);
});

it("cuts a reader that does not read, and with it what waited for it", async () => {
  const running = await start({ limits: { stallMillis: 100 } });
  const before = process.memoryUsage.rss();
  const client = http2(running, { initialWindowSize: 1 });
  for (let each = 0; each < 20; each++) call(client, "WatchService/Watch").end(frame(messages.WatchRequest.serialize({})));
  await until(() => running.watching.size === 20);
  report(`20 watches unread: resident memory grew by ${Math.round((process.memoryUsage.rss() - before) / 2 ** 20)} MiB`);
  await once(client, "close");
  await until(() => running.watching.size === 0 && running.listener.sockets === 0);
  expect(running.refusals).toContain("slow-reader");
});

it("ends an upload on which nothing comes, and leaves one that goes on", async () => {
  const running = await start({ limits: { stallMillis: 200 } });
  const stream = call(http2(running), "ReleaseService/PublishRelease");
  const [headers] = (await once(stream, "response")) as [Record<string, string>];
  expect(Number(headers["grpc-status"])).toBe(status.DEADLINE_EXCEEDED);
  expect(running.refusals).toEqual(["slow-writer"]);
  const slow = call(http2(running), "ReleaseService/PublishRelease");
  for (let each = 0; each < 6; each++) {
    slow.write(frame(messages.PublishReleaseRequest.serialize({ chunk: Buffer.alloc(1) })));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  slow.end();
  await once(slow.resume(), "end");
  expect(running.refusals).toEqual(["slow-writer"]);
});

it("refuses headers that are many or long, before it reads the body", async () => {
  const running = await start({ limits: { metadataEntries: 8, metadataBytes: 1_000 } });
  const client = http2(running);
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, each) => [`x-${each}`, "1"]));
  for (const headers of [many, { "x-long": "1".repeat(2_000) }]) {
    const [answer] = (await once(call(client, "NodeService/ListNodes", headers), "response")) as [Record<string, string>];
    expect(Number(answer["grpc-status"])).toBe(status.RESOURCE_EXHAUSTED);
  }
  expect([running.refusals, running.seen]).toEqual([["metadata", "metadata"], []]);
});

it("refuses calls beyond the rate of their address", async () => {
  const running = await start({ limits: { calls: { perSecond: 0.001, burst: 3 } } });
  const { nodes } = front(running);
  for (let each = 0; each < 3; each++) await nodes.listNodes({});
  await expect(nodes.listNodes({})).rejects.toMatchObject({ status: status.RESOURCE_EXHAUSTED, reason: "CALL_RATE" });
  expect(running.seen).toHaveLength(3);
});
