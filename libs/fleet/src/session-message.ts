import type { AttemptRef, Intent } from "./attempt.ts";
import type { Generation } from "./generation.ts";
import type { ObservationDelta } from "./observation.ts";

/** What an agent says first. */
export interface Hello {
  readonly agentVersion: string;
  readonly bootId: string;
  /** Random per agent process. */
  readonly instanceNonce: string;
  /** The highest it has ever seen. */
  readonly highest: Generation;
  readonly openAttempts: readonly AttemptRef[];
  /** It understands the message `key-rotations`. */
  readonly followsKeyRotations: boolean;
}

export interface Welcome {
  readonly epoch: number;
  readonly heartbeatMillis: number;
  readonly leaseMillis: number;
}

/** `sequence`: from 1, without gaps. A `full` one carries every section there is. */
export interface ObservationMessage {
  readonly sequence: number;
  readonly full: boolean;
  readonly delta: ObservationDelta;
}

/** How far a pull has come. */
export interface Progress {
  readonly attempt: AttemptRef;
  readonly bytesDone: number;
  readonly objectsDone: number;
  /** All the bytes there will be; 0 while that is not known. */
  readonly bytesTotal: number;
}

/** What an agent says on its session. */
export type AgentMessage =
  | { readonly kind: "hello"; readonly hello: Hello }
  | ({ readonly kind: "observation" } & ObservationMessage)
  | { readonly kind: "heartbeat"; readonly sequence: number }
  | ({ readonly kind: "progress" } & Progress);

/** What the server says on a session. */
export type ServerMessage =
  | { readonly kind: "welcome"; readonly welcome: Welcome }
  | { readonly kind: "acknowledgement"; readonly sequence: number }
  | { readonly kind: "heartbeat"; readonly sequence: number }
  | { readonly kind: "intent"; readonly intent: Intent }
  /** All there are, in the order of their serials: signed documents, which the server only carries. */
  | { readonly kind: "key-rotations"; readonly documents: readonly string[] };
