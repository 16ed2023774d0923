import type { FigureDefinition } from "./figure.ts";

/** A whole number that can be set with `--NAME N`. */
export interface OptionDefinition {
  readonly description: string;
  readonly normal: number;
  /** With `--quick`: enough to see that the benchmark works, not enough to believe its figures. */
  readonly quick: number;
  readonly min: number;
  readonly max: number;
}

/** What a benchmark is given while it runs. */
export interface BenchmarkContext<Figure extends string, Option extends string> {
  readonly options: Readonly<Record<Option, number>>;
  /** An empty directory of its own, mode 0700; removed when the benchmark has ended. */
  readonly directory: string;
  /** Aborts when the person at the keyboard has had enough: then throw, and leave no process behind. */
  readonly signal: AbortSignal;
  /** Adds a sample to a figure, usually one per run. One that is not finite is a failed measurement. */
  record(figure: Figure, sample: number): void;
  /** Adds something worth knowing to the note of every figure: sizes, a peer that is missing. */
  remark(text: string): void;
  /** A line for people. */
  progress(text: string): void;
}

/**
 * One benchmark. It measures and records; what is done with the figures is not its business.
 * RULE: a ratio is measured within one run, its two sides alternating, or the machine's mood is measured instead.
 */
export interface Benchmark<Figure extends string = string, Option extends string = string> {
  /** What follows `npm run bench --`. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Every figure, by name. One without a sample after `run` is a missing measurement. */
  readonly figures: Readonly<Record<Figure, FigureDefinition>>;
  readonly options: Readonly<Record<Option, OptionDefinition>>;
  run(context: BenchmarkContext<Figure, Option>): Promise<void>;
}
