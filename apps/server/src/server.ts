import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Fleet} from "@treeline/control";
import { ServerRun, ServerStoppingError, startController } from "@treeline/control";
import { identityOf, openAuthority } from "@treeline/pki";
import { lockDirectory, type Logger } from "@treeline/process";
import { GrpcListener, services, type OnUnexpected, type Refusal } from "@treeline/rpc";
import { openSqliteStore } from "@treeline/store";
import { HealthImplementation } from "grpc-health-check";
import type { AuthorizeOptions } from "./access/authorize.ts";
import { Refusals } from "./audit/refusals.ts";
import { openSealKey } from "./audit/seal-key.ts";
import { Sealer } from "./audit/sealer.ts";
import { nodeClock } from "./clock.ts";
import type { ServerConfiguration } from "./configuration.ts";
import { onTheWire } from "./control-error.ts";
import { certificateNames, endpointsOf, type Endpoints, type Ports } from "./endpoints.ts";
import { AuthorityMissingError } from "./failure.ts";
import { httpsServer } from "./http/listener.ts";
import { ServerMetrics } from "./http/metrics.ts";
import { NodeConnections } from "./http/node-connections.ts";
import { NodeRequests } from "./http/node-requests.ts";
import { listenGrpc, listenHttps, requireFreePorts, type ListenAddress } from "./listen.ts";
import { frontLimits, sessionLimits } from "./listener-limits.ts";
import { ensureAdminCredential } from "./access/admin-credential.ts";
import { ProgressBoard } from "./progress.ts";
import { knownTrust, type KnownTrust } from "./release/known-keys.ts";
import { ContentRepository } from "./release/repository.ts";
import { SecretIndex } from "./secret-index.ts";
import { Access } from "./service/access.ts";
import { Audit } from "./service/audit.ts";
import { Budgets } from "./service/budgets.ts";
import { Enrollment } from "./service/enrollment.ts";
import { frontServices } from "./service/front.ts";
import { KeyRotations } from "./service/key-rotations.ts";
import { Nodes } from "./service/nodes.ts";
import { Releases } from "./service/releases.ts";
import { Rollouts } from "./service/rollouts.ts";
import { Stops } from "./service/stops.ts";
import { cutWhenRevoked } from "./session/revocation.ts";
import { agentService } from "./session/service.ts";
import { nodePrincipal, Sessions } from "./session/sessions.ts";

export interface ServerOptions {
  readonly configuration: ServerConfiguration;
  readonly logger: Logger;
  readonly now: () => number;
  readonly renewAdminCredential: boolean;
  /** The store has failed: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

export interface RunningServer {
  readonly ports: Ports;
  readonly endpoints: Endpoints;
  /** The first administrator's credential; undefined when somebody moved it away. */
  readonly credentialFile: string | undefined;
  close(): Promise<void>;
}

const dayMillis = 86_400_000;

/** Anything that must be closed, in the reverse order of opening. One that fails does not keep the others open. */
class Closers {
  readonly #closers: (() => void | Promise<void>)[] = [];

  add(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  /** Rejects with the first failure, after the last one was closed. */
  async closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop())
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }
}

/** Opens everything in order: data directory, store, authority, listeners. What fails half-way is closed again. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const closers = new Closers();
  try {
    return await open(options, closers);
  } catch (error) {
    await closers.closeAll().catch((closing: unknown) => options.logger.error("closing failed", { err: closing }));
    throw error;
  }
}

async function open({ configuration, logger, now, renewAdminCredential, onFatal }: ServerOptions, closers: Closers): Promise<RunningServer> {
  const { data, listen, advertise } = configuration;
  const lock = await lockDirectory(data, "treeline-server");
  closers.add(() => lock.release());
  const { address } = listen;
  const [atFront, atSessions, atHttps] = (["front", "sessions", "https"] as const).map((name) => ({ name, port: listen[name], address })) as [ListenAddress, ListenAddress, ListenAddress];
  await requireFreePorts([atFront, atSessions, atHttps]);
  const store = await openSqliteStore({ path: join(data, "treeline.db"), logger: storeLogger(logger) });
  closers.add(() => store.close());
  const { checkpoint } = await store.readAuditState();
  const sealKey = await openSealKey(data, { signed: checkpoint !== undefined });
  let sealer: Sealer | undefined = undefined;
  // After all that writes has ended: the last rows are sealed, too.
  closers.add(() => sealer?.close());
  const clock = nodeClock(now);
  const secrets = new SecretIndex();
  const { fleet, run } = await ServerRun.begin({ store, clock, log: logger, onFatal, onWorking: (changes) => secrets.note(changes) });
  closers.add(() => fleet.stop());
  closers.add(() => run.end());
  sealer = await Sealer.start({ store, key: sealKey, epoch: () => run.epoch, clock, log: logger });

  requireAuthority(data, fleet, secrets);
  const authority = await openAuthority(join(data, "pki"));
  const certificate = await authority.issueServer(certificateNames(advertise));
  const repository = await ContentRepository.open(data, logger);
  closers.add(() => repository.close());

  const progress = new ProgressBoard();
  const { heartbeatMillis, leaseMillis } = configuration.session;
  const sessions = new Sessions({ fleet, run, progress, clock, log: logger, heartbeatMillis, leaseMillis });
  const listeners = new Map<string, GrpcListener>();
  const connections = (): Record<string, number> => Object.fromEntries([...listeners].map(([name, { sockets }]) => [name, sockets]));
  const metrics = new ServerMetrics({ fleet, sessions: () => sessions.size, connections, statistics: () => store.statistics() });
  const onRefused = (listener: string) => (reason: Refusal) => metrics.refusals.inc({ listener, reason });
  const onUnexpected: OnUnexpected = (error, call) => logger.error("a call failed", { method: call.method, err: error });

  // HTTPS first: its port stands in the endpoints that enrollment hands out.
  let ready = false;
  const requests = new NodeRequests(configuration.limits.requestsPerNode);
  const nodeConnections = new NodeConnections();
  const refusals = new Refusals({ fleet, clock });
  closers.add(() => refusals.close());
  const access: AuthorizeOptions = {
    ...{ secrets, now },
    onRefused: ({ principal, from, method, error }) =>
      refusals.recordRefusal({ actor: principal?.id ?? "unknown", from, action: "call", subject: `method ${method.slice(method.lastIndexOf(".") + 1)}`, because: error.message }),
  };
  const https = httpsServer({ ...certificate, requests, connections: nodeConnections, limits: configuration.limits, caPem: authority.caPem, fleet, access, repository: repository.path, metrics, isReady: () => ready, logger });
  const httpsPort = await listenHttps(https, atHttps);
  https.on("error", (error) => logger.error("the HTTPS listener could not take a connection", { err: error }));
  closers.add(() => new Promise((resolve) => (https.close(() => resolve()), https.closeAllConnections())));

  const sessionsListener = new GrpcListener({
    tls: { ...certificate, clientCaPem: authority.caPem },
    limits: sessionLimits(configuration.limits),
    identify: principalOf,
    onRefused: onRefused("sessions"),
  });
  listeners.set("sessions", sessionsListener);
  sessionsListener.server.addService(
    services.agent,
    agentService({ fleet, sessions, listener: sessionsListener, now, onUnexpected, onConfirmation: (granted) => metrics.confirmations.inc({ answer: granted ? "granted" : "refused" }) }),
  );
  closers.add(
    cutWhenRevoked(fleet, (nodeId) => {
      nodeConnections.cut(nodeId);
      sessionsListener.cut(`${nodePrincipal}${nodeId}`);
    }),
  );
  const sessionsPort = await listenGrpc(sessionsListener, atSessions);
  closers.add(() => sessionsListener.close());
  closers.add(() => sessions.close());

  // What enrollment tells agents is known once every port is.
  let endpoints: Endpoints = endpointsOf(advertise, { front: 0, sessions: sessionsPort, https: httpsPort });
  const rollouts = new Rollouts({ fleet, progress, audit: store, now });
  const { keys, mirrors, uploadPauseMillis } = configuration.releases;
  const known = (): KnownTrust =>
    knownTrust({ configured: [...keys, ...secrets.tokens().flatMap((token) => token.releaseKeys)], rotations: fleet.working.keyRotations.values(), now: now() });
  const stopping = new AbortController();
  const front = new GrpcListener({ tls: certificate, limits: frontLimits(configuration.limits), onRefused: onRefused("front") });
  listeners.set("front", front);
  const implementations = frontServices({
    access,
    accessService: new Access({ fleet, secrets, now }),
    audit: new Audit({ store, key: sealKey }),
    enrollment: new Enrollment({ fleet, secrets, store, authority, endpoints: () => endpoints, nodeCertificateMillis: configuration.nodeCertificateDays * dayMillis, now }),
    nodes: new Nodes({ fleet, now }),
    releases: new Releases({ fleet, repository, knownKeys: () => known().valid, mirrors, uploadPauseMillis, now, logger }),
    keyRotations: new KeyRotations({ fleet, knownTrust: known, now }),
    rollouts,
    budgets: new Budgets({ fleet, now }),
    stops: new Stops({ fleet, now }),
    watching: { fleet, progress, rollouts, stopping: stopping.signal },
    onUnexpected,
  });
  for (const { definition, implementation } of implementations) front.server.addService(definition, implementation);
  new HealthImplementation({ "": "SERVING" }).addToServer(front.server);
  const frontPort = await listenGrpc(front, atFront);
  closers.add(() => front.close());
  closers.add(() => stopping.abort(onTheWire(new ServerStoppingError())));

  const ports = { front: frontPort, sessions: sessionsPort, https: httpsPort };
  endpoints = endpointsOf(advertise, ports);
  const credentialFile = await ensureAdminCredential({ data, fleet, secrets, endpoints, caPem: authority.caPem, now, renew: renewAdminCredential });
  const controller = startController({ fleet, clock, log: logger });
  closers.add(() => controller.stop());
  ready = true;
  return { ports, endpoints, credentialFile, close: () => closers.closeAll() };
}

/** The principal that a node's certificate names. Whether it may act is asked with every call: a connection outlives a revocation for as long as it takes to cut it. */
function principalOf(certificate: Buffer): string | undefined {
  const identity = identityOf({ raw: certificate });
  return identity && `${nodePrincipal}${identity.nodeId}`;
}

/** A new authority would lock out every node and token there is; so one is made only for a fleet that is empty. */
function requireAuthority(data: string, fleet: Fleet, secrets: SecretIndex): void {
  const file = join(data, "pki", "authority.pem");
  if (existsSync(file) || (fleet.durable.nodes.size === 0 && secrets.tokens().length === 0)) return;
  throw new AuthorityMissingError(file);
}

function storeLogger(logger: Logger): { info(fields: object, message: string): void; error(fields: object, message: string): void } {
  return { info: (fields, message) => logger.info(message, { ...fields }), error: (fields, message) => logger.error(message, { ...fields }) };
}
