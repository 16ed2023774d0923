import { status, type ServerDuplexStream } from "@grpc/grpc-js";
import { compareGenerations, currentNodeProblem, type Intent, type NodeId, type ObservationDelta } from "@treeline/fleet";
import type { Logger } from "@treeline/process";
import { agentMessageFromProto, failCall, isWhole, RpcError, serverMessageToProto, type AgentMessage, type Hello, type ServerMessage, type wire } from "@treeline/rpc";
import { apply, type DurableChange } from "@treeline/rollout";
import type { Fleet } from "../fleet.ts";
import type { ProgressBoard } from "../progress.ts";
import { maxEpochJump, type ServerRun } from "../server-run.ts";
import { overtakingIntent } from "./overtaking-intent.ts";

export type SessionCall = ServerDuplexStream<wire.SessionRequest__Output, wire.SessionResponse>;

export interface SessionContext {
  readonly fleet: Fleet;
  readonly run: ServerRun;
  readonly progress: ProgressBoard;
  readonly logger: Logger;
  readonly now: () => number;
  readonly heartbeatMillis: number;
  readonly leaseMillis: number;
}

/** Messages waiting for an agent that does not read: beyond this the session is cut. */
const maxUnread = 1_000;

/** Observations received and not yet committed: an agent that does not wait for acknowledgements is cut. Ours stops at 16. */
const maxUnacknowledged = 32;

/**
 * One agent's session: hello -> welcomed -> (full observation) -> observed.
 * INVARIANTS: the node counts as connected only after a full observation of this session is durable; an observation is acknowledged only
 * after its commit; only durable intents are sent, each generation at most once.
 */
export class Session {
  readonly nodeId: NodeId;
  readonly #call: SessionCall;
  readonly #context: SessionContext;
  readonly #onEnd: () => void;
  #hello: Hello | undefined;
  #observed = false;
  #nextSequence = 1;
  #unacknowledged = 0;
  #sent: Intent | undefined;
  #ended = false;
  /** When the agent was last heard, on the server's monotonic clock; the registry moves it by the server's own stalls. */
  heardAt = performance.now();

  constructor(nodeId: NodeId, call: SessionCall, context: SessionContext, onEnd: () => void) {
    this.nodeId = nodeId;
    this.#call = call;
    this.#context = context;
    this.#onEnd = onEnd;
    call.on("data", (message) => this.#receive(message));
    call.on("end", () => this.end());
    call.on("cancelled", () => this.end());
    call.on("error", () => this.end());
  }

  /** Ends the session; with an error the agent is told why. */
  end(error?: RpcError): void {
    if (this.#ended) return;
    this.#ended = true;
    if (error) failCall(this.#call, error, () => {});
    else this.#call.end();
    this.#onEnd();
    if (this.#observed) this.#context.fleet.note({ kind: "contact", nodeId: this.nodeId, connected: false, at: this.#context.now() });
  }

  /** Sends the newest durable intent, unless it was sent on this session or the agent has not shown itself yet. */
  sendIntent(): void {
    const intent = this.#context.fleet.durable.intents.get(this.nodeId);
    if (intent === undefined || !this.#observed || this.#ended) return;
    if (this.#sent !== undefined && compareGenerations(intent.generation, this.#sent.generation) <= 0) return;
    this.#sent = intent;
    this.#send({ kind: "intent", intent });
  }

  #receive(message: wire.SessionRequest__Output): void {
    if (this.#ended) return;
    this.heardAt = performance.now();
    // The only frequent message: answered as it came.
    if (message.message === "heartbeat" && this.#hello !== undefined) return this.#write({ heartbeat: message.heartbeat ?? null });
    void this.#handle(message).catch((error: unknown) => {
      if (!(error instanceof RpcError)) this.#context.logger.error("a session failed", { node: this.nodeId, err: error });
      this.end(error instanceof RpcError ? error : new RpcError("the server failed", { status: status.INTERNAL, reason: "INTERNAL" }));
    });
  }

  async #handle(proto: wire.SessionRequest__Output): Promise<void> {
    const message = agentMessageFromProto(proto);
    if (this.#hello === undefined) {
      if (message.kind !== "hello") throw protocolError("the first message of a session must be hello");
      return this.#welcome(message.hello);
    }
    switch (message.kind) {
      case "hello":
        throw protocolError("a session has one hello");
      case "observation":
        return this.#observe(message);
      case "heartbeat":
        return;
      case "progress":
        return this.#context.progress.set(this.nodeId, message);
    }
  }

  async #welcome(hello: Hello): Promise<void> {
    const { run, fleet, heartbeatMillis, leaseMillis, logger } = this.#context;
    const problem = currentNodeProblem(fleet.working.nodes.get(this.nodeId));
    if (problem !== undefined)
      throw new RpcError(problem, { status: status.PERMISSION_DENIED, reason: "NODE_REFUSED", subject: this.nodeId, remedy: "enroll this host again with a new token" });
    this.#hello = hello;
    const seen = hello.highest.epoch;
    if (seen > run.epoch + maxEpochJump)
      throw new RpcError(`the agent's epoch ${seen} is too far above the server's ${run.epoch}`, {
        status: status.FAILED_PRECONDITION,
        reason: "EPOCH_TOO_HIGH",
        subject: this.nodeId,
        remedy: "this node was enrolled with another server, or its journal is damaged; look at /var/lib/treeline/journal.json on the host",
      });
    if (seen > run.epoch) logger.warn("an agent has seen a higher epoch than this server's: going above it", { node: this.nodeId, epoch: seen });
    this.#send({ kind: "welcome", welcome: { epoch: await run.above(seen), heartbeatMillis, leaseMillis } });
  }

  async #observe(message: Extract<AgentMessage, { kind: "observation" }>): Promise<void> {
    if (message.sequence !== this.#nextSequence) throw protocolError(`observation ${message.sequence} came where ${this.#nextSequence} was due`);
    if (!message.full && message.sequence === 1) throw protocolError("the first observation of a session must be full");
    this.#nextSequence++;
    if (++this.#unacknowledged > maxUnacknowledged) throw protocolError("too many observations without waiting for acknowledgements");
    await this.#commit(message.delta);
    this.#unacknowledged--;
    if (this.#ended) return;
    this.#send({ kind: "acknowledgement", sequence: message.sequence });
    if (!this.#observed) {
      this.#observed = true;
      this.#context.fleet.note({ kind: "contact", nodeId: this.nodeId, connected: true, at: this.#context.now() });
    }
    this.sendIntent();
  }

  #commit(delta: ObservationDelta): Promise<void> {
    const { fleet, now, run } = this.#context;
    // Hello named the highest, and the server went above it: only an agent that contradicts itself comes here.
    if ((delta.update?.highest.epoch ?? 0) > run.epoch) throw protocolError("the observation names a higher epoch than the server's");
    return fleet.transact((working) => {
      const before = working.observations.get(this.nodeId)?.observation;
      const observation = { ...before, ...delta };
      if (!isWhole(observation)) throw protocolError("the observation is not whole");
      const value = { nodeId: this.nodeId, at: now(), agentVersion: this.#hello?.agentVersion ?? "", observation };
      const observed: DurableChange = { kind: "observation", value };
      return { changes: [observed, ...overtakingIntent(apply(working, observed), this.nodeId)], result: undefined };
    });
  }

  #send(message: ServerMessage): void {
    this.#write(serverMessageToProto(message));
  }

  #write(message: wire.SessionResponse): void {
    if (this.#ended) return;
    this.#call.write(message);
    if (this.#call.writableLength > maxUnread)
      this.end(new RpcError("the agent does not read", { status: status.RESOURCE_EXHAUSTED, reason: "SLOW_READER", subject: this.nodeId }));
  }
}

function protocolError(message: string): RpcError {
  return new RpcError(message, { status: status.INVALID_ARGUMENT, reason: "SESSION_PROTOCOL", remedy: "use an agent of this server's version or one before it" });
}
