import { type MethodDefinition, type ServerUnaryCall, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { services, streaming, unary, upload, type OnUnexpected, type wire } from "@treeline/rpc";
import { answering } from "../control-error.ts";
import { operatorOf, requireAccess } from "../operator/access.ts";
import type { PublishCall } from "../release/upload.ts";
import type { SecretIndex } from "../secret-index.ts";
import type { Budgets } from "./budgets.ts";
import type { Enrollment } from "./enrollment.ts";
import type { KeyRotations } from "./key-rotations.ts";
import type { Nodes } from "./nodes.ts";
import type { Releases } from "./releases.ts";
import type { Rollouts } from "./rollouts.ts";
import type { Stops } from "./stops.ts";
import { watch, type WatchCall, type WatchOptions } from "./watch.ts";

export interface FrontOptions {
  readonly secrets: SecretIndex;
  readonly enrollment: Enrollment;
  readonly nodes: Nodes;
  readonly releases: Releases;
  readonly keyRotations: KeyRotations;
  readonly rollouts: Rollouts;
  readonly budgets: Budgets;
  readonly stops: Stops;
  readonly watching: WatchOptions;
  readonly onUnexpected: OnUnexpected;
}

export interface FrontService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** All services of the front listener. Every method of a definition must have an access rule; a handler runs only after it. */
export function frontServices(options: FrontOptions): readonly FrontService[] {
  const { secrets, enrollment, nodes, releases, keyRotations, rollouts, budgets, stops, onUnexpected } = options;

  /** Operators only; the handler gets the operator's name for the audit. */
  const call = <Request, Response>(handler: (request: Request, operator: string) => Promise<Response> | Response) =>
    unary<Request, Response>((request, grpcCall: ServerUnaryCall<Request, Response>) => answering(() => handler(request, allowed(secrets, grpcCall))), onUnexpected);

  return [
    {
      definition: services.enrollment,
      implementation: {
        enroll: call((request: wire.EnrollRequest__Output) => enrollment.enroll(request)),
        createToken: call((request: wire.CreateTokenRequest__Output, operator) => enrollment.createToken(request, operator)),
        revokeToken: call((request: wire.RevokeTokenRequest__Output, operator) => enrollment.revokeToken(request, operator)),
        listTokens: call(() => enrollment.listTokens()),
      },
    },
    {
      definition: services.nodes,
      implementation: {
        listNodes: call((request: wire.ListNodesRequest__Output) => nodes.list(request)),
        getNode: call((request: wire.GetNodeRequest__Output) => nodes.get(request)),
        labelNode: call((request: wire.LabelNodeRequest__Output, operator) => nodes.label(request, operator)),
        revokeNode: call((request: wire.RevokeNodeRequest__Output, operator) => nodes.revoke(request, operator)),
        explainNode: call((request: wire.ExplainNodeRequest__Output) => nodes.explain(request)),
        writeOffNode: call((request: wire.WriteOffNodeRequest__Output, operator) => nodes.writeOff(request, operator)),
        clearNode: call((request: wire.ClearNodeRequest__Output, operator) => nodes.clear(request, operator)),
      },
    },
    {
      definition: services.releases,
      implementation: {
        listReleases: call(() => releases.list()),
        getRelease: call((request: wire.GetReleaseRequest__Output) => releases.get(request)),
        listMissingObjects: call((request: wire.ListMissingObjectsRequest__Output) => releases.listMissing(request)),
        publishRelease: upload((grpcCall: PublishCall) => answering(() => releases.publish(grpcCall, allowed(secrets, grpcCall))), onUnexpected),
        mirrorRelease: call((request: wire.MirrorReleaseRequest__Output, operator) => releases.mirror(request, operator)),
        publishKeyRotation: call((request: wire.PublishKeyRotationRequest__Output, operator) => keyRotations.publish(request, operator)),
        listKeyRotations: call(() => keyRotations.list()),
      },
    },
    {
      definition: services.rollouts,
      implementation: {
        planRollout: call((request: wire.PlanRolloutRequest__Output) => rollouts.plan(request)),
        createRollout: call((request: wire.CreateRolloutRequest__Output, operator) => rollouts.create(request, operator)),
        startRollout: call((request: wire.StartRolloutRequest__Output, operator) => rollouts.start(request, operator)),
        pauseRollout: call((request: wire.PauseRolloutRequest__Output, operator) => rollouts.pause(request, operator)),
        resumeRollout: call((request: wire.ResumeRolloutRequest__Output, operator) => rollouts.resume(request, operator)),
        abortRollout: call((request: wire.AbortRolloutRequest__Output, operator) => rollouts.abort(request, operator)),
        rollbackRollout: call((request: wire.RollbackRolloutRequest__Output, operator) => rollouts.rollback(request, operator)),
        approveWave: call((request: wire.ApproveWaveRequest__Output, operator) => rollouts.approve(request, operator)),
        retryRollout: call((request: wire.RetryRolloutRequest__Output, operator) => rollouts.retry(request, operator)),
        getRollout: call((request: wire.GetRolloutRequest__Output) => rollouts.get(request)),
        listRollouts: call((request: wire.ListRolloutsRequest__Output) => rollouts.list(request)),
        listRolloutNodes: call((request: wire.ListRolloutNodesRequest__Output) => rollouts.listNodes(request)),
        getRolloutHistory: call((request: wire.GetRolloutHistoryRequest__Output) => rollouts.history(request)),
      },
    },
    {
      definition: services.budgets,
      implementation: {
        putBudget: call((request: wire.PutBudgetRequest__Output, operator) => budgets.put(request, operator)),
        listBudgets: call((request: wire.ListBudgetsRequest__Output) => budgets.list(request)),
        removeBudget: call((request: wire.RemoveBudgetRequest__Output, operator) => budgets.remove(request, operator)),
      },
    },
    {
      definition: services.stops,
      implementation: {
        stopAll: call((request: wire.StopAllRequest__Output, operator) => stops.stopAll(request, operator)),
        resumeAll: call((request: wire.ResumeAllRequest__Output, operator) => stops.resumeAll(request, operator)),
        listStops: call(() => stops.list()),
      },
    },
    {
      definition: services.watch,
      implementation: {
        watch: streaming(async (grpcCall: WatchCall) => {
          allowed(secrets, grpcCall);
          await watch(grpcCall, options.watching);
        }, onUnexpected),
      },
    },
  ].map(checked);
}

/** The name of the caller, once its method's access rule allows it. */
function allowed(secrets: SecretIndex, call: Parameters<typeof operatorOf>[1]): string {
  switch (requireAccess(call.getPath())) {
    case "open":
      return "";
    case "operator":
      return operatorOf(secrets, call).name;
  }
}

/** A method without an access rule or without a handler stops the server at its start. */
function checked(service: FrontService): FrontService {
  for (const [name, method] of Object.entries(service.definition) as [string, MethodDefinition<object, object>][]) {
    requireAccess(method.path);
    if (!Object.hasOwn(service.implementation, method.originalName ?? name)) throw new Error(`nothing answers ${method.path}`);
  }
  return service;
}
