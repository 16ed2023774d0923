/**
 * - `edited`: a row is not what was sealed: changed, or exchanged for another, or its seal was.
 * - `removed`: there is no such row (any more).
 * - `inserted`: a row without a seal stands before sealed ones, or before the first.
 * - `reordered`: a place comes again, or later than it should.
 * - `truncated`: the log ends before a row that was signed.
 * - `rewritten`: rows and seals fit each other, but not what was signed.
 * - `checkpoint-forged`: none of the known keys signed it.
 * - `checkpoint-missing`: more rows are sealed without a signature than the store ever seals: checkpoints were taken away.
 */
export type FindingKind =
  | "edited"
  | "removed"
  | "inserted"
  | "reordered"
  | "truncated"
  | "rewritten"
  | "checkpoint-forged"
  | "checkpoint-missing";

/** Something that is wrong with the log. */
export interface Finding {
  readonly kind: FindingKind;
  /** The first row it is about. */
  readonly from: number;
  /** The last one. */
  readonly to: number;
  /** For people. */
  readonly message: string;
}

const messages: Readonly<Record<FindingKind, string>> = {
  edited: "not what was sealed there: changed, or exchanged for another",
  removed: "missing",
  inserted: "stands where nothing was sealed: inserted, or its seal was taken away",
  reordered: "out of its place",
  truncated: "cut off: a checkpoint signs a row that is not there",
  rewritten: "not what was signed: rows and seals were both rewritten, or the checkpoint is of another log",
  "checkpoint-forged": "the checkpoint there is signed by none of the known keys",
  "checkpoint-missing": "sealed, but more than may be without a signature: checkpoints were taken away",
};

const mostKept = 100;

/** Findings as they come, neighbours of one kind as one, of very many only the first. */
export class Findings {
  readonly #kept: Finding[] = [];
  #more = 0;

  add(kind: FindingKind, from: number, to = from): void {
    const last = this.#kept.at(-1);
    if (last?.kind === kind && kind !== "checkpoint-forged" && last.to + 1 === from) this.#kept[this.#kept.length - 1] = { ...last, to };
    else if (this.#kept.length < mostKept) this.#kept.push({ kind, from, to, message: messages[kind] });
    else this.#more++;
  }

  get kept(): readonly Finding[] {
    return this.#kept;
  }

  /** How many are not kept. */
  get more(): number {
    return this.#more;
  }
}
