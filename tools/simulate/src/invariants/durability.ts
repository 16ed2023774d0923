import { compareGenerations, type DenyRecord } from "@treeline/fleet";
import type { Snapshot } from "@treeline/rollout";
import type { Invariant } from "./invariant.ts";
import { deniedKey, type Model } from "./model.ts";

export const acknowledgedIsDurable: Invariant = {
  name: "AcknowledgedIsDurable",
  statement: "What a server has acknowledged, sent or answered is on the disk by then, and every later life of the server has it.",
  watch: ({ disk }) => {
    const stored = new WeakSet<object>();
    return {
      stored(change) {
        stored.add(change);
        if (change.kind === "observation")
          for (const section of Object.values(change.value.observation)) if (typeof section === "object") stored.add(section);
        return undefined;
      },
      sent(nodeId, message, facts) {
        switch (message.kind) {
          case "acknowledgement": {
            const missing = Object.entries(facts.get(message.sequence) ?? {}).find(([, section]) => !stored.has(section as object));
            return missing === undefined
              ? undefined
              : `${nodeId} was told that observation ${message.sequence} is kept, and its ${missing[0]} is not on the disk`;
          }
          case "intent": {
            const onDisk = disk.intents.get(nodeId);
            const isThere = onDisk !== undefined && compareGenerations(onDisk.generation, message.intent.generation) >= 0;
            return isThere ? undefined : `${nodeId} was sent an intent that is not on the disk`;
          }
          case "welcome":
            return disk.runs.has(message.welcome.epoch)
              ? undefined
              : `${nodeId} was welcomed in epoch ${message.welcome.epoch}, which is not on the disk`;
          case "key-rotations":
          case "heartbeat":
            return undefined;
        }
      },
      obeyed(changes) {
        return changes.every((change) => stored.has(change as object))
          ? undefined
          : "an operator was told that a command is done, and it is not on the disk";
      },
      opened: (life) => (life.working === undefined ? undefined : forgotten(disk, life.working)),
    };
  },
};

/** A life that has just begun must have every record that is on the disk. */
function forgotten(disk: Model, loaded: Snapshot): string | undefined {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  const compare = (
    what: string,
    ours: ReadonlyMap<string, unknown>,
    theirs: { get(key: string): unknown; readonly size: number },
  ): string | undefined => {
    if (ours.size !== theirs.size) return `${theirs.size} ${what} were loaded, ${ours.size} are on the disk`;
    for (const [key, value] of ours)
      if (!same(value, theirs.get(key)))
        return `${what} ${key} was loaded as ${JSON.stringify(theirs.get(key))}, the disk has ${JSON.stringify(value)}`;
    return undefined;
  };
  const tables = [
    compare("nodes", disk.nodes, loaded.nodes),
    compare("rollouts", disk.rollouts, loaded.rollouts),
    compare("slots", disk.slots, loaded.slots),
    compare("intents", disk.intents, loaded.intents),
    compare("observations", disk.observations, loaded.observations),
    compare("budgets", disk.budgets, loaded.budgets),
    compare("stops", disk.stops, loaded.stops),
    compare("denials", disk.denied, denialsOf(loaded)),
    ...[...disk.assignments].map(([rollout, assignments]) =>
      compare(`assignments of ${rollout}`, assignments, loaded.assignments.get(rollout) ?? new Map()),
    ),
  ];
  return tables.find((problem) => problem !== undefined);
}

function denialsOf({ denied }: Snapshot): ReadonlyMap<string, DenyRecord> {
  return new Map(
    [...denied].flatMap(([nodeId, byCommit]) => [...byCommit].map(([checksum, one]) => [deniedKey(nodeId, checksum), one] as const)),
  );
}
