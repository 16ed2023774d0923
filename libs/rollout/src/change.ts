import type { BudgetRecord, Slot } from "@treeline/disruption";
import type {
  ApiTokenRecord,
  BindingRecord,
  DenyRecord,
  EnrollmentRecord,
  Instant,
  IntentRecord,
  KeyRotationRecord,
  NodeId,
  NodeRecord,
  ObservationRecord,
  PoolRecord,
  ReleaseRecord,
  RoleRecord,
  ServerRunRecord,
  TenantRecord,
  TokenRecord,
} from "@treeline/fleet";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";
import type { StopRecord } from "./stop.ts";

/** What the store keeps. Each change replaces the whole record with the same key; applying one twice is applying it once. */
export type DurableChange =
  | { readonly kind: "node"; readonly value: NodeRecord }
  | { readonly kind: "observation"; readonly value: ObservationRecord }
  | { readonly kind: "release"; readonly value: ReleaseRecord }
  | { readonly kind: "key-rotation"; readonly value: KeyRotationRecord }
  | { readonly kind: "rollout"; readonly value: RolloutRecord }
  | { readonly kind: "assignment"; readonly value: AssignmentRecord }
  | { readonly kind: "assignment-removed"; readonly rollout: string; readonly nodeId: NodeId }
  | { readonly kind: "budget"; readonly value: BudgetRecord }
  | { readonly kind: "budget-removed"; readonly name: string }
  | { readonly kind: "stop"; readonly value: StopRecord }
  | { readonly kind: "stop-lifted"; readonly id: string }
  | { readonly kind: "slot"; readonly value: Slot }
  | { readonly kind: "slot-released"; readonly nodeId: NodeId; readonly id: string }
  | { readonly kind: "intent"; readonly value: IntentRecord }
  | { readonly kind: "denied"; readonly value: DenyRecord }
  | { readonly kind: "token"; readonly value: TokenRecord }
  | { readonly kind: "enrollment"; readonly value: EnrollmentRecord }
  | { readonly kind: "api-token"; readonly value: ApiTokenRecord }
  | { readonly kind: "role"; readonly value: RoleRecord }
  | { readonly kind: "role-removed"; readonly name: string }
  | { readonly kind: "binding"; readonly value: BindingRecord }
  | { readonly kind: "binding-removed"; readonly name: string }
  | { readonly kind: "tenant"; readonly value: TenantRecord }
  | { readonly kind: "tenant-removed"; readonly name: string }
  | { readonly kind: "pool"; readonly value: PoolRecord }
  | { readonly kind: "pool-removed"; readonly name: string }
  | { readonly kind: "server-run"; readonly value: ServerRunRecord };

/** Whether a node is in contact: known only while the server lives. After a restart no node is, until it says Hello. */
export interface ContactChange {
  readonly kind: "contact";
  readonly nodeId: NodeId;
  readonly connected: boolean;
  readonly at: Instant;
}

export type Change = DurableChange | ContactChange;

/** Who did what and why; written in the same transaction as the change. No secret, and no hash of one, stands in any field. */
export interface AuditEntry {
  readonly at: Instant;
  /** Whoever acted, such as `controller`, `server`, `node:ID` or `token:NAME`. */
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly because: string;
  /** The network address it came from, without port. */
  readonly from?: string;
  /** Absent: done. */
  readonly outcome?: AuditOutcome;
  /** What it changed, as it was: JSON text of the fields that may be shown, bounded. Absent: it was not there, or nothing of it is shown. */
  readonly before?: string;
  /** The same as it became. */
  readonly after?: string;
  /** Whose business it is, for reading by scope. Absent: the whole fleet's. */
  readonly scope?: AuditScope;
}

export type AuditOutcome = "done" | "refused";

/** At least one of the two. */
export interface AuditScope {
  readonly tenant?: string;
  readonly pool?: string;
}
