import { randomUUID } from "node:crypto";
import { status } from "@grpc/grpc-js";
import type { Fleet } from "@treeline/control";
import { labelKeyProblem, labelValueProblem, type EnrollmentRecord, type Labels, type NodeRecord, type TokenRecord } from "@treeline/fleet";
import { parsePublicKey } from "@treeline/ostree";
import { encodeEnrollmentToken, hashSecret, maxRequestLength, newSecret, PkiError, publicKeyFingerprint, type Authority } from "@treeline/pki";
import { RpcError, type FieldViolation, type wire } from "@treeline/rpc";
import type { Store } from "@treeline/store";
import { actorOf, type Caller } from "../access/caller.ts";
import type { Endpoints } from "../endpoints.ts";
import type { SecretIndex } from "../secret-index.ts";

export interface EnrollmentOptions {
  readonly fleet: Fleet;
  readonly secrets: SecretIndex;
  /** Enrollments are not in memory: each is asked for once. */
  readonly store: Pick<Store, "findEnrollment">;
  readonly authority: Authority;
  readonly endpoints: () => Endpoints;
  readonly nodeCertificateMillis: number;
  readonly now: () => number;
}

const maxTtlSeconds = 366 * 24 * 3600;
const maxUses = 1_000_000;
const hostnameForm = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;

/**
 * Turns a token's secret and a certificate request into a node.
 * INVARIANT: the same token with the same public key is the same node and gets the same answer, until the token expires or token or node is
 * revoked: a lost reply must not brick an enrollment.
 */
export class Enrollment {
  readonly #options: EnrollmentOptions;
  /** Requests of the same token and key wait for each other, so that two at once do not become two nodes. */
  readonly #underWay = new Map<string, Promise<EnrollmentRecord>>();

  constructor(options: EnrollmentOptions) {
    this.#options = options;
  }

  async enroll(request: wire.EnrollRequest__Output): Promise<wire.EnrollResponse> {
    const { fleet, authority } = this.#options;
    const token = this.#usableToken(request.secret);
    const publicKey = fingerprint(request.csrPem);
    if (!hostnameForm.test(request.hostname))
      throw invalid([{ field: "hostname", description: "is not a host name of letters, digits, '-' and '.', at most 253 characters" }]);
    const key = `${token.id} ${publicKey}`;
    const pending = this.#underWay.get(key) ?? this.#enrollOnce(token, publicKey, request).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, pending);
    const enrollment = await pending;
    if (fleet.durable.nodes.get(enrollment.nodeId)?.revokedAt !== undefined)
      throw refused("the node that this key belongs to was revoked", "NODE_REVOKED", "delete the key on the host and enroll with a new token");
    return { nodeId: enrollment.nodeId, certificatePem: enrollment.certificatePem, caPem: authority.caPem };
  }

  async createToken(request: wire.CreateTokenRequest__Output, caller: Caller): Promise<wire.CreateTokenResponse> {
    const { fleet, authority, endpoints, now } = this.#options;
    const ttlSeconds = request.ttlSeconds === 0 ? 3600 : request.ttlSeconds;
    const violations = [...labelProblems(request.labels), ...keyProblems(request.releaseKeys)];
    if (ttlSeconds > maxTtlSeconds) violations.push({ field: "ttl_seconds", description: "is more than 366 days" });
    if (request.uses > maxUses) violations.push({ field: "uses", description: `is more than ${maxUses}; leave it out for any number` });
    if (request.name.length > 100) violations.push({ field: "name", description: "is longer than 100 characters" });
    if (violations.length > 0) throw invalid(violations);
    const secret = newSecret();
    const at = now();
    const token: TokenRecord = {
      id: `tok-${randomUUID().slice(0, 8)}`,
      name: request.name,
      secretHash: hashSecret(secret),
      createdAt: at,
      expiresAt: at + ttlSeconds * 1000,
      ...(request.uses > 0 ? { uses: request.uses } : {}),
      used: 0,
      labels: request.labels,
      releaseKeys: request.releaseKeys,
    };
    const audit = [{ at, ...actorOf(caller), action: "create-token", subject: `token ${token.id}`, because: request.name }];
    await fleet.transact(() => ({ changes: [{ kind: "token", value: token }], audit, result: undefined }));
    const text = encodeEnrollmentToken({ endpoints: endpoints(), caSha256: authority.caSha256, releaseKeys: request.releaseKeys, secret });
    return { tokenId: token.id, token: text, expiresAtMillis: String(token.expiresAt) };
  }

  async revokeToken(request: wire.RevokeTokenRequest__Output, caller: Caller): Promise<wire.RevokeTokenResponse> {
    const { fleet, secrets, now } = this.#options;
    await fleet.transact(() => {
      const token = secrets.tokens().find((candidate) => candidate.id === request.tokenId);
      if (token === undefined)
        throw new RpcError(`there is no token ${request.tokenId.slice(0, 100)}`, { status: status.NOT_FOUND, reason: "TOKEN_UNKNOWN", remedy: "see `treeline token list`" });
      if (token.revokedAt !== undefined) return { changes: [], result: undefined };
      const at = now();
      const audit = [{ at, ...actorOf(caller), action: "revoke-token", subject: `token ${token.id}`, because: "" }];
      return { changes: [{ kind: "token", value: { ...token, revokedAt: at } }], audit, result: undefined };
    });
    return {};
  }

  async listTokens(): Promise<wire.ListTokensResponse> {
    const { fleet, secrets } = this.#options;
    // Shown once it is durable that they are so.
    const tokens = await fleet.transact(() => ({ changes: [], result: [...secrets.tokens()].sort((a, b) => a.createdAt - b.createdAt) }));
    return {
      tokens: tokens.map((token) => ({
        id: token.id,
        name: token.name,
        createdAtMillis: String(token.createdAt),
        expiresAtMillis: String(token.expiresAt),
        usesLeft: token.uses === undefined ? 0 : Math.max(0, token.uses - token.used),
        unlimited: token.uses === undefined,
        revoked: token.revokedAt !== undefined,
        labels: token.labels,
        nodesEnrolled: token.used,
      })),
    };
  }

  async #enrollOnce(token: TokenRecord, publicKey: string, request: wire.EnrollRequest__Output): Promise<EnrollmentRecord> {
    const { fleet, store, authority, nodeCertificateMillis, now } = this.#options;
    const known = await store.findEnrollment({ tokenId: token.id, publicKey });
    if (known !== undefined) return known;
    const nodeId = randomUUID();
    const certificate = await issued(() => authority.issueNode({ csrPem: request.csrPem, nodeId, lifetimeMs: nodeCertificateMillis }));
    return fleet.transact(() => {
      // Others may have used the token while the certificate was made.
      const current = this.#usableToken(request.secret);
      if (current.uses !== undefined && current.used >= current.uses)
        throw refused(`the token has no uses left`, "TOKEN_USED_UP", "ask for a new token: `treeline token create`");
      const at = now();
      const enrollment: EnrollmentRecord = { tokenId: token.id, publicKey, nodeId, certificatePem: certificate.certPem };
      const node: NodeRecord = {
        id: nodeId,
        name: request.hostname,
        labels: { ...current.labels, "kubernetes.io/hostname": request.hostname.slice(0, 63).replace(/[^A-Za-z0-9]+$/, "") },
        enrolledAt: at,
        publicKey,
        tokenId: token.id,
      };
      return {
        changes: [
          { kind: "node", value: node },
          { kind: "enrollment", value: enrollment },
          { kind: "token", value: { ...current, used: current.used + 1 } },
        ],
        audit: [{ at, actor: `node:${nodeId}`, action: "enroll", subject: `node ${nodeId}`, because: `token ${token.id}, host ${request.hostname}` }],
        result: enrollment,
      };
    });
  }

  #usableToken(secret: string): TokenRecord {
    const token = this.#options.secrets.token(hashSecret(secret));
    if (token === undefined) throw refused("the token is not known here", "TOKEN_UNKNOWN", "check that the whole token was copied and belongs to this server");
    if (token.revokedAt !== undefined) throw refused("the token was revoked", "TOKEN_REVOKED", "ask for a new token: `treeline token create`");
    if (token.expiresAt <= this.#options.now()) throw refused("the token has expired", "TOKEN_EXPIRED", "ask for a new token: `treeline token create`");
    return token;
  }
}

async function issued<Result>(issue: () => Promise<Result>): Promise<Result> {
  try {
    return await issue();
  } catch (error) {
    if (error instanceof PkiError) throw invalid([{ field: "csr_pem", description: error.message }]);
    throw error;
  }
}

function fingerprint(csrPem: string): string {
  if (csrPem.length > maxRequestLength) throw invalid([{ field: "csr_pem", description: `has ${csrPem.length} characters; at most ${maxRequestLength} are allowed` }]);
  try {
    return publicKeyFingerprint(csrPem);
  } catch (error) {
    if (error instanceof PkiError) throw invalid([{ field: "csr_pem", description: error.message }]);
    throw error;
  }
}

export function labelProblems(labels: Labels): FieldViolation[] {
  const entries = Object.entries(labels);
  if (entries.length > 64) return [{ field: "labels", description: "has more than 64 labels" }];
  return entries.flatMap(([key, value]) => {
    const problem = labelKeyProblem(key) ?? labelValueProblem(value);
    return problem ? [{ field: `labels[${key.slice(0, 80)}]`, description: problem }] : [];
  });
}

function keyProblems(keys: readonly string[]): FieldViolation[] {
  if (keys.length > 16) return [{ field: "release_keys", description: "has more than 16 keys" }];
  return keys.flatMap((key, index) => {
    try {
      parsePublicKey(key);
      return [];
    } catch {
      return [{ field: `release_keys[${index}]`, description: "is not an ed25519 public key in base64; `treeline release keygen` writes one" }];
    }
  });
}

function invalid(violations: readonly FieldViolation[]): RpcError {
  return new RpcError("the request is not valid", { status: status.INVALID_ARGUMENT, reason: "INVALID", violations, remedy: "correct the fields named and try again" });
}

function refused(message: string, reason: string, remedy: string): RpcError {
  return new RpcError(message, { status: status.PERMISSION_DENIED, reason, remedy });
}
