import type { Standing } from "@treeline/disruption";
import { bootedDeployment, nextDeployment, type NodeId, type NodeRecord, type Observation } from "@treeline/fleet";
import { unfitness } from "./hindrance.ts";
import { supersederOf } from "./claim.ts";
import { newAssignment } from "./join.ts";
import { isDown } from "./plan-budget.ts";
import type { RolloutRecord } from "./record.ts";
import { isDenied, type Snapshot } from "./snapshot.ts";

/**
 * What would become of a node of the rollout now. `goes`: it would be updated; `free`: it is unavailable already, so that it needs no room in a
 * budget. `already`: it runs the release as it should.
 */
export type PlannedNode =
  | { readonly kind: "goes"; readonly free: boolean }
  | { readonly kind: "already" }
  | { readonly kind: "refused"; readonly code: string; readonly reason: string };

/** A node that would not be updated now. */
export interface RefusedNode {
  readonly nodeId: NodeId;
  readonly name: string;
  /** As `explainNode` has them. */
  readonly code: string;
  readonly reason: string;
}

/**
 * Asked of the same functions as the decisions, so that a plan cannot say anything else than what would be done. `observation`: the node's own, looked
 * up once, because a plan asks for every node of the fleet.
 */
export function planNode(snapshot: Snapshot, rollout: RolloutRecord, { node, observation, standing }: SurveyedNode): PlannedNode {
  const { target } = rollout;
  if (isDenied(snapshot, node.id, target.checksum))
    return refused("denied", "it was brought back from this commit before and denies it; allow it with `treeline node clear`");
  const superseder = snapshot.claims.has(node.id)
    ? supersederOf(snapshot, { rollout, assignment: newAssignment(rollout.name, node.id, 0, rollout.createdAt) })
    : undefined;
  if (superseder !== undefined)
    return refused(
      "superseded",
      `rollout ${superseder.name} (priority ${superseder.policy.priority}) has updated it to ${superseder.target.version}`,
    );
  const unfit = unfitness({ snapshot, rollout, observation }, node.id);
  if (unfit !== undefined) return refused(unfit.code, unfit.reason);
  const holder = snapshot.slots.get(node.id)?.holder;
  if (holder !== undefined && holder.kind !== "rollout") return refused("slot-of-another", `${holder.kind} ${holder.id} holds its slot`);
  if (observation !== undefined && bootedDeployment(observation.os)?.checksum === target.checksum) return { kind: "already" };
  return { kind: "goes", free: isDown(standing) };
}

/** A node and what is known about it. */
export interface SurveyedNode {
  readonly node: NodeRecord;
  readonly observation: Observation | undefined;
  readonly standing: Standing | undefined;
}

function refused(code: string, reason: string): PlannedNode {
  return { kind: "refused", code, reason };
}

/**
 * Would a rollback of the whole rollout find the node's present deployment, with its own /etc? ostree always retains the booted deployment when
 * another is written, and it is the rollback deployment afterwards. When something else has been made the default for the next boot, somebody is
 * at work there, and the attempt may begin from another deployment: not promised. `unknown`: the node has not reported a deployment.
 */
export function etcOnRollback(observation: Observation | undefined): "etcKept" | "etcMerged" | "unknown" {
  if (observation === undefined || bootedDeployment(observation.os) === undefined) return "unknown";
  return nextDeployment(observation.os)?.booted === true ? "etcKept" : "etcMerged";
}
