import { createServer, type Socket } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, openAuthority } from "./authority.ts";
import { fetchPinnedCa, PinError } from "./pin.ts";
import { listenTls, meet } from "./test-tls.ts";

const loopback = { dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] };
const host = "127.0.0.1";
const timeoutMs = 30_000;

let dir: string;
let authority: Authority;
let other: Authority;
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "treeline-pin-"));
  authority = await openAuthority(path.join(dir, "ours"));
  other = await openAuthority(path.join(dir, "other"));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

async function refusal(promise: Promise<unknown>): Promise<PinError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PinError);
  return error as PinError;
}

describe("fetchPinnedCa", () => {
  it("gives the authority whose hash is pinned, good as the only root, and sends nothing", async () => {
    const server = await authority.issueServer(loopback);
    const received: Buffer[] = [];
    const closed = Promise.withResolvers<void>();
    await using listener = await listenTls({ cert: server.certPem, key: server.keyPem }, (socket) => {
      socket.on("data", (chunk: Buffer) => received.push(chunk));
      socket.on("close", () => closed.resolve());
    });
    const caPem = await fetchPinnedCa({ host, port: listener.port, caSha256: authority.caSha256, timeoutMs });
    await closed.promise;
    expect(caPem).toBe(authority.caPem);
    expect(received).toEqual([]);
    await expect(meet({ server, clientCa: caPem, serverCa: caPem, client: undefined })).resolves.toBeDefined();
  });

  it("works by host name too", async () => {
    const server = await authority.issueServer(loopback);
    await using listener = await listenTls({ cert: server.certPem, key: server.keyPem });
    await expect(fetchPinnedCa({ host: "localhost", port: listener.port, caSha256: authority.caSha256, timeoutMs })).resolves.toBe(
      authority.caPem,
    );
  });

  it("says what was presented when the pin does not match", async () => {
    const server = await other.issueServer(loopback);
    await using listener = await listenTls({ cert: server.certPem, key: server.keyPem });
    const error = await refusal(fetchPinnedCa({ host, port: listener.port, caSha256: authority.caSha256, timeoutMs }));
    expect(error).toMatchObject({ code: "pin-mismatch", subject: `${host}:${listener.port}` });
    expect(error.presented.map((certificate) => certificate.sha256)).toContain(other.caSha256);
    expect(error.presented).toHaveLength(2);
    expect(error.message).toContain(other.caSha256);
    expect(error.message).toContain("make a new token");
  });

  it("gives a useless root to a server that only shows the authority without holding a certificate of it", async () => {
    const impostor = await other.issueServer(loopback);
    const [impostorLeaf] = impostor.certPem.split(/(?<=-----END CERTIFICATE-----\n)/);
    const server = { certPem: `${impostorLeaf ?? ""}${authority.caPem}`, keyPem: impostor.keyPem };
    await using listener = await listenTls({ cert: server.certPem, key: server.keyPem });
    const outcome = await fetchPinnedCa({ host, port: listener.port, caSha256: authority.caSha256, timeoutMs }).catch(
      (error: unknown) => error,
    );
    if (typeof outcome !== "string") return expect(outcome).toMatchObject({ code: "pin-mismatch" });
    return expect(meet({ server, clientCa: outcome, serverCa: outcome, client: undefined })).rejects.toThrow();
  });

  it("says so when nobody listens", async () => {
    const port = (await closedPort()).port;
    expect(await refusal(fetchPinnedCa({ host, port, caSha256: authority.caSha256, timeoutMs }))).toMatchObject({
      code: "pin-unreachable",
    });
  });

  it("says so when the port speaks something else, or hangs up", async () => {
    await using plain = await listenPlain((socket) => socket.end("SSH-2.0-OpenSSH\r\n"));
    expect(await refusal(fetchPinnedCa({ host, port: plain.port, caSha256: authority.caSha256, timeoutMs }))).toMatchObject({
      code: "pin-unreachable",
    });
    await using rude = await listenPlain((socket) => socket.destroy());
    expect(await refusal(fetchPinnedCa({ host, port: rude.port, caSha256: authority.caSha256, timeoutMs }))).toMatchObject({
      code: "pin-unreachable",
    });
  });

  it("gives up on a port that never answers", async () => {
    await using silent = await listenPlain(() => {});
    expect(await refusal(fetchPinnedCa({ host, port: silent.port, caSha256: authority.caSha256, timeoutMs: 50 }))).toMatchObject({
      code: "pin-timeout",
    });
  });

  it("refuses a pin that is no hash, without connecting", async () => {
    expect(await refusal(fetchPinnedCa({ host, port: 1, caSha256: "", timeoutMs }))).toMatchObject({ code: "pin-invalid" });
  });
});

async function listenPlain(onConnection: (socket: Socket) => void): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function closedPort(): Promise<{ readonly port: number }> {
  await using listener = await listenPlain(() => {});
  return { port: listener.port };
}
