import type { CommitBatch } from "@treeline/control";
import type { Change } from "@treeline/rollout";
import type { BrokenInvariant } from "@treeline/upgrade/simulated-host";
import type { Agent, Answer, Question } from "../world/agent.ts";
import type { ConversationFacts, ServerLife } from "../world/server-life.ts";
import type { Judge, World } from "../world/world.ts";
import type { Looks, Scene } from "./invariant.ts";
import { Model } from "./model.ts";
import { invariants, noDefect } from "./registry.ts";
import { Truth } from "./truth.ts";
import type { VirtualTime } from "../kernel/virtual-time.ts";

/** The first thing in a run that must not be. */
export interface Violation {
  readonly invariant: string;
  readonly message: string;
  readonly step: number;
  /** Virtual milliseconds. */
  readonly at: number;
}

const wholeEverySteps = 1_000;

/**
 * Holds a run against the invariants: what changed at each change, the whole now and then. It keeps two models of its own, of what is on the disk and
 * of what each server has decided beyond that, and knows what really is on the hosts.
 */
export class Checker implements Judge {
  readonly #time: () => VirtualTime;
  readonly #truth = new Truth();
  readonly #disk = new Model();
  readonly #decided = new Map<ServerLife, Model>();
  readonly #looks: readonly { readonly name: string; readonly looks: Looks }[];
  #steps = 0;
  #violation: Violation | undefined;

  constructor({ time }: { readonly time: () => VirtualTime }) {
    this.#time = time;
    const scene: Scene = { truth: this.#truth, disk: this.#disk, now: () => this.#time().now };
    this.#looks = invariants.map(({ name, watch }) => ({ name, looks: watch(scene) }));
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  // ---- servers ----

  opened(life: ServerLife): void {
    for (const other of this.#decided.keys()) if (!other.alive) this.#decided.delete(other);
    this.#decided.set(life, this.#disk.copy());
    this.#ask((looks) => looks.opened?.(life));
  }

  submitted(life: ServerLife, batch: CommitBatch): void {
    const model = this.#modelOf(life);
    for (const [index, change] of batch.changes.entries()) {
      this.#ask((looks) => looks.decided?.(change, { life, model, batch, index }));
      model.apply(change);
    }
  }

  durable(_: ServerLife, batch: CommitBatch): void {
    const stored = { model: this.#disk, batch };
    for (const change of batch.changes) {
      this.#ask((looks) => looks.stored?.(change, stored));
      this.#disk.apply(change);
    }
    this.#ask((looks) => looks.batchStored?.(stored));
  }

  contact(life: ServerLife, change: Extract<Change, { readonly kind: "contact" }>): void {
    this.#modelOf(life).apply(change);
  }

  sent(_: ServerLife, nodeId: string, message: Parameters<NonNullable<Looks["sent"]>>[1], facts: ConversationFacts): void {
    this.#ask((looks) => looks.sent?.(nodeId, message, facts));
  }

  answered(_: ServerLife, nodeId: string, question: Question, answer: Answer): void {
    this.#ask((looks) => looks.answered?.(nodeId, question, answer));
  }

  obeyed(_: World, { changes }: { readonly changes: readonly unknown[] }): void {
    this.#ask((looks) => looks.obeyed?.(changes));
  }

  defect(life: ServerLife, message: string, error: unknown): void {
    this.#broken(noDefect, `${life.name}: ${message}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }

  // ---- hosts ----

  booted(agent: Agent): void {
    this.#truth.booted(agent, this.#time().now);
  }

  deployed(agent: Agent): void {
    const attempt = agent.host.deploys.at(-1);
    if (attempt === undefined) return;
    this.#truth.deployed(agent, attempt);
    this.#ask((looks) => looks.deployed?.(agent, attempt));
  }

  broken(agent: Agent, error: BrokenInvariant): void {
    this.#broken(noDefect, `${agent.id} did what its host forbids: ${error.message}`);
  }

  // ---- the run ----

  async stepped(world: World, steps: number): Promise<boolean> {
    this.#steps = steps;
    if (steps % wholeEverySteps === 0) await this.#whole(world);
    return this.#violation === undefined;
  }

  async ended(world: World, why: "quiet" | "limit"): Promise<void> {
    await this.#whole(world);
    if (why === "limit") this.#broken("EveryRunEnds", `the run did not come to rest within ${this.#steps} steps`);
    else this.#ask((looks) => looks.ended?.(world));
  }

  async #whole(world: World): Promise<void> {
    for (const { name, looks } of this.#looks) {
      const problem = await looks.whole?.(world);
      if (problem !== undefined) this.#broken(name, problem);
    }
  }

  #modelOf(life: ServerLife): Model {
    const model = this.#decided.get(life) ?? this.#disk.copy();
    this.#decided.set(life, model);
    return model;
  }

  #ask(look: (looks: Looks) => string | undefined): void {
    if (this.#violation !== undefined) return;
    for (const { name, looks } of this.#looks) {
      const problem = look(looks);
      if (problem !== undefined) this.#broken(name, problem);
    }
  }

  #broken(invariant: string, message: string): void {
    this.#violation ??= { invariant, message, step: this.#steps, at: this.#time().now };
  }
}
