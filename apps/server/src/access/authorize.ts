import { status, type Metadata } from "@grpc/grpc-js";
import { grantsOf, isWholeFleet, reachOf, type AccessRule, type Permission, type Principal, type Reach } from "@treeline/access";
import { hashSecret } from "@treeline/pki";
import { accessRules, bearerTokenOf, RpcError } from "@treeline/rpc";
import type { SecretIndex } from "../secret-index.ts";
import type { Caller } from "./caller.ts";

const rules: Readonly<Record<string, AccessRule>> = accessRules;

/** INVARIANT: a method without an annotation in the proto cannot be served: the table is generated from them, and this throws at the start. */
export function ruleOf(method: string): AccessRule {
  const rule = Object.hasOwn(rules, method) ? rules[method] : undefined;
  if (rule === undefined) throw new Error(`nobody said who may call ${method}: give it an \`access\` option in its proto`);
  return rule;
}

interface Call {
  readonly metadata: Metadata;
  getPath(): string;
  getPeer(): string;
}

export interface AuthorizeOptions {
  readonly secrets: SecretIndex;
  readonly now: () => number;
  /** Hears of every call that was not allowed, for the audit. */
  readonly onRefused: (refusal: RefusedCall) => void;
}

export interface RefusedCall {
  /** Undefined where nobody proved to be anyone. */
  readonly principal: Principal | undefined;
  readonly from: string;
  /** Its path, such as `/treeline.v1.NodeService/RevokeNode`. */
  readonly method: string;
  readonly error: RpcError;
}

/** Nobody in particular: the caller of a method that is open to anybody. */
const anybody: Principal = { id: "anybody", name: "anybody", groups: [], grants: [], persons: [] };

/**
 * The caller of a method of the front listener, once its rule allows it: the one place where that is decided.
 * @throws RpcError UNAUTHENTICATED when nobody known calls, PERMISSION_DENIED when they may not
 */
export function authorize(options: AuthorizeOptions, call: Call): Caller {
  const method = call.getPath();
  const rule = ruleOf(method);
  const from = addressOf(call.getPeer());
  if (rule.to === "anybody") return { principal: anybody, reach: [], from };
  let principal: Principal | undefined;
  try {
    principal = principalOf(options, bearerTokenOf(call));
    return { principal, reach: reachFor(options, principal, rule), from };
  } catch (error) {
    if (error instanceof RpcError) options.onRefused({ principal, from, method, error });
    throw error;
  }
}

/** The same for what only its handler can know: a refusal there is one like any other. */
export async function heard<Result>({ onRefused }: AuthorizeOptions, call: Call, caller: Caller, handle: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await handle();
  } catch (error) {
    const { principal, from } = caller;
    if (error instanceof RpcError && error.status === status.PERMISSION_DENIED) onRefused({ principal: principal === anybody ? undefined : principal, from, method: call.getPath(), error });
    throw error;
  }
}

function reachFor(options: AuthorizeOptions, principal: Principal, rule: Exclude<AccessRule, { readonly to: "anybody" }>): Reach {
  switch (rule.to) {
    case "signed-in":
      return ["fleet"];
    case "node":
      throw new RpcError("only nodes may call this, on the sessions listener", { status: status.PERMISSION_DENIED, reason: "NODES_ONLY" });
    case "permitted":
      return requireReach(options, principal, rule);
  }
}

/** The principal behind a bearer token. Every token that is not good gets the same answer, so that nothing is learned by trying. */
export function principalOf({ secrets, now }: Pick<AuthorizeOptions, "secrets" | "now">, bearer: string | undefined): Principal {
  if (bearer === undefined) throw unauthenticated("the call carries no token", "TOKEN_MISSING");
  const token = secrets.apiToken(hashSecret(bearer));
  if (token === undefined || token.revokedAt !== undefined) throw unauthenticated("the token is not known here", "TOKEN_UNKNOWN");
  if (token.expiresAt !== undefined && token.expiresAt <= now()) throw unauthenticated("the token has expired", "TOKEN_EXPIRED");
  const id = `token:${token.name}`;
  return { id, name: token.name, groups: [], grants: token.grants, persons: [id, ...token.owners] };
}

/**
 * Where a principal may do it. Nothing is filtered by scope yet, so only a role over the whole fleet opens anything: who holds a narrower one would see
 * what is not theirs.
 */
export function requireReach({ secrets }: Pick<AuthorizeOptions, "secrets">, principal: Principal, permission: Permission): Reach {
  const { directory } = secrets;
  const reach = reachOf(grantsOf(directory, principal), directory.roles, permission);
  if (isWholeFleet(reach)) return reach;
  const { verb, resource } = permission;
  throw new RpcError(`${principal.id} may not ${verb} ${resource}`, {
    status: status.PERMISSION_DENIED,
    reason: "NOT_ALLOWED",
    remedy: `ask a fleet-admin for a role over the whole fleet that allows it; \`treeline role list\` shows which do`,
  });
}

function unauthenticated(message: string, reason: string): RpcError {
  const remedy = "log in with `treeline login --credential FILE`; the first one is DATA/operator/admin.yaml on the server";
  return new RpcError(message, { status: status.UNAUTHENTICATED, reason, remedy });
}

/** `address:port` or `[address]:port` without the port. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
