import type { AgentMessage, Conversation, Party, ServerMessage } from "@treeline/control";
import { silenceMillis } from "../plan/limits.ts";
import type { Draws } from "../kernel/chance.ts";
import type { VirtualTime } from "../kernel/virtual-time.ts";

/** The agent's end of a stream. */
export interface AgentEnd {
  heard(message: ServerMessage): void;
  /** The stream is over, by whomever. Called once. */
  ended(reason: string): void;
}

type Way = "up" | "down";

export interface StreamOptions {
  readonly time: VirtualTime;
  readonly draws: Draws;
  readonly agent: AgentEnd;
  /** Takes the stream at the server; undefined when nobody is there or the node is refused. */
  readonly begin: (party: Omit<Party, "nodeId">) => Conversation | undefined;
  /** Until when nothing passes between the node and its server. */
  readonly blockedUntil: () => number;
}

/**
 * One stream between an agent and a server, as TCP carries one: in order, nothing lost in the middle. What is blocked comes later, or never when
 * one of the two has given up meanwhile. Heartbeats are not played one by one: a side whose hearing is blocked for a lease ends its half.
 */
export class Stream {
  readonly #options: StreamOptions;
  #conversation: Conversation | undefined;
  #agentOpen = true;
  #serverOpen = true;
  /** When the last message on its way arrives: the next one does not overtake it. */
  readonly #arrivesAt: Record<Way, number> = { up: 0, down: 0 };
  readonly #blockedUntil: Record<Way, number> = { up: 0, down: 0 };

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#carry("up", () => this.#accept());
  }

  get open(): boolean {
    return this.#agentOpen;
  }

  up(message: AgentMessage): void {
    if (this.#agentOpen) this.#carry("up", () => this.#serverOpen && void this.#conversation?.receive(message));
  }

  /** The agent ends it, in good order. */
  close(): void {
    if (!this.#agentOpen) return;
    this.#agentOpen = false;
    this.#carry("up", () => this.#endAtServer("closed by the agent"));
  }

  /** The agent's end is gone without a word: only the lease tells the server. */
  vanish(): void {
    this.#agentOpen = false;
    this.block("up", Number.POSITIVE_INFINITY);
  }

  /** The server's process is gone; its kernel says so. */
  serverGone(): void {
    this.#serverOpen = false;
    this.#carry("down", () => this.#endAtAgent("the server is gone"));
  }

  /** Nothing passes this way for so long, in milliseconds. */
  block(way: Way, millis: number): void {
    const { time } = this.#options;
    this.#blockedUntil[way] = Math.max(this.#blockedUntil[way], time.now + millis);
    if (millis > silenceMillis) time.after(silenceMillis, () => this.#checkLease(way));
  }

  /** Both ways, for ever; neither side is told. */
  cut(): void {
    this.block("up", Number.POSITIVE_INFINITY);
    this.block("down", Number.POSITIVE_INFINITY);
  }

  /** Both sides are told. */
  reset(): void {
    this.#endAtServer("connection reset");
    this.#endAtAgent("connection reset");
  }

  #checkLease(way: Way): void {
    if (Math.max(this.#blockedUntil[way], this.#options.blockedUntil()) <= this.#options.time.now) return;
    if (way === "up") this.#endAtServer("nothing was heard for a whole lease");
    else if (this.#agentOpen) {
      this.#endAtAgent("nothing was heard for a whole lease");
      this.#carry("up", () => this.#endAtServer("closed by the agent"));
    }
  }

  #accept(): void {
    this.#conversation = this.#options.begin({
      send: (message) => this.#carry("down", () => this.#agentOpen && this.#options.agent.heard(message)),
      onEnd: (reason) => {
        this.#serverOpen = false;
        this.#carry("down", () => this.#endAtAgent(reason instanceof Error ? reason.message : String(reason ?? "")));
      },
    });
    if (this.#conversation === undefined) this.serverGone();
  }

  #endAtServer(reason: string): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#conversation?.end(new Error(reason));
  }

  #endAtAgent(reason: string): void {
    if (!this.#agentOpen) return;
    this.#agentOpen = false;
    this.#options.agent.ended(reason);
  }

  #carry(way: Way, arrive: () => unknown): void {
    const { time, draws, blockedUntil } = this.#options;
    const from = Math.max(time.now, this.#blockedUntil[way], blockedUntil());
    if (from === Number.POSITIVE_INFINITY) return;
    const at = Math.max(from + draws.millis(1, 200), this.#arrivesAt[way]);
    this.#arrivesAt[way] = at;
    // A block that began while it was on its way holds it up, too.
    const tryToArrive = (): void => {
      const until = Math.max(this.#blockedUntil[way], blockedUntil());
      if (until === Number.POSITIVE_INFINITY) return;
      if (until > time.now) time.at((this.#arrivesAt[way] = Math.max(this.#arrivesAt[way], until + 1)), tryToArrive);
      else arrive();
    };
    time.at(at, tryToArrive);
  }
}
