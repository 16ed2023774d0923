import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { status } from "@grpc/grpc-js";
import { createKeyAndRequest, type EnrollmentToken, fetchPinnedCa, identityOf, parseEnrollmentToken, PinError, PkiError, publicKeyFingerprint } from "@treeline/pki";
import { errnoOf, readProblem, readRegularFile, type Logger } from "@treeline/process";
import { createFrontClients, RpcError } from "@treeline/rpc";
import { endpointParts } from "./endpoint.ts";
import { EnrollmentError } from "./enrollment-error.ts";
import { keyAndRequest, type NodeIdentity, writeIdentity } from "./identity-file.ts";

const pinTimeoutMillis = 10_000;
const callMillis = 15_000;
/** Larger than any token, in bytes. */
const maxTokenBytes = 65_536;

export interface EnrollOptions {
  readonly stateDirectory: string;
  readonly tokenFile: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Joins the fleet: one try with every front endpoint of the token, in order. Pins the authority first, so that the secret goes to nobody else; makes the
 * key before it asks, so that a lost answer can be asked for again. @throws EnrollmentError
 */
export async function enroll(options: EnrollOptions): Promise<NodeIdentity> {
  const { stateDirectory, signal, logger } = options;
  const token = await readToken(options.tokenFile, logger);
  const { keyPem, csrPem } = await keyAndRequest(stateDirectory, createKeyAndRequest);
  let failed: EnrollmentError | undefined;
  for (const endpoint of token.endpoints.front) {
    if (signal.aborted) break;
    try {
      const answer = await ask({ endpoint, token, csrPem, signal });
      const identity = { ...answer, endpoints: token.endpoints, releaseKeys: token.releaseKeys };
      await writeIdentity(stateDirectory, identity);
      logger.info("enrolled", { nodeId: identity.nodeId, endpoint });
      return { ...identity, keyPem };
    } catch (error) {
      if (!(error instanceof EnrollmentError)) throw error;
      logger.debug("enrollment failed at one endpoint", { endpoint, code: error.code, reason: error.message });
      // A refusal says more than a silence, and counts for the whole fleet.
      if (failed === undefined || failed.mayPass) failed = error;
    }
  }
  throw failed ?? new EnrollmentError("the agent is shutting down", { code: "unreachable", subject: stateDirectory });
}

async function readToken(tokenFile: string, logger: Logger): Promise<EnrollmentToken> {
  let text: string;
  try {
    text = (await readRegularFile(tokenFile, maxTokenBytes)).toString("utf8");
    const mode = (await stat(tokenFile)).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      const open = `the token file ${tokenFile} has mode ${mode.toString(8).padStart(4, "0")}, so that others than its owner can use it`;
      logger.warn(`${open}: chmod 600 ${tokenFile}; if somebody may have read it, revoke it (\`treeline token revoke\`) and make another`, { file: tokenFile });
    }
  } catch (cause) {
    const problem = errnoOf(cause) === "ENOENT" ? "does not exist" : readProblem(cause).reason;
    throw new EnrollmentError(`the token file ${tokenFile} ${problem}: write an enrollment token into it (made with \`treeline token create\`), readable by root alone`, {
      code: "token-missing",
      subject: tokenFile,
      cause,
    });
  }
  try {
    return parseEnrollmentToken(text);
  } catch (cause) {
    if (!(cause instanceof PkiError)) throw cause;
    throw new EnrollmentError(`${tokenFile}: ${cause.message}`, { code: "token-invalid", subject: tokenFile, cause });
  }
}

interface Question {
  readonly endpoint: string;
  readonly token: EnrollmentToken;
  readonly csrPem: string;
  readonly signal: AbortSignal;
}

async function ask({ endpoint, token, csrPem, signal }: Question): Promise<Pick<NodeIdentity, "nodeId" | "caPem" | "certPem">> {
  const caPem = await pinnedCa(endpoint, token.caSha256);
  const clients = createFrontClients({ endpoint, caPem });
  try {
    const machineId = (await readFile("/etc/machine-id", "utf8").catch(() => "")).trim();
    const request = { secret: token.secret, csrPem, hostname: hostLabel(hostname()), machineId };
    const { nodeId, certificatePem } = await clients.enrollment.enroll(request, { deadlineMillis: callMillis, signal });
    checkAnswer({ endpoint, nodeId, certificatePem, caPem, csrPem });
    // The pinned certificate, not the one in the answer.
    return { nodeId, certPem: certificatePem, caPem };
  } catch (error) {
    if (error instanceof RpcError) throw rpcFailure(endpoint, error);
    throw error;
  } finally {
    clients.close();
  }
}

/** The host name as a label the server takes. An odd one is no reason to keep a host out of its fleet: its identity is the node id. */
function hostLabel(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, "-").slice(0, 253).replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "") || "host";
}

async function pinnedCa(endpoint: string, caSha256: string): Promise<string> {
  try {
    return await fetchPinnedCa({ ...endpointParts(endpoint), caSha256, timeoutMs: pinTimeoutMillis });
  } catch (cause) {
    if (!(cause instanceof PinError)) throw cause;
    throw new EnrollmentError(cause.message, { code: cause.code === "pin-mismatch" ? "wrong-server" : "unreachable", subject: endpoint, cause });
  }
}

/** What a server says before it has looked at the token: everything else is its word on the token. */
const passing: ReadonlySet<number> = new Set([status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED, status.INTERNAL, status.UNKNOWN, status.ABORTED, status.UNIMPLEMENTED]);

function rpcFailure(endpoint: string, error: RpcError): EnrollmentError {
  if (passing.has(error.status)) {
    return new EnrollmentError(`${endpoint} cannot enroll this host now (${error.message}): check that the server runs there`, { code: "unreachable", subject: endpoint, cause: error });
  }
  const remedy = error.remedy || "make a new enrollment token (`treeline token create`) and write it into the token file";
  return new EnrollmentError(`${endpoint} refuses this host: ${error.message}; ${remedy}`, { code: "refused", subject: endpoint, cause: error });
}

/** The answer came over a connection of the pinned authority; this finds a server that is confused, before its mistake is made durable. */
function checkAnswer(answer: { readonly endpoint: string; readonly nodeId: string; readonly certificatePem: string; readonly caPem: string; readonly csrPem: string }): void {
  const { endpoint, nodeId, certificatePem, caPem, csrPem } = answer;
  const problem = ((): string | undefined => {
    try {
      const certificate = new X509Certificate(certificatePem);
      if (publicKeyFingerprint(certificatePem) !== publicKeyFingerprint(csrPem)) return "the certificate is for another key";
      if (identityOf({ raw: certificate.raw })?.nodeId !== nodeId) return "the certificate does not name the node id of the answer";
      if (!certificate.verify(new X509Certificate(caPem).publicKey)) return "the certificate is not signed by the pinned authority";
      return undefined;
    } catch (error) {
      return `the certificate cannot be read (${error instanceof Error ? error.message : String(error)})`;
    }
  })();
  if (problem === undefined) return;
  throw new EnrollmentError(`${endpoint} gave an answer that cannot be used: ${problem}; look into the server's log`, { code: "answer-invalid", subject: endpoint });
}

