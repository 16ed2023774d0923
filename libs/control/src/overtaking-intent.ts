import { bootedDeployment, compareGenerations, noGeneration, type NodeId } from "@treeline/fleet";
import { nextGeneration, type DurableChange, type Snapshot } from "@treeline/rollout";

/**
 * The node's intent again under a higher generation, when the node has seen a higher one than this server knows; else nothing.
 *
 * That happens after the server was restored from a backup: the intents it still has are older than what their nodes have seen, and an agent
 * acts on no generation but a higher one. A node without an intent is told to stay what it runs, so that it calls off what this server does
 * not know of. Pure.
 */
export function overtakingIntent(snapshot: Snapshot, nodeId: NodeId): readonly DurableChange[] {
  const observation = snapshot.observations.get(nodeId)?.observation;
  const intent = snapshot.intents.get(nodeId);
  const known = intent?.generation ?? noGeneration;
  if (observation === undefined || compareGenerations(observation.update.highest, known) <= 0) return [];
  const booted = bootedDeployment(observation.os);
  const target =
    intent?.target ?? (booted && { checksum: booted.checksum, ref: booted.refspec.replace(/^[^:/]*:/, ""), version: booted.version });
  if (target === undefined) return [];
  return [{ kind: "intent", value: { nodeId, intent: { ...intent, target, generation: nextGeneration(snapshot, nodeId) } } }];
}
