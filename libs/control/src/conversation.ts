import {
  compareGenerations,
  currentNodeProblem,
  type Instant,
  type Intent,
  type NodeId,
  type Observation,
  type ObservationDelta,
} from "@treeline/fleet";
import { apply, type DurableChange } from "@treeline/rollout";
import type { Clock } from "./clock.ts";
import { EpochTooHighError, NodeRefusedError, SessionProtocolError } from "./error.ts";
import type { Fleet } from "./fleet.ts";
import type { Log } from "./log.ts";
import type { AgentMessage, Hello, ObservationMessage, Progress, ServerMessage } from "@treeline/fleet";
import { overtakingIntent } from "./overtaking-intent.ts";
import { maxEpochJump, type ServerRun } from "./server-run.ts";

/** Observations received and not yet committed: an agent that does not wait for acknowledgements is cut. Ours stops at 16. */
const maxUnacknowledged = 32;

/** What all conversations of a server share. */
export interface ConversationContext {
  readonly fleet: Fleet;
  readonly run: ServerRun;
  readonly clock: Clock;
  readonly log: Log;
  /** Told to agents in the welcome; to keep to it is the transport's affair. */
  readonly heartbeatMillis: number;
  readonly leaseMillis: number;
}

/** The agent's end of one conversation. */
export interface Party {
  readonly nodeId: NodeId;
  /** Sends to the agent, in the order of the calls. It may end the conversation from within. Not called after the end. */
  readonly send: (message: ServerMessage) => void;
  /**
   * The conversation is over, once. The reason is what was given to `end`, or what went wrong: a `ControlError`, which the agent may be told, or
   * anything else (the store's own error, a defect), which belongs into the log.
   */
  readonly onEnd: (reason?: unknown) => void;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * The server's side of one session with one agent, whatever carries it: hello -> welcomed -> (full observation) -> observed.
 * INVARIANTS: the node counts as connected only after a full observation of this session is durable, and no longer than the session;
 * an observation is acknowledged only after its commit; only durable intents and key rotations are sent, intents each generation at most once, none before the node has
 * shown itself.
 *
 * `receive`, `hello` and `observation` begin their work within the call, resolve when all of it is done, and never reject: what goes wrong ends
 * the conversation (`Party.onEnd`).
 */
export class Conversation {
  readonly nodeId: NodeId;
  readonly #context: ConversationContext;
  readonly #party: Party;
  #hello: Hello | undefined;
  #welcomed: Promise<void> = Promise.resolve();
  #observed = false;
  #nextSequence = 1;
  #unacknowledged = 0;
  #rotationsDue = false;
  #sent: Intent | undefined;
  #ended = false;

  constructor({ context, party }: { readonly context: ConversationContext; readonly party: Party }) {
    this.nodeId = party.nodeId;
    this.#context = context;
    this.#party = party;
  }

  /** The agent has said hello. */
  get greeted(): boolean {
    return this.#hello !== undefined;
  }

  /** The node has shown itself: it counts as connected. */
  get observed(): boolean {
    return this.#observed;
  }

  get ended(): boolean {
    return this.#ended;
  }

  receive(message: AgentMessage): Promise<void> {
    switch (message.kind) {
      case "hello":
        return this.hello(message.hello);
      case "observation":
        return this.observation(message);
      case "heartbeat":
        return this.#step(() => this.#send({ kind: "heartbeat", sequence: message.sequence }));
      case "progress":
        return this.#step(() => this.#party.onProgress?.(message));
    }
  }

  hello(hello: Hello): Promise<void> {
    return this.#guarded(() => this.#welcome(hello));
  }

  observation(message: ObservationMessage): Promise<void> {
    return this.#step(() => this.#observe(message));
  }

  /** Sends the newest durable intent, unless it was sent on this session or the agent has not shown itself yet. */
  sendIntent(): void {
    const intent = this.#context.fleet.durable.intents.get(this.nodeId);
    if (intent === undefined || !this.#observed || this.#ended) return;
    if (this.#sent !== undefined && compareGenerations(intent.generation, this.#sent.generation) <= 0) return;
    this.#sent = intent;
    this.#send({ kind: "intent", intent });
  }

  /** Sends every durable key rotation, to an agent that was welcomed and understands them: it follows those that it trusts and has not followed yet. */
  sendKeyRotations(): void {
    const { keyRotations } = this.#context.fleet.durable;
    if (!this.#rotationsDue || keyRotations.size === 0) return;
    const inOrder = [...keyRotations.values()].sort((a, b) => a.serial - b.serial);
    this.#send({ kind: "key-rotations", documents: inOrder.map(({ document }) => document) });
  }

  /** Ends it: the node is out of contact from now on. Again, it does nothing. */
  end(reason?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#party.onEnd(reason);
    if (this.#observed) this.#context.fleet.note({ kind: "contact", nodeId: this.nodeId, connected: false, at: this.#now() });
  }

  async #welcome(hello: Hello): Promise<void> {
    if (this.#hello !== undefined) throw new SessionProtocolError("a session has one hello");
    const { run, fleet, heartbeatMillis, leaseMillis, log } = this.#context;
    const problem = currentNodeProblem(fleet.working.nodes.get(this.nodeId));
    if (problem !== undefined) throw new NodeRefusedError(this.nodeId, problem);
    this.#hello = hello;
    const seen = hello.highest.epoch;
    if (seen > run.epoch + maxEpochJump) throw new EpochTooHighError({ nodeId: this.nodeId, seen, epoch: run.epoch });
    if (seen > run.epoch)
      log.warn("an agent has seen a higher epoch than this server's: going above it", { node: this.nodeId, epoch: seen });
    const welcome = run.above(seen).then((epoch) => {
      this.#send({ kind: "welcome", welcome: { epoch, heartbeatMillis, leaseMillis } });
      this.#rotationsDue = hello.followsKeyRotations;
      this.sendKeyRotations();
    });
    // Who waits for it only wants it to be over; its failure is told here.
    this.#welcomed = welcome.catch(() => {});
    return welcome;
  }

  async #observe({ sequence, full, delta }: ObservationMessage): Promise<void> {
    if (sequence !== this.#nextSequence) throw new SessionProtocolError(`observation ${sequence} came where ${this.#nextSequence} was due`);
    if (!full && sequence === 1) throw new SessionProtocolError("the first observation of a session must be full");
    this.#nextSequence++;
    if (++this.#unacknowledged > maxUnacknowledged)
      throw new SessionProtocolError("too many observations without waiting for acknowledgements");
    await this.#commit(full, delta);
    // An agent that observed before it was welcomed is welcomed first all the same.
    await this.#welcomed;
    this.#unacknowledged--;
    this.#send({ kind: "acknowledgement", sequence });
    if (this.#ended) return;
    if (!this.#observed) {
      this.#observed = true;
      this.#context.fleet.note({ kind: "contact", nodeId: this.nodeId, connected: true, at: this.#now() });
    }
    this.sendIntent();
  }

  #commit(full: boolean, delta: ObservationDelta): Promise<void> {
    const { fleet, run } = this.#context;
    // Hello named the highest, and the server went above it: only an agent that contradicts itself comes here.
    if ((delta.update?.highest.epoch ?? 0) > run.epoch)
      throw new SessionProtocolError("the observation names a higher epoch than the server's");
    return fleet.transact((working) => {
      const observation = full ? delta : { ...working.observations.get(this.nodeId)?.observation, ...delta };
      if (!isWhole(observation)) throw new SessionProtocolError("the observation is not whole");
      const value = { nodeId: this.nodeId, at: this.#now(), agentVersion: this.#hello?.agentVersion ?? "", observation };
      const observed: DurableChange = { kind: "observation", value };
      return { changes: [observed, ...overtakingIntent(apply(working, observed), this.nodeId)], result: undefined };
    });
  }

  /** Whatever comes after the hello. */
  #step(work: () => Promise<void> | void): Promise<void> {
    return this.#guarded(() => {
      if (this.#hello === undefined) throw new SessionProtocolError("the first message of a session must be hello");
      return work();
    });
  }

  async #guarded(work: () => Promise<void> | void): Promise<void> {
    if (this.#ended) return;
    try {
      await work();
    } catch (error) {
      this.end(error);
    }
  }

  #send(message: ServerMessage): void {
    if (!this.#ended) this.#party.send(message);
  }

  #now(): Instant {
    return this.#context.clock.now();
  }
}

function isWhole(delta: ObservationDelta): delta is Observation {
  const { os, update, health, inventory } = delta;
  return os !== undefined && update !== undefined && health !== undefined && inventory !== undefined;
}
