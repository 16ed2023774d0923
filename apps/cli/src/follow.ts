import { status, type ClientReadableStream } from "@grpc/grpc-js";
import { sleep, type Backoff } from "@treeline/process";
import { fromServiceError, type RpcError, type wire } from "@treeline/rpc";
import { hasEnded, rolloutNodeView, rolloutView, type RolloutNodeView, type RolloutView } from "./view/rollout.ts";

export interface FollowOptions {
  /** Opens the stream anew. */
  readonly open: () => ClientReadableStream<wire.WatchResponse__Output>;
  /** The rollout as it is now, and the nodes that came or changed since the last time. */
  readonly onRollout: (rollout: RolloutView, changed: readonly RolloutNodeView[]) => void;
  /** The stream broke; it is opened again after a while. */
  readonly onLost: (reason: string) => void;
  readonly backoff: Backoff;
  /** The server has answered before: even a first failure is worth another try. */
  readonly reached: boolean;
  /** Aborting ends the watch. */
  readonly signal: AbortSignal;
}

/**
 * Follows a rollout until the server says that it is over, across restarts of the server. Resolves to how it ended, or to undefined when
 * the signal aborted.
 * @throws RpcError when trying again cannot help, or the server was never reached
 */
export async function followRollout({
  open,
  onRollout,
  onLost,
  backoff,
  reached,
  signal,
}: FollowOptions): Promise<RolloutView | undefined> {
  let seen = reached;
  while (!signal.aborted) {
    let last: RolloutView | undefined;
    let reason = "the server ended the stream before the rollout had ended";
    const stream = open();
    const assembly = new Assembly();
    const cancel = (): void => stream.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      for await (const message of stream as AsyncIterable<wire.WatchResponse__Output>) {
        seen = true;
        backoff.reset();
        const state = assembly.add(message);
        if (state === undefined) continue;
        last = state.rollout;
        onRollout(state.rollout, state.changed);
      }
      if (last !== undefined && hasEnded(last)) return last;
    } catch (thrown) {
      const error = fromServiceError(thrown);
      if (signal.aborted) return undefined;
      // Any other failure was answered by somebody: only UNAVAILABLE can mean that nobody is there.
      seen ||= error.status !== status.UNAVAILABLE;
      if (!seen || !mayPass(error)) throw error;
      reason = error.message;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
    if (signal.aborted) return undefined;
    onLost(reason);
    await sleep(backoff.nextDelayMs(), signal);
  }
  return undefined;
}

/** Puts the messages of one stream together: the first ones hold every node, later ones what changed. A state may come in several messages. */
class Assembly {
  readonly #nodes = new Map<string, RolloutNodeView>();
  #changed: RolloutNodeView[] = [];
  #ordered: readonly RolloutNodeView[] | undefined;

  /** The state that the message completes, if it does. */
  add({
    rollout,
    nodes,
    removed,
    partial,
  }: wire.WatchResponse__Output): { readonly rollout: RolloutView; readonly changed: readonly RolloutNodeView[] } | undefined {
    for (const id of removed) this.#nodes.delete(id);
    for (const message of nodes) {
      const node = rolloutNodeView(message);
      this.#nodes.set(node.id, node);
      this.#changed.push(node);
    }
    if (nodes.length + removed.length > 0) this.#ordered = undefined;
    if (partial || rollout === null) return undefined;
    this.#ordered ??= [...this.#nodes.values()].sort((a, b) => a.wave - b.wave || compareText(a.name, b.name) || compareText(a.id, b.id));
    const changed = this.#changed;
    this.#changed = [];
    return { rollout: rolloutView(rollout, this.#ordered), changed };
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What a server that is going down or coming up answers, and what a broken connection looks like. */
function mayPass(error: RpcError): boolean {
  switch (error.status) {
    case status.UNAVAILABLE:
    case status.CANCELLED:
    case status.ABORTED:
    case status.DEADLINE_EXCEEDED:
      return true;
    case status.INTERNAL:
    case status.UNKNOWN:
      // Without a reason of ours it comes from the transport (a reset stream); with one the server means it.
      return error.reason === "UNKNOWN";
    default:
      return false;
  }
}
