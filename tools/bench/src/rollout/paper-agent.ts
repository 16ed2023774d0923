import { nextDeployment, type Deployment, type NodeId, type Observation, type UpdatePhase } from "@treeline/fleet";
import { confirm, type Change, type Snapshot } from "@treeline/rollout";

/** From the granted slot to the end of the update: the steps that a node reports. `gone`: it is out of contact while it reboots. */
export const updateSteps = ["Draining", "Finalizing", "gone", "Verifying", "Soaking", "done"] as const;

export type UpdateStep = (typeof updateSteps)[number];

/** What the server hears when a node that was ordered to pull has the deployment ready. */
export function staged(snapshot: Snapshot, nodeId: NodeId, at: number): Change {
  return reported(snapshot, nodeId, at, { ...openIn(snapshot, nodeId, "Staged") });
}

/** What the server hears of a node that has nothing new to say about its update: some other part of its report changed. */
export function chatter(snapshot: Snapshot, nodeId: NodeId, at: number): Change {
  const { inventory } = observationOf(snapshot, nodeId);
  return reported(snapshot, nodeId, at, { inventory: { ...inventory, memoryBytes: inventory.memoryBytes ^ 1 } });
}

/** The next step of a node that holds a slot, as changes. Asks the real `confirm` at the point of no return. */
export function stepped(snapshot: Snapshot, nodeId: NodeId, step: UpdateStep, at: number): readonly Change[] {
  switch (step) {
    case "Draining":
      return [reported(snapshot, nodeId, at, openIn(snapshot, nodeId, step))];
    case "Finalizing":
      return [confirmed(snapshot, nodeId, at), reported(snapshot, nodeId, at, openIn(snapshot, nodeId, step))];
    case "gone":
      return [{ kind: "contact", nodeId, connected: false, at }];
    case "Verifying":
      return [
        { kind: "contact", nodeId, connected: true, at },
        reported(snapshot, nodeId, at, { ...booted(snapshot, nodeId), ...openIn(snapshot, nodeId, step) }),
      ];
    case "Soaking":
      return [reported(snapshot, nodeId, at, openIn(snapshot, nodeId, step))];
    case "done":
      return [reported(snapshot, nodeId, at, closed(snapshot, nodeId))];
  }
}

function observationOf(snapshot: Snapshot, nodeId: NodeId): Observation {
  const record = snapshot.observations.get(nodeId);
  if (record === undefined) throw new Error(`node ${nodeId} has never reported`);
  return record.observation;
}

function reported(snapshot: Snapshot, nodeId: NodeId, at: number, delta: Partial<Observation>): Change {
  return {
    kind: "observation",
    value: { nodeId, at, agentVersion: "0.1.0", observation: { ...observationOf(snapshot, nodeId), ...delta } },
  };
}

function orderOf(snapshot: Snapshot, nodeId: NodeId) {
  const intent = snapshot.intents.get(nodeId);
  if (intent?.attempt === undefined) throw new Error(`node ${nodeId} was not ordered to do anything`);
  return { ...intent, attempt: intent.attempt };
}

function bootedOf({ os }: Observation): Deployment {
  return os.deployments.find((deployment) => deployment.booted)!;
}

function openIn(snapshot: Snapshot, nodeId: NodeId, phase: UpdatePhase): Pick<Observation, "update"> {
  const { attempt, target, generation } = orderOf(snapshot, nodeId);
  const { update, os } = observationOf(snapshot, nodeId);
  const { checksum, serial } = bootedOf({ os } as Observation);
  const base = update.open?.base ?? { checksum, serial };
  return { update: { ...update, phase, open: { attempt: attempt.ref, target, base, phase }, highest: generation } };
}

function booted(snapshot: Snapshot, nodeId: NodeId): Pick<Observation, "os" | "health"> {
  const { os, health } = observationOf(snapshot, nodeId);
  const { target } = orderOf(snapshot, nodeId);
  const before = nextDeployment(os)!;
  const bootId = `${nodeId}-boot-1`;
  const next: Deployment = { ...before, checksum: target.checksum, version: target.version, serial: 0, booted: true };
  return { os: { bootId, deployments: [next, { ...before, booted: false, rollback: true }] }, health: { ...health, bootId } };
}

function closed(snapshot: Snapshot, nodeId: NodeId): Pick<Observation, "update"> {
  const { attempt, target, generation } = orderOf(snapshot, nodeId);
  const { update, os } = observationOf(snapshot, nodeId);
  const { open: _, ...rest } = update;
  const outcome = { kind: "updated", bootId: os.bootId, soakedMillis: attempt.soakMillis } as const;
  return {
    update: {
      ...rest,
      phase: "Idle",
      highest: generation,
      closed: [{ attempt: attempt.ref, target, outcome, confirmedBootId: `${nodeId}-boot-0` }],
    },
  };
}

function confirmed(snapshot: Snapshot, nodeId: NodeId, at: number): Change {
  const { attempt, target } = orderOf(snapshot, nodeId);
  if (attempt.permission === undefined) throw new Error(`node ${nodeId} was granted no slot`);
  const { bootId } = observationOf(snapshot, nodeId).os;
  const answer = confirm(snapshot, { nodeId, attempt: attempt.ref, permission: attempt.permission, bootId, checksum: target.checksum }, at);
  if (!answer.granted) throw new Error(`node ${nodeId} was refused its confirmation: ${answer.reason}`);
  return { kind: "slot", value: answer.slot };
}
