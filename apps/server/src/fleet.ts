import { status } from "@grpc/grpc-js";
import type { EnrollmentRecord, OperatorRecord, TokenRecord } from "@treeline/fleet";
import type { Logger } from "@treeline/process";
import { RpcError } from "@treeline/rpc";
import { apply, applyAll, currentEpoch, emptySnapshot, type AuditEntry, type Change, type ContactChange, type DurableChange, type Snapshot } from "@treeline/rollout";
import type { Store } from "@treeline/store";
import { SecretIndex } from "./secret-index.ts";

/** What a transaction decided: its changes become durable together, then `result` is given back. */
export interface Transaction<Result> {
  readonly changes: readonly DurableChange[];
  readonly audit?: readonly AuditEntry[];
  readonly result: Result;
}

/** Hears of changes. `durable` listeners only of what is committed, in order. */
export type ChangeListener = (changes: readonly Change[]) => void;

/** Commits on their way to the disk beyond which callers are turned away: well below what the store holds, so that it never has to refuse. */
const maxUnderWay = 5_000;

/**
 * The fleet in memory, and the one way to change it.
 *
 * There are two snapshots. `working` holds every change as soon as it is decided; the next decision is made on it. `durable` follows when the
 * store has committed. Because batches become durable in order, a decision never outlives one it was made on.
 * INVARIANT: nothing leaves the process (an answer, an intent, a view) that is not in `durable`. When a commit fails, memory is ahead of the
 * disk and cannot be trusted any more: the process ends (`onFatal`), and starts again from the store. When the disk only cannot keep up,
 * callers are refused before anything is decided (`overloaded`).
 */
export class Fleet {
  readonly #store: Store;
  readonly #logger: Logger;
  readonly #onFatal: (error: unknown) => void;
  readonly #durableListeners = new Set<ChangeListener>();
  readonly #workingListeners = new Set<ChangeListener>();
  readonly #secrets = new SecretIndex();
  readonly #maxUnderWay: number;
  #working: Snapshot = emptySnapshot;
  #durable: Snapshot = emptySnapshot;
  #underWay = 0;
  #lastCommit: Promise<void> = Promise.resolve();
  #failed = false;

  private constructor(options: FleetOptions) {
    this.#store = options.store;
    this.#logger = options.logger;
    this.#onFatal = options.onFatal;
    this.#maxUnderWay = options.maxUnderWay ?? maxUnderWay;
  }

  /** Loads what the store holds. */
  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    const changes = await options.store.load();
    for (const change of changes) fleet.#secrets.note(change);
    fleet.#working = fleet.#durable = applyAll(emptySnapshot, changes);
    return fleet;
  }

  get durable(): Snapshot {
    return this.#durable;
  }

  get working(): Snapshot {
    return this.#working;
  }

  /** So many commits are under way that `transact` refuses. */
  get overloaded(): boolean {
    return this.#underWay >= this.#maxUnderWay;
  }

  /**
   * Decides on the working snapshot, at once; resolves with the result when the changes, and all it may rest on, are durable.
   * @throws RpcError RESOURCE_EXHAUSTED when the disk cannot keep up: nothing was decided
   */
  async transact<Result>(decide: (working: Snapshot) => Transaction<Result>): Promise<Result> {
    if (this.#failed) throw storeFailed();
    if (this.overloaded)
      throw new RpcError(`${this.#underWay} changes wait for the disk`, { status: status.RESOURCE_EXHAUSTED, reason: "OVERLOADED", remedy: "try again in a moment" });
    const { changes, audit = [], result } = decide(this.#working);
    if (changes.length === 0 && audit.length === 0) {
      // The result may rest on changes that are still on their way to the disk.
      await this.#lastCommit;
      return result;
    }
    this.#working = applyAll(this.#working, changes);
    for (const change of changes) this.#secrets.note(change);
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
    return this.#secrets.token(secretHash);
  }

  tokens(): readonly TokenRecord[] {
    return this.#secrets.tokens();
  }

  operatorByHash(secretHash: string): OperatorRecord | undefined {
    return this.#secrets.operator(secretHash);
  }

  hasOperators(): boolean {
    return this.#secrets.hasOperators;
  }

  findEnrollment(key: { readonly tokenId: string; readonly publicKey: string }): Promise<EnrollmentRecord | undefined> {
    return this.#store.findEnrollment(key);
  }

  async #commit(changes: readonly DurableChange[], audit: readonly AuditEntry[]): Promise<void> {
    this.#underWay++;
    try {
      await this.#store.commit({ epoch: currentEpoch(this.#working), changes, audit });
    } catch (error) {
      if (!this.#failed) {
        this.#failed = true;
        this.#logger.error("a change could not be stored; this process ends so that nothing rests on it", { err: error });
        this.#onFatal(error);
      }
      throw error;
    } finally {
      this.#underWay--;
    }
    // It may rest on one that was refused.
    if (this.#failed) throw storeFailed();
    this.#durable = applyAll(this.#durable, changes);
    this.#tell(this.#durableListeners, changes);
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
  /** Commits under way beyond which callers are turned away; 5,000 unless given. */
  readonly maxUnderWay?: number;
}

function storeFailed(): RpcError {
  const remedy = "start the server again; what was acknowledged is read back";
  return new RpcError("the server's store has failed, so the server is ending", { status: status.UNAVAILABLE, reason: "STORE_FAILED", remedy });
}
