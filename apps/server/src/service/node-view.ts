import { bootedDeployment, type NodeRecord } from "@treeline/fleet";
import { healthToProto, intentToProto, inventoryToProto, osStateToProto, placeToProto, trustToProto, updateStateToProto, type PlacePhase, type wire } from "@treeline/rpc";
import { claimsOn, isConnected, ownerOf, type AssignmentRecord, type Snapshot } from "@treeline/rollout";
import { signedToProto } from "./rollout-view.ts";

/** A node as an operator sees it. */
export function nodeView(snapshot: Snapshot, node: NodeRecord): wire.Node {
  const record = snapshot.observations.get(node.id);
  const intent = snapshot.intents.get(node.id);
  const assignment = openAssignment(snapshot, node.id);
  const observation = record?.observation;
  return {
    id: node.id,
    name: node.name,
    labels: node.labels,
    connected: isConnected(snapshot, node.id),
    revoked: node.revokedAt !== undefined,
    enrolledAtMillis: String(node.enrolledAt),
    lastSeenAtMillis: String(Math.max(record?.at ?? 0, snapshot.contacts.get(node.id)?.at ?? 0)),
    phase: placeToProto(phaseOf(assignment) ?? observation?.update.phase ?? "Idle"),
    reason: assignment?.reason || observation?.update.reason || "",
    os: observation ? osStateToProto(observation.os) : null,
    update: observation ? updateStateToProto(observation.update) : null,
    health: observation ? healthToProto(observation.health) : null,
    inventory: observation ? inventoryToProto(observation.inventory) : null,
    intent: intent ? intentToProto(intent) : null,
    rollout: assignment?.rollout ?? "",
    holdsSlot: snapshot.slots.has(node.id),
    agentVersion: record?.agentVersion ?? "",
    conditions: conditionsOf(snapshot, node),
    writtenOff: node.writtenOff ? signedToProto(node.writtenOff) : null,
    denied: deniedOf(snapshot, node.id),
    trust: observation?.trust ? trustToProto(observation.trust) : null,
  };
}

/** The node's place in the rollout that may act on it, else in one that has ended and not settled. A held rollout does not work on it yet. */
function openAssignment(snapshot: Snapshot, nodeId: string): AssignmentRecord | undefined {
  const owner = ownerOf(snapshot, nodeId);
  return (owner ?? claimsOn(snapshot, nodeId).find(({ rollout }) => rollout.state !== "held"))?.assignment;
}

function phaseOf(assignment: AssignmentRecord | undefined): PlacePhase | undefined {
  return assignment === undefined || assignment.phase === "pending" ? undefined : assignment.phase;
}

function deniedOf(snapshot: Snapshot, nodeId: string): wire.DeniedCommit[] {
  const denied = [...(snapshot.denied.get(nodeId)?.values() ?? [])];
  return denied.filter(({ cleared }) => cleared === undefined).map(({ checksum, reason }) => ({ checksum, reason }));
}

function conditionsOf(snapshot: Snapshot, node: NodeRecord): wire.Condition[] {
  const observation = snapshot.observations.get(node.id)?.observation;
  const intent = snapshot.intents.get(node.id);
  const booted = observation && bootedDeployment(observation.os);
  const conditions: wire.Condition[] = [];
  if (node.writtenOff)
    conditions.push({ type: "WrittenOff", status: true, reason: "WrittenOff", message: `by ${node.writtenOff.by}: ${node.writtenOff.reason}; no budget counts it until it proves itself again` });
  const red = observation?.health.checks.filter((check) => check.required && !check.passed) ?? [];
  if (red.length > 0) conditions.push({ type: "Unhealthy", status: true, reason: "RequiredCheckFailed", message: red.map((check) => check.name).join(", ") });
  if (booted && intent && intent.attempt === undefined && intent.target.checksum !== booted.checksum)
    conditions.push({ type: "Drifted", status: true, reason: "BootedIsNotIntent", message: `runs ${booted.checksum}, shall run ${intent.target.checksum}; held, never forced` });
  for (const denied of observation?.update.denied ?? [])
    conditions.push({ type: "CommitDenied", status: true, reason: "RolledBack", message: `${denied.checksum}: ${denied.reason}` });
  if (observation?.update.journalNote) conditions.push({ type: "JournalRebuilt", status: true, reason: "JournalUnreadable", message: observation.update.journalNote });
  if (observation?.trust?.note) conditions.push({ type: "KeysNotCurrent", status: true, reason: "RotationNotFollowed", message: observation.trust.note });
  return conditions;
}
