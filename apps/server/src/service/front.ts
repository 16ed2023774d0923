import { type MethodDefinition, type ServerUnaryCall, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { services, streaming, unary, upload, type OnUnexpected, type wire } from "@treeline/rpc";
import type { Caller } from "../access/caller.ts";
import { answering } from "../control-error.ts";
import { authorize, heard, ruleOf, type AuthorizeOptions } from "../access/authorize.ts";
import type { PublishCall } from "../release/upload.ts";
import type { Access } from "./access.ts";
import type { Audit, ExportCall } from "./audit.ts";
import type { Budgets } from "./budgets.ts";
import type { Enrollment } from "./enrollment.ts";
import type { KeyRotations } from "./key-rotations.ts";
import type { Nodes } from "./nodes.ts";
import type { Releases } from "./releases.ts";
import type { Rollouts } from "./rollouts.ts";
import type { Stops } from "./stops.ts";
import { watch, type WatchCall, type WatchOptions } from "./watch.ts";

export interface FrontOptions {
  readonly access: AuthorizeOptions;
  readonly accessService: Access;
  readonly audit: Audit;
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
  const { access, accessService, audit, enrollment, nodes, releases, keyRotations, rollouts, budgets, stops, onUnexpected } = options;

  const allowed = async <Result>(grpcCall: Parameters<typeof authorize>[1], handle: (caller: Caller) => Promise<Result> | Result): Promise<Result> => {
    const caller = authorize(access, grpcCall);
    return heard(access, grpcCall, caller, () => handle(caller));
  };

  /** The handler runs only after the method's rule has allowed it, and hears who calls. */
  const call = <Request, Response>(handler: (request: Request, caller: Caller) => Promise<Response> | Response) =>
    unary<Request, Response>((request, grpcCall: ServerUnaryCall<Request, Response>) => answering(() => allowed(grpcCall, (caller) => handler(request, caller))), onUnexpected);

  return [
    {
      definition: services.access,
      implementation: {
        whoAmI: call((_request, caller) => accessService.whoAmI(caller)),
        listRoles: call(() => accessService.listRoles()),
        putRole: call((request: wire.PutRoleRequest__Output, caller) => accessService.putRole(request, caller)),
        removeRole: call((request: wire.RemoveRoleRequest__Output, caller) => accessService.removeRole(request, caller)),
        listBindings: call(() => accessService.listBindings()),
        putBinding: call((request: wire.PutBindingRequest__Output, caller) => accessService.putBinding(request, caller)),
        removeBinding: call((request: wire.RemoveBindingRequest__Output, caller) => accessService.removeBinding(request, caller)),
        listApiTokens: call(() => accessService.listApiTokens()),
        createApiToken: call((request: wire.CreateApiTokenRequest__Output, caller) => accessService.createApiToken(request, caller)),
        revokeApiToken: call((request: wire.RevokeApiTokenRequest__Output, caller) => accessService.revokeApiToken(request, caller)),
      },
    },
    {
      definition: services.enrollment,
      implementation: {
        enroll: call((request: wire.EnrollRequest__Output) => enrollment.enroll(request)),
        createToken: call((request: wire.CreateTokenRequest__Output, caller) => enrollment.createToken(request, caller)),
        revokeToken: call((request: wire.RevokeTokenRequest__Output, caller) => enrollment.revokeToken(request, caller)),
        listTokens: call(() => enrollment.listTokens()),
      },
    },
    {
      definition: services.nodes,
      implementation: {
        listNodes: call((request: wire.ListNodesRequest__Output) => nodes.list(request)),
        getNode: call((request: wire.GetNodeRequest__Output) => nodes.get(request)),
        labelNode: call((request: wire.LabelNodeRequest__Output, caller) => nodes.label(request, caller)),
        revokeNode: call((request: wire.RevokeNodeRequest__Output, caller) => nodes.revoke(request, caller)),
        explainNode: call((request: wire.ExplainNodeRequest__Output) => nodes.explain(request)),
        writeOffNode: call((request: wire.WriteOffNodeRequest__Output, caller) => nodes.writeOff(request, caller)),
        clearNode: call((request: wire.ClearNodeRequest__Output, caller) => nodes.clear(request, caller)),
      },
    },
    {
      definition: services.releases,
      implementation: {
        listReleases: call(() => releases.list()),
        getRelease: call((request: wire.GetReleaseRequest__Output) => releases.get(request)),
        listMissingObjects: call((request: wire.ListMissingObjectsRequest__Output) => releases.listMissing(request)),
        publishRelease: upload((grpcCall: PublishCall) => answering(() => allowed(grpcCall, (caller) => releases.publish(grpcCall, caller))), onUnexpected),
        mirrorRelease: call((request: wire.MirrorReleaseRequest__Output, caller) => releases.mirror(request, caller)),
        publishKeyRotation: call((request: wire.PublishKeyRotationRequest__Output, caller) => keyRotations.publish(request, caller)),
        listKeyRotations: call(() => keyRotations.list()),
      },
    },
    {
      definition: services.rollouts,
      implementation: {
        planRollout: call((request: wire.PlanRolloutRequest__Output) => rollouts.plan(request)),
        createRollout: call((request: wire.CreateRolloutRequest__Output, caller) => rollouts.create(request, caller)),
        startRollout: call((request: wire.StartRolloutRequest__Output, caller) => rollouts.start(request, caller)),
        pauseRollout: call((request: wire.PauseRolloutRequest__Output, caller) => rollouts.pause(request, caller)),
        resumeRollout: call((request: wire.ResumeRolloutRequest__Output, caller) => rollouts.resume(request, caller)),
        abortRollout: call((request: wire.AbortRolloutRequest__Output, caller) => rollouts.abort(request, caller)),
        rollbackRollout: call((request: wire.RollbackRolloutRequest__Output, caller) => rollouts.rollback(request, caller)),
        approveWave: call((request: wire.ApproveWaveRequest__Output, caller) => rollouts.approve(request, caller)),
        retryRollout: call((request: wire.RetryRolloutRequest__Output, caller) => rollouts.retry(request, caller)),
        getRollout: call((request: wire.GetRolloutRequest__Output) => rollouts.get(request)),
        listRollouts: call((request: wire.ListRolloutsRequest__Output) => rollouts.list(request)),
        listRolloutNodes: call((request: wire.ListRolloutNodesRequest__Output) => rollouts.listNodes(request)),
        getRolloutHistory: call((request: wire.GetRolloutHistoryRequest__Output) => rollouts.history(request)),
      },
    },
    {
      definition: services.budgets,
      implementation: {
        putBudget: call((request: wire.PutBudgetRequest__Output, caller) => budgets.put(request, caller)),
        listBudgets: call((request: wire.ListBudgetsRequest__Output) => budgets.list(request)),
        removeBudget: call((request: wire.RemoveBudgetRequest__Output, caller) => budgets.remove(request, caller)),
      },
    },
    {
      definition: services.stops,
      implementation: {
        stopAll: call((request: wire.StopAllRequest__Output, caller) => stops.stopAll(request, caller)),
        resumeAll: call((request: wire.ResumeAllRequest__Output, caller) => stops.resumeAll(request, caller)),
        listStops: call(() => stops.list()),
      },
    },
    {
      definition: services.audit,
      implementation: {
        listAudit: call((request: wire.ListAuditRequest__Output) => audit.list(request)),
        exportAudit: streaming(async (grpcCall: ExportCall) => {
          authorize(access, grpcCall);
          await audit.export(grpcCall);
        }, onUnexpected),
        getAuditKey: call(() => audit.key()),
      },
    },
    {
      definition: services.watch,
      implementation: {
        watch: streaming(async (grpcCall: WatchCall) => {
          authorize(access, grpcCall);
          await watch(grpcCall, options.watching);
        }, onUnexpected),
      },
    },
  ].map(checked);
}

/** A method without an access rule or without a handler stops the server at its start. */
function checked(service: FrontService): FrontService {
  for (const [name, method] of Object.entries(service.definition) as [string, MethodDefinition<object, object>][]) {
    ruleOf(method.path);
    if (!Object.hasOwn(service.implementation, method.originalName ?? name)) throw new Error(`nothing answers ${method.path}`);
  }
  return service;
}
