import type { BudgetRecord, Slot } from "@treeline/disruption";
import type { DenyRecord, Intent, NodeRecord, ObservationRecord, ServerRunRecord } from "@treeline/fleet";
import type { AssignmentRecord, Change, RolloutRecord, StopRecord } from "@treeline/rollout";

/**
 * The checker's own fold of all changes: plain records and nothing derived. It shares no code with the snapshot it is held against.
 */
export class Model {
  readonly nodes = new Map<string, NodeRecord>();
  readonly observations = new Map<string, ObservationRecord>();
  readonly connected = new Set<string>();
  readonly rollouts = new Map<string, RolloutRecord>();
  /** By rollout, then by node. */
  readonly assignments = new Map<string, Map<string, AssignmentRecord>>();
  readonly budgets = new Map<string, BudgetRecord>();
  readonly stops = new Map<string, StopRecord>();
  readonly slots = new Map<string, Slot>();
  readonly intents = new Map<string, Intent>();
  readonly denied = new Map<string, DenyRecord>();
  readonly runs = new Map<number, ServerRunRecord>();
  newestEpoch = 0;

  /** The same records, to go on from separately. Nobody is in contact there yet. */
  copy(): Model {
    const copy = new Model();
    for (const name of ["nodes", "observations", "rollouts", "budgets", "stops", "slots", "intents", "denied", "runs"] as const)
      for (const [key, value] of this[name]) (copy[name] as Map<unknown, unknown>).set(key, value);
    for (const [rollout, assignments] of this.assignments) copy.assignments.set(rollout, new Map(assignments));
    copy.newestEpoch = this.newestEpoch;
    return copy;
  }

  assignment(rollout: string, nodeId: string): AssignmentRecord | undefined {
    return this.assignments.get(rollout)?.get(nodeId);
  }

  apply(change: Change): void {
    switch (change.kind) {
      case "node":
        return void this.nodes.set(change.value.id, change.value);
      case "observation":
        return void this.observations.set(change.value.nodeId, change.value);
      case "contact":
        return void (change.connected ? this.connected.add(change.nodeId) : this.connected.delete(change.nodeId));
      case "rollout":
        return void this.rollouts.set(change.value.name, change.value);
      case "assignment": {
        const { rollout, nodeId } = change.value;
        const assignments = this.assignments.get(rollout) ?? new Map<string, AssignmentRecord>();
        this.assignments.set(rollout, assignments.set(nodeId, change.value));
        return;
      }
      case "assignment-removed":
        return void this.assignments.get(change.rollout)?.delete(change.nodeId);
      case "budget":
        return void this.budgets.set(change.value.name, change.value);
      case "budget-removed":
        return void this.budgets.delete(change.name);
      case "stop":
        return void this.stops.set(change.value.id, change.value);
      case "stop-lifted":
        return void this.stops.delete(change.id);
      case "slot":
        return void this.slots.set(change.value.nodeId, change.value);
      case "slot-released":
        if (this.slots.get(change.nodeId)?.id === change.id) this.slots.delete(change.nodeId);
        return;
      case "intent":
        return void this.intents.set(change.value.nodeId, change.value.intent);
      case "denied":
        return void this.denied.set(deniedKey(change.value.nodeId, change.value.checksum), change.value);
      case "server-run":
        this.newestEpoch = Math.max(this.newestEpoch, change.value.epoch);
        return void this.runs.set(change.value.epoch, change.value);
      case "release":
      case "key-rotation":
      case "token":
      case "enrollment":
      case "api-token":
      case "role":
      case "role-removed":
      case "binding":
      case "binding-removed":
      case "tenant":
      case "tenant-removed":
      case "pool":
      case "pool-removed":
        return;
    }
  }
}

export function deniedKey(nodeId: string, checksum: string): string {
  return `${nodeId} ${checksum}`;
}
