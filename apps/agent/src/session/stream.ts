import type { ClientDuplexStream } from "@grpc/grpc-js";
import type { AttemptRef, Intent, Observation } from "@treeline/fleet";
import type { BootClock } from "@treeline/process";
import { agentMessageToProto, fromServiceError, serverMessageFromProto, type AgentMessage, type Hello, type ServerMessage, type Welcome, type wire } from "@treeline/rpc";
import { Outbox } from "./outbox.ts";

/** Observations sent and not yet acknowledged. The server acknowledges after commit, usually within a second. */
const window = 16;
/** Bounds on what a server may ask for: a wrong figure must neither flood it nor leave us deaf. */
const heartbeatBounds = { min: 100, max: 60_000 } as const;
const leaseBounds = { min: 300, max: 600_000 } as const;

export type SessionStreamCall = ClientDuplexStream<wire.SessionRequest, wire.SessionResponse__Output>;

export interface StreamOptions {
  readonly call: SessionStreamCall;
  readonly hello: Hello;
  readonly clock: BootClock;
  /** How long the server may take to welcome us. */
  readonly welcomeMillis: number;
  readonly onWelcome: (welcome: Welcome) => void;
  readonly onIntent: (intent: Intent) => void;
  readonly onKeyRotations: (documents: readonly string[]) => void;
}

/** One session stream, from Hello to its end. Says what the agent is; passes on what the server wants. */
export class SessionStream {
  readonly #options: StreamOptions;
  readonly #outbox = new Outbox({ window });
  readonly #ended = Promise.withResolvers<string>();
  #observation: Observation | undefined;
  #welcome: Welcome | undefined;
  #writable = true;
  #over = false;
  #heartbeats = 0;
  #heardAt: number;
  #timer: NodeJS.Timeout;

  constructor(options: StreamOptions, observation: Observation | undefined) {
    const { call, clock, welcomeMillis } = options;
    this.#options = options;
    this.#observation = observation;
    this.#heardAt = clock.uptimeMs();
    this.#timer = setTimeout(() => this.end(`no welcome within ${welcomeMillis} ms`), welcomeMillis);
    call.on("data", (message: wire.SessionResponse__Output) => this.#hear(message));
    call.on("error", (error: unknown) => {
      const { message, remedy } = fromServiceError(error);
      this.#finish(remedy === "" ? message : `${message}; ${remedy}`);
    });
    call.on("end", () => this.end("the server ended the session"));
    call.on("drain", () => {
      this.#writable = true;
      this.#flush();
    });
    this.#write({ kind: "hello", hello: options.hello });
  }

  /** Why it ended. Never rejects. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  /** Whether the server has welcomed us, and the stream has not ended. */
  get up(): boolean {
    return this.#welcome !== undefined;
  }

  /** What the agent is now. Sent when the stream takes it. */
  publish(observation: Observation): void {
    this.#observation = observation;
    this.#flush();
  }

  /** Sent if the stream takes it at once, else dropped: a later one says more. */
  progress(attempt: AttemptRef, done: { readonly bytes: number; readonly objects: number; readonly total?: number }): void {
    if (this.up && this.#writable) this.#write({ kind: "progress", attempt, bytesDone: done.bytes, objectsDone: done.objects, bytesTotal: done.total ?? 0 });
  }

  end(reason: string): void {
    this.#finish(reason);
    this.#options.call.cancel();
  }

  #finish(reason: string): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#welcome = undefined;
    this.#writable = false;
    this.#ended.resolve(reason);
  }

  #hear(message: wire.SessionResponse__Output): void {
    const { clock, onIntent, onKeyRotations } = this.#options;
    // What was on its way when we gave up.
    if (this.#over) return;
    this.#heardAt = clock.uptimeMs();
    let heard: ServerMessage;
    try {
      heard = serverMessageFromProto(message);
    } catch (error) {
      return this.end(`the server sent a message that this agent does not understand: ${fromServiceError(error).message}`);
    }
    if ((heard.kind === "welcome") === this.up) return this.end(`the server sent a ${heard.kind} where none belongs`);
    switch (heard.kind) {
      case "welcome":
        return this.#begin(heard.welcome);
      case "acknowledgement":
        this.#outbox.acknowledge(heard.sequence);
        return this.#flush();
      case "heartbeat":
        return;
      case "intent":
        return onIntent(heard.intent);
      case "key-rotations":
        return onKeyRotations(heard.documents);
    }
  }

  #begin(welcome: Welcome): void {
    clearTimeout(this.#timer);
    this.#welcome = welcome;
    const heartbeatMillis = bounded(welcome.heartbeatMillis, heartbeatBounds);
    const leaseMillis = Math.max(bounded(welcome.leaseMillis, leaseBounds), 2 * heartbeatMillis);
    this.#timer = setInterval(() => this.#beat(leaseMillis), heartbeatMillis);
    this.#options.onWelcome(welcome);
    this.#flush();
  }

  /** The clock counts suspend: after a long sleep of the host the first beat finds the session dead, as the server did long before. */
  #beat(leaseMillis: number): void {
    const silence = this.#options.clock.uptimeMs() - this.#heardAt;
    if (silence > leaseMillis) return this.end(`nothing was heard from the server for ${silence} ms`);
    if (this.#writable) this.#write({ kind: "heartbeat", sequence: ++this.#heartbeats });
  }

  #flush(): void {
    if (!this.up || !this.#writable) return;
    const message = this.#outbox.next(this.#observation);
    if (message !== undefined) this.#write(message);
  }

  #write(message: AgentMessage): void {
    this.#writable = this.#options.call.write(agentMessageToProto(message));
  }
}

function bounded(value: number, bounds: { readonly min: number; readonly max: number }): number {
  return Math.min(bounds.max, Math.max(bounds.min, value));
}
