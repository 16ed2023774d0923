import { describeHappening, type Happening, type NodeCount, type What } from "../plan/happening.ts";

/**
 * What goes wrong when somebody does something for the n-th time. Each happening strikes once at most, and only in the storm.
 * Keeps what struck: shrinking need not look at the rest.
 */
export class Happenings {
  readonly #counts = new Map<string, number>();
  readonly #due = new Map<string, Happening[]>();
  readonly #struck = new Set<number>();
  readonly #note: (line: string) => void;
  /** From now on nothing goes wrong any more. */
  calm = false;

  constructor(happenings: readonly Happening[], note: (line: string) => void) {
    this.#note = note;
    for (const happening of happenings) {
      const { when } = happening;
      if ("at" in when) continue;
      const key = "node" in when ? keyOf(when.node, when.of, when.nth) : keyOf("", when.of, when.nth);
      const others = this.#due.get(key);
      if (others === undefined) this.#due.set(key, [happening]);
      else others.push(happening);
    }
  }

  get struck(): ReadonlySet<number> {
    return this.#struck;
  }

  /** A node did something once more: what happens to it thereby. */
  onNode(node: string, of: NodeCount): readonly What[] {
    return this.#next(node, of);
  }

  onCommit(): readonly What[] {
    return this.#next("", "commit");
  }

  strike(happening: Happening): void {
    this.#struck.add(happening.ordinal);
    this.#note(`strikes ${describeHappening(happening)}`);
  }

  #next(who: string, of: string): readonly What[] {
    const counter = `${who} ${of}`;
    const nth = (this.#counts.get(counter) ?? 0) + 1;
    this.#counts.set(counter, nth);
    if (this.calm) return nothing;
    const due = this.#due.get(keyOf(who, of, nth));
    if (due === undefined) return nothing;
    for (const happening of due) this.strike(happening);
    return due.map(({ what }) => what);
  }
}

const nothing: readonly What[] = [];

function keyOf(who: string, of: string, nth: number): string {
  return `${who} ${of} ${nth}`;
}
