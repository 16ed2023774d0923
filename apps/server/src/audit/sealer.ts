import { genesis, maxRowsPerCheckpoint, verify, type Finding, type SealHead } from "@treeline/audit";
import type { Clock, Timer } from "@treeline/control";
import type { Logger } from "@treeline/process";
import { StaleEpochError, StoreClosedError, StoreGoneError, type Store } from "@treeline/store";
import type { SealKey } from "./seal-key.ts";

export interface SealerOptions {
  readonly store: Pick<Store, "readAuditState" | "readAuditLog" | "seal" | "addCheckpoint">;
  readonly key: SealKey;
  /** Of the server run that seals; it may grow. */
  readonly epoch: () => number;
  readonly clock: Clock;
  readonly log: Logger;
  /** How long a committed row waits for its seal at most, while the server lives; 1,000 unless given. */
  readonly everyMillis?: number;
  /** How long a sealed row waits for a signature at most; 60,000 unless given. */
  readonly signEveryMillis?: number;
}

/** Rows sealed in one transaction: a commit that comes meanwhile waits for these, a few milliseconds. */
const rowsPerSeal = 100;
/** Pages sealed at the end of the server's life; what is left waits for the next. */
const lastPages = 50;

/**
 * Chains the committed rows of the audit log, and signs checkpoints: at the latest after `maxRowsPerCheckpoint` rows or a minute, and at the end.
 *
 * INVARIANT: it signs only what continues what it found fitting. What another has changed between two of its passes, or while no server ran, past the
 * newest checkpoint, is never signed over: it stops, says so, and verification shows what it is about. The fleet goes on without it.
 */
export class Sealer {
  readonly #options: SealerOptions;
  #head: SealHead;
  #signed: number;
  #signedAt = -Infinity;
  #stopped = false;
  #broken = false;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;

  private constructor(options: SealerOptions, { head, signed }: { readonly head: SealHead; readonly signed: number }) {
    this.#options = options;
    this.#head = head;
    this.#signed = signed;
  }

  /** Looks at what is unsigned of the log, and begins. Rejects with what the store rejects with. */
  static async start(options: SealerOptions): Promise<Sealer> {
    const { store, key, epoch, clock } = options;
    const { sealed, checkpoint } = await store.readAuditState();
    const sealer = new Sealer(options, { head: sealed, signed: checkpoint?.sequence ?? 0 });
    if (checkpoint === undefined && sealed.sequence === genesis.sequence)
      await store.addCheckpoint({ epoch: epoch(), checkpoint: key.sign(genesis, clock.now()) });
    else {
      const findings = await sealer.#inspect();
      if (findings.length > 0) sealer.#break(findings);
    }
    sealer.#later(0);
    return sealer;
  }

  /** The log did not fit when it was about to be sealed on; nothing is sealed any more. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Seals and signs what is there, then stops. Never rejects. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#running;
    if (this.#stopped) return;
    await this.#pass({ pages: lastPages, last: true });
    this.#stopped = true;
  }

  #later(millis: number): void {
    this.#timer = this.#options.clock.after(millis, () => {
      this.#running = this.#pass({ pages: Infinity, last: false }).then(() => {
        this.#running = undefined;
        if (!this.#stopped) this.#later(this.#options.everyMillis ?? 1_000);
      });
    });
  }

  async #pass({ pages, last }: { readonly pages: number; readonly last: boolean }): Promise<void> {
    if (this.#stopped) return;
    try {
      for (let page = 0; page < pages; page++) {
        const more = await this.#sealPage();
        const full = this.#head.sequence - this.#signed >= maxRowsPerCheckpoint;
        if (full) await this.#sign();
        if (!more && !full) break;
      }
      if (last || this.#options.clock.now() - this.#signedAt >= (this.#options.signEveryMillis ?? 60_000)) await this.#sign();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whether there is more to seal. */
  async #sealPage(): Promise<boolean> {
    const { store, epoch } = this.#options;
    const { from, head, more } = await store.seal({ epoch: epoch(), most: rowsPerSeal });
    if (from.sequence !== this.#head.sequence || from.hash !== this.#head.hash) throw new TamperedLogError([]);
    this.#head = head;
    return more;
  }

  async #sign(): Promise<void> {
    const { store, key, epoch, clock } = this.#options;
    if (this.#head.sequence <= this.#signed) return;
    const at = clock.now();
    await store.addCheckpoint({ epoch: epoch(), checkpoint: key.sign(this.#head, at) });
    this.#signed = this.#head.sequence;
    this.#signedAt = at;
  }

  /** Verifies the newest checkpoint and what is sealed past it: at most `maxRowsPerCheckpoint` rows. */
  async #inspect(): Promise<readonly Finding[]> {
    const { store, key } = this.#options;
    const { checkpoint } = await store.readAuditState();
    const begin = checkpoint?.sequence ?? 0;
    const page = await store.readAuditLog({ after: begin, limit: maxRowsPerCheckpoint });
    const signedRow = await store.readAuditLog({ after: begin - 1, limit: 1 });
    const hash = begin === genesis.sequence ? genesis.hash : signedRow.records[0]?.hash;
    const { findings } = verify(
      { records: page.records, checkpoints: [] },
      { publicKeys: [key.publicKey], start: { sequence: begin, hash: checkpoint?.hash ?? genesis.hash } },
    );
    if (checkpoint === undefined) return [{ kind: "checkpoint-missing", from: 1, to: this.#head.sequence, message: "rows are sealed, and nothing is signed" }];
    if (!key.hasSigned(checkpoint)) return [{ kind: "checkpoint-forged", from: begin, to: begin, message: "the newest checkpoint is not signed by this server's key" }];
    if (hash !== checkpoint.hash) return [{ kind: "rewritten", from: begin, to: begin, message: "the newest checkpoint signs another hash than is sealed there" }];
    return findings;
  }

  #fail(error: unknown): void {
    const { log } = this.#options;
    if (error instanceof TamperedLogError) this.#break(error.findings);
    else if (error instanceof StaleEpochError || error instanceof StoreClosedError || error instanceof StoreGoneError) {
      this.#stopped = true;
      log.info("sealing of the audit log ends: another server or none has the store now", { err: error });
    } else log.error("a page of the audit log could not be sealed; it is tried again", { err: error });
  }

  #break(findings: readonly Finding[]): void {
    this.#broken = this.#stopped = true;
    this.#options.log.error("the audit log was changed by somebody else: nothing is sealed or signed on top of it; run `treeline audit verify` and keep the database file", { findings });
  }
}

/** The head of the chain is not where this sealer left it. */
class TamperedLogError extends Error {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super("the head of the chain is not where it was left");
    this.findings = findings;
  }
}
