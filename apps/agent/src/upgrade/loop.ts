// One file, because it is one executor: it does what the pure plan says, step by step.
import { compareGenerations, sameAttempt, type Checksum, type Health, type Inventory, type OsState, type Trust } from "@treeline/fleet";
import type { BootClock, Journal as JournalFile, Logger } from "@treeline/process";
import {
  noteHooks,
  noteStaged,
  noteStepFailed,
  plan,
  updateState,
  wantedKeep,
  type DeploymentRef,
  type GuardOrder,
  type GuardState,
  type HookKind,
  type Journal,
  type JournalAttempt,
  type Limits,
  type Step,
  type View,
} from "@treeline/upgrade";
import { GuardError } from "../guard/guard-error.ts";
import { observationOf } from "../observe.ts";
import type { Session } from "../session/session.ts";
import type { Wakeup } from "../wakeup.ts";
import { confirm, confirmationFor, type HeldConfirmation } from "./confirm.ts";
import type { StepResult } from "./deploy.ts";
import type { RebootOptions } from "./reboot.ts";
import type { Steps } from "./steps.ts";
import type { Hold } from "./test-hold.ts";

/** How long an idle loop waits before it looks at the host again: somebody may have deployed by hand. */
const idleMillis = 60_000;
const pauseAfterErrorMillis = 5000;
/** A loop that has not looked at the host for so long, and does nothing to it either, will not do so any more. */
const deadMillis = 5 * idleMillis;
/** After so many looks in a row at an ostree that says nothing the server is told. */
const unreadLooks = 3;
/** How long a boot guard that could not be told something is left alone. */
const guardPauseMillis = 60_000;

export interface UpgradeLoopOptions {
  readonly steps: Steps;
  readonly session: Pick<Session, "up" | "seen" | "intent" | "publish" | "progress" | "confirm">;
  readonly journal: JournalFile<Journal>;
  readonly journalNote?: string | undefined;
  readonly inventory: () => Promise<Inventory>;
  /** Which key rotations this host has followed. */
  readonly trust: () => Trust;
  readonly bootId: string;
  readonly clock: BootClock;
  readonly limits: Limits;
  readonly hold: Hold;
  readonly wakeup: Wakeup;
  readonly logger: Logger;
}

/**
 * Reads what is, asks the plan for the next step, does it, and so on.
 *
 * INVARIANTS
 * - Everything that starts `ostree` runs here, one after the other: no two of our children are alive at once, and what is reported was read while none was.
 * - A step's journal is durable, and reported, before the step is begun.
 * - An answer to Confirm is used for one change of the host.
 * - What an intent says to keep is held before anything is let go.
 */
export class UpgradeLoop {
  readonly #options: UpgradeLoopOptions;
  #health: Health;
  #checkedAt: number | undefined;
  #confirmation: HeldConfirmation | undefined;
  /** What the host had before an attempt may be on record: it was open a moment ago, or an earlier process left it. */
  #hasMemory = true;
  /** What the keep ref was last set to by this process; not `done`: there was nothing to hold. */
  #kept: { readonly commit: Checksum | undefined; readonly done: boolean } | undefined;
  /** What may be stopped when the attempt is called off: a pull, hooks. */
  #stoppable: { readonly attempt: JournalAttempt; readonly stop: AbortController } | undefined;
  /** How many looks at the host in a row found an ostree that says nothing. */
  #unread = 0;
  #guardPausedUntil = Number.NEGATIVE_INFINITY;
  #lookedAt: number;
  #isActing = false;

  constructor(options: UpgradeLoopOptions) {
    this.#options = options;
    this.#health = { state: "unknown", bootId: options.bootId, checks: [] };
    this.#lookedAt = options.clock.uptimeMs();
  }

  /** Whether the work goes on: the host is looked at again and again, or a step is under way, whose parts have time limits of their own. */
  get alive(): boolean {
    return this.#isActing || this.#options.clock.uptimeMs() - this.#lookedAt < deadMillis;
  }

  /** The session came or went, or has a new intent: look again, and stop doing what nobody wants any more. */
  notice(): void {
    const { session, journal, wakeup } = this.#options;
    const { intent } = session;
    const running = this.#stoppable;
    if (running !== undefined && intent !== undefined && compareGenerations(intent.generation, journal.read().highest) > 0) {
      const wanted = intent.attempt !== undefined && sameAttempt(intent.attempt.ref, running.attempt.ref);
      if (!wanted) running.stop.abort(new Error("called off by the server"));
    }
    wakeup.wake();
  }

  /** Runs until the signal aborts. A step that changes the host is never cut short by it; a pull, hooks and checks are. */
  async run(signal: AbortSignal): Promise<void> {
    const { wakeup, logger } = this.#options;
    while (!signal.aborted) {
      let waitMillis: number;
      try {
        waitMillis = await this.#turn(signal);
      } catch (err) {
        if (signal.aborted) return;
        logger.error("a step failed; it will be looked at again", { err });
        waitMillis = pauseAfterErrorMillis;
      }
      if (waitMillis > 0) await wakeup.wait(waitMillis, signal);
    }
  }

  /** One step. Returns how long to wait before the next, in milliseconds. */
  async #turn(signal: AbortSignal): Promise<number> {
    const { journal, clock, hold, logger } = this.#options;
    this.#lookedAt = clock.uptimeMs();
    const os = await this.#readOs();
    await this.#acting(() => this.#keep(os));
    await this.#forget();
    const { open } = journal.read();
    if (open?.step === "draining") await this.#options.steps.resources?.remember(open.ref, signal);
    await this.#acting(() => this.#options.steps.tidy({ os, journal: journal.read(), intent: this.#options.session.intent }));
    const step = plan(await this.#view(os));
    if (step.journal !== undefined) await this.#write(step.journal);
    await this.#publish(os);
    if (step.do === "wait") return Math.min(idleMillis, untilMillis(step, clock));
    logger.info("step", { do: step.do, attempt: journal.read().open?.ref });
    await hold(step.do);
    if (signal.aborted) return 0;
    await this.#acting(() => this.#execute(step, os, signal));
    await hold(`after-${step.do}`);
    return 0;
  }

  /** Something that may take long for good reasons: a pull, a prune of a large repository. */
  async #acting(work: () => Promise<void>): Promise<void> {
    this.#isActing = true;
    try {
      await work();
    } finally {
      this.#isActing = false;
      this.#lookedAt = this.#options.clock.uptimeMs();
    }
  }

  async #execute(step: Exclude<Step, { readonly do: "wait" }>, os: OsState, signal: AbortSignal): Promise<void> {
    const { steps, session, clock, bootId, logger } = this.#options;
    switch (step.do) {
      case "run-checks": {
        const begunAt = clock.uptimeMs();
        this.#health = await steps.runChecks(signal);
        this.#checkedAt = begunAt;
        return;
      }
      case "stage":
        return this.#stage(step.maxBytesPerSecond, os, signal);
      case "run-hooks":
        return this.#runHooks(step.kind, step.attempt, os, signal);
      case "disarm":
        return this.#dismissGuard(step.proven);
      case "confirm":
        this.#confirmation = await confirm({ session, attempt: step.attempt, permission: step.permission, bootId, clock, signal, logger });
        return;
      case "deploy": {
        const mayAct = this.#useGrant();
        const result = (await this.#armGuard(step.arm)) ?? (await steps.deploy({ target: step.target, os, mayAct }));
        if (result !== "expired" && !result.ok) await this.#noteFailed(result);
        return;
      }
      case "set-default": {
        const mayAct = step.underGrant === true ? this.#useGrant() : undefined;
        const result = await steps.makeDefault({ deployment: step.deployment, os, mayAct, signal });
        if (result !== "expired" && !result.ok && !signal.aborted) await this.#noteFailed(result);
        return;
      }
      case "undeploy": {
        const mayAct = step.underGrant === true ? this.#useGrant() : undefined;
        const result = await steps.takeBack({ deployment: step.deployment, os, mayAct, signal });
        if (result !== "expired" && !result.ok && !signal.aborted) await this.#noteFailed(result);
        return;
      }
      case "reboot":
        return this.#reboot(step.because, { ignoreInhibitors: step.ignoreInhibitors === true });
    }
  }

  /** Takes the answer to Confirm for one change. Returns whether it still holds, to be asked at the last moment. */
  #useGrant(): () => boolean {
    const { clock } = this.#options;
    const { answer } = this.#confirmation ?? {};
    this.#confirmation = undefined;
    return () => answer?.granted === true && clock.uptimeMs() < answer.validUntilUptimeMillis;
  }

  /** Nothing is deployed that the guard was not told of. Undefined when it was. */
  async #armGuard(order: GuardOrder | undefined): Promise<Extract<StepResult, { readonly ok: false }> | undefined> {
    const { guard } = this.#options.steps;
    if (order === undefined) return undefined;
    try {
      await guard.arm(order);
      return undefined;
    } catch (err) {
      this.#options.logger.error("the boot guard cannot be armed; nothing is deployed", { err });
      const failure = err instanceof GuardError && err.code === "locked" ? "transient" : "node";
      return { ok: false, failure, reason: `the boot guard cannot be armed: ${err instanceof Error ? err.message : String(err)}` };
    }
  }

  async #dismissGuard(proven: DeploymentRef | undefined): Promise<void> {
    const { steps, clock, logger } = this.#options;
    try {
      await steps.guard.disarm(proven);
    } catch (err) {
      logger.error("the boot guard cannot be told that there is nothing to watch; it is told again in a minute", { err });
      this.#guardPausedUntil = clock.uptimeMs() + guardPauseMillis;
    }
  }

  /** While it cannot be told anything, only what it did counts, and that only for an attempt: there is nothing else that would not be a word to it. */
  async #guardSays(isOpen: boolean): Promise<GuardState | undefined> {
    const { steps, clock, logger } = this.#options;
    try {
      const said = await steps.guard.read();
      if (said === undefined || clock.uptimeMs() >= this.#guardPausedUntil) return said;
      return isOpen && said.returned !== undefined ? { returned: said.returned } : {};
    } catch (err) {
      logger.error("what the boot guard says cannot be read; nothing is deployed without it", { err });
      return {};
    }
  }

  async #runHooks(kind: HookKind, attempt: JournalAttempt, os: OsState, signal: AbortSignal): Promise<void> {
    const { steps, journal } = this.#options;
    const stop = new AbortController();
    // What was begun before the attempt is owed its end, whoever calls it off.
    if (kind !== "post-update") this.#stoppable = { attempt, stop };
    this.notice();
    try {
      const result = await steps.runHooks(kind, attempt, AbortSignal.any([signal, stop.signal]));
      if (!result.ok && (stop.signal.aborted || signal.aborted)) return;
      await this.#write(noteHooks({ journal: journal.read(), os, hooks: await steps.presentHooks() }, kind, result));
    } finally {
      this.#stoppable = undefined;
    }
  }

  async #stage(maxBytesPerSecond: number | undefined, os: OsState, signal: AbortSignal): Promise<void> {
    const { steps, session, journal, clock, hold } = this.#options;
    const attempt = journal.read().open;
    if (attempt === undefined) return;
    const stop = new AbortController();
    this.#stoppable = { attempt, stop };
    // An intent that came between the plan and here.
    this.notice();
    try {
      const result = await steps.stage(attempt, {
        os,
        maxBytesPerSecond,
        onProgress: (done) => session.progress(attempt.ref, done),
        beforeContent: () => hold("stage:pull"),
        signal: AbortSignal.any([signal, stop.signal]),
      });
      // Called off or shutting down is no failure of the attempt; what was fetched serves the next one.
      if (!result.ok && (stop.signal.aborted || signal.aborted)) return;
      await this.#write(noteStaged({ journal: journal.read(), os, uptimeMillis: clock.uptimeMs() }, result));
    } finally {
      this.#stoppable = undefined;
    }
  }

  async #reboot(because: string, how: RebootOptions): Promise<void> {
    const { steps, journal, logger } = this.#options;
    try {
      await steps.reboot(because, how);
    } catch (err) {
      // The plan asks again when it is due.
      logger.error("the host does not take the request to reboot", { err });
      const { open, ...rest } = journal.read();
      if (open !== undefined) await journal.write({ ...rest, open: { ...open, note: `reboot: ${err instanceof Error ? err.message : String(err)}` } });
    }
  }

  async #view(os: OsState): Promise<View> {
    const { steps, session, journal, clock, limits } = this.#options;
    const { open } = journal.read();
    const guard = await this.#guardSays(open !== undefined);
    const hooks = open?.step === "draining" || open?.hooksBegun === true ? await steps.presentHooks() : [];
    const heldBy = open?.step === "draining" ? await steps.heldBy() : [];
    // Read last: what came while the host was looked at counts.
    const { intent } = session;
    const confirmation = confirmationFor(intent, this.#confirmation);
    return {
      uptimeMillis: clock.uptimeMs(),
      os,
      hooks,
      heldBy,
      ...(guard === undefined ? {} : { guard }),
      journal: journal.read(),
      ...(intent === undefined ? {} : { intent }),
      session: { up: session.up, seenThisBoot: session.seen },
      health: this.#health,
      ...(this.#checkedAt === undefined ? {} : { checkedAtUptimeMillis: this.#checkedAt }),
      ...(confirmation === undefined ? {} : { confirmation }),
      limits,
    };
  }

  async #publish(os: OsState, hindrance?: string): Promise<void> {
    const { session, journal, journalNote, inventory, trust } = this.#options;
    const context = { health: this.#health, ...(session.intent === undefined ? {} : { intent: session.intent }), ...(journalNote === undefined ? {} : { journalNote }) };
    const state = updateState(journal.read(), context);
    const update = hindrance === undefined ? state : { ...state, reason: hindrance };
    session.publish(observationOf({ os, update, health: this.#health, inventory: await inventory(), trust: trust() }));
  }

  /**
   * With no attempt open, a host whose ostree says nothing is one without deployments. With one, nothing is concluded and the look is tried again; the server hears of it,
   * with the attempt still open, when it goes on: a release may have broken ostree itself.
   */
  async #readOs(): Promise<OsState> {
    const { steps, journal, bootId, logger } = this.#options;
    try {
      const os = await steps.readOs();
      this.#unread = 0;
      return os;
    } catch (err) {
      const nothing = { bootId, deployments: [] };
      if (journal.read().open === undefined) {
        logger.error("ostree does not say what this host has", { err });
        return nothing;
      }
      this.#unread++;
      if (this.#unread >= unreadLooks) await this.#publish(nothing, `ostree does not say what this host has: ${err instanceof Error ? err.message : String(err)}`);
      throw err;
    }
  }

  /** What was written decides, not how the command ended: so ostree is read once more. */
  async #noteFailed(result: Extract<StepResult, { readonly ok: false }>): Promise<void> {
    const { journal, steps } = this.#options;
    const os = await steps.readOs();
    await this.#write(noteStepFailed({ journal: journal.read(), os, hooks: await steps.presentHooks() }, result.failure, result.reason));
  }

  async #write(next: Journal): Promise<void> {
    const { journal, logger } = this.#options;
    const ended = next.closed.at(-1);
    const isNew = ended !== undefined && ended !== journal.read().closed.at(-1);
    await journal.write(next);
    if (isNew) logger.info("attempt ended", { attempt: ended.attempt, target: ended.target, outcome: ended.outcome });
  }

  async #keep(os: OsState): Promise<void> {
    const { steps, session, journal, logger } = this.#options;
    const wanted = wantedKeep(session.intent, journal.read().highest);
    if (wanted === undefined || (this.#kept?.done === true && this.#kept.commit === wanted.commit)) return;
    try {
      const done = await steps.keep(wanted.commit, os);
      const isNews = this.#kept?.commit !== wanted.commit;
      if (!done && isNews) logger.warn("the commit that a rollback would lead to is none this host runs or holds; it would have to be fetched", { checksum: wanted.commit });
      this.#kept = { ...wanted, done };
    } catch (err) {
      logger.warn("the ref of the commit to keep could not be changed; it is tried again", { checksum: wanted.commit, err });
    }
  }

  async #forget(): Promise<void> {
    const { steps, journal, logger } = this.#options;
    if (journal.read().open !== undefined) {
      this.#hasMemory = true;
      return;
    }
    if (!this.#hasMemory) return;
    this.#hasMemory = false;
    await steps.resources?.forget().catch((err: unknown) => logger.warn("what the host had before its update could not be forgotten", { err }));
  }
}

function untilMillis(step: Extract<Step, { readonly do: "wait" }>, clock: BootClock): number {
  return step.untilUptimeMillis === undefined ? Number.POSITIVE_INFINITY : Math.max(0, step.untilUptimeMillis - clock.uptimeMs());
}
