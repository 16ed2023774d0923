import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/**
 * All randomness of one run. A draw depends on (seed, run, name of the stream, how many were drawn from that stream) and on nothing else: taking
 * one fault out of a run does not shift what the others draw. That is what makes shrinking possible.
 */
export class Chance {
  readonly #root: string;
  readonly #streams = new Map<string, Draws>();

  constructor({ seed, run }: { readonly seed: number; readonly run: number }) {
    this.#root = `${seed}/${run}/`;
  }

  /** The stream of this name; asked for again, it goes on where it was. */
  stream(name: string): Draws {
    const existing = this.#streams.get(name);
    if (existing !== undefined) return existing;
    const draws = new Draws(hash(this.#root + name));
    this.#streams.set(name, draws);
    return draws;
  }
}

/** One stream of draws. */
export class Draws {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** Both ends included. */
  whole(from: number, to: number): number {
    return uniformInt(this.#generator, from, to);
  }

  /** From 0 (included) to 1 (excluded). */
  fraction(): number {
    return uniformFloat64(this.#generator);
  }

  /** True in a share `probability` of the draws. */
  happens(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.whole(0, items.length - 1)];
    if (item === undefined) throw new RangeError("nothing to pick from: the list is empty");
    return item;
  }

  /** Whole milliseconds between the two, small ones as likely as large ones (log-uniform): rare long delays find more than many middling ones. */
  millis(from: number, to: number): number {
    return Math.round(Math.exp(Math.log(from) + this.fraction() * (Math.log(to) - Math.log(from))));
  }

  /** The items in another order (Fisher and Yates). */
  shuffled<Item>(items: readonly Item[]): readonly Item[] {
    const copy = [...items];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = this.whole(0, last);
      [copy[last], copy[other]] = [copy[other]!, copy[last]!];
    }
    return copy;
  }
}

/** FNV-1a, then the finalizer of MurmurHash3: two names that differ in one digit give unrelated seeds. */
export function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) | 0;
}
