import { isChecksum, type Checksum, type Instant, type NodeId, type Signed } from "@treeline/fleet";
import type { DurableChange } from "./change.ts";
import { claimsOn } from "./claim.ts";
import { inPhase, put, released, stayIntent } from "./decision.ts";
import type { AssignmentRecord } from "./record.ts";
import { refuse, type Refused } from "./refusal.ts";
import type { Snapshot } from "./snapshot.ts";
import { categoryOf, isRevertible } from "./tally.ts";

export type NodeCommandResult = { readonly ok: true; readonly changes: readonly DurableChange[] } | Refused;

export interface SignedRequest {
  readonly by: string;
  readonly reason: string;
}

/**
 * Gives a node up: no budget counts it any more, whatever slot it holds is released without evidence, and what rollouts had for it has failed.
 * It comes back into the counts when it shows that it is well. The one way to release a slot by a person's word: audited, with a reason.
 */
export function writeOffNode(snapshot: Snapshot, nodeId: NodeId, { by, reason }: SignedRequest, now: Instant): NodeCommandResult {
  const node = snapshot.nodes.get(nodeId);
  if (node === undefined) return unknownNode(nodeId);
  if (reason.trim() === "")
    return refuse("invalid", "a write-off needs a reason", "say why with --reason: whoever reads the audit log will want to know");
  if (node.writtenOff !== undefined) return { ok: true, changes: [] };
  const writtenOff: Signed = { at: now, by, reason };
  const because = `written off by ${by}: ${reason}`;
  const given = claimsOn(snapshot, nodeId)
    .filter(({ rollout, assignment }) => isOpen(assignment) || (rollout.way === "back" && isRevertible(assignment)))
    .map(({ assignment: { booted: _, ...assignment } }) => assignment);
  const ordered = snapshot.intents.get(nodeId)?.attempt !== undefined && given[0] !== undefined ? [stayIntent(snapshot, given[0])] : [];
  return {
    ok: true,
    changes: [
      { kind: "node", value: { ...node, writtenOff } },
      ...released(snapshot.slots.get(nodeId)),
      ...given.map((assignment) => put({ ...inPhase(assignment, "Failed", now, because), failure: "operator" })),
      ...ordered,
    ],
  };
}

function isOpen(assignment: AssignmentRecord): boolean {
  const category = categoryOf(assignment);
  return category === "moving" || category === "waiting" || assignment.phase === "Lost";
}

export interface ClearNode extends SignedRequest {
  /** Absent: everything it denies. */
  readonly checksum?: Checksum | undefined;
}

/** Allows commits again that the node was brought back from. Its next attempt tells it to forget its own denial, too. */
export function clearNode(snapshot: Snapshot, nodeId: NodeId, { checksum, by, reason }: ClearNode, now: Instant): NodeCommandResult {
  if (!snapshot.nodes.has(nodeId)) return unknownNode(nodeId);
  if (checksum !== undefined && !isChecksum(checksum))
    return refuse("invalid", `"${checksum}" is not a commit`, "name it by its 64 hexadecimal digits, or leave it out to clear all");
  const denials = [...(snapshot.denied.get(nodeId)?.values() ?? [])].filter(
    (denial) => checksum === undefined || denial.checksum === checksum,
  );
  if (checksum !== undefined && denials.length === 0)
    return refuse("not-found", `the node does not deny ${checksum}`, `see \`treeline node show ${nodeId}\``);
  const cleared: Signed = { at: now, by, reason };
  return {
    ok: true,
    changes: denials.filter((denial) => denial.cleared === undefined).map((denial) => ({ kind: "denied", value: { ...denial, cleared } })),
  };
}

function unknownNode(nodeId: NodeId): Refused {
  return refuse("not-found", `there is no node ${nodeId}`, "see `treeline node list`");
}
