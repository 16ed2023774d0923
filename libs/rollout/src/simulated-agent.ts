/** One host and its agent as a simple state machine, for tests: it reports its phases in order and obeys intents as a real one does. */
import {
  compareGenerations,
  noGeneration,
  sameAttempt,
  type AttemptOrder,
  type AttemptRef,
  type Checksum,
  type ClosedAttempt,
  type DeniedCommit,
  type Deployment,
  type ExtendedResources,
  type FailureClass,
  type Generation,
  type Intent,
  type NodeId,
  type Observation,
  type OpenAttempt,
  type Outcome,
  type Permission,
  type RollbackCause,
  type Target,
  type UpdatePhase,
} from "@treeline/fleet";

export const baseCommit = "b".repeat(64);
export const targetCommit = "c".repeat(64);
export const newerCommit = "d".repeat(64);

/**
 * What happens to an agent in its next step. `red-both`: the previous commit is red, too, when it runs again. `lose-resource`: the new boot has none
 * of its extended resources. `lie`: it says that it is updated and has done nothing.
 */
export type Fate = "good" | "transient" | "node-fault" | "power-cut" | "red" | "red-both" | "no-session" | "lose-resource" | "lie";

export function inventoryOf(hostname: string): Observation["inventory"] {
  const text = { machineId: "", architecture: "x86_64", osName: "", osVersion: "", kernel: "", cpuModel: "", virtualization: "" };
  return { hostname, ...text, cpuCores: 1, memoryBytes: 1, disks: [], interfaces: [] };
}

interface Attempt {
  readonly ref: AttemptRef;
  readonly target: Target;
  readonly base: Checksum;
  readonly back: boolean;
  readonly cure: boolean;
  readonly soakMillis: number;
  readonly phase: UpdatePhase;
  readonly confirmedBootId?: string;
}

/** One host and its agent: what is true there, known to the server only through reports. */
export class SimulatedAgent {
  readonly id: NodeId;
  connected = false;
  green = true;
  resources: ExtendedResources | undefined;
  booted: Checksum = baseCommit;
  /** The deployment that it ran before, still on the disk. */
  previous: Checksum | undefined;
  staged: Checksum | undefined;
  /** What it says about its open attempt, for people. */
  reason = "";
  open: Attempt | undefined;
  closed: readonly ClosedAttempt[] = [];
  denied: readonly DeniedCommit[] = [];
  intent: Intent | undefined;
  /** The commit that the last intent told it to keep, if it had it. */
  kept: Checksum | undefined;
  /** What it downloaded. */
  readonly pulled: Checksum[] = [];
  #highest: Generation = noGeneration;
  #boots = 1;

  constructor(id: NodeId) {
    this.id = id;
  }

  get bootId(): string {
    return `${this.id}-boot-${this.#boots}`;
  }

  get permission(): Permission | undefined {
    const order = this.intent?.attempt;
    return order !== undefined && this.open !== undefined && sameAttempt(order.ref, this.open.ref) ? order.permission : undefined;
  }

  receive(intent: Intent): void {
    if (compareGenerations(intent.generation, this.#highest) < 0) return;
    this.intent = intent;
    this.#highest = intent.generation;
    this.kept = intent.keep !== undefined && this.#has(intent.keep) ? intent.keep : undefined;
    const ordered = intent.attempt !== undefined && this.open !== undefined && sameAttempt(intent.attempt.ref, this.open.ref);
    const acted = this.open?.confirmedBootId !== undefined;
    if (this.open !== undefined && !ordered && !acted)
      this.#close({ kind: "abandoned", reason: "called off by the server", bootId: this.bootId });
  }

  /** One step of its state machine, if there is one to do. */
  advance(fate: Fate): void {
    const { open } = this;
    if (open === undefined) return this.#begin();
    switch (open.phase) {
      case "Staging":
        if (fate === "transient" || fate === "node-fault") return this.#fail(fate === "transient" ? "transient" : "node", fate);
        if (!this.#has(open.target.checksum)) this.pulled.push(open.target.checksum);
        return this.#move("Staged");
      case "Staged":
        return this.permission === undefined ? undefined : this.#move("Draining");
      case "Draining":
        return this.permission === undefined ? this.#move("Staged") : undefined;
      case "Finalizing":
        return fate === "power-cut" ? this.cutPower() : this.#move("Rebooting");
      case "Rebooting":
        return this.#reboot(open, fate);
      case "Verifying":
      case "Soaking":
        return this.#watch(open, fate);
      default:
        return undefined;
    }
  }

  /** The answer to Confirm arrived. */
  act(): void {
    if (this.open === undefined) return;
    this.staged = this.open.target.checksum;
    this.open = { ...this.open, phase: "Finalizing", confirmedBootId: this.bootId };
  }

  cutPower(): void {
    const acted = this.open?.phase === "Finalizing" || this.open?.phase === "Rebooting";
    this.staged = undefined;
    this.#boot();
    if (acted) this.#fail("never-booted", "the power went before it was finalized");
  }

  /** A boot loader falls back although the update was fine. */
  fallBack(): void {
    if (this.open !== undefined || this.booted === baseCommit || this.previous === undefined) return;
    [this.booted, this.previous] = [this.previous, this.booted];
    this.#boot();
  }

  /** The journal is gone; with nothing confirmed and nothing staged the agent starts from nothing. */
  loseJournal(): void {
    const order = this.intent?.attempt;
    const runsOrdered = order !== undefined && this.intent?.target.checksum === this.booted;
    if (this.open?.confirmedBootId !== undefined || this.staged !== undefined || runsOrdered) return;
    this.open = undefined;
    this.closed = [];
    this.denied = [];
    this.intent = undefined;
    this.#highest = noGeneration;
  }

  observation(): Observation {
    const { open } = this;
    const reported: OpenAttempt | undefined = open && {
      attempt: open.ref,
      target: open.target,
      base: { checksum: open.base, serial: 0 },
      phase: open.phase,
      ...(open.confirmedBootId === undefined ? {} : { confirmedBootId: open.confirmedBootId }),
    };
    const order = this.intent?.attempt;
    const notEligible =
      open === undefined && order !== undefined && order.back !== true && order.cure !== true && !this.green && !this.#knows(order);
    return {
      os: {
        bootId: this.bootId,
        deployments: [
          ...(this.staged === undefined ? [] : [deploymentOf(this.staged, { staged: true })]),
          deploymentOf(this.booted, { booted: true }),
          ...(this.previous === undefined ? [] : [deploymentOf(this.previous, { rollback: true })]),
        ],
      },
      update: {
        phase: open?.phase ?? (notEligible ? "NotEligible" : "Idle"),
        reason: this.reason,
        ...(reported === undefined ? {} : { open: reported }),
        closed: this.closed,
        denied: this.denied,
        highest: this.#highest,
      },
      health: { state: this.green ? "green" : "red", bootId: this.bootId, checks: [] },
      inventory: inventoryOf(this.id),
      ...(this.resources === undefined ? {} : { extendedResources: this.resources }),
    };
  }

  #begin(): void {
    const { intent } = this;
    const order = intent?.attempt;
    if (intent === undefined || order === undefined || this.booted === intent.target.checksum || this.#knows(order)) return;
    const attempt: Attempt = {
      ref: order.ref,
      target: intent.target,
      base: this.booted,
      back: order.back === true,
      cure: order.cure === true,
      soakMillis: order.soakMillis,
      phase: "Staging",
    };
    const { checksum } = intent.target;
    if (this.denied.some((denied) => denied.checksum === checksum) && !order.clearDenied) {
      this.open = attempt;
      return this.#fail("release", "denied on this host");
    }
    if (!this.green && !attempt.back && !attempt.cure) return;
    this.denied = this.denied.filter((denied) => denied.checksum !== checksum);
    this.open = attempt;
  }

  #reboot(open: Attempt, fate: Fate): void {
    if (fate === "power-cut") return this.cutPower();
    if (fate === "lie") {
      this.staged = undefined;
      return this.#close({ kind: "updated", bootId: this.bootId, soakedMillis: open.soakMillis });
    }
    this.staged = undefined;
    this.previous = this.booted;
    this.booted = open.target.checksum;
    // What a way back leads to was green when it was left, and what cures does.
    if (open.back || open.cure) this.green = true;
    if (fate === "lose-resource" && !open.back) this.resources = this.resources && {};
    this.#boot();
    this.#move("Verifying");
  }

  #watch(open: Attempt, fate: Fate): void {
    if (fate === "no-session" && !this.connected && open.phase === "Verifying") return this.#goBack(open, "no-session");
    if (fate === "red" || fate === "red-both") return this.#goBack(open, "required-check", fate === "red");
    if (open.phase === "Verifying") return this.connected ? this.#move("Soaking") : undefined;
    this.#close({ kind: "updated", bootId: this.bootId, soakedMillis: open.soakMillis });
  }

  #boot(): void {
    this.#boots++;
    this.connected = false;
    this.intent = undefined;
  }

  #goBack(open: Attempt, cause: RollbackCause, green = true): void {
    if (open.back) {
      // Nothing returns from a way back that the server ordered.
      this.green = cause === "no-session";
      return this.#fail("needs-operator", `on the commit that this way back led to: ${cause}`);
    }
    this.previous = this.booted;
    this.booted = open.base;
    this.green = green;
    this.#boot();
    this.denied = [
      ...this.denied.filter(({ checksum }) => checksum !== open.target.checksum),
      { checksum: open.target.checksum, reason: cause },
    ];
    if (!green) return this.#fail("needs-operator", "red on the previous commit, too");
    this.#close({ kind: "rolled-back", cause, reason: cause, bootId: this.bootId });
  }

  #has(checksum: Checksum): boolean {
    return this.booted === checksum || this.previous === checksum || this.kept === checksum;
  }

  #knows({ ref }: AttemptOrder): boolean {
    return this.closed.some((closed) => sameAttempt(closed.attempt, ref));
  }

  #fail(failure: FailureClass, reason: string): void {
    this.#close({ kind: "failed", failure, reason, bootId: this.bootId });
  }

  #close(outcome: Outcome): void {
    if (this.open === undefined) return;
    const { ref, target, confirmedBootId } = this.open;
    this.closed = [...this.closed, { attempt: ref, target, outcome, ...(confirmedBootId === undefined ? {} : { confirmedBootId }) }];
    this.open = undefined;
  }

  #move(phase: UpdatePhase): void {
    if (this.open !== undefined) this.open = { ...this.open, phase };
  }
}

function deploymentOf(checksum: Checksum, flags: Partial<Deployment>): Deployment {
  return {
    osname: "sim",
    checksum,
    serial: 0,
    version: versionOf(checksum),
    refspec: "origin:sim/stable",
    booted: false,
    pending: false,
    staged: false,
    rollback: false,
    pinned: false,
    kargs: "",
    ...flags,
  };
}

export function versionOf(checksum: Checksum): string {
  return checksum === newerCommit ? "3" : checksum === targetCommit ? "2" : "1";
}
