/** A snapshot as the changes that would make it, and what is derived in it as text: for tests of "incremental = rebuilt". */
import { isCollection } from "immutable";
import type { Change } from "./change.ts";
import { applyAll, emptySnapshot, type Derived, type Snapshot } from "./snapshot.ts";

/** Every record of the snapshot as a change, those that a store keeps first. */
export function recordsOf(snapshot: Snapshot): readonly Change[] {
  return [
    ...durableRecordsOf(snapshot),
    ...[...snapshot.contacts].map(([nodeId, contact]): Change => ({ kind: "contact", nodeId, ...contact })),
  ];
}

export function durableRecordsOf(snapshot: Snapshot): readonly Change[] {
  const { nodes, observations, releases, rollouts, assignments, slots, intents, denied, budgets, stops, runs } = snapshot;
  const as = <Value>(kind: Change["kind"], values: Iterable<Value>): readonly Change[] =>
    [...values].map((value) => ({ kind, value }) as Change);
  return [
    ...as("server-run", runs.values()),
    ...as("node", nodes.values()),
    ...as("release", releases.values()),
    ...as("rollout", rollouts.values()),
    ...as(
      "assignment",
      [...assignments.values()].flatMap((ofRollout) => [...ofRollout.values()]),
    ),
    ...as("observation", observations.values()),
    ...as("slot", slots.values()),
    ...[...intents].map(([nodeId, intent]): Change => ({ kind: "intent", value: { nodeId, intent } })),
    ...as(
      "denied",
      [...denied.values()].flatMap((ofNode) => [...ofNode.values()]),
    ),
    ...as("budget", budgets.values()),
    ...as("stop", stops.values()),
  ];
}

export function rebuilt(snapshot: Snapshot): Snapshot {
  return applyAll(emptySnapshot, recordsOf(snapshot));
}

/** What `apply` keeps beside the records: equal texts, equal indexes, whatever the order in which they grew. */
export function derivedText({ ledger, claims, tallies, fleetBudgets, stopped }: Derived): string {
  return canonical({ ledger, claims, tallies: tallies.filter(({ waves, slots }) => waves.size > 0 || slots > 0), fleetBudgets, stopped });
}

export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (isCollection(value))
    return sorted(
      "get" in value && "keySeq" in value ? Object.fromEntries([...(value as Iterable<[string, unknown]>)].map(pair)) : [...value].sort(),
    );
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

function pair(entry: unknown): readonly [string, unknown] {
  return Array.isArray(entry) ? [String(entry[0]), entry[1]] : [String(entry), true];
}
