import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestNode } from "../test-node.ts";
import { removeTemporaryData, startTestServer, type TestServer } from "../test-server.ts";

let server: TestServer;

/** More than the buffers between two sockets hold, so that a download that nobody reads stays under way. */
const bigBytes = 256 * 1024 * 1024;
const big = `/ostree/objects/${"ab"}/${"c".repeat(62)}.filez`;

beforeAll(async () => {
  server = await startTestServer();
  await mkdir(join(server.data, "ostree/objects/ab"), { recursive: true });
  const file = await open(join(server.data, big), "w");
  await file.truncate(bigBytes);
  await file.close();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await removeTemporaryData();
});

/** A node's TLS connection past its handshake, with what was read from it. */
class Peer {
  readonly socket: TLSSocket;
  readonly closed: Promise<unknown>;
  bytes = 0;

  constructor(socket: TLSSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => (this.bytes += chunk.length));
  }

  static async open(node: TestNode, port: number, protocol: string): Promise<Peer> {
    const { certPem: cert, keyPem: key } = node.tls;
    const socket = connect({ host: "127.0.0.1", port, ca: server.credential.ca, cert, key, ALPNProtocols: [protocol] });
    await once(socket, "secureConnect");
    return new Peer(socket);
  }

  /** A download under way: some of it has come, and no more is read. */
  static async download(node: TestNode): Promise<Peer> {
    const peer = await Peer.open(node, server.running.ports.https, "http/1.1");
    peer.socket.write(`GET ${big} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await expect.poll(() => peer.bytes, { timeout: 15_000, interval: 5 }).toBeGreaterThan(100_000);
    peer.socket.pause();
    return peer;
  }
}

/** Whether the server still answers on a connection. */
async function answers(peer: Peer): Promise<boolean> {
  const before = peer.bytes;
  const heard = once(peer.socket.resume(), "data").then(() => true, () => false);
  peer.socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n");
  const answered = await Promise.race([heard, peer.closed.then(() => false)]);
  return answered && peer.bytes > before;
}

describe("once RevokeNode has answered", () => {
  it("every connection of that node is cut: downloads, idle ones, half a request, half-open ones, and sessions", async () => {
    const [node, other] = [await server.enroll({ hostname: "stolen" }), await server.enroll({ hostname: "kept" })];
    const { https, sessions } = server.running.ports;
    const stream = await node.connect();
    const kept = await other.connect();
    const idle = await Peer.open(node, https, "http/1.1");
    expect(await answers(idle)).toBe(true);
    const half = await Peer.open(node, https, "http/1.1");
    half.socket.write("GET /healthz HTTP/1.1\r\nho");
    const silent = await Peer.open(node, sessions, "h2");
    // The server speaks first in HTTP/2: it has taken the connection when its settings are here.
    await expect.poll(() => silent.bytes, { timeout: 15_000 }).toBeGreaterThan(0);
    const [download, othersDownload] = [await Peer.download(node), await Peer.download(other)];
    const othersIdle = await Peer.open(other, https, "http/1.1");

    await server.front.nodes.revokeNode({ node: node.nodeId, reason: "stolen" });

    half.socket.write("st: x\r\n\r\n");
    expect(await answers(idle)).toBe(false);
    for (const { socket, closed } of [idle, half, silent, download]) {
      socket.resume();
      await closed;
    }
    expect(half.bytes).toBe(0);
    expect(download.bytes).toBeLessThan(bigBytes);
    expect(await stream.ended).toBeDefined();
    expect(stream.received.filter(({ kind }) => kind === "acknowledgement")).toHaveLength(1);

    await kept.settled();
    expect(await answers(othersIdle)).toBe(true);
    othersDownload.socket.resume();
    await expect.poll(() => othersDownload.bytes, { timeout: 30_000, interval: 20 }).toBeGreaterThan(bigBytes);
    othersDownload.socket.destroy();
    othersIdle.socket.destroy();
  });

  it("nothing that the node sent before, and that was not yet taken, is kept", async () => {
    const node = await server.enroll();
    const stream = await node.connect();
    const revoking = server.front.nodes.revokeNode({ node: node.nodeId, reason: "stolen" });
    const health = { state: "red", bootId: node.bootId, checks: [] } as const;
    for (let sequence = 2; sequence < 12; sequence++) stream.send({ kind: "observation", sequence, full: false, delta: { health } });
    await revoking;
    const view = async () => (await server.front.nodes.getNode({ node: node.nodeId })).node!;
    const { health: atAnswer, lastSeenAtMillis } = await view();
    expect(await stream.ended).toBeDefined();
    expect(await view()).toMatchObject({ health: atAnswer, lastSeenAtMillis });
    await expect(node.confirm({ attempt: { rollout: "r", number: 1 }, permission: { slot: "s", epoch: 1 }, bootId: node.bootId, nonce: "n", checksum: "c".repeat(64) })).rejects.toMatchObject({ reason: "NODE_REFUSED" });
  });

  it("a second RevokeNode changes nothing, and a connection that comes afterwards is told why", async () => {
    const node = await server.enroll();
    for (const reason of ["first", "second"]) await server.front.nodes.revokeNode({ node: node.nodeId, reason });
    expect(await node.open().ended).toMatchObject({ reason: "NODE_REFUSED", message: expect.stringContaining("first") });
  });
});
