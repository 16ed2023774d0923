/** One host and its agent as a simple state machine, for tests: it reports its phases in order and obeys intents as a real one does. */
import {
  compareGenerations,
  noGeneration,
  sameAttempt,
  type AttemptRef,
  type ClosedAttempt,
  type DeniedCommit,
  type Deployment,
  type FailureClass,
  type Generation,
  type Health,
  type Intent,
  type NodeId,
  type Observation,
  type OpenAttempt,
  type Outcome,
  type Permission,
  type RollbackCause,
  type UpdatePhase,
} from "@treeline/fleet";

export const baseCommit = "b".repeat(64);
export const targetCommit = "c".repeat(64);

/** What happens to an agent in its next step. `red-both`: the previous commit is red, too, when it runs again. */
export type Fate = "good" | "transient" | "node-fault" | "power-cut" | "red" | "red-both" | "no-session";

export function inventoryOf(hostname: string): Observation["inventory"] {
  return {
    hostname,
    machineId: "",
    architecture: "x86_64",
    osName: "",
    osVersion: "",
    kernel: "",
    cpuModel: "",
    cpuCores: 1,
    memoryBytes: 1,
    disks: [],
    interfaces: [],
    virtualization: "",
  };
}

/** One host and its agent: what is true there, known to the server only through reports. */
export class SimulatedAgent {
  readonly id: NodeId;
  connected = false;
  green = true;
  booted = baseCommit;
  staged = false;
  /** What it says about its open attempt, for people. */
  reason = "";
  open: { readonly ref: AttemptRef; readonly phase: UpdatePhase; readonly confirmedBootId?: string } | undefined;
  closed: readonly ClosedAttempt[] = [];
  denied: readonly DeniedCommit[] = [];
  intent: Intent | undefined;
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
    const ordered = intent.attempt !== undefined && this.open !== undefined && sameAttempt(intent.attempt.ref, this.open.ref);
    const acted = this.open?.confirmedBootId !== undefined;
    if (this.open !== undefined && !ordered && !acted)
      this.#close({ kind: "abandoned", reason: "called off by the server", bootId: this.bootId });
  }

  /** One step of its state machine, if there is one to do. */
  advance(fate: Fate, soakMillis: number): void {
    if (this.open === undefined) return this.#begin();
    switch (this.open.phase) {
      case "Staging":
        if (fate === "transient" || fate === "node-fault") return this.#fail(fate === "transient" ? "transient" : "node", fate);
        return this.#move("Staged");
      case "Staged":
        return this.permission === undefined ? undefined : this.#move("Draining");
      case "Finalizing":
        return fate === "power-cut" ? this.cutPower() : this.#move("Rebooting");
      case "Rebooting":
        if (fate === "power-cut") return this.cutPower();
        this.staged = false;
        this.booted = targetCommit;
        this.#boot();
        return this.#move("Verifying");
      case "Verifying":
        if (fate === "no-session" && !this.connected) return this.#goBack("no-session");
        if (fate === "red" || fate === "red-both") return this.#goBack("required-check", fate === "red");
        return this.connected ? this.#move("Soaking") : undefined;
      case "Soaking":
        if (fate === "red" || fate === "red-both") return this.#goBack("required-check", fate === "red");
        return this.#close({ kind: "updated", bootId: this.bootId, soakedMillis: soakMillis });
      default:
        return undefined;
    }
  }

  /** The answer to Confirm arrived. */
  act(): void {
    if (this.open === undefined) return;
    this.staged = true;
    this.open = { ...this.open, phase: "Finalizing", confirmedBootId: this.bootId };
  }

  cutPower(): void {
    const acted = this.open?.phase === "Finalizing" || this.open?.phase === "Rebooting";
    this.staged = false;
    this.#boot();
    if (acted) this.#fail("never-booted", "the power went before it was finalized");
  }

  /** A boot loader falls back although the update was fine. */
  fallBack(): void {
    if (this.open !== undefined || this.booted !== targetCommit) return;
    this.booted = baseCommit;
    this.#boot();
  }

  /** The journal is gone; on the base and with nothing staged the agent starts from nothing. */
  loseJournal(): void {
    if (this.booted !== baseCommit || this.staged) return;
    this.open = undefined;
    this.closed = [];
    this.denied = [];
    this.intent = undefined;
    this.#highest = noGeneration;
  }

  observation(): Observation {
    const deployment = (checksum: string, flags: Partial<Deployment>): Deployment => ({
      osname: "sim",
      checksum,
      serial: 0,
      version: checksum === targetCommit ? "2" : "1",
      refspec: "origin:sim/stable",
      booted: false,
      pending: false,
      staged: false,
      rollback: false,
      pinned: false,
      kargs: "",
      ...flags,
    });
    const health: Health = { state: this.green ? "green" : "red", bootId: this.bootId, checks: [] };
    const open: OpenAttempt | undefined = this.open && {
      attempt: this.open.ref,
      target: { checksum: targetCommit, ref: "sim", version: "2" },
      base: { checksum: baseCommit, serial: 0 },
      phase: this.open.phase,
      ...(this.open.confirmedBootId === undefined ? {} : { confirmedBootId: this.open.confirmedBootId }),
    };
    const ordered = this.intent?.attempt;
    const notEligible =
      open === undefined && ordered !== undefined && !this.green && !this.closed.some((closed) => sameAttempt(closed.attempt, ordered.ref));
    return {
      os: {
        bootId: this.bootId,
        deployments: [...(this.staged ? [deployment(targetCommit, { staged: true })] : []), deployment(this.booted, { booted: true })],
      },
      update: {
        phase: open?.phase ?? (notEligible ? "NotEligible" : "Idle"),
        reason: this.reason,
        ...(open === undefined ? {} : { open }),
        closed: this.closed,
        denied: this.denied,
        highest: this.#highest,
      },
      health,
      inventory: inventoryOf(this.id),
    };
  }

  #begin(): void {
    const order = this.intent?.attempt;
    if (order === undefined || this.booted === targetCommit || this.closed.some((closed) => sameAttempt(closed.attempt, order.ref))) return;
    if (this.denied.length > 0 && !order.clearDenied) {
      this.open = { ref: order.ref, phase: "Staging" };
      return this.#fail("release", "denied on this host");
    }
    if (!this.green) return;
    this.denied = [];
    this.open = { ref: order.ref, phase: "Staging" };
  }

  #boot(): void {
    this.#boots++;
    this.connected = false;
    this.intent = undefined;
  }

  #goBack(cause: RollbackCause, green = true): void {
    this.booted = baseCommit;
    this.green = green;
    this.#boot();
    this.denied = [{ checksum: targetCommit, reason: cause }];
    if (!green) return this.#fail("needs-operator", "red on the previous commit, too");
    this.#close({ kind: "rolled-back", cause, reason: cause, bootId: this.bootId });
  }

  #fail(failure: FailureClass, reason: string): void {
    this.#close({ kind: "failed", failure, reason, bootId: this.bootId });
  }

  #close(outcome: Outcome): void {
    if (this.open === undefined) return;
    const { ref, confirmedBootId } = this.open;
    const target = { checksum: targetCommit, ref: "sim", version: "2" };
    this.closed = [...this.closed, { attempt: ref, target, outcome, ...(confirmedBootId === undefined ? {} : { confirmedBootId }) }];
    this.open = undefined;
  }

  #move(phase: UpdatePhase): void {
    if (this.open !== undefined) this.open = { ...this.open, phase };
  }
}
