import type { EnrollmentRecord, NodeId, OperatorRecord, TokenRecord } from "@treeline/fleet";
import type { Logger } from "@treeline/process";
import { apply, applyAll, currentEpoch, emptySnapshot, type AuditEntry, type Change, type ContactChange, type DurableChange, type Snapshot } from "@treeline/rollout";
import type { Store } from "@treeline/store";

/** What a transaction decided: its changes become durable together, then `result` is given back. */
export interface Transaction<Result> {
  readonly changes: readonly DurableChange[];
  readonly audit?: readonly AuditEntry[];
  readonly result: Result;
}

/** Hears of changes. `durable` listeners only of what is committed, in order. */
export type ChangeListener = (changes: readonly Change[]) => void;

/**
 * The fleet in memory, and the one way to change it.
 *
 * There are two snapshots. `working` holds every change as soon as it is decided; the next decision is made on it. `durable` follows when the
 * store has committed. Because batches become durable in order, a decision never outlives one it was made on.
 * INVARIANT: nothing leaves the process (an answer, an intent, a view) that is not in `durable`. When a commit fails, memory is ahead of the
 * disk and cannot be trusted any more: the process ends (`onFatal`), and starts again from the store.
 */
export class Fleet {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #onFatal: (error: unknown) => void;
  readonly #durableListeners = new Set<ChangeListener>();
  readonly #workingListeners = new Set<ChangeListener>();
  readonly #tokensByHash = new Map<string, TokenRecord>();
  readonly #operatorsByHash = new Map<string, OperatorRecord>();
  #working: Snapshot = emptySnapshot;
  #durable: Snapshot = emptySnapshot;
  #failed = false;

  private constructor(options: FleetOptions) {
    this.#store = options.store;
    this.#logger = options.logger;
    this.#onFatal = options.onFatal;
  }

  /** Loads what the store holds. */
  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    const changes = await options.store.load();
    for (const change of changes) fleet.#index(change);
    fleet.#working = fleet.#durable = applyAll(emptySnapshot, changes);
    return fleet;
  }

  get durable(): Snapshot {
    return this.#durable;
  }

  get working(): Snapshot {
    return this.#working;
  }

  /** Decides on the working snapshot, at once; resolves with the result when the changes are durable. */
  async transact<Result>(decide: (working: Snapshot) => Transaction<Result>): Promise<Result> {
    if (this.#failed) throw new Error("the store has failed; this process is ending");
    const { changes, audit = [], result } = decide(this.#working);
    if (changes.length === 0 && audit.length === 0) {
      // The result may rest on changes that are still on their way to the disk.
      await this.#lastCommit;
      return result;
    }
    this.#working = applyAll(this.#working, changes);
    for (const change of changes) this.#index(change);
    const committed = this.#commit(changes, audit);
    this.#lastCommit = committed;
    this.#tell(this.#workingListeners, changes);
    await committed;
    return result;
  }

  /** Notes something that no restart keeps: whether a node is in contact. */
  note(change: ContactChange): void {
    this.#working = apply(this.#working, change);
    this.#durable = apply(this.#durable, change);
    this.#tell(this.#workingListeners, [change]);
    this.#tell(this.#durableListeners, [change]);
  }

  onDurable(listener: ChangeListener): () => void {
    this.#durableListeners.add(listener);
    return () => this.#durableListeners.delete(listener);
  }

  onWorking(listener: ChangeListener): () => void {
    this.#workingListeners.add(listener);
    return () => this.#workingListeners.delete(listener);
  }

  tokenByHash(secretHash: string): TokenRecord | undefined {
    return this.#tokensByHash.get(secretHash);
  }

  tokens(): readonly TokenRecord[] {
    return [...this.#tokensByHash.values()];
  }

  operatorByHash(secretHash: string): OperatorRecord | undefined {
    return this.#operatorsByHash.get(secretHash);
  }

  hasOperators(): boolean {
    return this.#operatorsByHash.size > 0;
  }

  findEnrollment(key: { readonly tokenId: string; readonly publicKey: string }): Promise<EnrollmentRecord | undefined> {
    return this.#store.findEnrollment(key);
  }

  node(nodeId: NodeId) {
    return this.#working.nodes.get(nodeId);
  }

  #lastCommit: Promise<void> = Promise.resolve();

  async #commit(changes: readonly DurableChange[], audit: readonly AuditEntry[]): Promise<void> {
    try {
      await this.#store.commit({ epoch: currentEpoch(this.#working), changes, audit });
    } catch (error) {
      if (!this.#failed) {
        this.#failed = true;
        this.#logger.error("a change could not be stored; this process ends so that nothing rests on it", { err: error });
        this.#onFatal(error);
      }
      throw error;
    }
    this.#durable = applyAll(this.#durable, changes);
    this.#tell(this.#durableListeners, changes);
  }

  #index(change: Change): void {
    if (change.kind === "token") this.#tokensByHash.set(change.value.secretHash, change.value);
    if (change.kind === "operator") {
      for (const [hash, operator] of this.#operatorsByHash) if (operator.name === change.value.name) this.#operatorsByHash.delete(hash);
      this.#operatorsByHash.set(change.value.secretHash, change.value);
    }
  }

  #tell(listeners: ReadonlySet<ChangeListener>, changes: readonly Change[]): void {
    for (const listener of listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#logger.error("a listener failed", { err: error });
      }
    }
  }
}

export interface FleetOptions {
  readonly store: Store;
  readonly logger: Logger;
  readonly onFatal: (error: unknown) => void;
}
