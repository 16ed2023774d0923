// The one place of the checker that knows the engine's snapshot and its decisions.
import { applyAll, decideAll, emptySnapshot, type Change, type Snapshot } from "@treeline/rollout";
import { createMemoryStore } from "@treeline/store";
import { isCollection, isKeyed } from "immutable";
import type { World } from "../world/world.ts";
import type { Invariant } from "./invariant.ts";
import type { Model } from "./model.ts";

export const incrementalIsRebuilt: Invariant = {
  name: "IncrementalIsRebuilt",
  statement: "The snapshot that was kept change by change equals, derived indexes and all, one that is built afresh from the disk.",
  watch: ({ disk }) => ({
    async whole(world) {
      const working = atRest(world, disk);
      if (working === undefined) return undefined;
      const stored = await createMemoryStore({ disk: world.disk }).load();
      const contacts = [...working.contacts].map(([nodeId, { connected, at }]): Change => ({ kind: "contact", nodeId, connected, at }));
      return difference(applyAll(emptySnapshot, [...stored, ...contacts]), working);
    },
  }),
};

export const agendaIsComplete: Invariant = {
  name: "AgendaIsComplete",
  statement: "Whenever the controller rests, a look at everything finds nothing that its look at what changed has missed.",
  watch: ({ disk }) => ({
    whole(world) {
      const working = atRest(world, disk);
      const life = world.newest;
      // What is due by time is looked at within a second.
      if (working === undefined || life === undefined || !world.restsSince(2_000)) return undefined;
      const missed = decideAll(working, world.leastWallNow(life) - 2_000).decisions[0];
      return missed === undefined ? undefined : `a full look finds ${missed.action} for ${missed.subject}: ${missed.because}`;
    },
  }),
};

/** The newest life's snapshot, when nothing of it is on its way to the disk and it is the only one that may write. */
function atRest(world: World, disk: Model): Snapshot | undefined {
  const life = world.newest;
  if (life?.rests !== true || world.soleWriter !== life) return undefined;
  // One that was replaced and has not heard of it yet knows less than the disk.
  return life.epoch === disk.newestEpoch ? life.working : undefined;
}

/** Where two snapshots differ, or undefined. Order within a map is not part of its value. */
export function difference(rebuilt: Snapshot, kept: Snapshot): string | undefined {
  for (const [part, value] of Object.entries(kept)) {
    const other: unknown = (rebuilt as unknown as Record<string, unknown>)[part];
    if (value === other) continue;
    const a = canonical(other);
    const b = canonical(value);
    if (a !== b) return `${part}: rebuilt ${excerpt(a, b)}, kept ${excerpt(b, a)}`;
  }
  return undefined;
}

/** Of records, which do not change: the one that is kept is asked for again and again. */
const known = new WeakMap<object, string>();

function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const before = known.get(value);
  if (before !== undefined) return before;
  const text = canonicalOf(value);
  known.set(value, text);
  return text;
}

function canonicalOf(value: object): string {
  if (value instanceof Map || isCollection(value)) {
    const entries = [...(value as Iterable<[unknown, unknown]>)];
    const parts =
      value instanceof Map || isKeyed(value)
        ? entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`)
        : [...(value as Iterable<unknown>)].map(canonical);
    return `{${parts.sort().join()}}`;
  }
  if (value instanceof Set) return `{${[...(value as ReadonlySet<unknown>)].map(canonical).sort().join()}}`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  return `{${Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => `${key}:${canonical(one)}`)
    .join()}}`;
}

/** Around the first place where `text` is not `other`. */
function excerpt(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  return `…${text.slice(Math.max(0, at - 80), at + 120)}…`;
}
