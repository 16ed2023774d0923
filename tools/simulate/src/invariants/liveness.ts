import { explainNode, type AssignmentRecord, type RolloutRecord } from "@treeline/rollout";
import type { World } from "../world/world.ts";
import { instancesOf, isTaken } from "./arithmetic.ts";
import type { Invariant, Scene } from "./invariant.ts";
import type { Model } from "./model.ts";

const ends: ReadonlySet<string> = new Set(["Updated", "RolledBack", "Failed", "Lost", "Superseded", "Reverted"]);

/**
 * Reasons that a person can do something about, by the code that `explainNode` gives. Not among them: those that pass by themselves (`turn`, `backoff`,
 * `under-way` …): after so long a calm they would be an excuse.
 */
const standing: ReadonlySet<string> = new Set([
  "revoked",
  "written-off",
  "silent",
  "red",
  "lost",
  "denied",
  "stopped",
  "paused",
  "held",
  "halted",
  "not-default",
  "no-ostree",
  "pending-deployment",
  "other-rollout",
  "slot-of-another",
  "failed",
  "rolledback",
]);

export const everyRunEnds: Invariant = {
  name: "EveryRunEnds",
  statement:
    "When the faults are over, every rollout comes to its end, or each node that it still waits for has a named reason that does not pass by itself.",
  watch: (scene) => ({
    ended(world) {
      for (const rollout of scene.disk.rollouts.values()) {
        const stuck = rollout.settled ? undefined : stuckNode(scene, world, rollout);
        if (stuck !== undefined) return stuck;
      }
      return undefined;
    },
  }),
};

function stuckNode(scene: Scene, world: World, rollout: RolloutRecord): string | undefined {
  const { disk } = scene;
  if (rollout.state === "held" || rollout.state === "paused") return undefined;
  const owed = [...(disk.assignments.get(rollout.name)?.values() ?? [])].filter((one) => holdsSlot(disk, one) || owes(rollout, one));
  const reasons = owed.map((assignment) => ({ assignment, ...reasonOf(scene, world, assignment) }));
  // A node whose wave is not open waits for those before it: one of them has the reason.
  const unnamed = reasons.find(({ named, code }) => !named && code !== "wave");
  const waits = reasons.some(({ named }) => named);
  if (unnamed === undefined && waits) return undefined;
  const rest = `rollout ${rollout.name} is ${rollout.state}`;
  const worst = unnamed ?? reasons[0];
  if (worst === undefined) return `${rest} and not settled, and it waits for no node`;
  const { nodeId, phase, attempt, reason } = worst.assignment;
  return `${rest}, and ${nodeId} is ${phase} (attempt ${attempt}) for no reason that would stand; it says: ${reason || "nothing"}; explained as ${worst.code}: ${worst.text}`;
}

/**
 * One that does not go forward any more owes nothing to nodes that it has not begun, one that goes back nothing to those that it has not updated, or that run
 * another rollout's release by now.
 */
function owes(rollout: RolloutRecord, { phase, way, origin, booted }: AssignmentRecord): boolean {
  const moving = !ends.has(phase) && phase !== "pending" && phase !== "NotEligible";
  if (rollout.state === "running") return !ends.has(phase);
  if (rollout.state !== "rolling-back") return moving;
  return (
    moving ||
    phase === "Lost" ||
    (origin !== undefined &&
      (phase === "Updated" ||
        (way === "back" && phase === "pending") ||
        (booted === true && phase !== "Reverted" && phase !== "Superseded")))
  );
}

/** Why this node does not go on although nothing goes wrong any more: by what really is, then by the engine's own word. */
function reasonOf(
  { disk, truth }: Scene,
  world: World,
  { nodeId }: AssignmentRecord,
): { readonly named: boolean; readonly code: string; readonly text: string } {
  const agent = truth.agent(nodeId);
  if (agent === undefined || agent.gone) return { named: true, code: "gone", text: "" };
  if (!agent.host.reachesServer) return { named: true, code: "unreachable", text: "" };
  if (agent.plan.lie !== undefined) return { named: true, code: "liar", text: "" };
  if (agent.pendingForgotten) return { named: true, code: "pending-deployment", text: "" };
  const life = world.newest;
  const explained = life?.durable === undefined ? [] : explainNode(life.durable, nodeId, life.wallNow());
  const named = explained.find(({ code }) => standing.has(code));
  if (named !== undefined) return { named: true, code: named.code, text: named.reason };
  // The engine's word for this one is checked: the budgets must really be full.
  const budget = explained.find(({ code }) => code === "budget");
  if (budget !== undefined && isFull(withContacts(disk, world), nodeId)) return { named: true, code: budget.code, text: budget.reason };
  return {
    named: false,
    code: explained.find(({ code }) => code === "wave")?.code ?? explained.at(-1)?.code ?? "nothing",
    text: explained.map(({ reason }) => reason).join("; "),
  };
}

function isFull(model: Model, nodeId: string): boolean {
  return !isTaken(model, nodeId) && instancesOf(model, nodeId).some(({ limit, taken }) => taken + 1 > limit);
}

/** The disk's model, with the contacts that the newest server has. */
function withContacts(disk: Model, world: World): Model {
  const model = disk.copy();
  for (const [nodeId, contact] of world.newest?.working?.contacts ?? []) if (contact.connected) model.connected.add(nodeId);
  return model;
}

function holdsSlot(disk: Model, { nodeId, rollout }: AssignmentRecord): boolean {
  const holder = disk.slots.get(nodeId)?.holder;
  return holder !== undefined && "rollout" in holder && holder.rollout === rollout;
}
