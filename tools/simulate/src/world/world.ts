import { MemoryDisk } from "@treeline/store";
import { Chance, type Draws } from "../kernel/chance.ts";
import type { EventLog } from "../kernel/event-log.ts";
import { settled } from "../kernel/settled.ts";
import { VirtualTime } from "../kernel/virtual-time.ts";
import { stormMillis } from "../plan/happenings-plan.ts";
import type { Happening, What } from "../plan/happening.ts";
import { baseRelease, troubleOn } from "../plan/release-plan.ts";
import type { RunPlan } from "../plan/run-plan.ts";
import { Agent, type AgentWatch, type Answer, type Question } from "./agent.ts";
import * as engine from "./engine.ts";
import { Happenings } from "./happenings.ts";
import { ServerLife, type ServerWatch } from "./server-life.ts";
import { Stream } from "./stream.ts";

/** Who judges what happens. A judge only looks. */
export interface Judge extends AgentWatch, ServerWatch {
  /** After each step, when every promise has settled. @returns false: the run is over */
  stepped(world: World, steps: number): Promise<boolean>;
  /** Nothing more will happen; or the run was cut short at its limit of steps. */
  ended(world: World, why: "quiet" | "limit"): Promise<void>;
  /** An operator was told that this was done. */
  obeyed(world: World, command: { readonly changes: readonly unknown[] }): void;
}

export interface WorldOptions {
  readonly plan: RunPlan;
  readonly judge: Judge;
  readonly log: EventLog;
  /** After so many steps the run ends, whatever state it is in. */
  readonly stepsLimit: number;
}

const wallClockAtStart = 1_750_000_000_000;
/** After the storm a run ends when nothing has moved for so long: longer than any timeout of a policy and than an operator's patience. */
const quietMillis = 4 * 3_600_000;
/** Or when so long has passed since: something still moves, and it never comes to rest. */
const settleMillis = 72 * 3_600_000;
/** From then on operators no longer try again, they only end what is there. */
const tiredMillis = 6 * 3_600_000;
/** How often the helpful operator looks. */
const roundMillis = 60_000;
/** How often a server's event loop is busy when the controller wants its turn, and for how long at most. */
const busyShare = 0.25;
const busyMillis = 500;

/** A fleet, its servers, its operators and all that happens to them, in virtual time. */
export class World {
  readonly time = new VirtualTime();
  readonly plan: RunPlan;
  readonly disk = new MemoryDisk();
  readonly #judge: Judge;
  readonly #log: EventLog;
  readonly #stepsLimit: number;
  readonly #chance: Chance;
  readonly #happenings: Happenings;
  readonly #agents = new Map<string, Agent>();
  readonly #lives: ServerLife[] = [];
  readonly #streamOf = new WeakMap<Stream, ServerLife>();
  /** Nodes that go on talking to this server although a newer one is there. */
  readonly #keepsTo = new Map<string, ServerLife>();
  readonly #blockedUntil = new Map<string, number>();
  readonly #refusals: string[] = [];
  #started = 0;
  #busyUntil = 0;
  #wallOffset = 0;
  /** Since when the wall clock was off by so much. */
  readonly #offsets: { readonly at: number; readonly offset: number }[] = [{ at: 0, offset: 0 }];
  #disturbedAt = 0;
  #slowStore = { until: 0, lagMillis: 0 };
  #killAfterCommit: { readonly life: ServerLife; readonly downMillis: number } | undefined;
  #done = false;
  #moved: { readonly what: string; readonly at: number } = { what: "", at: 0 };

  constructor({ plan, judge, log, stepsLimit }: WorldOptions) {
    this.plan = plan;
    this.#judge = judge;
    this.#log = log;
    this.#stepsLimit = stepsLimit;
    this.#chance = new Chance(plan.key);
    this.#happenings = new Happenings(plan.happenings, (line) => this.note(line));
  }

  get agents(): ReadonlyMap<string, Agent> {
    return this.#agents;
  }

  /** The newest server process that is alive. */
  get newest(): ServerLife | undefined {
    return this.#lives.findLast((life) => life.alive);
  }

  /** The newest server process, when no other one is alive. */
  get soleWriter(): ServerLife | undefined {
    const alive = this.#lives.filter((life) => life.alive);
    return alive.length === 1 ? alive[0] : undefined;
  }

  /**
   * What the wall clock would say had it always been as far behind as it ever was in this life: what is due by it is due, however timers were set
   * before the clock was.
   */
  leastWallNow(life: ServerLife): number {
    const inItsTime = this.#offsets.filter((_, index) => (this.#offsets[index + 1]?.at ?? Infinity) >= life.startedAt);
    return wallClockAtStart + this.time.now + Math.min(...inItsTime.map(({ offset }) => offset));
  }

  /** No server began and no wall clock was set in the last so many milliseconds. */
  restsSince(millis: number): boolean {
    return this.time.now - this.#disturbedAt >= millis;
  }

  /** Ordinals of what has struck. */
  get struck(): ReadonlySet<number> {
    return this.#happenings.struck;
  }

  /** Why rollouts of the plan were refused, as their operator was told. */
  get refusals(): readonly string[] {
    return this.#refusals;
  }

  note(line: string): void {
    this.#log.note(this.time.now, line);
  }

  /** Plays the whole run. Returns how many steps it took. */
  async play(): Promise<number> {
    this.#begin();
    let steps = 0;
    while (!this.#done && steps < this.#stepsLimit) {
      const next = this.time.next(stormMillis.to + settleMillis);
      if (next === undefined) break;
      next();
      await settled();
      steps++;
      if (!(await this.#judge.stepped(this, steps))) return steps;
    }
    await this.#judge.ended(this, steps < this.#stepsLimit ? "quiet" : "limit");
    return steps;
  }

  // ---- the order of events ----

  #begin(): void {
    const { plan, time } = this;
    this.#startServer();
    const present = plan.nodes.filter(({ joinsAt }) => joinsAt === 0);
    this.#order(1_000, engine.publish([baseRelease, ...plan.releases]));
    this.#order(2_000, engine.enroll(present), () => present.forEach((node) => this.#startAgent(node.id)));
    for (const budget of engine.putBudgets(plan)) this.#order(3_000, budget);
    for (const node of plan.nodes) if (node.joinsAt > 0) this.#order(node.joinsAt, engine.enroll([node]), () => this.#startAgent(node.id));
    for (const rollout of plan.rollouts)
      this.#order(rollout.createdAt, engine.create(rollout), (refused) => refused !== undefined && this.#refusals.push(refused));
    for (const happening of plan.happenings) {
      const { when } = happening;
      if ("at" in when) time.at(when.at, () => this.#strike(happening));
    }
    time.at(stormMillis.to, () => {
      this.#happenings.calm = true;
      this.note("calm");
    });
    time.at(roundMillis, () => this.#round(this.#chance.stream("helpful operator")));
  }

  /** An operator asks until somebody answers. */
  #order(at: number, decide: engine.Decide, then: (refused?: string) => unknown = () => {}): void {
    const attempt = async (): Promise<void> => {
      const command = await this.newest?.operate(decide);
      if (command === undefined) return void this.time.after(2_000, () => void attempt());
      if ("refused" in command) {
        this.note(`refused: ${command.refused}`);
        return void then(command.refused);
      }
      this.#judge.obeyed(this, command);
      this.note(`done: ${command.action} ${command.subject}`);
      then();
    };
    this.time.at(at, () => void attempt());
  }

  #round(draws: Draws): void {
    const calm = this.#happenings.calm;
    const snapshot = this.newest?.durable;
    if (snapshot !== undefined) {
      const now = this.newest?.wallNow() ?? 0;
      if (this.#moved.what !== engine.progress(snapshot)) this.#moved = { what: engine.progress(snapshot), at: this.time.now };
      const over = engine.unsettled(snapshot).length === 0 && this.#agents.size === this.plan.nodes.length;
      if (calm && (over || this.time.now - Math.max(stormMillis.to, this.#moved.at) > quietMillis)) this.#done = true;
      const mood = !calm ? "busy" : this.time.now < stormMillis.to + tiredMillis ? "calm" : "tired";
      for (const decide of engine.helpful(snapshot, { mood, draws, now })) this.#order(this.time.now, decide);
    }
    this.time.after(roundMillis, () => this.#round(draws));
  }

  #strike(happening: Happening): void {
    this.#happenings.strike(happening);
    this.#suffer(happening.what, this.#chance.stream(`strike ${happening.ordinal}`));
  }

  #suffer(what: What, draws: Draws): void {
    switch (what.kind) {
      case "partition":
        for (const id of what.nodes) this.#blockedUntil.set(id, Math.max(this.#blockedUntil.get(id) ?? 0, this.time.now + what.millis));
        for (const id of what.nodes) {
          const stream = this.#agents.get(id)?.stream;
          stream?.block("up", what.millis);
          stream?.block("down", what.millis);
        }
        return;
      case "server-crash": {
        const life = this.newest;
        if (life !== undefined) this.#kill(life, what.downMillis);
        return;
      }
      case "second-server":
        return this.#secondServer(what, draws);
      case "wall-clock-step":
        this.#wallOffset += what.millis;
        this.#offsets.push({ at: this.time.now, offset: this.#wallOffset });
        this.#disturbedAt = this.time.now;
        return;
      case "store-slow":
        this.#slowStore = { until: this.time.now + what.millis, lagMillis: what.lagMillis };
        return;
      case "operator":
        return this.#order(this.time.now, engine.arbitrary(what.act, draws));
      case "node-red":
        return this.#agents.get(what.node)?.suffer(what);
      default:
        return;
    }
  }

  // ---- servers ----

  #startServer(): void {
    const number = ++this.#started;
    this.#disturbedAt = this.time.now;
    const draws = this.#chance.stream(`server ${number}`);
    const turns = this.#chance.stream(`turns of server ${number}`);
    const life = ServerLife.start({
      name: `server ${number}`,
      disk: this.disk,
      time: this.time,
      draws,
      wallClock: () => wallClockAtStart + this.time.now + this.#wallOffset,
      lagMillis: () => (this.time.now < this.#slowStore.until ? this.#slowStore.lagMillis : 0),
      turnMillis: () =>
        Math.max(
          this.#busyUntil - this.time.now,
          this.plan.key.faults !== "none" && turns.happens(busyShare) ? turns.millis(1, busyMillis) : 0,
        ),
      onCommit: (committing, point) => this.#onCommit(committing, point),
      onEnd: (ended, why) => {
        this.note(`${ended.name} ends: ${why}`);
        this.#kill(ended, draws.whole(1_000, 10_000));
      },
      watch: this.#judge,
      note: (line) => this.note(line),
    });
    this.#lives.push(life);
  }

  #onCommit(life: ServerLife, point: "before-commit" | "after-commit"): void {
    if (point === "after-commit") {
      const due = this.#killAfterCommit;
      this.#killAfterCommit = undefined;
      if (due?.life === life) this.#kill(life, due.downMillis);
      return;
    }
    for (const what of this.#happenings.onCommit()) {
      if (what.kind !== "server-crash") this.#suffer(what, this.#chance.stream("strikes at commits"));
      else if (what.point === "after-commit") this.#killAfterCommit = { life, downMillis: what.downMillis };
      else this.#kill(life, what.downMillis);
    }
  }

  #kill(life: ServerLife, downMillis: number): void {
    if (!life.alive) return;
    life.kill();
    this.#lives.splice(this.#lives.indexOf(life), 1);
    this.note(`${life.name} is gone`);
    if (this.newest === undefined)
      this.time.after(downMillis, () => {
        if (this.newest === undefined) this.#startServer();
      });
  }

  #secondServer({ storeCutMillis, share }: Extract<What, { readonly kind: "second-server" }>, draws: Draws): void {
    const old = this.newest;
    if (old === undefined) return;
    old.cutFromStore(storeCutMillis);
    for (const agent of this.#agents.values()) {
      if (draws.happens(share)) this.#keepsTo.set(agent.id, old);
      else agent.stream?.reset();
    }
    this.#startServer();
  }

  #serverFor(id: string): ServerLife | undefined {
    const kept = this.#keepsTo.get(id);
    return kept?.up === true ? kept : this.newest;
  }

  // ---- agents ----

  #startAgent(id: string): void {
    const node = this.plan.nodes.find((candidate) => candidate.id === id);
    if (node === undefined || this.#agents.has(id)) return;
    const agent = new Agent({
      plan: node,
      base: baseRelease.checksum,
      releases: this.plan.releases.map((release) => ({ ...release, troubleHere: troubleOn(release, node, this.#chance) })),
      surroundings: {
        time: this.time,
        draws: this.#chance.stream(`agent ${id}`),
        happenings: this.#happenings,
        connect: (asking) => this.#connect(asking),
        ask: (asking, question, answered) => this.#ask(asking, question, answered),
        watch: this.#judge,
        note: (line) => this.note(line),
      },
    });
    this.#agents.set(id, agent);
    agent.start();
  }

  #connect(agent: Agent): Stream | undefined {
    const life = this.#serverFor(agent.id);
    if (life === undefined || !life.up) return undefined;
    const stream: Stream = new Stream({
      time: this.time,
      draws: this.#chance.stream(`link ${agent.id}`),
      agent: { heard: (message) => agent.heard(stream, message), ended: (reason) => agent.ended(stream, reason) },
      begin: (party) => life.begin(stream, agent.id, party),
      blockedUntil: () => this.#blockedUntil.get(agent.id) ?? 0,
    });
    this.#streamOf.set(stream, life);
    return stream;
  }

  /** Over the connection of the session that is up, as agents do. A question or an answer that meets a partition is lost. */
  #ask(agent: Agent, question: Question, answered: (answer: Answer) => void): void {
    const { time } = this;
    const draws = this.#chance.stream(`questions ${agent.id}`);
    const strikes = this.#happenings.onNode(agent.id, "question");
    for (const what of strikes) {
      if (what.kind !== "operator") continue;
      // The command and the question are served before anybody looks at what the command has changed.
      this.#busyUntil = this.time.now + busyMillis;
      this.#suffer(what, draws);
    }
    const late = (kind: What["kind"]): number =>
      strikes.reduce((sum, what) => (what.kind === kind && "millis" in what ? sum + what.millis : sum), 0);
    const lost = (kind: What["kind"]): boolean => strikes.some((what) => what.kind === kind);
    const life = agent.stream === undefined ? undefined : this.#streamOf.get(agent.stream);
    const passes = (): boolean => (this.#blockedUntil.get(agent.id) ?? 0) <= time.now;
    const arrive = async (at: ServerLife | undefined, reply: (answer: Answer) => void): Promise<void> => {
      const answer = passes() ? await at?.confirm(agent.id, question) : undefined;
      if (answer !== undefined && !lost("answer-lost"))
        time.after(draws.millis(1, 200) + late("answer-late"), () => passes() && reply(answer));
    };
    if (!lost("question-lost")) time.after(draws.millis(1, 200) + late("question-late"), () => void arrive(life, answered));
    if (lost("question-repeated"))
      time.after(draws.millis(1, 200) + late("question-repeated"), () => void arrive(this.#serverFor(agent.id), () => {}));
  }
}
