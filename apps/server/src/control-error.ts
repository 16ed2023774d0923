import { status } from "@grpc/grpc-js";
import { ControlError, type ControlErrorCode } from "@treeline/control";
import { RpcError, type ErrorStatus } from "@treeline/rpc";

const statusOf: Readonly<Record<ControlErrorCode, ErrorStatus>> = {
  overloaded: status.RESOURCE_EXHAUSTED,
  "store-failed": status.UNAVAILABLE,
  "server-stopping": status.UNAVAILABLE,
  "session-protocol": status.INVALID_ARGUMENT,
  "session-replaced": status.ABORTED,
  "node-refused": status.PERMISSION_DENIED,
  "epoch-too-high": status.FAILED_PRECONDITION,
};

/** What `@treeline/control` refused, as it crosses the wire; anything else as it is. */
export function onTheWire(error: unknown): unknown {
  if (!(error instanceof ControlError)) return error;
  const { code, message, subject, remedy } = error;
  return new RpcError(message, { status: statusOf[code], reason: code.toUpperCase().replaceAll("-", "_"), subject, remedy, cause: error });
}

/** An answer whose refusals can cross the wire. */
export async function answering<Result>(work: () => Promise<Result> | Result): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw onTheWire(error);
  }
}
