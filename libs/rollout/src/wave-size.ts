import type { WaveSize } from "./policy.ts";

/**
 * How many nodes a wave takes at most, of `matching` nodes that it may take from: selected by the rollout and by the wave's own selector.
 * Percentages are rounded down, at least 1; `rest` has no limit of its own.
 */
export function waveCapacity(size: WaveSize, matching: number): number {
  if ("count" in size) return size.count;
  if ("rest" in size) return Number.POSITIVE_INFINITY;
  // 2.28% of 2,500 is 57; in binary fractions it is a little less.
  return Math.max(1, Math.floor((matching * size.percent) / 100 + 1e-9));
}
