import {
  Conversations,
  ControlError,
  ServerRun,
  confirmAttempt,
  startController,
  type Clock,
  type Controller,
  type Conversation,
  type Log,
  type Party,
  type Timer,
} from "@treeline/control";
import type { AuditEntry, Change, DurableChange, Snapshot } from "@treeline/rollout";
import type { MemoryDisk } from "@treeline/store";
import type { CommitBatch, Fleet } from "@treeline/control";
import type { Draws } from "../kernel/chance.ts";
import type { VirtualTime } from "../kernel/virtual-time.ts";
import { heartbeatMillis, leaseMillis } from "../plan/limits.ts";
import type { Answer, Question } from "./agent.ts";
import type { Stream } from "./stream.ts";
import { VirtualStore } from "./virtual-store.ts";

/** Who judges what servers do. */
export interface ServerWatch {
  /** The life has loaded what the store holds. */
  opened(life: ServerLife): void;
  submitted(life: ServerLife, batch: CommitBatch): void;
  durable(life: ServerLife, batch: CommitBatch): void;
  /** Contact with a node came or went, as this life sees it. */
  contact(life: ServerLife, change: Extract<Change, { readonly kind: "contact" }>): void;
  sent(life: ServerLife, nodeId: string, message: Parameters<Party["send"]>[0], conversation: ConversationFacts): void;
  answered(life: ServerLife, nodeId: string, question: Question, answer: Answer): void;
  defect(life: ServerLife, message: string, error: unknown): void;
}

/** What one conversation has received so far, by sequence number. */
export type ConversationFacts = ReadonlyMap<number, object>;

export interface ServerLifeOptions {
  readonly name: string;
  readonly disk: MemoryDisk;
  readonly time: VirtualTime;
  readonly draws: Draws;
  readonly wallClock: () => number;
  readonly lagMillis: () => number;
  /** How long its event loop is busy with other things before the controller gets its turn: what arrives meanwhile is served first. */
  readonly turnMillis: () => number;
  /** A commit is about to reach the disk, or has; whether the process dies of it is the world's to say. */
  readonly onCommit: (life: ServerLife, point: "before-commit" | "after-commit") => void;
  /** The store refused it: the process ends. */
  readonly onEnd: (life: ServerLife, why: string) => void;
  readonly watch: ServerWatch;
  readonly note: (line: string) => void;
}

/** What a transaction of an operator decided, or why it was refused. */
export type Command =
  | { readonly changes: readonly DurableChange[]; readonly action: string; readonly subject: string }
  | { readonly refused: string };

/** One server process from its start to its end: the real fleet, controller and conversations, on a virtual clock over a virtual store. */
export class ServerLife {
  readonly name: string;
  readonly startedAt: number;
  readonly #options: ServerLifeOptions;
  readonly #store: VirtualStore;
  readonly #streams = new Set<Stream>();
  #fleet: Fleet | undefined;
  #conversations: Conversations | undefined;
  #controller: Controller | undefined;
  #run: ServerRun | undefined;
  #alive = true;
  /** What the controller has put off until what runs now has ended. */
  #soon = 0;

  private constructor(options: ServerLifeOptions) {
    this.name = options.name;
    this.startedAt = options.time.now;
    this.#options = options;
    const { disk, time, draws, lagMillis, onCommit, watch } = options;
    this.#store = new VirtualStore({
      disk,
      time,
      draws,
      lagMillis,
      mayGoOn: (point) => {
        if (this.#alive) onCommit(this, point);
        return this.#alive;
      },
      onSubmitted: (batch) => watch.submitted(this, batch),
      onDurable: (batch) => watch.durable(this, batch),
      onRefused: (batch, error) =>
        options.note(`${this.name} is refused a batch of epoch ${batch.epoch}: ${error instanceof Error ? error.name : String(error)}`),
    });
  }

  /** Starts a process; it serves when its run is durable. */
  static start(options: ServerLifeOptions): ServerLife {
    const life = new ServerLife(options);
    void life.#open().catch((error: unknown) => life.#end(`it could not start: ${String(error)}`));
    return life;
  }

  /** It serves. */
  get up(): boolean {
    return this.#alive && this.#conversations !== undefined;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get epoch(): number {
    return this.#run?.epoch ?? 0;
  }

  get working(): Snapshot | undefined {
    return this.#fleet?.working;
  }

  get durable(): Snapshot | undefined {
    return this.#fleet?.durable;
  }

  /** The wall clock of its host. */
  wallNow(): number {
    return this.#options.wallClock();
  }

  /** Everything decided is on the disk, and nobody is about to look again. */
  get rests(): boolean {
    return this.up && this.#soon === 0 && this.working === this.durable;
  }

  begin(stream: Stream, nodeId: string, party: Omit<Party, "nodeId">): Conversation | undefined {
    const { watch } = this.#options;
    if (!this.up || this.#conversations === undefined) return undefined;
    const facts = new Map<number, object>();
    this.#streams.add(stream);
    const send: Party["send"] = (message) => {
      if (!this.#alive) return;
      watch.sent(this, nodeId, message, facts);
      party.send(message);
    };
    const onEnd: NonNullable<Party["onEnd"]> = (reason) => {
      this.#streams.delete(stream);
      if (this.#alive) party.onEnd?.(reason);
    };
    try {
      const conversation = this.#conversations.begin({ nodeId, send, onEnd });
      return recording(conversation, facts);
    } catch (error) {
      this.#streams.delete(stream);
      if (!(error instanceof ControlError)) this.#options.watch.defect(this, "a session could not begin", error);
      return undefined;
    }
  }

  /** Rejects never; an answer that was not given does not come. */
  async confirm(nodeId: string, question: Question): Promise<Answer | undefined> {
    if (!this.up || this.#fleet === undefined) return undefined;
    const { attempt, permission, bootId, checksum } = question;
    try {
      const answer = await confirmAttempt(this.#fleet, { nodeId, attempt, permission, bootId, checksum }, this.wallNow());
      if (!this.#alive) return undefined;
      this.#options.watch.answered(this, nodeId, question, answer);
      return answer;
    } catch (error) {
      if (this.#alive && !(error instanceof ControlError) && !wasReplaced(error))
        this.#options.watch.defect(this, "a confirmation failed", error);
      return undefined;
    }
  }

  /** What an operator asks for, in one transaction. Resolves when it is answered; undefined when it never is. */
  async operate(decide: (working: Snapshot, now: number) => Command): Promise<Command | undefined> {
    if (!this.up || this.#fleet === undefined) return undefined;
    const at = this.wallNow();
    try {
      const result = await this.#fleet.transact<Command>((working) => {
        const command = decide(working, at);
        if ("refused" in command) return { changes: [], result: command };
        const entry: AuditEntry = { at, actor: "operator:sim", action: command.action, subject: command.subject, because: "asked for" };
        return { changes: command.changes, audit: command.changes.length === 0 ? [] : [entry], result: command };
      });
      return this.#alive ? result : undefined;
    } catch (error) {
      if (this.#alive && !(error instanceof ControlError) && !wasReplaced(error))
        this.#options.watch.defect(this, "a command failed", error);
      return undefined;
    }
  }

  /** Nothing of it reaches the disk for so long, and its answers neither. */
  cutFromStore(millis: number): void {
    this.#store.cut(millis);
  }

  /** The process is gone between two instructions. */
  kill(): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#store.die();
    this.#controller?.stop();
    this.#fleet?.stop();
    for (const stream of this.#streams) stream.serverGone();
    this.#streams.clear();
  }

  async #open(): Promise<void> {
    const { watch } = this.#options;
    const log = this.#log();
    const clock = this.#clock();
    const { fleet, run } = await ServerRun.begin({
      store: this.#store,
      clock,
      log,
      onFatal: (error) => this.#end(error instanceof Error ? error.name : String(error)),
    });
    this.#fleet = fleet;
    fleet.onWorking((changes) => {
      for (const change of changes) if (change.kind === "contact") watch.contact(this, change);
    });
    watch.opened(this);
    this.#run = run;
    this.#conversations = new Conversations({ fleet, run, clock, log, heartbeatMillis, leaseMillis });
    this.#controller = startController({ fleet, clock, log });
    this.#options.note(`${this.name} serves in epoch ${run.epoch}`);
  }

  #end(why: string): void {
    if (this.#alive) this.#options.onEnd(this, why);
  }

  #clock(): Clock {
    const { time, turnMillis } = this.#options;
    const guarded = (run: () => void) => (): void => {
      if (this.#alive) run();
    };
    return {
      now: () => this.wallNow(),
      soon: (run) => {
        this.#soon++;
        time.after(turnMillis(), () => {
          this.#soon--;
          guarded(run)();
        });
      },
      after: (millis, run): Timer => time.after(millis, guarded(run)),
    };
  }

  #log(): Log {
    const { note, watch } = this.#options;
    const quiet = (): void => {};
    return {
      debug: quiet,
      info: (message) => note(`${this.name} ${message}`),
      warn: (message) => note(`${this.name} warns: ${message}`),
      error: (message, fields) => {
        const error = fields?.["err"];
        note(`${this.name} error: ${message}: ${String(error)}`);
        if (!wasReplaced(error)) watch.defect(this, message, error);
      },
    };
  }
}

/** The conversation, noting what it receives: an acknowledgement can then be held against it. */
function recording(conversation: Conversation, facts: Map<number, object>): Conversation {
  const receive = conversation.receive.bind(conversation);
  conversation.receive = (message) => {
    if (message.kind === "observation") facts.set(message.sequence, message.delta);
    return receive(message);
  };
  return conversation;
}

/** What the store answers to a server that another one has replaced. Whatever else it refuses, no server may ask for. */
const replaced: ReadonlySet<unknown> = new Set(["stale-epoch", "after-refused"]);

function wasReplaced(error: unknown): boolean {
  return error instanceof Error && "phase" in error && "code" in error && replaced.has(error.code);
}
