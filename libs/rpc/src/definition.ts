import { loadPackageDefinition } from "@grpc/grpc-js";
import type { Options } from "@grpc/proto-loader";
import type { ProtoGrpcType as AccessPackage } from "./generated/access_service.ts";
import type { ProtoGrpcType as AgentPackage } from "./generated/agent.ts";
import type { ProtoGrpcType as AuditPackage } from "./generated/audit.ts";
import type { ProtoGrpcType as BudgetPackage } from "./generated/budget.ts";
import type { ProtoGrpcType as EnrollmentPackage } from "./generated/enrollment.ts";
import type { ProtoGrpcType as NodePackage } from "./generated/node.ts";
import type { ProtoGrpcType as ReleasePackage } from "./generated/release.ts";
import type { ProtoGrpcType as RolloutPackage } from "./generated/rollout.ts";
import type { ProtoGrpcType as StatusPackage } from "./generated/status.ts";
import type { ProtoGrpcType as StopPackage } from "./generated/stop.ts";
import type { ProtoGrpcType as WatchPackage } from "./generated/watch.ts";
import { loadProtos } from "./load-protos.ts";

/** INVARIANT: the same as the flags in generate.mjs, or the generated types describe other objects than those that arrive. */
const protoOptions: Options = { longs: String, enums: String, defaults: true, oneofs: true };

type Package = AccessPackage &
  AgentPackage &
  AuditPackage &
  BudgetPackage &
  EnrollmentPackage &
  NodePackage &
  ReleasePackage &
  RolloutPackage &
  StatusPackage &
  StopPackage &
  WatchPackage;

const loaded = loadPackageDefinition(loadProtos(protoOptions)) as unknown as Package;
const v1 = loaded.treeline.v1;

/** Serializers of the messages by name, for tests and for stored bytes. */
export const messages: Package["treeline"]["v1"] = v1;

/** The public error model of google.rpc. */
export const errorModel: StatusPackage["google"]["rpc"] = loaded.google.rpc;

/** Constructors of the native clients; each carries its service definition as `service`. */
export const clientConstructors = {
  AccessService: v1.AccessService,
  AgentService: v1.AgentService,
  AuditService: v1.AuditService,
  BudgetService: v1.BudgetService,
  EnrollmentService: v1.EnrollmentService,
  NodeService: v1.NodeService,
  ReleaseService: v1.ReleaseService,
  RolloutService: v1.RolloutService,
  StopService: v1.StopService,
  WatchService: v1.WatchService,
} as const;

/** What `Server.addService` takes. */
export const services = {
  access: v1.AccessService.service,
  agent: v1.AgentService.service,
  audit: v1.AuditService.service,
  budgets: v1.BudgetService.service,
  enrollment: v1.EnrollmentService.service,
  nodes: v1.NodeService.service,
  releases: v1.ReleaseService.service,
  rollouts: v1.RolloutService.service,
  stops: v1.StopService.service,
  watch: v1.WatchService.service,
} as const;
