/**
 * A pure model of an OSTree host under the agent, for tests and simulations: it carries out the steps of `plan` as ostree 2022.7 and a boot loader would.
 * Disk state (deployments, held commits, journal) outlives crashes and power cuts; memory (session, intent, answers, checks) does not. It has no clock: who
 * plays it moves `uptimeMillis`. One file, because what a step does and what a crash in it leaves behind must be read side by side.
 * One file, because it is one machine: disk, memory and the agent between them; its commits, its sysroot and its judge have files of their own.
 */
import {
  sameAttempt,
  sameDeployment,
  type AttemptRef,
  type Checksum,
  type ExtendedResources,
  type Generation,
  type Health,
  type Intent,
  type Inventory,
  type Observation,
  type OsState,
  type Permission,
  type Target,
} from "@treeline/fleet";
import type { DeploymentRef } from "./guard.ts";
import type { HookKind } from "./hooks.ts";
import { emptyJournal, type Journal } from "./journal.ts";
import { wantedKeep } from "./keep.ts";
import { closeAttempt } from "./ending.ts";
import { plan } from "./plan.ts";
import { updateState } from "./report.ts";
import { noteHooks, noteStaged, type StageResult } from "./result.ts";
import { behaviourOf, isGreen, type CommitBehaviours } from "./simulated-commit.ts";
import { BrokenInvariant, isConfirmed, judge } from "./simulated-judge.ts";
import { SimulatedGuard } from "./simulated-guard.ts";
import { SimulatedSysroot, type Hold } from "./simulated-sysroot.ts";
import { isTakenFromHere } from "./taken-from-here.ts";
import type { Confirmation, Limits, Step, View } from "./view.ts";

export { wellBehaved, type CommitBehaviour, type CommitBehaviours } from "./simulated-commit.ts";
export { BrokenInvariant } from "./simulated-judge.ts";
export type { Hold } from "./simulated-sysroot.ts";

/**
 * How an agent lies about success.
 * - `instead-of-deploying`: once it is confirmed it deploys nothing and says it was updated, on the boot on which it was confirmed.
 * - `after-failing`: every attempt that ends in any other way, it says was updated on the boot it is on.
 * - `without-soaking`: it says so as soon as the soak begins.
 * What ostree says is never part of the lie: a host that lies about that too cannot be told from one that was updated.
 */
export type FalseSuccess = "instead-of-deploying" | "after-failing" | "without-soaking";

export interface SimulatedHostOptions {
  /** The commit it was installed with. */
  readonly base: Checksum;
  /** By commit; one that is not named behaves well. */
  readonly behaviour: CommitBehaviours;
  readonly limits: Limits;
  /** Makes its boot ids and nonces its own among many hosts. */
  readonly name?: string;
  /** What it has on a commit that loses none of it; absent: its observations do not speak of resources. */
  readonly resources?: ExtendedResources;
  readonly falseSuccess?: FalseSuccess;
  /** It has a boot guard. */
  readonly guarded?: boolean;
  /** What its owner's hooks do; a kind that is not named has no programs. Read at every look. */
  readonly hooks?: Readonly<Partial<Record<HookKind, "green" | "red">>>;
}

/** What an agent says first on a session. */
export interface SimulatedHello {
  readonly agentVersion: string;
  readonly bootId: string;
  readonly instanceNonce: string;
  readonly highest: Generation;
  readonly openAttempts: readonly AttemptRef[];
}

/** What an agent asks before the point of no return. */
export interface SimulatedQuestion {
  readonly attempt: AttemptRef;
  readonly permission: Permission;
  readonly bootId: string;
  readonly nonce: string;
  readonly checksum: Checksum;
}

/** The uptime at which a simulated host has booted, in milliseconds. */
const bootedAtMillis = 1_000;

export class SimulatedHost {
  readonly #options: SimulatedHostOptions;
  readonly #sysroot: SimulatedSysroot;
  readonly #guard: SimulatedGuard | undefined;
  /** The default that is accounted for although it is not booted. */
  #accounted: Pick<SimulatedSysroot["next"], "checksum" | "serial"> | undefined;
  #boots = 1;
  #powered = true;
  journal: Journal = emptyJournal;
  uptimeMillis = bootedAtMillis;

  // Memory of the agent process.
  #processes = 1;
  #questions = 0;
  #intent: Intent | undefined;
  #confirmation: { readonly answer: Confirmation; readonly permission: Permission | undefined } | undefined;
  #health: Health | undefined;
  #checkedAtUptimeMillis: number | undefined;
  #sessionUp = false;
  #seenThisBoot = false;

  serverUp = true;
  /** Who holds it. */
  heldBy: readonly string[] = [];
  /** The hooks that ran, in order. */
  readonly hooksRun: HookKind[] = [];
  /** Attempts that something was deployed or made the default for, under a grant. */
  readonly deploys: AttemptRef[] = [];
  /** Reboots that plan asked for to go back by itself, per attempt. */
  readonly waysBack: AttemptRef[] = [];
  /** What the guard went back to, each time. */
  readonly guardReturns: Checksum[] = [];
  /** Every boot's commit after the first. */
  readonly bootedCommits: string[] = [];
  /** Commits fetched from the server, in order. */
  readonly downloads: string[] = [];

  constructor(options: SimulatedHostOptions) {
    this.#options = options;
    this.#sysroot = new SimulatedSysroot(options.base);
    this.#guard = options.guarded === true ? new SimulatedGuard() : undefined;
  }

  get bootId(): string {
    const { name } = this.#options;
    return `${name === undefined ? "" : `${name}-`}boot-${this.#boots}`;
  }

  get booted(): string {
    return this.#sysroot.booted.checksum;
  }

  get sessionUp(): boolean {
    return this.#sessionUp;
  }

  /** The uptime at which the agent of this boot starts, in milliseconds; undefined on a host that is off or never comes up. */
  get agentStartsAtUptimeMillis(): number | undefined {
    const { dies, bootMillis } = this.#behaviour();
    return !this.#powered || dies === true ? undefined : bootedAtMillis + (bootMillis ?? 0);
  }

  /** Its agent runs: it acts, and can be reached where its commit reaches the server. */
  get running(): boolean {
    const startsAt = this.agentStartsAtUptimeMillis;
    return startsAt !== undefined && this.uptimeMillis >= startsAt;
  }

  /** Whether a session would come up now. */
  get reachesServer(): boolean {
    return this.running && this.serverUp && this.#behaviour().reachesServer;
  }

  /** What its local refs hold. */
  get refs(): ReadonlyMap<Hold, Checksum> {
    return this.#sysroot.refs;
  }

  /** Whether a commit is in its repository. */
  has(checksum: Checksum): boolean {
    return this.#sysroot.has(checksum);
  }

  os(): OsState {
    return { bootId: this.bootId, deployments: this.#sysroot.deployments() };
  }

  view(): View {
    const confirmation = this.#currentAnswer();
    return {
      uptimeMillis: this.uptimeMillis,
      os: this.os(),
      journal: this.journal,
      ...(this.#intent ? { intent: this.#intent } : {}),
      session: { up: this.#sessionUp, seenThisBoot: this.#seenThisBoot },
      health: this.#healthNow(),
      ...(this.#checkedAtUptimeMillis === undefined ? {} : { checkedAtUptimeMillis: this.#checkedAtUptimeMillis }),
      ...(confirmation ? { confirmation } : {}),
      hooks: Object.keys(this.#options.hooks ?? {}) as HookKind[],
      heldBy: this.heldBy,
      ...(this.#guard === undefined ? {} : { guard: this.#guard.state() }),
      limits: this.#options.limits,
    };
  }

  // ---- what the agent says ----

  hello(): SimulatedHello {
    const { highest, open } = this.journal;
    return {
      agentVersion: "simulated",
      bootId: this.bootId,
      instanceNonce: `${this.bootId}-process-${this.#processes}`,
      highest,
      openAttempts: open === undefined ? [] : [open.ref],
    };
  }

  /** The whole of what it would report now. */
  observation(): Observation {
    const { resources } = this.#options;
    const health = this.#healthNow();
    const { loses = [] } = this.#behaviour();
    return {
      os: this.os(),
      update: updateState(this.journal, { health, ...(this.#intent ? { intent: this.#intent } : {}) }),
      health,
      inventory: { ...simulatedInventory, hostname: this.#options.name ?? "sim" },
      ...(resources === undefined
        ? {}
        : { extendedResources: Object.fromEntries(Object.entries(resources).filter(([name]) => !loses.includes(name))) }),
    };
  }

  /** The question that a `confirm` step asks; each asking has a nonce of its own. */
  questionOf({ attempt, permission }: Extract<Step, { readonly do: "confirm" }>): SimulatedQuestion {
    const nonce = `${this.bootId}-question-${++this.#questions}`;
    return { attempt: attempt.ref, permission, bootId: this.bootId, nonce, checksum: attempt.target.checksum };
  }

  // ---- what happens to the host ----

  setSession(up: boolean): void {
    this.#sessionUp = up && this.reachesServer;
    if (this.#sessionUp) this.#seenThisBoot = true;
  }

  receive(intent: Intent): void {
    if (this.#sessionUp) this.#intent = intent;
  }

  /** @param permission what the question was asked with; an answer to it is good for no other. Absent: for whichever the intent holds */
  answer(confirmation: Confirmation, permission?: Permission): void {
    this.#confirmation = { answer: confirmation, permission };
  }

  /** The agent process dies and starts again: disk stays, memory goes. */
  crash(): void {
    this.#processes++;
    this.#intent = undefined;
    this.#confirmation = undefined;
    this.#health = undefined;
    this.#checkedAtUptimeMillis = undefined;
    this.#sessionUp = false;
    this.#seenThisBoot = false;
  }

  /** Nothing is finalized: what was staged is lost. */
  cutPower(): void {
    this.#sysroot.loseStaged();
    this.#boot();
  }

  /** The power goes and stays away. */
  powerOff(): void {
    this.#sysroot.loseStaged();
    this.crash();
    this.#powered = false;
  }

  /** After `powerOff`: boots what is the default. */
  powerOn(): void {
    this.#powered = true;
    this.#boot();
  }

  /** As `ostree-finalize-staged` at shutdown does: the new one first, the booted one kept, older ones dropped. */
  reboot(): void {
    this.#sysroot.finalize();
    this.#boot();
  }

  /** A boot guard or a person makes another written deployment the default. */
  setDefault(checksum: string, serial?: number): void {
    this.#sysroot.setDefault(checksum, serial);
    this.#accounted = this.#sysroot.next;
  }

  /** A person pulls another commit and stages it. */
  stage(checksum: string): void {
    this.#sysroot.pull(checksum);
    this.#sysroot.stage(checksum);
    this.#accounted = this.#sysroot.next;
  }

  /** The journal is gone and the agent starts anew: what would boot next is nobody's doing from now on. */
  loseJournal(): void {
    this.journal = emptyJournal;
    this.#accounted = this.#sysroot.next;
    this.crash();
  }

  /** A person removes the deployments of a commit that does not run. */
  undeploy(checksum: string): void {
    for (const one of this.os().deployments) if (one.checksum === checksum && !one.booted) this.#sysroot.undeploy(one);
  }

  #boot(): void {
    if (!this.#sysroot.boot((checksum) => behaviourOf(this.#options.behaviour, checksum).boots))
      throw new BrokenInvariant("no bootable deployment is left");
    // A default that was one before this boot and did not boot is the boot loader's doing, not the plan's.
    if (!isConfirmed(this.journal.open)) this.#accounted = this.#sysroot.next;
    this.#boots++;
    this.uptimeMillis = bootedAtMillis;
    this.crash();
    const isNew = this.booted !== this.#options.base && !this.bootedCommits.includes(this.booted);
    if (isNew && this.#behaviour().signed === false) throw new BrokenInvariant("booted a commit that nobody signed");
    this.bootedCommits.push(this.booted);
    this.#guardTurnsTo(this.#guard?.start(this.#sysroot.booted, this.os().deployments));
  }

  /** The guard's time after this boot is over. */
  guardDeadline(): void {
    this.#guardTurnsTo(this.#guard?.deadline(this.#sysroot.booted, this.os().deployments));
  }

  #guardTurnsTo(to: DeploymentRef | undefined): void {
    if (to === undefined) return;
    this.#sysroot.setDefault(to.checksum, to.serial);
    this.guardReturns.push(to.checksum);
    this.#boot();
  }

  // ---- what the agent does ----

  /**
   * Asks `plan` and does what it says. `upTo` ends the step early, as a crash would: `nothing` before the journal is written, `journal` after
   * it and before the deed (a `stage` left there is ended by `finishStaging`). Returns the step; while the agent does not run, a wait for it.
   */
  act(upTo: "nothing" | "journal" | "all" = "all"): Step {
    if (!this.running) {
      const startsAt = this.agentStartsAtUptimeMillis;
      return { do: "wait", ...(startsAt === undefined ? {} : { untilUptimeMillis: startsAt }) };
    }
    this.#keepAndRelease();
    const view = this.view();
    const step = plan(view);
    judge(view, step, this.#accounted);
    if (upTo === "nothing") return step;
    if (step.journal !== undefined) this.#write(step.journal);
    if (upTo === "journal") return step;
    this.#carryOut(view, step);
    return step;
  }

  /** How the staging of the open attempt ended; `ok` brings the target's commit here. For who lets a pull take its time: `act("journal")`, then this. */
  finishStaging(result: StageResult = { ok: true }): void {
    const { open } = this.journal;
    if (open?.step !== "staging") return;
    this.#write(noteStaged(this.view(), result.ok ? this.#fetch(open.target) : result));
  }

  #carryOut(view: View, step: Step): void {
    switch (step.do) {
      case "wait":
        return;
      case "run-checks":
        this.#checkedAtUptimeMillis = this.uptimeMillis;
        this.uptimeMillis += 10;
        this.#health = this.#runChecks();
        return;
      case "stage":
        return this.finishStaging();
      case "confirm":
        // The answer comes from outside: the scenario is the server.
        return;
      case "run-hooks": {
        this.hooksRun.push(step.kind);
        const red = this.#options.hooks?.[step.kind] === "red";
        return this.#write(noteHooks(this.view(), step.kind, red ? { ok: false, reason: `the ${step.kind} hook said no` } : { ok: true }));
      }
      case "disarm":
        return this.#guard?.disarm(step.proven);
      case "deploy":
        if (step.arm !== undefined) this.#guard?.arm(step.arm);
        return this.#deploy(view, step.target);
      case "set-default":
        if (step.underGrant === true ? this.#useGrant(view) === undefined : !this.#mayChangeDefault(step.deployment)) return;
        return this.#sysroot.setDefault(step.deployment.checksum, step.deployment.serial);
      case "undeploy":
        if (this.booted === step.deployment.checksum && this.#sysroot.booted.serial === step.deployment.serial)
          throw new BrokenInvariant("undeploy of the booted deployment");
        if (step.underGrant === true && this.#useGrant(view) === undefined) return;
        return this.#sysroot.undeploy(step.deployment);
      case "reboot": {
        const open = this.journal.open;
        if (open?.step === "going-back") {
          if (open.back === true) throw new BrokenInvariant("an automatic way back from a way back");
          if (this.waysBack.some((ref) => sameAttempt(ref, open.ref))) throw new BrokenInvariant("a second automatic way back");
          this.waysBack.push(open.ref);
        }
        return this.reboot();
      }
    }
  }

  #fetch(target: Target): StageResult {
    const { open } = this.journal;
    const held = [...this.#sysroot.refs].flatMap(([hold, checksum]) => (hold === "target" ? [] : [checksum]));
    const complete = this.has(target.checksum);
    if (open === undefined || !isTakenFromHere(open, { os: this.os(), held, complete })) {
      if (behaviourOf(this.#options.behaviour, target.checksum).signed === false)
        return { ok: false, retryable: false, failure: "release", reason: "the commit is not signed" };
      if (!complete) this.downloads.push(target.checksum);
      this.#sysroot.pull(target.checksum);
    }
    if (open !== undefined) this.#sysroot.hold("base", open.base.checksum);
    this.#sysroot.hold("target", target.checksum);
    return { ok: true };
  }

  #deploy(view: View, target: Target): void {
    const open = this.#useGrant(view);
    if (open === undefined) return;
    if (this.#sysroot.refs.get("target") !== target.checksum) throw new BrokenInvariant("deployed a commit that is not held");
    this.#sysroot.stage(target.checksum);
  }

  /** Uses the grant up. @returns the attempt to go on with; undefined when the agent lies instead */
  #useGrant(view: View): Journal["open"] {
    const { confirmation } = view;
    const open = this.journal.open;
    this.#confirmation = undefined;
    if (open === undefined || confirmation?.granted !== true || this.uptimeMillis >= confirmation.validUntilUptimeMillis)
      throw new BrokenInvariant("deployed without a valid grant");
    if (!sameAttempt(confirmation.attempt, open.ref)) throw new BrokenInvariant("deployed on a grant for another attempt");
    if (open.step !== "finalizing" || open.confirmedBootId !== this.bootId)
      throw new BrokenInvariant("deployed before the journal said so");
    if (this.#options.falseSuccess === "instead-of-deploying") {
      this.#write(closeAttempt(this.journal, open, { kind: "updated", bootId: this.bootId, soakedMillis: open.soakMillis }));
      return undefined;
    }
    this.deploys.push(open.ref);
    return open;
  }

  /** Without a grant: the deployment that runs, or on an attempt's own way back the one that it left. */
  #mayChangeDefault(name: Parameters<typeof sameDeployment>[0]): true {
    const { open } = this.journal;
    const isWayBack = open?.step === "going-back" && open.back !== true && name.checksum === open.base.checksum;
    if (!isWayBack && !sameDeployment(name, this.#sysroot.booted)) throw new BrokenInvariant("the default was changed without a grant");
    return true;
  }

  #write(next: Journal): void {
    const before = this.journal.open;
    if (before !== undefined && next.open === undefined) this.#accounted = this.#sysroot.next;
    const last = next.closed.at(-1);
    const isNew = last !== undefined && last !== this.journal.closed.at(-1);
    if (isNew && this.#options.falseSuccess === "after-failing" && last.outcome.kind !== "updated") {
      const { bootId } = this;
      const lie = { ...last, outcome: { kind: "updated" as const, bootId, soakedMillis: before?.soakMillis ?? 0 } };
      this.journal = { ...next, closed: [...next.closed.slice(0, -1), lie], denied: this.journal.denied };
    } else if (this.#options.falseSuccess === "without-soaking" && next.open?.step === "soaking")
      this.journal = closeAttempt(next, next.open, { kind: "updated", bootId: this.bootId, soakedMillis: 0 });
    else this.journal = next;
  }

  /** As the agent before each step: first what an intent says to keep, then what an ended attempt held. */
  #keepAndRelease(): void {
    const wanted = wantedKeep(this.#intent, this.journal.highest);
    if (wanted !== undefined) this.#sysroot.keep(wanted.commit);
    if (this.journal.open !== undefined) return;
    this.#sysroot.release("target");
    this.#sysroot.release("base");
  }

  #currentAnswer(): Confirmation | undefined {
    const held = this.#confirmation;
    if (held?.permission === undefined) return held?.answer;
    const now = this.#intent?.attempt?.permission;
    return now !== undefined && now.slot === held.permission.slot && now.epoch === held.permission.epoch ? held.answer : undefined;
  }

  #healthNow(): Health {
    return this.#health ?? { state: "unknown", bootId: this.bootId, checks: [] };
  }

  #runChecks(): Health {
    const passed = isGreen(this.#behaviour(), this.uptimeMillis);
    return {
      state: passed ? "green" : "red",
      bootId: this.bootId,
      checks: [{ name: "service", required: true, passed, output: passed ? "" : "it does not answer" }],
    };
  }

  #behaviour() {
    return behaviourOf(this.#options.behaviour, this.booted);
  }
}

const simulatedInventory: Omit<Inventory, "hostname"> = {
  machineId: "",
  architecture: "x86_64",
  osName: "sim",
  osVersion: "",
  kernel: "",
  cpuModel: "",
  cpuCores: 1,
  memoryBytes: 0,
  disks: [],
  interfaces: [],
  virtualization: "",
};

/** An intent of the server, for tests. */
export function intentOf(order: {
  readonly generation: Generation;
  readonly target: Target;
  readonly attempt?: AttemptRef;
  readonly permission?: Permission | undefined;
  readonly soakMillis?: number;
  readonly clearDenied?: boolean;
  readonly back?: boolean;
  readonly keep?: Checksum;
}): Intent {
  const { generation, target, attempt, permission, keep } = order;
  const kept = keep === undefined ? {} : { keep };
  if (attempt === undefined) return { generation, target, ...kept };
  return {
    generation,
    target,
    attempt: {
      ref: attempt,
      soakMillis: order.soakMillis ?? 5_000,
      clearDenied: order.clearDenied ?? false,
      ...(permission ? { permission } : {}),
      ...(order.back ? { back: true as const } : {}),
    },
    ...kept,
  };
}
