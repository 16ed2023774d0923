// One file, because it is one thing: a host, its agent process and its session, whose every step may be where the fault strikes.
import type { AgentMessage, ServerMessage } from "@treeline/control";
import {
  compareGenerations,
  nextDeployment,
  sameAttempt,
  type Intent,
  type Observation,
  type ObservationDelta,
  type Permission,
} from "@treeline/fleet";
import { BrokenInvariant, SimulatedHost, wellBehaved, type CommitBehaviour } from "@treeline/upgrade/simulated-host";
import type { Step } from "@treeline/upgrade";
import type { Draws } from "../kernel/chance.ts";
import type { Timer, VirtualTime } from "../kernel/virtual-time.ts";
import type { NodePlan } from "../plan/fleet-plan.ts";
import type { What } from "../plan/happening.ts";
import { answerMillis, hostLimits, welcomeMillis } from "../plan/limits.ts";
import type { ReleasePlan, Trouble } from "../plan/release-plan.ts";
import type { Happenings } from "./happenings.ts";
import type { Stream } from "./stream.ts";

/** A question for the point of no return, as it goes over the wire. */
export type Question = ReturnType<SimulatedHost["questionOf"]>;

export interface Answer {
  readonly granted: boolean;
  readonly ttlMillis: number;
  readonly reason: string;
}

/** What an agent needs of the world around it. */
export interface AgentSurroundings {
  readonly time: VirtualTime;
  readonly draws: Draws;
  readonly happenings: Happenings;
  /** Opens a stream to the server this node would reach now; undefined when there is none. */
  readonly connect: (agent: Agent) => Stream | undefined;
  /** Asks the server this node would reach now; the answer may never come. */
  readonly ask: (agent: Agent, question: Question, answered: (answer: Answer) => void) => void;
  readonly watch: AgentWatch;
  readonly note: (line: string) => void;
}

/** Who judges what hosts do. */
export interface AgentWatch {
  deployed(agent: Agent): void;
  booted(agent: Agent): void;
  broken(agent: Agent, error: BrokenInvariant): void;
}

interface Release extends ReleasePlan {
  readonly troubleHere: Trouble | undefined;
}

export interface AgentOptions {
  readonly plan: NodePlan;
  readonly base: string;
  readonly releases: readonly Release[];
  readonly surroundings: AgentSurroundings;
}

const backoff = { baseMillis: 1_000, maxMillis: 60_000 } as const;
const window = 16;
const gpu = "example.com/gpu";

/** One host with the real plan and journal, its agent and its session. */
export class Agent {
  readonly plan: NodePlan;
  readonly host: SimulatedHost;
  readonly #around: AgentSurroundings;
  readonly #behaviour: Record<string, CommitBehaviour> = {};
  readonly #troubles = new Map<string, Trouble>();
  #bootedAt: number;
  /** A red check whatever is booted, until then. */
  #redUntil = 0;
  #gone = false;
  #forgot = false;
  #off = false;
  /** Counts processes: what an earlier one was waiting for does not come any more. */
  #process = 0;

  // Memory of the agent process.
  #busy = false;
  #staging: Timer | undefined;
  #look: Timer | undefined;
  #drain: { readonly name: string; readonly until: number } | undefined;
  #stream: Stream | undefined;
  #welcomed = false;
  #connectTimer: Timer | undefined;
  #failures = 0;
  #intent: Intent | undefined;
  #sent: Observation | undefined;
  #sequence = 0;
  #acknowledged = 0;

  constructor({ plan, base, releases, surroundings }: AgentOptions) {
    this.plan = plan;
    this.#around = surroundings;
    this.#bootedAt = surroundings.time.now - 1_000;
    for (const checksum of [base, ...releases.map((release) => release.checksum)])
      this.#behaviour[checksum] = { ...wellBehaved, bootMillis: plan.bootMillis };
    for (const { checksum, troubleHere } of releases) {
      if (troubleHere === undefined) continue;
      this.#troubles.set(checksum, troubleHere);
      this.#behaviour[checksum] = { ...this.#behaviour[checksum]!, ...lastingTrouble(troubleHere) };
    }
    this.host = new SimulatedHost({
      base,
      behaviour: this.#behaviour,
      limits: hostLimits,
      name: plan.id,
      resources: { [gpu]: 4 },
      ...(plan.lie === undefined ? {} : { falseSuccess: plan.lie }),
    });
  }

  get id(): string {
    return this.plan.id;
  }

  /** It will never be heard of again. */
  get gone(): boolean {
    return this.#gone || (this.host.agentStartsAtUptimeMillis === undefined && !this.#off);
  }

  /** Its journal was lost, and a deployment is pending that nobody knows the attempt of: it waits for a person, or for its next boot. */
  get pendingForgotten(): boolean {
    return this.#forgot && nextDeployment(this.host.os())?.booted !== true;
  }

  get stream(): Stream | undefined {
    return this.#stream;
  }

  /** Its boot is over, or was: the agent begins. */
  start(): void {
    this.#bootedAt = this.#around.time.now - 1_000 - this.plan.bootMillis;
    this.#around.watch.booted(this);
    this.#begin();
  }

  // ---- what happens to it ----

  suffer(what: What): void {
    const { time } = this.#around;
    if (this.gone || this.#off) return;
    this.#tick();
    switch (what.kind) {
      case "agent-crash":
        if (this.host.running) this.#crash();
        return;
      case "power-cut":
        this.#powerOff();
        time.after(what.downMillis, () => this.#powerOn());
        return;
      case "journal-lost":
        if (!this.host.running) return;
        this.#forgot = true;
        this.host.loseJournal();
        return this.#crash();
      case "node-dies":
        this.#powerOff();
        this.#gone = true;
        return;
      case "node-red":
        this.#redUntil = time.now + what.millis;
        // Checks run when the agent starts; this is how an idle one comes to look.
        if (this.host.running) this.#crash();
        return;
      case "default-switched": {
        const other = this.host.os().deployments.find((deployment) => !deployment.booted && !deployment.staged);
        if (other !== undefined) this.host.setDefault(other.checksum, other.serial);
        return this.wake(1);
      }
      default:
        return;
    }
  }

  #powerOff(): void {
    this.#stream?.vanish();
    this.#forget();
    this.#off = true;
    this.host.powerOff();
  }

  #powerOn(): void {
    if (this.#gone) return;
    this.#off = false;
    this.host.powerOn();
    this.#afterBoot();
  }

  #crash(): void {
    this.#stream?.close();
    this.#forget();
    this.host.crash();
    this.#begin();
  }

  /** What the process knew is gone. */
  #forget(): void {
    this.#process++;
    this.#staging?.cancel();
    this.#look?.cancel();
    this.#connectTimer?.cancel();
    this.#look = this.#staging = this.#connectTimer = undefined;
    this.#busy = this.#welcomed = false;
    this.#stream = this.#intent = this.#sent = this.#drain = undefined;
    this.#sequence = this.#acknowledged = this.#failures = 0;
  }

  #afterBoot(): void {
    const { time, watch } = this.#around;
    this.#bootedAt = time.now - 1_000;
    watch.booted(this);
    const startsAt = this.host.agentStartsAtUptimeMillis;
    if (startsAt === undefined) return;
    const process = this.#process;
    time.after(startsAt - 1_000, () => {
      if (process !== this.#process) return;
      this.#turnRedLater();
      this.#begin();
    });
  }

  /** Releases that look well at first. */
  #turnRedLater(): void {
    const trouble = this.#troubles.get(this.host.booted);
    if (trouble !== "red-in-soak" && trouble !== "red-later") return;
    const { time } = this.#around;
    const { bootId, booted } = this.host;
    time.after(trouble === "red-in-soak" ? 15_000 : 8 * 60_000, () => {
      if (this.host.bootId !== bootId) return;
      this.#behaviour[booted] = { ...this.#behaviour[booted]!, green: false };
      if (trouble === "red-later" && !this.gone && !this.#off) this.#crash();
    });
  }

  #begin(): void {
    this.#connectSoon(this.#around.draws.millis(100, 5_000));
    this.wake(10);
  }

  // ---- what it does ----

  /** Looks at the host again, so soon at the latest. */
  wake(millis: number): void {
    const { time } = this.#around;
    if (this.#look !== undefined && this.#look.at <= time.now + millis) return;
    this.#look?.cancel();
    this.#look = time.after(millis, () => {
      this.#look = undefined;
      this.#act();
    });
  }

  #tick(): void {
    this.host.uptimeMillis = Math.max(this.host.uptimeMillis, this.#around.time.now - this.#bootedAt);
    const red = this.#redUntil > this.#around.time.now;
    for (const [checksum, behaviour] of Object.entries(this.#behaviour)) {
      const troubled = lastingTrouble(this.#troubles.get(checksum)).green === false || turnsRed(this.#troubles.get(checksum));
      if (!troubled && behaviour.green === red) this.#behaviour[checksum] = { ...behaviour, green: !red };
    }
  }

  #act(): void {
    if (this.gone || this.#off || this.#busy) return;
    this.#tick();
    try {
      this.#step();
    } catch (error) {
      if (!(error instanceof BrokenInvariant)) throw error;
      this.#around.watch.broken(this, error);
      this.#gone = true;
    }
  }

  #step(): void {
    const { happenings, watch, draws, note } = this.#around;
    const { host } = this;
    const step = host.act("nothing");
    if (step.do === "wait" && step.journal === undefined) {
      this.#publish();
      if (step.untilUptimeMillis !== undefined) this.wake(Math.max(1, step.untilUptimeMillis - host.uptimeMillis));
      return;
    }
    if (step.do === "confirm" && !this.#drained(step)) return;
    const strikes = happenings.onNode(this.id, "step");
    const crash = strikes.find((what) => what.kind === "agent-crash");
    if (step.do !== "wait") note(`${this.id} ${step.do}`);
    const deploys = host.deploys.length;
    const { bootId } = host;
    const upTo = crash !== undefined && crash.upTo !== "all" ? crash.upTo : step.do === "stage" ? "journal" : "all";
    host.act(upTo);
    if (host.deploys.length > deploys) watch.deployed(this);
    if (host.bootId !== bootId) this.#rebooted();
    else if (strikes.length === 0) {
      this.#publish();
      this.#goOn(step);
    }
    for (const what of strikes) this.suffer(what);
    if (strikes.length > 0 && crash === undefined && host.bootId === bootId) this.wake(draws.millis(1, 50));
  }

  /** Once per attempt and process, however often it has to ask. */
  #drained({ attempt: { ref } }: Extract<Step, { readonly do: "confirm" }>): boolean {
    const { time } = this.#around;
    const name = `${ref.rollout}/${ref.number}`;
    if (this.#drain?.name !== name) this.#drain = { name, until: time.now + this.plan.drainMillis };
    if (time.now >= this.#drain.until) return true;
    this.#publish();
    this.wake(this.#drain.until - time.now);
    return false;
  }

  #goOn(step: Step): void {
    const { draws, time } = this.#around;
    switch (step.do) {
      case "stage":
        this.#busy = true;
        this.#staging = time.after(this.plan.stagingMillis, () => {
          this.#busy = false;
          this.#tick();
          this.host.finishStaging();
          this.#publish();
          this.wake(1);
        });
        return;
      case "confirm":
        return this.#confirm(step);
      case "deploy":
        return this.wake(draws.millis(500, 20_000));
      default:
        return this.wake(draws.millis(1, 50));
    }
  }

  #rebooted(): void {
    const silently = this.#around.draws.happens(0.3);
    if (silently) this.#stream?.vanish();
    else this.#stream?.close();
    this.#forget();
    this.#afterBoot();
  }

  #confirm(step: Extract<Step, { readonly do: "confirm" }>): void {
    const { time, ask, draws } = this.#around;
    const question = this.host.questionOf(step);
    const sentAt = this.host.uptimeMillis;
    const process = this.#process;
    this.#busy = true;
    const settle = (answer: Answer): void => {
      if (process !== this.#process || !this.#busy) return;
      deadline.cancel();
      this.#busy = false;
      this.#tick();
      const { attempt, permission } = question;
      const { granted, ttlMillis, reason } = answer;
      this.host.answer(
        granted
          ? { attempt, granted, validUntilUptimeMillis: sentAt + ttlMillis }
          : { attempt, granted, reason, askAgainAtUptimeMillis: this.host.uptimeMillis + draws.whole(3_000, 6_000) },
        permission satisfies Permission,
      );
      this.wake(draws.millis(1, 20));
    };
    const deadline = time.after(answerMillis, () => settle({ granted: false, ttlMillis: 0, reason: "the server did not answer" }));
    ask(this, question, settle);
  }

  // ---- its session ----

  #connectSoon(millis: number): void {
    this.#connectTimer?.cancel();
    this.#connectTimer = this.#around.time.after(millis, () => this.#connect());
  }

  #connect(): void {
    if (this.gone || this.#off || this.#stream !== undefined) return;
    this.#tick();
    const stream = this.host.reachesServer ? this.#around.connect(this) : undefined;
    if (stream === undefined) return this.#connectSoon(this.#nextDelay());
    this.#stream = stream;
    this.#welcomed = false;
    this.#sent = undefined;
    this.#sequence = this.#acknowledged = 0;
    this.#send({ kind: "hello", hello: { ...this.host.hello(), followsKeyRotations: false } });
    this.#around.time.after(welcomeMillis, () => {
      if (this.#stream !== stream || this.#welcomed) return;
      stream.close();
      this.ended(stream, "no welcome");
    });
  }

  /** The stream is over. */
  ended(stream: Stream, reason: string): void {
    if (this.#stream !== stream) return;
    this.#around.note(`${this.id} session over: ${reason}`);
    this.#stream = undefined;
    this.#welcomed = false;
    this.host.setSession(false);
    this.#connectSoon(this.#nextDelay());
    this.wake(1);
  }

  heard(stream: Stream, message: ServerMessage): void {
    if (this.#stream !== stream || this.gone || this.#off) return;
    this.#tick();
    this.#strikes("message-down");
    if (this.#stream !== stream) return;
    switch (message.kind) {
      case "welcome":
        this.#welcomed = true;
        this.#failures = 0;
        this.host.setSession(true);
        this.#publish();
        return this.wake(5);
      case "acknowledgement":
        this.#acknowledged = Math.max(this.#acknowledged, message.sequence);
        return this.#publish();
      case "heartbeat":
        return;
      case "intent":
        return this.#take(message.intent);
    }
  }

  #take(intent: Intent): void {
    const { note } = this.#around;
    // As the agent's session does: only ever to a higher generation, and it outlives a lost stream.
    if (this.#intent !== undefined && compareGenerations(intent.generation, this.#intent.generation) <= 0) return;
    this.#intent = intent;
    const { generation, attempt } = intent;
    const what =
      attempt === undefined
        ? "stay"
        : `${attempt.ref.rollout}/${attempt.ref.number}${attempt.permission === undefined ? "" : " permitted"}`;
    note(`${this.id} intent ${generation.epoch}.${generation.number} ${what}`);
    this.host.receive(intent);
    // What nobody wants any more is not fetched to its end.
    const { open } = this.host.journal;
    if (this.#staging !== undefined && open !== undefined && !(attempt !== undefined && sameAttempt(attempt.ref, open.ref))) {
      this.#staging.cancel();
      this.#staging = undefined;
      this.#busy = false;
    }
    this.wake(2);
  }

  #publish(): void {
    if (!this.#welcomed || this.#sequence - this.#acknowledged >= window) return;
    const now = this.host.observation();
    const delta = this.#sent === undefined ? now : changedSections(this.#sent, now);
    if (delta === undefined) return;
    const full = this.#sent === undefined;
    this.#sent = now;
    this.#send({ kind: "observation", sequence: ++this.#sequence, full, delta });
  }

  #send(message: AgentMessage): void {
    this.#strikes("message-up");
    this.#stream?.up(message);
  }

  /** What the network does to the message that is on its way now. */
  #strikes(of: "message-up" | "message-down"): void {
    for (const what of this.#around.happenings.onNode(this.id, of)) {
      const stream = this.#stream;
      if (stream === undefined) return;
      if (what.kind === "message-late") stream.block(of === "message-up" ? "up" : "down", what.millis);
      if (what.kind !== "message-lost") continue;
      if (what.silently) stream.cut();
      else stream.reset();
    }
  }

  #nextDelay(): number {
    const { baseMillis, maxMillis } = backoff;
    const longest = Math.min(maxMillis, baseMillis * 2 ** this.#failures++);
    return Math.ceil(longest * (0.5 + this.#around.draws.fraction() / 2));
  }
}

function lastingTrouble(trouble: Trouble | undefined): Partial<CommitBehaviour> {
  switch (trouble) {
    case "red":
      return { green: false };
    case "does-not-boot":
      return { boots: false };
    case "bricks":
      return { dies: true };
    case "cuts-network":
      return { reachesServer: false };
    case "loses-resource":
      return { loses: [gpu] };
    default:
      return {};
  }
}

function turnsRed(trouble: Trouble | undefined): boolean {
  return trouble === "red-in-soak" || trouble === "red-later";
}

/** The sections that are not what they were; undefined when all are. */
function changedSections(before: Observation, now: Observation): ObservationDelta | undefined {
  const changed: Record<string, unknown> = {};
  for (const [section, value] of Object.entries(now)) {
    if (section === "inventory") continue;
    if (JSON.stringify(value) !== JSON.stringify(before[section as keyof Observation])) changed[section] = value;
  }
  return Object.keys(changed).length === 0 ? undefined : (changed as ObservationDelta);
}
