import { status, type ClientReadableStream } from "@grpc/grpc-js";
import { sleep, type Backoff } from "@treeline/process";
import { fromServiceError, type RpcError, type wire } from "@treeline/rpc";
import { hasEnded, rolloutView, type RolloutView } from "./view/rollout.ts";

export interface FollowOptions {
  /** Opens the stream anew. */
  readonly open: () => ClientReadableStream<wire.WatchResponse__Output>;
  readonly onRollout: (rollout: RolloutView) => void;
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
    const cancel = (): void => stream.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      for await (const { rollout } of stream as AsyncIterable<wire.WatchResponse__Output>) {
        if (rollout === null) continue;
        seen = true;
        backoff.reset();
        last = rolloutView(rollout);
        onRollout(last);
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
