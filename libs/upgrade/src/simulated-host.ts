/**
 * A pure model of an OSTree host under the agent, for tests: it carries out the steps of `plan` as ostree 2022.7 and a boot loader would.
 * Disk state (deployments, held commits, journal) outlives crashes and power cuts; memory (session, intent, answers, checks) does not.
 */
import {
  sameAttempt,
  type AttemptRef,
  type Deployment,
  type Generation,
  type Health,
  type Intent,
  type OsState,
  type Permission,
  type Target,
} from "@treeline/fleet";
import { closedKept, emptyJournal, type Journal } from "./journal.ts";
import { plan, type Confirmation, type Limits, type Step, type View } from "./plan.ts";
import { noteStaged } from "./result.ts";

/** How a commit behaves once it is booted. */
export interface CommitBehaviour {
  /** Its required checks. */
  readonly green: boolean;
  /** Its agent reaches the server. */
  readonly reachesServer: boolean;
  /** The boot loader can start it; else the previous deployment boots instead. */
  readonly boots: boolean;
}

export const wellBehaved: CommitBehaviour = { green: true, reachesServer: true, boots: true };

export interface SimulatedHostOptions {
  readonly base: string;
  readonly behaviour: Readonly<Record<string, CommitBehaviour>>;
  readonly limits: Limits;
}

/** Something that plan must never let happen; the property fails with it. */
export class BrokenInvariant extends Error {}

export class SimulatedHost {
  readonly #options: SimulatedHostOptions;
  /** In ostree's order: the first is what the next boot runs. Flags other than `staged` are derived. */
  #deployments: readonly { readonly checksum: string; readonly serial: number; readonly staged: boolean }[];
  #booted: { readonly checksum: string; readonly serial: number };
  #boots = 1;
  readonly #held = new Set<string>();
  journal: Journal = emptyJournal;
  uptimeMillis = 1_000;

  // Memory of the agent process.
  #intent: Intent | undefined;
  #confirmation: Confirmation | undefined;
  #health: Health | undefined;
  #checkedAtUptimeMillis: number | undefined;
  #sessionUp = false;
  #seenThisBoot = false;

  serverUp = true;
  /** Attempts that a deploy was carried out for. */
  readonly deploys: AttemptRef[] = [];
  /** Reboots that plan asked for to go back, per attempt. */
  readonly waysBack: AttemptRef[] = [];
  readonly bootedCommits: string[] = [];

  constructor(options: SimulatedHostOptions) {
    this.#options = options;
    this.#booted = { checksum: options.base, serial: 0 };
    this.#deployments = [{ ...this.#booted, staged: false }];
  }

  get bootId(): string {
    return `boot-${this.#boots}`;
  }

  get booted(): string {
    return this.#booted.checksum;
  }

  get sessionUp(): boolean {
    return this.#sessionUp;
  }

  os(): OsState {
    let seenBooted = false;
    const deployments = this.#deployments.map((one): Deployment => {
      const booted = one.checksum === this.#booted.checksum && one.serial === this.#booted.serial;
      seenBooted ||= booted;
      return {
        osname: "sim",
        checksum: one.checksum,
        serial: one.serial,
        version: one.checksum,
        refspec: "origin:sim",
        booted,
        pending: !booted && !seenBooted && !one.staged,
        staged: one.staged,
        rollback: !booted && seenBooted,
        pinned: false,
        kargs: "",
      };
    });
    return { bootId: this.bootId, deployments };
  }

  view(): View {
    return {
      uptimeMillis: this.uptimeMillis,
      os: this.os(),
      journal: this.journal,
      ...(this.#intent ? { intent: this.#intent } : {}),
      session: { up: this.#sessionUp, seenThisBoot: this.#seenThisBoot },
      health: this.#health ?? { state: "unknown", bootId: this.bootId, checks: [] },
      ...(this.#checkedAtUptimeMillis === undefined ? {} : { checkedAtUptimeMillis: this.#checkedAtUptimeMillis }),
      ...(this.#confirmation ? { confirmation: this.#confirmation } : {}),
      limits: this.#options.limits,
    };
  }

  // ---- what happens to the host ----

  setSession(up: boolean): void {
    this.#sessionUp = up && this.serverUp && this.#behaviour(this.booted).reachesServer;
    if (this.#sessionUp) this.#seenThisBoot = true;
  }

  receive(intent: Intent): void {
    if (this.#sessionUp) this.#intent = intent;
  }

  answer(confirmation: Confirmation): void {
    this.#confirmation = confirmation;
  }

  /** The agent process dies and starts again: disk stays, memory goes. */
  crash(): void {
    this.#intent = undefined;
    this.#confirmation = undefined;
    this.#health = undefined;
    this.#checkedAtUptimeMillis = undefined;
    this.#sessionUp = false;
    this.#seenThisBoot = false;
  }

  /** Nothing is finalized: what was staged is lost. */
  cutPower(): void {
    this.#deployments = this.#deployments.filter((one) => !one.staged);
    this.#boot();
  }

  /** As `ostree-finalize-staged` at shutdown does: the new one first, the booted one kept, older ones dropped. */
  reboot(): void {
    const staged = this.#deployments.find((one) => one.staged);
    if (staged !== undefined)
      this.#deployments = [
        { ...staged, staged: false },
        { ...this.#booted, staged: false },
      ];
    this.#boot();
  }

  /** A boot guard or a person makes another written deployment the default. */
  setDefault(checksum: string, serial?: number): void {
    const index = this.#deployments.findIndex((one) => one.checksum === checksum && (serial ?? one.serial) === one.serial && !one.staged);
    if (index < 0) return;
    this.#deployments = [this.#deployments[index]!, ...this.#deployments.filter((_, other) => other !== index)].filter(
      (one) => !one.staged,
    );
  }

  #boot(): void {
    const bootable = this.#deployments.filter((one) => this.#behaviour(one.checksum).boots);
    const first = bootable[0];
    if (first === undefined) throw new BrokenInvariant("no bootable deployment is left");
    this.#booted = { checksum: first.checksum, serial: first.serial };
    this.#boots++;
    this.uptimeMillis = 1_000;
    this.crash();
    this.bootedCommits.push(first.checksum);
  }

  #behaviour(checksum: string): CommitBehaviour {
    return this.#options.behaviour[checksum] ?? wellBehaved;
  }

  // ---- what the agent does ----

  /**
   * Asks `plan` and does what it says. `upTo` ends the step early, as a crash would: `nothing` before the journal is written, `journal` after
   * it and before the deed. Returns the step.
   */
  act(upTo: "nothing" | "journal" | "all" = "all"): Step {
    const view = this.view();
    const step = plan(view);
    judge(view, step, this.#options.base);
    if (upTo === "nothing") return step;
    if (step.journal !== undefined) this.journal = step.journal;
    if (upTo === "journal") return step;
    this.#carryOut(view, step);
    return step;
  }

  #carryOut(view: View, step: Step): void {
    switch (step.do) {
      case "wait":
        return;
      case "run-checks":
        this.#checkedAtUptimeMillis = this.uptimeMillis;
        this.uptimeMillis += 10;
        this.#health = this.#checksOf(this.booted);
        return;
      case "stage":
        this.#held.add(step.target.checksum);
        this.journal = noteStaged(this.view(), { ok: true });
        return;
      case "confirm":
        // The answer comes from outside: the scenario is the server.
        return;
      case "deploy":
        return this.#deploy(view, step.target);
      case "set-default":
        return this.setDefault(step.deployment.checksum, step.deployment.serial);
      case "undeploy":
        if (this.booted === step.deployment.checksum && this.#booted.serial === step.deployment.serial)
          throw new BrokenInvariant("undeploy of the booted deployment");
        this.#deployments = this.#deployments.filter(
          (one) => one.checksum !== step.deployment.checksum || one.serial !== step.deployment.serial,
        );
        return;
      case "reboot": {
        const open = this.journal.open;
        if (open?.step === "going-back") {
          if (this.waysBack.some((ref) => sameAttempt(ref, open.ref))) throw new BrokenInvariant("a second automatic way back");
          this.waysBack.push(open.ref);
        }
        return this.reboot();
      }
    }
  }

  #deploy(view: View, target: Target): void {
    const { confirmation } = view;
    const open = this.journal.open;
    if (open === undefined || confirmation?.granted !== true || this.uptimeMillis >= confirmation.validUntilUptimeMillis)
      throw new BrokenInvariant("deployed without a valid grant");
    if (!sameAttempt(confirmation.attempt, open.ref)) throw new BrokenInvariant("deployed on a grant for another attempt");
    if (open.step !== "finalizing" || open.confirmedBootId !== this.bootId)
      throw new BrokenInvariant("deployed before the journal said so");
    if (!this.#held.has(target.checksum)) throw new BrokenInvariant("deployed a commit that is not held");
    this.deploys.push(open.ref);
    const serials = this.#deployments.filter((one) => one.checksum === target.checksum && !one.staged).map((one) => one.serial);
    const serial = serials.length === 0 ? 0 : Math.max(...serials) + 1;
    this.#deployments = [{ checksum: target.checksum, serial, staged: true }, ...this.#deployments.filter((one) => !one.staged)];
  }

  #checksOf(checksum: string): Health {
    const passed = this.#behaviour(checksum).green;
    return {
      state: passed ? "green" : "red",
      bootId: this.bootId,
      checks: [{ name: "service", required: true, passed, output: passed ? "" : "it does not answer" }],
    };
  }
}

/** What no step may do, whatever the host's state. */
function judge(view: View, step: Step, base: string): void {
  const before = view.journal;
  const after = step.journal ?? before;
  const dueAtOnce = step.do === "wait" && step.untilUptimeMillis !== undefined && step.untilUptimeMillis <= view.uptimeMillis;
  if (dueAtOnce && JSON.stringify(after) === JSON.stringify(before))
    throw new BrokenInvariant("a busy wait: due at once, and nothing changed");
  if (before.closed.some((closed) => !after.closed.includes(closed)) && before.closed.length < closedKept)
    throw new BrokenInvariant("a closed attempt was forgotten");
  const { open } = after;
  if (open !== undefined && before.closed.some((closed) => sameAttempt(closed.attempt, open.ref)))
    throw new BrokenInvariant("a closed attempt was opened again");
  const next = view.os.deployments[0];
  if (next === undefined) throw new BrokenInvariant("nothing would boot");
  const confirmed = before.open !== undefined && !["staging", "staged", "draining"].includes(before.open.step);
  if (!next.booted && !confirmed && next.checksum !== base)
    throw new BrokenInvariant(`${next.checksum} would boot although no attempt is past its confirmation`);
}

/** An intent of the server, for tests. */
export function intentOf(order: {
  readonly generation: Generation;
  readonly target: Target;
  readonly attempt?: AttemptRef;
  readonly permission?: Permission;
  readonly soakMillis?: number;
  readonly clearDenied?: boolean;
}): Intent {
  const { generation, target, attempt, permission } = order;
  if (attempt === undefined) return { generation, target };
  return {
    generation,
    target,
    attempt: {
      ref: attempt,
      soakMillis: order.soakMillis ?? 5_000,
      clearDenied: order.clearDenied ?? false,
      ...(permission ? { permission } : {}),
    },
  };
}
