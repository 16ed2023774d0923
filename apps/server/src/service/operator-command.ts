import { actorOf, type Caller } from "../access/caller.ts";
import { status } from "@grpc/grpc-js";
import { RpcError, type ErrorStatus } from "@treeline/rpc";
import type { DurableChange, Refusal, Snapshot } from "@treeline/rollout";
import type { Fleet } from "@treeline/control";

/** Text for the audit log: longer reasons are cut. */
const maxReason = 500;

/** What a pure command of `@treeline/rollout` answers: the changes to commit, none when it was carried out before; or why not. */
type Answer<Done extends object> =
  | (Done & { readonly ok: true; readonly changes: readonly DurableChange[] })
  | { readonly ok: false; readonly refusal: Refusal };

/** Without what says how it went. */
type Decided<Result> = Extract<Result, { readonly ok: true }>;

export interface OperatorCommand<Result> {
  readonly caller: Caller;
  readonly action: string;
  /** Why, for the audit entry. */
  readonly reason: string | ((decided: Decided<Result>, working: Snapshot) => string);
  /** What the audit entry is about, such as `rollout NAME`. */
  readonly subject: string | ((decided: Decided<Result>) => string);
  readonly decide: (working: Snapshot, at: number) => Result;
}

/**
 * Carries out what an operator asked for: decided on the newest state and committed with its audit entry, all or nothing. A command that changes
 * nothing, because it was carried out before, leaves no entry.
 * @throws RpcError the command's refusal, with a status that says which kind it is
 */
export async function carryOut<Result extends Answer<object>>(
  { fleet, now }: { readonly fleet: Fleet; readonly now: () => number },
  command: OperatorCommand<Result>,
): Promise<Decided<Result>> {
  return fleet.transact((working) => {
    const at = now();
    const result = command.decide(working, at);
    if (!result.ok) throw refusalError(result.refusal);
    const decided = result as Decided<Result>;
    const subject = typeof command.subject === "string" ? command.subject : command.subject(decided);
    const because = typeof command.reason === "string" ? command.reason : command.reason(decided, working);
    const entry = { at, ...actorOf(command.caller), action: command.action, subject, because };
    return { changes: result.changes, audit: result.changes.length > 0 ? [entry] : [], result: decided };
  });
}

/** A reason as it is stored; never longer than the log takes. */
export function reasonOf({ reason }: { readonly reason: string }): string {
  return reason.trim().slice(0, maxReason);
}

/** The same where one must be given: what cannot be undone by evidence alone is explained. */
export function requiredReason(request: { readonly reason: string }): string {
  const reason = reasonOf(request);
  if (reason === "") throw invalidRequest("reason", "is empty; say why, for those who read the audit log");
  return reason;
}

export function invalidRequest(field: string, description: string): RpcError {
  return new RpcError("the request is not valid", {
    status: status.INVALID_ARGUMENT,
    reason: "INVALID",
    violations: [{ field, description }],
  });
}

const statusOf = {
  invalid: status.INVALID_ARGUMENT,
  "not-found": status.NOT_FOUND,
  exists: status.ALREADY_EXISTS,
  "wrong-state": status.FAILED_PRECONDITION,
  unmanaged: status.FAILED_PRECONDITION,
  forbidden: status.PERMISSION_DENIED,
} as const satisfies Record<Refusal["code"], ErrorStatus>;

export function refusalError({ code, message, remedy, violations }: Refusal): RpcError {
  return new RpcError(message, { status: statusOf[code], reason: code.toUpperCase().replaceAll("-", "_"), remedy, violations });
}
