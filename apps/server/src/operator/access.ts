import { status, type Metadata } from "@grpc/grpc-js";
import type { OperatorRecord } from "@treeline/fleet";
import { hashSecret } from "@treeline/pki";
import { bearerTokenOf, RpcError } from "@treeline/rpc";
import type { SecretIndex } from "../secret-index.ts";

/** Who may call a method of the front listener. `open`: anybody, because the request itself carries its proof. */
type Access = "open" | "operator";

/** INVARIANT: a method that is not named here cannot be served (`requireAccess` throws at start). Deny unless allowed. */
const accessByMethod: Readonly<Record<string, Access>> = {
  "/treeline.v1.EnrollmentService/Enroll": "open",
  "/treeline.v1.EnrollmentService/CreateToken": "operator",
  "/treeline.v1.EnrollmentService/RevokeToken": "operator",
  "/treeline.v1.EnrollmentService/ListTokens": "operator",
  "/treeline.v1.BudgetService/PutBudget": "operator",
  "/treeline.v1.BudgetService/ListBudgets": "operator",
  "/treeline.v1.BudgetService/RemoveBudget": "operator",
  "/treeline.v1.NodeService/ListNodes": "operator",
  "/treeline.v1.NodeService/GetNode": "operator",
  "/treeline.v1.NodeService/LabelNode": "operator",
  "/treeline.v1.NodeService/RevokeNode": "operator",
  "/treeline.v1.NodeService/ExplainNode": "operator",
  "/treeline.v1.NodeService/WriteOffNode": "operator",
  "/treeline.v1.NodeService/ClearNode": "operator",
  "/treeline.v1.ReleaseService/ListReleases": "operator",
  "/treeline.v1.ReleaseService/GetRelease": "operator",
  "/treeline.v1.ReleaseService/ListMissingObjects": "operator",
  "/treeline.v1.ReleaseService/PublishRelease": "operator",
  "/treeline.v1.ReleaseService/MirrorRelease": "operator",
  "/treeline.v1.ReleaseService/PublishKeyRotation": "operator",
  "/treeline.v1.ReleaseService/ListKeyRotations": "operator",
  "/treeline.v1.RolloutService/PlanRollout": "operator",
  "/treeline.v1.RolloutService/CreateRollout": "operator",
  "/treeline.v1.RolloutService/StartRollout": "operator",
  "/treeline.v1.RolloutService/PauseRollout": "operator",
  "/treeline.v1.RolloutService/ResumeRollout": "operator",
  "/treeline.v1.RolloutService/AbortRollout": "operator",
  "/treeline.v1.RolloutService/RollbackRollout": "operator",
  "/treeline.v1.RolloutService/ApproveWave": "operator",
  "/treeline.v1.RolloutService/RetryRollout": "operator",
  "/treeline.v1.RolloutService/GetRollout": "operator",
  "/treeline.v1.RolloutService/ListRollouts": "operator",
  "/treeline.v1.RolloutService/ListRolloutNodes": "operator",
  "/treeline.v1.RolloutService/GetRolloutHistory": "operator",
  "/treeline.v1.StopService/StopAll": "operator",
  "/treeline.v1.StopService/ResumeAll": "operator",
  "/treeline.v1.StopService/ListStops": "operator",
  "/treeline.v1.WatchService/Watch": "operator",
};

export function requireAccess(method: string): Access {
  const access = Object.hasOwn(accessByMethod, method) ? accessByMethod[method] : undefined;
  if (access === undefined) throw new Error(`nobody said who may call ${method}: add it to accessByMethod`);
  return access;
}

interface Call {
  readonly metadata: Metadata;
  getPath(): string;
}

/** The operator behind a call. Throws UNAUTHENTICATED when there is none. */
export function operatorOf(secrets: SecretIndex, call: Call): OperatorRecord {
  const token = bearerTokenOf(call);
  if (token === undefined) throw unauthenticated("the call carries no operator's token", "TOKEN_MISSING");
  const operator = secrets.operator(hashSecret(token));
  if (operator === undefined) throw unauthenticated("the operator's token is not known here", "TOKEN_UNKNOWN");
  return operator;
}

function unauthenticated(message: string, reason: string): RpcError {
  const remedy = "log in with `treeline login --credential FILE`; the first one is DATA/operator/admin.yaml on the server";
  return new RpcError(message, { status: status.UNAUTHENTICATED, reason, remedy });
}
