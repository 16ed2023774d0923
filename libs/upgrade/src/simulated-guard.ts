import { sameDeployment, type Deployment } from "@treeline/fleet";
import type { DeploymentRef, GuardOrder, GuardReturn, GuardState, GuardStay } from "./guard.ts";

/** Boots of an unproven deployment after which the guard goes back: the third. */
export const unprovenBoots = 3;

/**
 * The boot guard as a pure model: what it remembers, and what it decides at the start of a boot and when its time is over.
 * INVARIANT: it goes back only from a deployment that an order names, that was never proven, and only to one that is there, while
 * what is to boot next is not somebody else's.
 */
export class SimulatedGuard {
  #armed: GuardOrder | undefined;
  #returned: GuardReturn | undefined;
  #stayed: GuardStay | undefined;
  #proven: readonly DeploymentRef[] = [];
  #boots = 0;

  state(): GuardState {
    return {
      ...(this.#armed === undefined ? {} : { armed: this.#armed }),
      ...(this.#returned === undefined ? {} : { returned: this.#returned }),
      ...(this.#stayed === undefined ? {} : { stayed: this.#stayed }),
    };
  }

  /** What was counted and done for an earlier order is over. */
  arm(order: GuardOrder): void {
    this.#armed = order;
    this.#returned = undefined;
    this.#stayed = undefined;
    this.#boots = 0;
  }

  disarm(proven?: DeploymentRef): void {
    this.#armed = undefined;
    this.#returned = undefined;
    this.#stayed = undefined;
    this.#boots = 0;
    if (proven !== undefined) this.#proven = [...this.#proven, proven];
  }

  /** A boot begins. @returns where to go back to; undefined: let it boot */
  start(booted: DeploymentRef, written: readonly Deployment[]): DeploymentRef | undefined {
    if (!this.#watches(booted)) return undefined;
    this.#boots++;
    this.#stayed = undefined;
    return this.#boots < unprovenBoots ? undefined : this.#goBack(booted, written, "boots");
  }

  /** The time after a boot is over. */
  deadline(booted: DeploymentRef, written: readonly Deployment[]): DeploymentRef | undefined {
    return this.#watches(booted) ? this.#goBack(booted, written, "deadline") : undefined;
  }

  #watches({ checksum, serial }: DeploymentRef): boolean {
    const armed = this.#armed;
    if (armed === undefined || armed.target !== checksum || armed.earlierSerials.includes(serial)) return false;
    return !this.#proven.some((one) => one.checksum === checksum && one.serial === serial);
  }

  #goBack(from: DeploymentRef, written: readonly Deployment[], because: GuardReturn["because"]): DeploymentRef | undefined {
    const { base, target } = this.#armed!;
    const there = written.filter((one) => !one.staged && one.checksum === base.checksum);
    const to = there.find((one) => one.serial === base.serial) ?? there[0];
    if (to === undefined) return undefined;
    const next = written.find((one) => !one.booted && (one.pending || one.staged) && one.checksum !== target && !sameDeployment(one, to));
    if (next !== undefined) {
      this.#stayed = { from, next: { checksum: next.checksum, serial: next.serial }, boots: this.#boots, because };
      return undefined;
    }
    this.#stayed = undefined;
    this.#returned = { from, to: { checksum: to.checksum, serial: to.serial }, boots: this.#boots, because };
    return to;
  }
}
