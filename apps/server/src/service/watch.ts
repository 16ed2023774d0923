import { once } from "node:events";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { NodeId } from "@treeline/fleet";
import type { wire } from "@treeline/rpc";
import { hasEnded, tallyOf, type AssignmentRecord, type Change, type RolloutRecord, type Snapshot } from "@treeline/rollout";
import type { Fleet } from "@treeline/control";
import type { ProgressBoard } from "../progress.ts";
import { comparePlaces, placeOf } from "./place-order.ts";
import { nodeSize, rolloutNodeView } from "./rollout-view.ts";
import { findRollout, type Rollouts } from "./rollouts.ts";

/** At most one state in so many milliseconds per watcher. */
const everyMillis = 200;
/** Of one message: far below what the other side receives, and little enough to be made between two other things. */
const maxNodes = 2_000;
const maxCharacters = 1024 * 1024;

export type WatchCall = ServerWritableStream<wire.WatchRequest__Output, wire.WatchResponse>;

export interface WatchOptions {
  readonly fleet: Fleet;
  readonly progress: ProgressBoard;
  readonly rollouts: Rollouts;
  /** Aborts with the reason to give to whoever still watches. */
  readonly stopping: AbortSignal;
}

/**
 * Sends the rollout as it is with all its nodes, then again after changes of it with the nodes that changed, until nothing more happens by itself
 * (`isOver`). Level, not edge: a watcher that is slow or reconnects misses steps, never the state. A watcher that does not read is not written to
 * (backpressure): it costs the ids of the nodes that changed meanwhile.
 */
export async function watch(call: WatchCall, options: WatchOptions): Promise<void> {
  const { fleet } = options;
  const { rollout: name, summary } = call.request;
  findRollout(fleet.durable, name);
  const { signal, changed, close } = changesOf(call, options, name);
  const send = async (message: wire.WatchResponse): Promise<void> => {
    signal.throwIfAborted();
    if (!call.write(message)) await once(call, "drain", { signal });
  };
  try {
    for (let ids: ReadonlySet<NodeId> | undefined; ; ids = await changed()) {
      const snapshot = fleet.durable;
      const rollout = findRollout(snapshot, name);
      const view = options.rollouts.view(rollout);
      for (const part of summary ? [{}] : parts(snapshot, name, ids, options)) await send({ rollout: view, ...part });
      if (isOver(snapshot, rollout)) return;
    }
  } catch (error) {
    options.stopping.throwIfAborted();
    if (!signal.aborted) throw error;
  } finally {
    close();
  }
}

/** The nodes named, or all, by wave and name, in parts that fit into messages; made one by one, as they are sent. */
function* parts(
  snapshot: Snapshot,
  name: string,
  ids: ReadonlySet<NodeId> | undefined,
  { rollouts, progress }: WatchOptions,
): Iterable<wire.WatchResponse> {
  const assignments = snapshot.assignments.get(name);
  const removed = ids === undefined ? [] : [...ids].filter((id) => assignments?.has(id) !== true);
  while (removed.length > maxNodes) yield { removed: removed.splice(0, maxNodes), partial: true };
  let nodes: wire.RolloutNode[] = [];
  let characters = 0;
  for (const assignment of ids === undefined
    ? rollouts.assignments(snapshot, name)
    : inOrder(
        snapshot,
        [...ids].flatMap((id) => assignments?.get(id) ?? []),
      )) {
    const node = rolloutNodeView(snapshot, assignment, progress);
    characters += nodeSize(node);
    if (nodes.length > 0 && (nodes.length >= maxNodes || characters > maxCharacters)) {
      yield { nodes, partial: true };
      nodes = [];
      characters = nodeSize(node);
    }
    nodes.push(node);
  }
  yield { nodes, removed };
}

function inOrder(snapshot: Snapshot, assignments: readonly AssignmentRecord[]): readonly AssignmentRecord[] {
  return assignments
    .map((assignment) => ({ assignment, place: placeOf(snapshot, assignment) }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .map(({ assignment }) => assignment);
}

/** Settled; or ended or halted with nothing under way, and no slot out but those of Lost nodes: they keep theirs until an operator acts. */
function isOver(snapshot: Snapshot, rollout: RolloutRecord): boolean {
  if (rollout.settled) return true;
  const rests = hasEnded(rollout) || rollout.state === "halted";
  const { counts, slots } = tallyOf(snapshot, rollout.name);
  if (!rests || counts.moving > 0) return false;
  if (slots === 0) return true;
  return [...snapshot.slots.values()].every(
    ({ nodeId, holder }) =>
      holder.kind !== "rollout" || holder.rollout !== rollout.name || snapshot.assignments.get(rollout.name)?.get(nodeId)?.phase === "Lost",
  );
}

function changesOf(call: WatchCall, { fleet, progress, rollouts, stopping }: WatchOptions, name: string) {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, stopping]);
  let dirty = false;
  let ids = new Set<NodeId>();
  let wake: (() => void) | undefined;
  const mark = (nodeId?: NodeId): void => {
    dirty = true;
    if (nodeId !== undefined) ids.add(nodeId);
    wake?.();
  };
  const unsubscribers = [
    fleet.onDurable((changes) => {
      for (const change of changes) {
        if (change.kind === "rollout" && change.value.name === name) mark();
        const nodeId = nodeOf(fleet.durable, name, change);
        if (nodeId !== undefined) mark(nodeId);
      }
    }),
    progress.onProgress((nodeId) => {
      if (progress.get(nodeId)?.attempt.rollout === name) mark(nodeId);
    }),
  ];
  for (const event of ["cancelled", "close", "error"] as const) call.on(event, () => left.abort());
  signal.addEventListener("abort", () => wake?.());

  /** Resolves with the nodes that changed when something did, or when a bake is over; not sooner than `everyMillis` after the last time. */
  const changed = async (): Promise<ReadonlySet<NodeId>> => {
    await new Promise<void>((resolve) => setTimeout(resolve, everyMillis));
    if (!dirty && !signal.aborted) {
      const timer = setTimeout(() => wake?.(), rollouts.millisToBaked(name) ?? longest);
      await new Promise<void>((resolve) => (wake = resolve));
      clearTimeout(timer);
    }
    wake = undefined;
    dirty = false;
    signal.throwIfAborted();
    const seen = ids;
    ids = new Set();
    return seen;
  };
  return { signal, changed, close: () => unsubscribers.forEach((unsubscribe) => unsubscribe()) };
}

/** The longest time that one timer can wait. */
const longest = 2 ** 31 - 1;

/** The node of the rollout that a change is about, if any. */
function nodeOf(snapshot: Snapshot, name: string, change: Change): NodeId | undefined {
  switch (change.kind) {
    case "assignment":
      return change.value.rollout === name ? change.value.nodeId : undefined;
    case "assignment-removed":
      return change.rollout === name ? change.nodeId : undefined;
    case "slot":
      return change.value.holder.kind === "rollout" && change.value.holder.rollout === name ? change.value.nodeId : undefined;
    case "slot-released":
    case "contact":
      return snapshot.assignments.get(name)?.has(change.nodeId) === true ? change.nodeId : undefined;
    default:
      return undefined;
  }
}
