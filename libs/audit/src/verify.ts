import { chainStep, genesis } from "./chain.ts";
import { isSignedBy, maxRowsPerCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { Findings, type Finding } from "./finding.ts";
import type { AuditRecord, SealHead } from "./row.ts";

export interface VerifyOptions {
  /** Who may have signed: 32 bytes each, base64. */
  readonly publicKeys: readonly string[];
  /** Checkpoints that were kept elsewhere: they find a tail that was cut off together with its checkpoints. */
  readonly kept?: readonly Checkpoint[];
  /** A place that was verified before: what is taken begins right after it. */
  readonly start?: SealHead;
}

export interface Verification {
  /** Nothing is wrong when there are none. */
  readonly findings: readonly Finding[];
  /** How many findings are not listed. */
  readonly moreFindings: number;
  readonly rows: number;
  /** How far the seals reach. */
  readonly sealed: number;
  /** The newest checkpoint that fits. What comes after it could have been rewritten by whoever can write the database. */
  readonly signed?: Checkpoint;
  /** The tail that is not sealed yet: nothing says that it is as it was written. */
  readonly unsealed?: { readonly from: number; readonly to: number };
}

/**
 * Verifies a log as it comes, in memory that does not grow with it: give it every record by place and every checkpoint after the record it is on,
 * then `finish`.
 *
 * After something wrong it goes on from the stored seal, so that one edited row is one finding.
 * INVARIANT: without findings, rows 1 to `signed.sequence` are those that were signed, but for a collision of SHA-256 or a forged ed25519 signature.
 */
export class AuditVerification {
  readonly #publicKeys: readonly string[];
  readonly #findings = new Findings();
  /** Checkpoints on places that have not come. */
  readonly #awaited = new Map<number, Checkpoint[]>();
  /** The hash at `#last`, as stored, or as computed where none is stored; undefined when it cannot be known. */
  #previous: string | undefined;
  #last: number;
  #rows = 0;
  #sealed: number;
  #signed: Checkpoint | undefined;
  /** The place up to which signatures are known to have been made; undefined before the first. */
  #signedTo: number | undefined;
  #unsealedFrom: number | undefined;

  constructor({ publicKeys, kept = [], start }: VerifyOptions) {
    this.#publicKeys = publicKeys;
    const from = start ?? genesis;
    this.#last = this.#sealed = from.sequence;
    this.#previous = from.hash;
    if (start !== undefined) this.#signedTo = start.sequence;
    for (const checkpoint of kept) if (checkpoint.sequence >= from.sequence) this.takeCheckpoint(checkpoint);
  }

  /** The next place of the log. */
  take(record: AuditRecord): void {
    const { sequence, row, hash } = record;
    if (sequence <= this.#last) return this.#findings.add(sequence < 1 ? "inserted" : "reordered", sequence);
    if (sequence > this.#last + 1) {
      this.#findings.add("removed", this.#last + 1, sequence - 1);
      this.#previous = undefined;
    }
    this.#last = sequence;
    const computed = row === undefined || this.#previous === undefined ? undefined : chainStep(this.#previous, row);
    if (row === undefined) this.#findings.add("removed", sequence);
    else this.#rows++;
    if (hash === undefined) this.#unsealedFrom ??= sequence;
    else this.#takeSeal(sequence, hash, computed);
    this.#previous = hash ?? computed;
    for (const checkpoint of this.#awaited.get(sequence) ?? []) this.#compare(checkpoint, hash);
    this.#awaited.delete(sequence);
  }

  /** A checkpoint, after the place it is on. */
  takeCheckpoint(checkpoint: Checkpoint): void {
    const { sequence } = checkpoint;
    if (!this.#publicKeys.some((key) => isSignedBy(checkpoint, key))) this.#findings.add("checkpoint-forged", sequence);
    else if (sequence < this.#last) this.#findings.add("reordered", sequence);
    else if (sequence > this.#last) this.#awaited.set(sequence, [...(this.#awaited.get(sequence) ?? []), checkpoint]);
    else this.#compare(checkpoint, sequence === this.#sealed ? this.#previous : undefined);
  }

  finish(): Verification {
    for (const sequence of [...this.#awaited.keys()].sort((a, b) => a - b))
      if (sequence > this.#last) this.#findings.add("truncated", this.#last + 1, sequence);
    this.#awaited.clear();
    return {
      findings: this.#findings.kept,
      moreFindings: this.#findings.more,
      rows: this.#rows,
      sealed: this.#sealed,
      ...(this.#signed === undefined ? {} : { signed: this.#signed }),
      ...(this.#unsealedFrom === undefined ? {} : { unsealed: { from: this.#unsealedFrom, to: this.#last } }),
    };
  }

  #takeSeal(sequence: number, hash: string, computed: string | undefined): void {
    if (this.#unsealedFrom !== undefined) this.#findings.add("inserted", this.#unsealedFrom, sequence - 1);
    this.#unsealedFrom = undefined;
    if (computed !== undefined && computed !== hash) this.#findings.add("edited", sequence);
    this.#sealed = sequence;
    if (this.#signedTo === undefined || sequence - this.#signedTo > maxRowsPerCheckpoint)
      this.#findings.add("checkpoint-missing", sequence);
  }

  #compare(checkpoint: Checkpoint, hash: string | undefined): void {
    this.#signedTo = checkpoint.sequence;
    if (hash === checkpoint.hash) this.#signed = checkpoint;
    else this.#findings.add("rewritten", checkpoint.sequence);
  }
}

/** The same for a log that is at hand as a whole, in any order of reading: places and checkpoints are merged as they stand. */
export function verify(
  { records, checkpoints }: { readonly records: readonly AuditRecord[]; readonly checkpoints: readonly Checkpoint[] },
  options: VerifyOptions,
): Verification {
  const verification = new AuditVerification(options);
  let next = 0;
  const takeUpTo = (place: number): void => {
    for (; next < checkpoints.length && checkpoints[next]!.sequence <= place; next++) verification.takeCheckpoint(checkpoints[next]!);
  };
  takeUpTo(options.start?.sequence ?? genesis.sequence);
  for (const record of records) {
    verification.take(record);
    takeUpTo(record.sequence);
  }
  takeUpTo(Infinity);
  return verification.finish();
}
