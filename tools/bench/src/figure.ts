/** What one figure of a benchmark is, whatever was measured. */
export interface FigureDefinition {
  /** What the number counts, for people: one sentence. */
  readonly note: string;
  /** "ratio", or the unit of the number: "s", "KiB", "1/s". */
  readonly unit: string;
  /** The number hoped for; null: measured for its own sake. */
  readonly aim: number | null;
  readonly better: "higher" | "lower";
  /** Of a peer that not every machine has: a figure without a sample is then left out, and no failure. The benchmark remarks on what is missing. */
  readonly optional?: boolean;
}

/** A measured figure, as it is printed: one JSON object a line. The order of the keys is the order in the line. */
export interface Figure {
  readonly bench: string;
  readonly figure: string;
  /** The median of the samples. */
  readonly value: number;
  readonly unit: string;
  readonly aim: number | null;
  readonly better: "higher" | "lower";
  readonly runs: number;
  readonly min: number;
  readonly max: number;
  readonly note: string;
}

/**
 * The middle of the samples; of an even number, the mean of the two in the middle.
 * @throws RangeError when there is none
 */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  if (upper === undefined) throw new RangeError("no samples: nothing has a median");
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? upper;
  return lower + (upper - lower) / 2;
}

/** Four significant digits: more would claim an accuracy that no benchmark of ours has. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

export interface FigureOptions {
  readonly bench: string;
  readonly figure: string;
  readonly definition: FigureDefinition;
  /** One per run; at least one, all finite. */
  readonly samples: readonly number[];
  /** What was found out about this measurement: sizes, the machine. Appended to the definition's note. */
  readonly remarks?: readonly string[];
}

/** Sums the samples of one figure up. */
export function figureOf({ bench, figure, definition, samples, remarks = [] }: FigureOptions): Figure {
  const { unit, aim, better, note } = definition;
  return {
    ...{ bench, figure, value: rounded(median(samples)), unit, aim, better, runs: samples.length },
    ...{ min: rounded(Math.min(...samples)), max: rounded(Math.max(...samples)) },
    note: [note, ...remarks].join("; "),
  };
}
