import type { AttemptRef } from "@treeline/fleet";
import type { Change } from "@treeline/rollout";
import type { Agent, Answer, Question } from "../world/agent.ts";
import type { ConversationFacts, ServerLife } from "../world/server-life.ts";
import type { World } from "../world/world.ts";
import type { Model } from "./model.ts";
import type { Truth } from "./truth.ts";
import type { CommitBatch, ServerMessage } from "@treeline/control";

/** What one server life has decided, whether or not it is on the disk. */
export interface Decided {
  readonly life: ServerLife;
  /** Before the change. */
  readonly model: Model;
  readonly batch: CommitBatch;
  /** Of the change within its batch. */
  readonly index: number;
}

export interface Stored {
  /** The disk before the change. */
  readonly model: Model;
  readonly batch: CommitBatch;
}

/** What every invariant may look at. */
export interface Scene {
  readonly truth: Truth;
  /** What is on the disk. */
  readonly disk: Model;
  readonly now: () => number;
}

/**
 * One invariant's looks at a run. Each returns what is wrong, or undefined. Called for what changed only, but for `whole` (now and then, and at the
 * end) and `ended`.
 */
export interface Looks {
  /** A server has decided it. Judged here: what a decision may be made on. */
  decided?(change: Change, decided: Decided): string | undefined;
  /** It is on the disk. Judged here: the order of what is durable. */
  stored?(change: Change, stored: Stored): string | undefined;
  /** After all changes of a batch are on the disk. */
  batchStored?(stored: Stored): string | undefined;
  opened?(life: ServerLife): string | undefined;
  sent?(nodeId: string, message: ServerMessage, facts: ConversationFacts): string | undefined;
  answered?(nodeId: string, question: Question, answer: Answer): string | undefined;
  obeyed?(changes: readonly unknown[]): string | undefined;
  deployed?(agent: Agent, attempt: AttemptRef): string | undefined;
  whole?(world: World): Promise<string | undefined> | string | undefined;
  ended?(world: World): string | undefined;
}

/** Named in the documentation; `statement` is one sentence of it. */
export interface Invariant {
  readonly name: string;
  readonly statement: string;
  /** Fresh looks for one run. */
  readonly watch: (scene: Scene) => Looks;
}
