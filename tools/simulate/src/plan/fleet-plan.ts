import type { Labels } from "@treeline/fleet";
import type { FalseSuccess } from "@treeline/upgrade/simulated-host";
import type { Chance, Draws } from "../kernel/chance.ts";

/** How far the world may go against the engine. */
export type FaultLevel = "none" | "default" | "harsh";

/** One host of the run, before anything happens to it. */
export interface NodePlan {
  readonly id: string;
  readonly labels: Labels;
  /** From the order to reboot until the agent runs again. */
  readonly bootMillis: number;
  readonly stagingMillis: number;
  /** What its drain hooks take, between the permission and the question. */
  readonly drainMillis: number;
  /** It says of itself what is not so; what it contradicts in the same report must find it out. */
  readonly lie?: FalseSuccess;
  /** When it joins, in virtual milliseconds; 0: it was there before the first rollout. */
  readonly joinsAt: number;
}

export const kinds = ["a", "b", "c"] as const;
export const pools = ["core", "edge", "lab"] as const;

const labelKeys = { region: "topology.kubernetes.io/region", zone: "topology.kubernetes.io/zone", rack: "treeline.dev/rack" } as const;

/** The hosts of one run: regions hold zones, zones hold racks; pool and kind go across them. */
export function planFleet(options: { readonly chance: Chance; readonly nodes: number; readonly faults: FaultLevel }): readonly NodePlan[] {
  const { chance, nodes, faults } = options;
  const shape = chance.stream("fleet");
  const regions = shape.whole(1, 2);
  const zones = shape.whole(1, 3);
  const racks = shape.whole(1, Math.max(1, Math.min(6, Math.floor(nodes / 10))));
  return Array.from({ length: nodes }, (_, index): NodePlan => {
    const draws = chance.stream(`node ${index}`);
    const region = `r${1 + (index % regions)}`;
    const labels = {
      [labelKeys.region]: region,
      [labelKeys.zone]: `z${draws.whole(1, zones)}`,
      [labelKeys.rack]: `k${draws.whole(1, racks)}`,
      pool: draws.pick(pools),
      kind: draws.pick(kinds),
    };
    const joinsLate = faults !== "none" && draws.happens(0.03);
    return {
      id: nodeName(index),
      labels,
      bootMillis: bootMillis(draws, faults),
      stagingMillis: draws.millis(2_000, 90_000),
      drainMillis: draws.millis(10, faults === "none" ? 2_000 : 120_000),
      joinsAt: joinsLate ? draws.whole(60_000, 3_600_000) : 0,
      ...lieOf(draws, faults),
    };
  });
}

/** Another rack, pool or kind than the labels say. */
export function relabelled(labels: Labels, draws: Draws): Labels {
  const key = draws.pick([labelKeys.rack, "pool", "kind"]);
  const value = key === "pool" ? draws.pick(pools) : key === "kind" ? draws.pick(kinds) : `k${draws.whole(1, 6)}`;
  return { ...labels, [key]: value };
}

export function nodeName(index: number): string {
  return `n${String(index).padStart(4, "0")}`;
}

function bootMillis(draws: Draws, faults: FaultLevel): number {
  const slow = faults !== "none" && draws.happens(faults === "harsh" ? 0.05 : 0.02);
  return slow ? draws.whole(5 * 60_000, 18 * 60_000) : draws.whole(20_000, 90_000);
}

function lieOf(draws: Draws, faults: FaultLevel): { readonly lie?: FalseSuccess } {
  if (faults === "none" || !draws.happens(faults === "harsh" ? 0.09 : 0.01)) return {};
  return { lie: draws.pick<FalseSuccess>(["instead-of-deploying", "after-failing", "without-soaking"]) };
}
