import { shownChanges } from "@treeline/audit";
import {
  apply,
  applyAll,
  currentEpoch,
  emptySnapshot,
  type AuditEntry,
  type Change,
  type ContactChange,
  type DurableChange,
  type Snapshot,
} from "@treeline/rollout";
import { OverloadedError, ServerStoppingError, StoreFailedError } from "./error.ts";
import type { Log } from "./log.ts";
import type { StorePort } from "./store-port.ts";

/** What a transaction decided: its changes become durable together, then `result` is given back. */
export interface Transaction<Result> {
  readonly changes: readonly DurableChange[];
  readonly audit?: readonly AuditEntry[];
  readonly result: Result;
  /** The working snapshot with `changes` applied, when whoever decided has made it already. `onApplied` listeners are not told then. */
  readonly next?: Snapshot;
}

/** Hears of changes, batch by batch, in order. */
export type ChangeListener = (changes: readonly Change[]) => void;

/** Hears of every single change of the working snapshot, in order, with the snapshots right before and right after it. */
export type AppliedListener = (change: Change, before: Snapshot, after: Snapshot) => void;

/** Commits on their way to the disk beyond which callers are turned away: well below what the store holds, so that it never has to refuse. */
const defaultMaxUnderWay = 5_000;

export interface FleetOptions {
  readonly store: StorePort;
  readonly log: Log;
  /** The store has failed: this life of the server must end, and another begin from what the store has. Called once. */
  readonly onFatal: (error: unknown) => void;
  /** Commits under way beyond which callers are turned away; 5,000 unless given. */
  readonly maxUnderWay?: number;
  /** Subscribed before anything is loaded: what was loaded is its first batch. */
  readonly onWorking?: ChangeListener;
}

/**
 * The fleet in memory, and the one way to change it.
 *
 * There are two snapshots. `working` holds every change as soon as it is decided; the next decision is made on it. `durable` follows when the
 * store has committed. Because batches become durable in order, a decision never outlives one it was made on.
 * INVARIANTS: nothing leaves the process (an answer, an intent, a view) that is not in `durable`. With nothing under way to the disk the two
 * are the same. When a commit fails, memory is ahead of the disk and cannot be trusted any more: the process ends (`onFatal`), and starts again
 * from the store. When the disk only cannot keep up, callers are refused before anything is decided (`overloaded`). A fleet that has failed or
 * was stopped gives no result any more, whatever was decided before.
 * Listeners must not change the fleet within their call.
 */
export class Fleet {
  readonly #store: StorePort;
  readonly #log: Log;
  readonly #onFatal: (error: unknown) => void;
  readonly #maxUnderWay: number;
  readonly #durableListeners = new Set<ChangeListener>();
  readonly #workingListeners = new Set<ChangeListener>();
  readonly #appliedListeners = new Set<AppliedListener>();
  #working: Snapshot = emptySnapshot;
  #durable: Snapshot = emptySnapshot;
  #underWay = 0;
  #lastCommit: Promise<void> = Promise.resolve();
  #failed = false;
  #stopped = false;

  private constructor(options: FleetOptions) {
    this.#store = options.store;
    this.#log = options.log;
    this.#onFatal = options.onFatal;
    this.#maxUnderWay = options.maxUnderWay ?? defaultMaxUnderWay;
    if (options.onWorking !== undefined) this.#workingListeners.add(options.onWorking);
  }

  /** Loads what the store holds. */
  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    const changes = await options.store.load();
    fleet.#working = fleet.#durable = applyAll(emptySnapshot, changes);
    fleet.#tell(fleet.#workingListeners, (listener) => listener(changes));
    return fleet;
  }

  /** What may be shown and sent. */
  get durable(): Snapshot {
    return this.#durable;
  }

  /** What decisions are made on. */
  get working(): Snapshot {
    return this.#working;
  }

  /** So many commits are under way that `transact` refuses. */
  get overloaded(): boolean {
    return this.#underWay >= this.#maxUnderWay;
  }

  /** It has failed or was stopped: nothing is decided any more. */
  get ended(): boolean {
    return this.#failed || this.#stopped;
  }

  /**
   * Decides on the working snapshot, at once (within this call); resolves with the result when the changes, and all it may rest on, are durable.
   * Rejects with what `decide` threw (nothing was changed) or with what the store threw (the fleet has failed).
   * @throws OverloadedError when the disk cannot keep up: nothing was decided
   * @throws StoreFailedError when an earlier commit has failed, ServerStoppingError after `stop`: whether it was done is unknown
   */
  async transact<Result>(decide: (working: Snapshot) => Transaction<Result>): Promise<Result> {
    this.#requireAlive();
    if (this.overloaded) throw new OverloadedError(this.#underWay);
    const before = this.#working;
    const { changes, audit: said = [], result, next } = decide(before);
    // Of several entries it is not known which of the changes each is about.
    const audit = said.length === 1 && changes.length > 0 ? [{ ...shownChanges(before, changes), ...said[0]! }] : said;
    if (changes.length === 0 && audit.length === 0) {
      // The result may rest on changes that are still on their way to the disk.
      await this.#lastCommit;
    } else {
      if (next === undefined) this.#apply(changes);
      else this.#working = next;
      const committed = this.#commit(changes, audit);
      this.#lastCommit = committed;
      this.#tell(this.#workingListeners, (listener) => listener(changes));
      await committed;
    }
    this.#requireAlive();
    return result;
  }

  /** Notes something that no restart keeps: whether a node is in contact. */
  note(change: ContactChange): void {
    if (this.ended) return;
    const same = this.#durable === this.#working;
    this.#apply([change]);
    this.#durable = same ? this.#working : apply(this.#durable, change);
    this.#tell(this.#workingListeners, (listener) => listener([change]));
    this.#tell(this.#durableListeners, (listener) => listener([change]));
  }

  /** From now on it decides nothing, tells nobody and gives no result, not even of what is under way: as if the process were gone. */
  stop(): void {
    this.#stopped = true;
  }

  /** Hears of what is committed. Returns how to unsubscribe; so do the others. */
  onDurable(listener: ChangeListener): () => void {
    return subscribe(this.#durableListeners, listener);
  }

  /** Hears of what is decided, before it is committed. */
  onWorking(listener: ChangeListener): () => void {
    return subscribe(this.#workingListeners, listener);
  }

  /** The same, change by change, and before those. */
  onApplied(listener: AppliedListener): () => void {
    return subscribe(this.#appliedListeners, listener);
  }

  #apply(changes: readonly Change[]): void {
    const steps: { readonly change: Change; readonly before: Snapshot; readonly after: Snapshot }[] = [];
    let current = this.#working;
    for (const change of changes) {
      const before = current;
      current = apply(before, change);
      steps.push({ change, before, after: current });
    }
    this.#working = current;
    for (const { change, before, after } of steps) this.#tell(this.#appliedListeners, (listener) => listener(change, before, after));
  }

  async #commit(changes: readonly DurableChange[], audit: readonly AuditEntry[]): Promise<void> {
    this.#underWay++;
    try {
      await this.#store.commit({ epoch: currentEpoch(this.#working), changes, audit });
    } catch (error) {
      if (!this.ended) {
        this.#failed = true;
        this.#log.error("a change could not be stored; this process ends so that nothing rests on it", { err: error });
        this.#onFatal(error);
      }
      throw error;
    } finally {
      this.#underWay--;
    }
    // It may rest on one that was refused.
    this.#requireAlive();
    // The last one that is under way brings them together again: one snapshot is kept then, not two that are equal.
    this.#durable = this.#underWay === 0 ? this.#working : applyAll(this.#durable, changes);
    this.#tell(this.#durableListeners, (listener) => listener(changes));
  }

  #requireAlive(): void {
    if (this.#failed) throw new StoreFailedError();
    if (this.#stopped) throw new ServerStoppingError();
  }

  #tell<Listener>(listeners: ReadonlySet<Listener>, call: (listener: Listener) => void): void {
    for (const listener of listeners) {
      try {
        call(listener);
      } catch (error) {
        this.#log.error("a listener failed", { err: error });
      }
    }
  }
}

function subscribe<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
