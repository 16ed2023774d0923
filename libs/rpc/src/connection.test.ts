import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer as createTlsServer } from "node:tls";
import { Metadata, Server, status, type ServerDuplexStream, type ServerWritableStream } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFrontClients, createSessionClient, type FrontClients, type SessionClient } from "./client.ts";
import { messages, services } from "./definition.ts";
import { fromServiceError, RpcError } from "./error.ts";
import { agentMessageFromProto, agentMessageToProto, serverMessageFromProto, serverMessageToProto } from "./mapping/session.ts";
import { bearerTokenOf, failCall, listenerCredentials, peerCertificateOf, serverOptions, streaming, unary, upload } from "./server.ts";
import { createTestAuthority, type TestIdentity } from "./test-certificates.ts";
import type { wire } from "./wire.ts";

const nodeName = "treeline://node/7f5a1f5e-6f0e-4c9e-9a39-0d8f5b7f0a11";
const bootId = "0b5c0a4e-4a5c-4f1e-8d0a-2f1f6a1f9b3c";
const checksum = "a".repeat(64);

const unexpected: { readonly error: unknown; readonly method: string }[] = [];
const onUnexpected = (error: unknown, call: { readonly method: string }): void => void unexpected.push({ error, method: call.method });

const authority = createTestAuthority();
const node = authority.issue(`URI:${nodeName}`);
const stranger = createTestAuthority().issue(`URI:${nodeName}`);
let sessions: Listener;
let front: Listener;
let closing: { close(): void }[];

// From the start: Node warns of an address as TLS server name once per process, at the first connection.
const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);

interface Listener {
  readonly server: Server;
  readonly port: number;
}

beforeAll(async () => {
  process.on("warning", onWarning);
  closing = [];
  sessions = await listen(sessionServer(), authority.issue("IP:127.0.0.1"), authority.caPem);
  front = await listen(frontServer(), authority.issue("IP:127.0.0.1,DNS:localhost"));
});

afterAll(() => {
  for (const client of closing) client.close();
  sessions.server.forceShutdown();
  front.server.forceShutdown();
  process.off("warning", onWarning);
});

async function listen(server: Server, identity: TestIdentity, clientCaPem?: string): Promise<Listener> {
  const credentials = listenerCredentials({ ...identity, ...(clientCaPem === undefined ? {} : { clientCaPem }) });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", credentials, (error, port) => (error ? reject(error) : resolve(port)));
  return { server, port: await promise };
}

function sessionServer(): Server {
  const server = new Server(serverOptions);
  server.addService(services.agent, {
    Session: streaming<ServerDuplexStream<wire.SessionRequest__Output, wire.SessionResponse>>(async (call) => {
      for await (const request of call.iterator({ destroyOnReturn: false }) as AsyncIterable<wire.SessionRequest__Output>) {
        const message = agentMessageFromProto(request);
        if (message.kind === "hello")
          call.write(
            serverMessageToProto({
              kind: "welcome",
              welcome: { epoch: message.hello.highest.epoch + 1, heartbeatMillis: 3000, leaseMillis: 12_000 },
            }),
          );
        else if (message.kind === "heartbeat") call.write(serverMessageToProto(message));
      }
    }, onUnexpected),
    Confirm: unary<wire.ConfirmRequest__Output, wire.ConfirmResponse>(async (request, call) => {
      const certificate = peerCertificateOf(call);
      return {
        granted: true,
        nonce: request.nonce,
        reason: certificate ? (new X509Certificate(certificate).subjectAltName ?? "") : "none",
      };
    }, onUnexpected),
  });
  return server;
}

function frontServer(): Server {
  const server = new Server(serverOptions);
  server.addService(services.nodes, {
    ListNodes: unary<wire.ListNodesRequest__Output, wire.ListNodesResponse>(
      async (_request, call) => ({ nextPageToken: bearerTokenOf(call) ?? "none" }),
      onUnexpected,
    ),
    GetNode: unary<wire.GetNodeRequest__Output, wire.GetNodeResponse>(async (request) => {
      if (request.node === "silent") await new Promise(() => undefined);
      if (request.node === "broken") throw new TypeError("cannot read secret of undefined");
      throw new RpcError(`no node is called "${request.node}"`, {
        status: status.NOT_FOUND,
        reason: "NODE_UNKNOWN",
        subject: request.node,
        remedy: "list them with `treeline node list`",
        violations: [{ field: "node", description: "is not a node's id or name" }],
      });
    }, onUnexpected),
    LabelNode: unary<wire.LabelNodeRequest__Output, wire.LabelNodeResponse>(
      (_request, call) => Promise.resolve({ node: { name: peerCertificateOf(call) ? "some" : "none" } }),
      onUnexpected,
    ),
    RevokeNode: unary<wire.RevokeNodeRequest__Output, wire.RevokeNodeResponse>(() => {
      throw new RpcError("thrown before the first await", { status: status.ABORTED, reason: "EARLY" });
    }, onUnexpected),
  });
  server.addService(services.watch, {
    Watch: streaming<ServerWritableStream<wire.WatchRequest__Output, wire.WatchResponse>>(async (call) => {
      call.write({ rollout: { name: bearerTokenOf(call) ?? "none" } });
      if (call.request.rollout !== "") throw new RpcError("the rollout is gone", { status: status.NOT_FOUND, reason: "ROLLOUT_UNKNOWN" });
    }, onUnexpected),
  });
  server.addService(services.releases, {
    ...Object.fromEntries(
      ["ListReleases", "GetRelease", "ListMissingObjects", "MirrorRelease"].map((name) => [name, unary(async () => ({}), onUnexpected)]),
    ),
    PublishRelease: upload<wire.PublishReleaseRequest__Output, wire.PublishReleaseResponse>(async (call) => {
      let bytes = 0;
      for await (const { chunk } of call as AsyncIterable<wire.PublishReleaseRequest__Output>) bytes += chunk?.length ?? 0;
      if (bytes === 0) throw new RpcError("nothing was sent", { status: status.INVALID_ARGUMENT, reason: "EMPTY" });
      return { bytesReceived: String(bytes) };
    }, onUnexpected),
  });
  return server;
}

function sessionClient(identity: TestIdentity, endpoint = `127.0.0.1:${sessions.port}`, caPem = authority.caPem): SessionClient {
  const client = createSessionClient({ endpoint, caPem, ...identity });
  closing.push(client);
  return client;
}

function frontClients(token?: string, host = "127.0.0.1", caPem = authority.caPem): FrontClients {
  const clients = createFrontClients({ endpoint: `${host}:${front.port}`, caPem, ...(token === undefined ? {} : { token }) });
  closing.push(clients);
  return clients;
}

const confirmation: wire.ConfirmRequest = { nonce: "n1", bootId, checksum };

describe("a node's session", () => {
  it("carries messages both ways and ends when the agent ends it", async () => {
    const stream = sessionClient(node).agent.session();
    const answers: wire.SessionResponse__Output[] = [];
    stream.on("data", (message: wire.SessionResponse__Output) => answers.push(message));
    const ended = once(stream, "end");
    stream.write(
      agentMessageToProto({
        kind: "hello",
        hello: {
          agentVersion: "1",
          bootId,
          instanceNonce: "i",
          highest: { epoch: 41, number: 7 },
          openAttempts: [],
          followsKeyRotations: true,
        },
      }),
    );
    stream.write(agentMessageToProto({ kind: "heartbeat", sequence: Number.MAX_SAFE_INTEGER }));
    stream.end();
    const [final] = (await once(stream, "status")) as [{ code: number }];
    await ended;
    expect(answers.map(serverMessageFromProto)).toEqual([
      { kind: "welcome", welcome: { epoch: 42, heartbeatMillis: 3000, leaseMillis: 12_000 } },
      { kind: "heartbeat", sequence: Number.MAX_SAFE_INTEGER },
    ]);
    expect(final.code).toBe(status.OK);
  });

  it("ends with the named fields when the agent says nonsense", async () => {
    const stream = sessionClient(node).agent.session();
    stream.resume();
    stream.write({ hello: { bootId: "x", instanceNonce: "i", highest: {} } });
    const [error] = await once(stream, "error");
    expect(fromServiceError(error)).toMatchObject({ status: status.INVALID_ARGUMENT, violations: [{ field: "session.hello.bootId" }] });
  });

  it("shows the server the node's certificate", async () => {
    expect(await sessionClient(node).agent.confirm(confirmation)).toMatchObject({ granted: true, nonce: "n1", reason: `URI:${nodeName}` });
  });
});

describe("TLS", () => {
  const refused = async (call: Promise<unknown>): Promise<RpcError> => {
    const error: unknown = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(RpcError);
    return error as RpcError;
  };

  it("lets no client without a certificate of the authority past the handshake", async () => {
    expect((await refused(sessionClient(stranger).agent.confirm(confirmation))).status).toBe(status.UNAVAILABLE);
    // Not one byte of HTTP/2 is spoken with them; with the node's own certificate it is.
    expect(await bytesFrom(sessions.port, stranger)).toBe(0);
    expect(await bytesFrom(sessions.port)).toBe(0);
    expect(await bytesFrom(sessions.port, node)).toBeGreaterThan(0);
  });

  it("refuses a server of another authority and a server of another name", async () => {
    const other = createTestAuthority();
    expect((await refused(frontClients(undefined, "127.0.0.1", other.caPem).nodes.listNodes({}))).status).toBe(status.UNAVAILABLE);
    // The sessions listener's certificate names only the address.
    const misnamed = await refused(sessionClient(node, `localhost:${sessions.port}`).agent.confirm(confirmation));
    expect(misnamed.message).toContain("does not match certificate's altnames");
  });

  it("refuses a server whose certificate names another address, and sends no address as a name", async () => {
    const elsewhere = await listen(frontServer(), authority.issue("IP:127.0.0.2,DNS:address.invalid"));
    const clients = createFrontClients({ endpoint: `127.0.0.1:${elsewhere.port}`, caPem: authority.caPem });
    const { message } = await refused(clients.nodes.listNodes({}));
    clients.close();
    elsewhere.server.forceShutdown();
    expect(message).toContain("IP: 127.0.0.1 is not in the cert's list: 127.0.0.2");
    expect(warnings).toEqual([]);
  });

  it("speaks nothing older than TLS 1.3 with a server", async () => {
    const spoken: (string | null)[] = [];
    const { certPem, keyPem } = authority.issue("IP:127.0.0.1");
    const identity = { cert: certPem, key: keyPem, ALPNProtocols: ["h2"] };
    for (const maxVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const server = createTlsServer({ ...identity, maxVersion }, (socket) => {
        spoken.push(socket.getProtocol());
        socket.destroy();
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const clients = createFrontClients({ endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`, caPem: authority.caPem });
      expect((await refused(clients.nodes.listNodes({}))).status).toBe(status.UNAVAILABLE);
      clients.close();
      server.close();
    }
    expect(new Set(spoken)).toEqual(new Set(["TLSv1.3"]));
  });

  it("verifies a host name as well as an address", async () => {
    expect((await frontClients(undefined, "localhost").nodes.listNodes({})).nextPageToken).toBe("none");
  });

  it("refuses what is no endpoint and what is no PEM", () => {
    for (const endpoint of ["", "host", "unix:/tmp/x:1", "http://host:1", "a b:1", ":7440"])
      expect(() => createFrontClients({ endpoint, caPem: authority.caPem })).toThrow(
        expect.objectContaining({ reason: "ENDPOINT_MALFORMED" }),
      );
    expect(() => createSessionClient({ endpoint: "h:1", caPem: authority.caPem, certPem: "x", keyPem: "y" })).toThrow(
      expect.objectContaining({ reason: "PEM_MALFORMED" }),
    );
  });
});

describe("a unary call", () => {
  it("rejects with what the handler threw", async () => {
    await expect(frontClients().nodes.getNode({ node: "n9" })).rejects.toMatchObject({
      name: "RpcError",
      message: 'no node is called "n9"',
      status: status.NOT_FOUND,
      reason: "NODE_UNKNOWN",
      subject: "n9",
      remedy: "list them with `treeline node list`",
      violations: [{ field: "node", description: "is not a node's id or name" }],
    });
    await expect(frontClients().nodes.revokeNode({})).rejects.toMatchObject({ reason: "EARLY" });
  });

  it("tells the caller nothing of an unexpected error, and the log everything", async () => {
    unexpected.length = 0;
    const error: unknown = await frontClients()
      .nodes.getNode({ node: "broken" })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ status: status.INTERNAL, reason: "INTERNAL" });
    expect((error as RpcError).message).not.toContain("secret");
    expect(unexpected).toEqual([{ error: expect.any(TypeError), method: "/treeline.v1.NodeService/GetNode" }]);
  });

  it("ends at its deadline and when it is called off", async () => {
    const { nodes } = frontClients();
    await expect(nodes.getNode({ node: "silent" }, { deadlineMillis: 50 })).rejects.toMatchObject({ status: status.DEADLINE_EXCEEDED });
    const abort = new AbortController();
    const call = nodes.getNode({ node: "silent" }, { signal: abort.signal });
    abort.abort();
    await expect(call).rejects.toMatchObject({ status: status.CANCELLED });
    await expect(nodes.listNodes({}, { signal: abort.signal })).rejects.toMatchObject({ status: status.CANCELLED });
  });

  it("rejects what cannot be written", async () => {
    await expect(sessionClient(node).agent.confirm({ attempt: 5 as unknown as wire.AttemptRef })).rejects.toBeInstanceOf(RpcError);
  });

  it("carries the bearer token, streams too, and no certificate", async () => {
    const clients = frontClients("t0ken.-_~+/=");
    expect((await clients.nodes.listNodes({})).nextPageToken).toBe("t0ken.-_~+/=");
    expect((await clients.nodes.labelNode({})).node?.name).toBe("none");
    const names: (string | undefined)[] = [];
    for await (const { rollout } of clients.watch.watch({}) as AsyncIterable<wire.WatchResponse__Output>) names.push(rollout?.name);
    expect(names).toEqual(["t0ken.-_~+/="]);
  });

  it("with two authorization headers carries no token at all", () => {
    const metadata = new Metadata();
    for (const token of ["a", "b"]) metadata.add("authorization", `Bearer ${token}`);
    expect(() => bearerTokenOf({ metadata })).toThrow(expect.objectContaining({ reason: "TOKEN_MALFORMED" }));
  });

  it("with a malformed token is UNAUTHENTICATED", async () => {
    await expect(frontClients("two words").nodes.listNodes({})).rejects.toMatchObject({
      status: status.UNAUTHENTICATED,
      reason: "TOKEN_MALFORMED",
    });
  });
});

describe("a stream", () => {
  it("delivers what was written before it failed, then the error", async () => {
    const names: (string | undefined)[] = [];
    const read = async (): Promise<void> => {
      for await (const { rollout } of frontClients().watch.watch({ rollout: "x" }) as AsyncIterable<wire.WatchResponse__Output>)
        names.push(rollout?.name);
    };
    await expect(read().catch((error: unknown) => Promise.reject(fromServiceError(error)))).rejects.toMatchObject({
      reason: "ROLLOUT_UNKNOWN",
    });
    expect(names).toEqual(["none"]);
  });

  it("takes an upload and answers it once", async () => {
    const publish = (chunks: readonly Buffer[]): Promise<string> => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const call = frontClients().releases.publishRelease((error, response) =>
        response ? resolve(response.bytesReceived) : reject(fromServiceError(error)),
      );
      for (const chunk of chunks) call.write({ chunk });
      call.end();
      return promise;
    };
    expect(await publish([Buffer.alloc(1_000_000), Buffer.alloc(1_000_000)])).toBe("2000000");
    await expect(publish([])).rejects.toMatchObject({ reason: "EMPTY" });
  });
});

describe("an oversize message", () => {
  it("is refused, and the same connection goes on", async () => {
    const { nodes } = frontClients();
    const selector = "x".repeat(4 * 1024 * 1024 + 1);
    await expect(nodes.listNodes({ selector })).rejects.toMatchObject({ status: status.RESOURCE_EXHAUSTED });
    expect((await nodes.listNodes({ selector: selector.slice(1000) })).nextPageToken).toBe("none");
  });

  it("ends only its own session", async () => {
    const { agent } = sessionClient(node);
    const large = agent.session();
    const other = agent.session();
    large.resume();
    large.write({ hello: { agentVersion: "x".repeat(4 * 1024 * 1024 + 1) } });
    const [error] = await once(large, "error");
    expect(fromServiceError(error).status).toBe(status.RESOURCE_EXHAUSTED);
    other.write(agentMessageToProto({ kind: "heartbeat", sequence: 1 }));
    const [answer] = (await once(other, "data")) as [wire.SessionResponse__Output];
    expect(serverMessageFromProto(answer)).toEqual({ kind: "heartbeat", sequence: 1 });
    other.end();
    await once(other, "end");
  });
});

it("failCall ends a call from outside its handler", () => {
  const errors: unknown[] = [];
  const call = {
    metadata: {} as never,
    getPath: () => "/p",
    end: () => undefined,
    on: () => undefined,
    emit: (_: "error", error: unknown) => errors.push(error) > 0,
  };
  failCall(call, new RpcError("revoked", { status: status.PERMISSION_DENIED, reason: "NODE_REVOKED" }), onUnexpected);
  expect(errors.map(fromServiceError)).toMatchObject([{ reason: "NODE_REVOKED", status: status.PERMISSION_DENIED }]);
});

it("a message's serializer is reachable by name", () => {
  expect(messages.Heartbeat.deserialize(messages.Heartbeat.serialize({ sequence: "3" })).sequence).toBe("3");
});

/** How many bytes of HTTP/2 a server says on a bare TLS connection before it closes it, or at once. */
async function bytesFrom(port: number, identity?: TestIdentity): Promise<number> {
  const own = identity && { cert: identity.certPem, key: identity.keyPem };
  const socket = connect({ host: "127.0.0.1", port, ca: authority.caPem, ALPNProtocols: ["h2"], ...own });
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.on("data", (bytes) => resolve(bytes.length));
  socket.on("error", () => resolve(0));
  socket.on("close", () => resolve(0));
  const bytes = await promise;
  socket.destroy();
  return bytes;
}
