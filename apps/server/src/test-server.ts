import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { createKeyAndRequest, parseEnrollmentToken, type KeyAndRequest } from "@treeline/pki";
import { createLogger } from "@treeline/process";
import { createFrontClients, type FrontClients, type wire } from "@treeline/rpc";
import { parse } from "yaml";
import { serverSchema } from "./configuration.ts";
import { startServer, type RunningServer } from "./server.ts";
import { TestNode } from "./test-node.ts";

/** Support for this program's tests: the whole server in this process, on free ports and a temporary directory, and its operator's clients. */

export interface TestServerOptions {
  /** An existing data directory, which is then kept. */
  readonly data?: string;
  /** Over the settings of tests: loopback, free ports, a lease that a slow machine keeps. */
  readonly settings?: { readonly session?: object; readonly releases?: object; readonly listen?: object; readonly limits?: object };
  readonly renewAdminCredential?: boolean;
  /** When the server has no credential file: its token and authority all the same. */
  readonly credential?: TestCredential;
}

export interface TestCredential {
  readonly endpoint: string;
  readonly contentEndpoint: string;
  readonly ca: string;
  readonly token: string;
}

export class TestServer implements AsyncDisposable {
  readonly running: RunningServer;
  readonly data: string;
  readonly credential: TestCredential;
  /** What the administrator calls. */
  readonly front: FrontClients;
  /** The same without a token. */
  readonly anonymous: FrontClients;
  readonly logs: string[];
  readonly fatal: unknown[];
  /** Added to the server's clock, in milliseconds. */
  readonly clock: { ahead: number };
  readonly #closing: (() => void | Promise<void>)[] = [];

  constructor(parts: Pick<TestServer, "running" | "data" | "credential" | "logs" | "fatal" | "clock">) {
    const { running, data, credential, logs, fatal, clock } = parts;
    this.running = running;
    this.data = data;
    this.credential = credential;
    this.logs = logs;
    this.fatal = fatal;
    this.clock = clock;
    this.front = this.clients(credential.token);
    this.anonymous = this.clients();
  }

  /** Clients with another token, or with none. */
  clients(token?: string): FrontClients {
    const { endpoint, ca } = this.credential;
    const clients = createFrontClients({ endpoint, caPem: ca, ...(token === undefined ? {} : { token }) });
    this.#closing.push(() => clients.close());
    return clients;
  }

  /** A new enrollment token's secret and id. */
  async token(request: wire.CreateTokenRequest = {}): Promise<{ readonly id: string; readonly secret: string }> {
    const { tokenId, token } = await this.front.enrollment.createToken(request);
    return { id: tokenId, secret: parseEnrollmentToken(token).secret };
  }

  async enroll(options: { readonly hostname?: string; readonly secret?: string; readonly keys?: KeyAndRequest; readonly labels?: Record<string, string> } = {}): Promise<TestNode> {
    const { hostname = "node", keys = await createKeyAndRequest(), labels = {} } = options;
    const secret = options.secret ?? (await this.token({ labels })).secret;
    const { nodeId, certificatePem, caPem } = await this.anonymous.enrollment.enroll({ secret, csrPem: keys.csrPem, hostname });
    const node = new TestNode({ nodeId, hostname, endpoint: this.running.endpoints.sessions[0]!, tls: { caPem, certPem: certificatePem, keyPem: keys.keyPem } });
    this.#closing.push(() => node.close());
    return node;
  }

  /** What /metrics says. */
  async metrics(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = { authorization: `Bearer ${this.credential.token}` };
    request({ host: "127.0.0.1", port: this.running.ports.https, path: "/metrics", ca: this.credential.ca, agent: false, headers }, (response) => {
      text(response).then(resolve, reject);
    })
      .on("error", reject)
      .end();
    return promise;
  }

  async closeClients(): Promise<void> {
    for (const close of this.#closing.splice(0)) await close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.closeClients();
    await this.running.close();
  }
}

/** Starts a server; `await using` stops it. A data directory that the caller did not name is removed then. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const data = options.data ?? (await temporaryData());
  const logs: string[] = [];
  const fatal: unknown[] = [];
  const clock = { ahead: 0 };
  const { session, releases, listen, limits } = options.settings ?? {};
  const running = await startServer({
    configuration: serverSchema.parse({
      data,
      advertise: ["127.0.0.1"],
      listen: { address: "127.0.0.1", front: 0, sessions: 0, https: 0, ...listen },
      session: { heartbeatMillis: 1000, leaseMillis: 60_000, ...session },
      releases: { ...releases },
      limits: { ...limits },
    }),
    logger: createLogger({ name: "test", level: "debug", destination: { write: (line) => void logs.push(line) } }),
    now: () => Date.now() + clock.ahead,
    renewAdminCredential: options.renewAdminCredential ?? false,
    onFatal: (error) => void fatal.push(error),
  });
  const credential = options.credential ? { ...options.credential, endpoint: running.endpoints.front[0]! } : await readCredential(data);
  return new TestServer({ running, data, credential, logs, fatal, clock });
}

export async function readCredential(data: string): Promise<TestCredential> {
  return parse(await readFile(join(data, "operator/admin.yaml"), "utf8")) as TestCredential;
}

const made: string[] = [];

/** An empty directory, removed by `removeTemporaryData`. */
export async function temporaryData(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "treeline-server-"));
  made.push(data);
  return data;
}

/** For `afterAll`. */
export async function removeTemporaryData(): Promise<void> {
  for (const data of made.splice(0)) await rm(data, { recursive: true, force: true });
}
