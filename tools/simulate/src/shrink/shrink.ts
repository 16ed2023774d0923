import type { RunOptions, RunResult } from "../run.ts";
import { ddmin, type Tries } from "./ddmin.ts";

/** Replays at most, so that a person gets an answer in reasonable time. */
const replays = 160;

export interface Shrunk {
  readonly result: RunResult;
  readonly nodes: readonly string[];
  readonly happenings: readonly number[];
  readonly replays: number;
}

export interface ShrinkOptions {
  readonly failed: RunResult;
  /** Plays a run again with less in it. */
  readonly replay: (options: Required<Pick<RunOptions, "only" | "trace">>) => Promise<RunResult>;
  readonly onProgress: (line: string) => void;
}

/**
 * A smaller run that breaks the same invariant: fewer nodes, then fewer happenings, as what each of them draws does not depend on the others. A run
 * ends at its first violation, so it also gets shorter by itself.
 */
export async function shrink({ failed, replay, onProgress }: ShrinkOptions): Promise<Shrunk> {
  const tries: Tries = { left: replays };
  const invariant = failed.violation?.invariant;
  let nodes: readonly string[] = failed.nodes;
  let happenings: readonly number[] = failed.struck;
  let best = failed;
  const breaksSame = async (only: { readonly nodes: readonly string[]; readonly happenings: readonly number[] }): Promise<boolean> => {
    const result = await replay({ only, trace: false });
    if (result.violation?.invariant !== invariant) return false;
    best = result;
    onProgress(
      `still ${invariant ?? ""} with ${only.nodes.length} nodes and ${only.happenings.length} happenings, at step ${result.steps}`,
    );
    return true;
  };
  for (let round = 0; round < 2 && tries.left > 0; round++) {
    const before = nodes.length + happenings.length;
    nodes = await ddmin(nodes, (part) => (part.length === 0 ? Promise.resolve(false) : breaksSame({ nodes: part, happenings })), tries);
    happenings = await ddmin(happenings, (part) => breaksSame({ nodes, happenings: part }), tries);
    // What did not strike in the smallest run found is not needed there.
    const struck = new Set(best.struck);
    happenings = happenings.filter((ordinal) => struck.has(ordinal));
    if (nodes.length + happenings.length === before) break;
  }
  const result = await replay({ only: { nodes, happenings }, trace: true });
  // Dropping the idle ones changes nothing; if it ever did, the larger run is still a true one.
  return { result, nodes, happenings, replays: replays - tries.left };
}
