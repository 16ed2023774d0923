/**
 * Fencing pair of every intent: `epoch` counts server starts, `number` the intents of a node.
 * INVARIANT: an agent acts only on a generation above the highest it has seen; a lower or equal one does nothing.
 */
export interface Generation {
  readonly epoch: number;
  readonly number: number;
}

export const noGeneration: Generation = { epoch: 0, number: 0 };

/** Negative when `a` is older than `b`, 0 when equal, positive when newer: by epoch, then by number. */
export function compareGenerations(a: Generation, b: Generation): number {
  return a.epoch - b.epoch || a.number - b.number;
}
