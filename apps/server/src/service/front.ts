import { type MethodDefinition, type ServerUnaryCall, type ServiceDefinition, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { services, streaming, unary, upload, type OnUnexpected, type wire } from "@treeline/rpc";
import type { Fleet } from "../fleet.ts";
import { operatorOf, requireAccess } from "../operator/access.ts";
import type { PublishCall } from "../release/upload.ts";
import type { Enrollment } from "./enrollment.ts";
import type { Nodes } from "./nodes.ts";
import type { Releases } from "./releases.ts";
import type { Rollouts } from "./rollouts.ts";
import { watch, type WatchCall, type WatchOptions } from "./watch.ts";

export interface FrontOptions {
  readonly fleet: Fleet;
  readonly enrollment: Enrollment;
  readonly nodes: Nodes;
  readonly releases: Releases;
  readonly rollouts: Rollouts;
  readonly watching: WatchOptions;
  readonly onUnexpected: OnUnexpected;
}

export interface FrontService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** All services of the front listener. Every method of a definition must have an access rule; a handler runs only after it. */
export function frontServices(options: FrontOptions): readonly FrontService[] {
  const { fleet, enrollment, nodes, releases, rollouts, onUnexpected } = options;

  /** Operators only; the handler gets the operator's name for the audit. */
  const call = <Request, Response>(handler: (request: Request, operator: string) => Promise<Response> | Response) =>
    unary<Request, Response>(async (request, grpcCall: ServerUnaryCall<Request, Response>) => handler(request, allowed(fleet, grpcCall)), onUnexpected);

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
      },
    },
    {
      definition: services.releases,
      implementation: {
        listReleases: call(() => releases.list()),
        getRelease: call((request: wire.GetReleaseRequest__Output) => releases.get(request)),
        listMissingObjects: call((request: wire.ListMissingObjectsRequest__Output) => releases.listMissing(request)),
        publishRelease: upload(async (grpcCall: PublishCall) => releases.publish(grpcCall, allowed(fleet, grpcCall)), onUnexpected),
        mirrorRelease: call((request: wire.MirrorReleaseRequest__Output, operator) => releases.mirror(request, operator)),
      },
    },
    {
      definition: services.rollouts,
      implementation: {
        createRollout: call((request: wire.CreateRolloutRequest__Output, operator) => rollouts.create(request, operator)),
        startRollout: call((request: wire.StartRolloutRequest__Output, operator) => rollouts.start(request, operator)),
        pauseRollout: call((request: wire.PauseRolloutRequest__Output, operator) => rollouts.pause(request, operator)),
        resumeRollout: call((request: wire.ResumeRolloutRequest__Output, operator) => rollouts.resume(request, operator)),
        abortRollout: call((request: wire.AbortRolloutRequest__Output, operator) => rollouts.abort(request, operator)),
        getRollout: call((request: wire.GetRolloutRequest__Output) => rollouts.get(request)),
        listRollouts: call(() => rollouts.list()),
      },
    },
    {
      definition: services.watch,
      implementation: {
        watch: streaming(async (grpcCall: WatchCall) => {
          allowed(fleet, grpcCall);
          await watch(grpcCall, options.watching);
        }, onUnexpected),
      },
    },
  ].map(checked);
}

/** The name of the caller, once its method's access rule allows it. */
function allowed(fleet: Fleet, call: Parameters<typeof operatorOf>[1]): string {
  switch (requireAccess(call.getPath())) {
    case "open":
      return "";
    case "operator":
      return operatorOf(fleet, call).name;
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
