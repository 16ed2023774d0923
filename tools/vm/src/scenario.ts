import type { Fleet } from "./fleet.ts";
import type { Machine } from "./machine.ts";
import type { Release } from "./release-line.ts";

/** What a scenario plays with. */
export interface Scene {
  readonly fleet: Fleet;
  /** On, connected, green, and in no rollout; two of them, three in the long form. In the order of their names, in which rollouts take them. */
  readonly machines: readonly Machine[];
  readonly names: readonly string[];
  /** What each machine runs. A scenario that moves a machine says so here. */
  readonly runs: Map<string, Release>;
  /** A version that no other scenario uses; one that needs more of them appends to it. */
  readonly version: string;
  /** Says what is being done, for people. */
  readonly say: (line: string) => void;
}

/**
 * One thing that is promised, tried on machines that really boot. It fails by throwing. Whatever it did to its machines, it leaves them healthy; after a failure
 * the next one gets new machines and a new server.
 */
export interface Scenario {
  readonly name: string;
  /** What must hold, in one line. */
  readonly promise: string;
  /** Only in the long form. */
  readonly long?: boolean;
  readonly play: (scene: Scene) => Promise<void>;
}
