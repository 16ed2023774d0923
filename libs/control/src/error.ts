import type { NodeId } from "@treeline/fleet";

export type ControlErrorCode =
  | "overloaded"
  | "store-failed"
  | "server-stopping"
  | "session-protocol"
  | "session-replaced"
  | "node-refused"
  | "epoch-too-high";

interface ControlErrorDetails {
  readonly code: ControlErrorCode;
  readonly subject?: string;
  readonly remedy?: string;
}

/** Whatever this library refuses. Told apart by `code` or class, never by text; all of it may be shown to the other side. */
export abstract class ControlError extends Error {
  override readonly name: string = "ControlError";
  readonly code: ControlErrorCode;
  /** What it is about: a node. May be empty. */
  readonly subject: string;
  /** What a person does next. May be empty. */
  readonly remedy: string;

  constructor(message: string, { code, subject = "", remedy = "" }: ControlErrorDetails) {
    super(message);
    this.code = code;
    this.subject = subject;
    this.remedy = remedy;
  }
}

/** Too many changes wait for the disk. Nothing was decided. */
export class OverloadedError extends ControlError {
  override readonly name = "OverloadedError";

  constructor(waiting: number) {
    super(`${waiting} changes wait for the disk`, { code: "overloaded", remedy: "try again in a moment" });
  }
}

/** A commit has failed: memory is ahead of the disk, and nothing rests on it any more. */
export class StoreFailedError extends ControlError {
  override readonly name = "StoreFailedError";

  constructor() {
    super("the server's store has failed, so the server is ending", {
      code: "store-failed",
      remedy: "start the server again; what was acknowledged is read back",
    });
  }
}

/** The server stops. What was asked of it may or may not have been done. */
export class ServerStoppingError extends ControlError {
  override readonly name = "ServerStoppingError";

  constructor() {
    super("the server is stopping", { code: "server-stopping", remedy: "connect again in a moment" });
  }
}

/** An agent said what it may not say, or not now. */
export class SessionProtocolError extends ControlError {
  override readonly name = "SessionProtocolError";

  constructor(message: string) {
    super(message, { code: "session-protocol", remedy: "use an agent of this server's version or one before it" });
  }
}

/** The same node has begun another session. */
export class SessionReplacedError extends ControlError {
  override readonly name = "SessionReplacedError";

  constructor(nodeId: NodeId) {
    super("a newer session of this node has begun", { code: "session-replaced", subject: nodeId });
  }
}

/** The node is not enrolled, or was revoked. */
export class NodeRefusedError extends ControlError {
  override readonly name = "NodeRefusedError";

  constructor(nodeId: NodeId, problem: string) {
    super(problem, { code: "node-refused", subject: nodeId, remedy: "enroll this host again with a new token" });
  }
}

/** Farther above the server's epoch than any restored backup explains. */
export class EpochTooHighError extends ControlError {
  override readonly name = "EpochTooHighError";

  constructor({ nodeId, seen, epoch }: { readonly nodeId: NodeId; readonly seen: number; readonly epoch: number }) {
    super(`the agent's epoch ${seen} is too far above the server's ${epoch}`, {
      code: "epoch-too-high",
      subject: nodeId,
      remedy: "this node was enrolled with another server, or its journal is damaged; look at /var/lib/treeline/journal.json on the host",
    });
  }
}
