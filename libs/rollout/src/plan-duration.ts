import type { RolloutPolicy, Staging } from "./policy.ts";

/**
 * What a plan assumes about a node, in milliseconds, because nobody has measured it yet: a host with a fast disk in a machine room. Staging is
 * to pull and to write the deployment; with a limit on bytes per second it takes at least what the whole release needs at its share (a node
 * pulls only what it lacks, so that is the most). A node holds its slot while it drains, reboots, verifies and soaks.
 */
export const assumedMillis = { staging: 60_000, draining: 5_000, rebooting: 90_000, verifying: 30_000 } as const;

/** How long one node stages, and how long it holds its slot, as far as anybody can know beforehand. */
export interface NodeTimes {
  readonly staging: number;
  readonly slot: number;
}

export function nodeTimes({ staging, nodeSoakMillis }: RolloutPolicy, releaseBytes: number): NodeTimes {
  const { nodes, bytesPerSecond } = staging;
  const pull = nodes === undefined || bytesPerSecond === undefined ? 0 : (releaseBytes / Math.floor(bytesPerSecond / nodes)) * 1000;
  return {
    staging: Math.max(assumedMillis.staging, Math.ceil(pull)),
    slot: assumedMillis.draining + assumedMillis.rebooting + assumedMillis.verifying + nodeSoakMillis,
  };
}

/** When things happen in a wave, in milliseconds since it opened. */
export interface WaveTimes {
  /** The first round. */
  readonly first: number;
  /** From one round to the next. */
  readonly interval: number;
  /** The last node has ended; the bake begins. */
  readonly end: number;
}

/**
 * Staging and slots are two machines in a row: either the slots are always busy from the first staged node on, or each node goes as soon as it is
 * staged. The wave takes as long as the slower of the two. `nodes`: all that go.
 */
export function waveTimes(
  { nodes: atOnce, jitterMillis }: Staging,
  times: NodeTimes,
  wave: { readonly nodes: number; readonly rounds: number },
): WaveTimes {
  if (wave.nodes === 0) return { first: 0, interval: 0, end: 0 };
  const batches = atOnce === undefined ? 1 : Math.ceil(wave.nodes / atOnce);
  const lastStaged = Math.max(jitterMillis, (batches - 1) * times.staging) + times.staging;
  const end = Math.max(times.staging + wave.rounds * times.slot, lastStaged + times.slot);
  return { first: times.staging, interval: (end - times.staging) / wave.rounds, end };
}
