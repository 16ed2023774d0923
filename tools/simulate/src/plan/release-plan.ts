import { createHash } from "node:crypto";
import type { Chance, Draws } from "../kernel/chance.ts";
import { kinds, type FaultLevel, type NodePlan } from "./fleet-plan.ts";

/** What goes wrong on a node that a release does not suit. */
export type Trouble =
  /** A required check is red from the first boot on. */
  | "red"
  /** Green at first, red in the soak. */
  | "red-in-soak"
  /** Green through the soak, red some minutes later. */
  | "red-later"
  /** The boot loader gives up and starts the previous deployment. */
  | "does-not-boot"
  /** Nothing starts any more: the host is gone for good. */
  | "bricks"
  /** The agent runs but does not reach the server. */
  | "cuts-network"
  /** An extended resource is gone. */
  | "loses-resource";

export interface ReleasePlan {
  readonly version: string;
  readonly checksum: string;
  readonly trouble?: Trouble;
  /** The share of nodes it does not suit. */
  readonly share: number;
  /** Only nodes of this kind; absent: of any. */
  readonly kind?: string;
}

const troubles: readonly Trouble[] = [
  "red",
  "red",
  "red-in-soak",
  "red-later",
  "does-not-boot",
  "bricks",
  "cuts-network",
  "loses-resource",
];

/** What every node runs before the first rollout. */
export const baseRelease: ReleasePlan = { version: "1.0", checksum: checksumOf("1.0"), share: 0 };

/** One release per rollout; a part of them good. */
export function planReleases({
  chance,
  count,
  faults,
}: {
  readonly chance: Chance;
  readonly count: number;
  readonly faults: FaultLevel;
}): readonly ReleasePlan[] {
  return Array.from({ length: count }, (_, index) => {
    const draws = chance.stream(`release ${index}`);
    const version = `2.${index}`;
    const good = faults === "none" || draws.happens(faults === "harsh" ? 0.35 : 0.6);
    return { version, checksum: checksumOf(version), share: 0, ...(good ? {} : badIn(draws)) };
  });
}

function badIn(draws: Draws): Pick<ReleasePlan, "trouble" | "share" | "kind"> {
  const trouble = draws.pick(troubles);
  const onOneKind = draws.happens(0.4);
  // One that bricks a large part of a fleet leaves nothing to look at.
  const most = trouble === "bricks" ? 0.1 : 0.9;
  return {
    trouble,
    share: onOneKind ? 1 : Math.min(most, 0.01 + draws.fraction() ** 2),
    ...(onOneKind ? { kind: draws.pick(kinds) } : {}),
  };
}

/** What this release does to this node; the same each time it is booted there. */
export function troubleOn(release: ReleasePlan | undefined, node: Pick<NodePlan, "id" | "labels">, chance: Chance): Trouble | undefined {
  if (release?.trouble === undefined || (release.kind !== undefined && node.labels["kind"] !== release.kind)) return undefined;
  return chance.stream(`suits ${release.version} ${node.id}`).happens(release.share) ? release.trouble : undefined;
}

function checksumOf(version: string): string {
  return createHash("sha256").update(`commit of ${version}`).digest("hex");
}
