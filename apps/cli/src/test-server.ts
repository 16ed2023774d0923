import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { bearerTokenOf, listenerCredentials, RpcError, services, streaming, unary, upload, type wire } from "@treeline/rpc";
import { stringify } from "yaml";
import type { WireState } from "./test-rollout.ts";

/** Support for this program's tests: a front listener with the real protocol and real TLS, whose answers the test chooses. */

export const operatorToken = "tlo_only-the-operator-knows";
const rpcServices = {
  enrollment: services.enrollment,
  nodes: services.nodes,
  releases: services.releases,
  rollouts: services.rollouts,
  budgets: services.budgets,
  stops: services.stops,
} as const;

/** Answers of unary methods by name, such as `ListNodes`. A method without one is UNIMPLEMENTED. */
export type Answers = Readonly<Record<string, (request: never) => unknown>>;

export interface TestServerOptions {
  readonly answers?: Answers;
  /** The states that a watch gets, one stream after the other; "break" ends the stream like a server that is killed. */
  readonly watch?: (rollout: string) => AsyncIterable<WireState | wire.WatchResponse | "break">;
  readonly publish?: (messages: AsyncIterable<wire.PublishReleaseRequest__Output>) => Promise<wire.PublishReleaseResponse>;
  /** Listens here instead of on a free port. */
  readonly port?: number;
  readonly identity?: TestIdentity;
}

export interface TestServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly port: number;
  readonly identity: TestIdentity;
  /** A credential document for this server. */
  readonly credential: string;
  /** Requests in order, each with its method's name. */
  readonly requests: readonly { readonly method: string; readonly request: unknown }[];
}

/** A self-signed certificate for 127.0.0.1, PEM. */
export interface TestIdentity {
  readonly certPem: string;
  readonly keyPem: string;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { answers = {}, identity = createIdentity() } = options;
  const requests: { readonly method: string; readonly request: unknown }[] = [];
  const server = new Server();
  const unexpected = (error: unknown): void => void requests.push({ method: "unexpected", request: error });
  for (const service of Object.values(rpcServices)) {
    const handlers: UntypedServiceImplementation = {};
    for (const [method, definition] of Object.entries(service)) {
      const answer = answers[method];
      if (definition.requestStream || answer === undefined) continue;
      handlers[method] = unary<unknown, unknown>(async (request, call) => {
        requireToken(call);
        requests.push({ method, request });
        return answer(request as never);
      }, unexpected);
    }
    const { publish } = options;
    if (service === services.releases && publish !== undefined) {
      handlers["PublishRelease"] = upload<wire.PublishReleaseRequest__Output, wire.PublishReleaseResponse>(async (call) => {
        requireToken(call);
        return publish(call);
      }, unexpected);
    }
    server.addService(service, handlers);
  }
  const watch: wire.WatchServiceHandlers["Watch"] = streaming(async (call) => {
    requireToken(call);
    requests.push({ method: "Watch", request: call.request });
    for await (const rollout of options.watch?.(call.request.rollout) ?? []) {
      if (rollout === "break") throw new RpcError("the server is going down", { status: status.UNAVAILABLE, reason: "SHUTDOWN" });
      call.write("rollout" in rollout ? rollout : messageOf(rollout as WireState));
    }
  }, unexpected);
  server.addService(services.watch, { Watch: watch });

  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync(`127.0.0.1:${options.port ?? 0}`, listenerCredentials(identity), (error, port) =>
    error ? reject(error) : resolve(port),
  );
  const port = await promise;
  const endpoint = `127.0.0.1:${port}`;
  return {
    endpoint,
    port,
    identity,
    credential: credentialText({ endpoint, ca: identity.certPem }),
    requests,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

/** A whole state in one message. */
function messageOf({ nodes, ...rollout }: WireState): wire.WatchResponse {
  return { rollout, nodes };
}

export function credentialText(fields: {
  readonly endpoint: string;
  readonly ca: string;
  readonly token?: string;
  readonly name?: string;
}): string {
  const { endpoint, ca, token = operatorToken, name = "admin" } = fields;
  return stringify({ apiVersion: "treeline/v1", kind: "Credential", name, endpoint, contentEndpoint: "https://127.0.0.1:7443", ca, token });
}

export function createIdentity(): TestIdentity {
  const folder = mkdtempSync(join(tmpdir(), "treeline-cli-"));
  try {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem"];
    const names = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", "-x509", ...key, "-out", "cert.pem", "-days", "1", ...names], { cwd: folder, stdio: "pipe" });
    return { certPem: readFileSync(join(folder, "cert.pem"), "utf8"), keyPem: readFileSync(join(folder, "key.pem"), "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function requireToken(call: Parameters<typeof bearerTokenOf>[0]): void {
  if (bearerTokenOf(call) === operatorToken) return;
  throw new RpcError("the operator's token is not known here", {
    status: status.UNAUTHENTICATED,
    reason: "TOKEN_UNKNOWN",
    remedy: "log in with another credential",
  });
}
