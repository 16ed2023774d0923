import { once } from "node:events";
import type { ServerWritableStream } from "@grpc/grpc-js";
import type { wire } from "@treeline/rpc";
import { assignmentsOf, isEnd, isWaiting, type AssignmentRecord, type Change, type RolloutRecord, type Snapshot } from "@treeline/rollout";
import type { Fleet } from "../fleet.ts";
import type { ProgressBoard } from "../progress.ts";
import { findRollout, type Rollouts } from "./rollouts.ts";

/** At most one message in so many milliseconds per watcher. */
const everyMillis = 200;

export type WatchCall = ServerWritableStream<wire.WatchRequest__Output, wire.WatchResponse>;

export interface WatchOptions {
  readonly fleet: Fleet;
  readonly progress: ProgressBoard;
  readonly rollouts: Rollouts;
  /** Aborts with the reason to give to whoever still watches. */
  readonly stopping: AbortSignal;
}

/**
 * Sends the rollout as it is, then again after changes of it, until nothing more happens by itself (`isOver`). Level, not edge: a watcher that is slow or reconnects
 * misses steps, never the state. A watcher that does not read is not written to (backpressure), so it costs nothing.
 */
export async function watch(call: WatchCall, options: WatchOptions): Promise<void> {
  const { fleet, rollouts } = options;
  const { rollout: name } = call.request;
  findRollout(fleet.durable, name);
  const { signal, changed, close } = changesOf(call, options, name);
  try {
    for (;;) {
      const rollout = findRollout(fleet.durable, name);
      if (!call.write({ rollout: rollouts.view(rollout) })) await once(call, "drain", { signal });
      if (isOver(fleet.durable, rollout)) return;
      await changed();
    }
  } catch (error) {
    options.stopping.throwIfAborted();
    if (!signal.aborted) throw error;
  } finally {
    close();
  }
}

/** Settled; or ended, with nothing out but Lost nodes: those keep their slots until an operator acts. */
function isOver(snapshot: Snapshot, rollout: RolloutRecord): boolean {
  if (rollout.settled) return true;
  if (rollout.state !== "halted" && rollout.state !== "completed") return false;
  const holdsSlot = ({ nodeId }: AssignmentRecord): boolean => snapshot.slots.get(nodeId)?.holder.rollout === rollout.name;
  return [...assignmentsOf(snapshot, rollout.name)].every((node) => node.phase === "Lost" || ((isEnd(node) || isWaiting(node)) && !holdsSlot(node)));
}

function changesOf(call: WatchCall, { fleet, progress, stopping }: WatchOptions, name: string) {
  const left = new AbortController();
  const signal = AbortSignal.any([left.signal, stopping]);
  let dirty = false;
  let wake: (() => void) | undefined;
  const mark = (): void => {
    dirty = true;
    wake?.();
  };
  const unsubscribers = [
    fleet.onDurable((changes) => {
      if (changes.some((change) => concerns(fleet.durable, name, change))) mark();
    }),
    progress.onProgress((nodeId) => {
      if (progress.get(nodeId)?.attempt.rollout === name) mark();
    }),
  ];
  for (const event of ["cancelled", "close", "error"] as const) call.on(event, () => left.abort());
  signal.addEventListener("abort", () => wake?.());

  /** Resolves when something changed, not sooner than `everyMillis` after the last time. */
  const changed = async (): Promise<void> => {
    await new Promise<void>((resolve) => setTimeout(resolve, everyMillis));
    if (!dirty && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
    wake = undefined;
    dirty = false;
    signal.throwIfAborted();
  };
  return { signal, changed, close: () => unsubscribers.forEach((unsubscribe) => unsubscribe()) };
}

function concerns(snapshot: Snapshot, name: string, change: Change): boolean {
  switch (change.kind) {
    case "rollout":
      return change.value.name === name;
    case "assignment":
      return change.value.rollout === name;
    case "slot":
      return change.value.holder.rollout === name;
    case "slot-released":
    case "contact":
      return snapshot.assignments.get(name)?.has(change.nodeId) ?? false;
    default:
      return false;
  }
}
