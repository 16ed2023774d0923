import type { Fleet } from "./fleet.ts";
import type { Machine } from "./machine.ts";
import type { Release } from "./release-line.ts";

/** What a scenario plays with. */
export interface Scene {
  readonly fleet: Fleet;
  /** On, connected, green, and in no rollout; as many as the scenario asked for, in the order of their names. */
  readonly machines: readonly Machine[];
  readonly names: readonly string[];
  /** What they all run. */
  readonly running: Release;
  /** A version that no other scenario uses. */
  readonly version: string;
  /** Says what is being done, for people. */
  readonly say: (line: string) => void;
}

/**
 * One thing that is promised, tried on machines that really boot. It fails by throwing. Whatever it did to its machines, it leaves them healthy on one and the
 * same release, which it returns; after a failure the next one gets new machines and a new server.
 */
export interface Scenario {
  readonly name: string;
  /** What must hold, in one line. */
  readonly promise: string;
  readonly machines: number;
  /** Only in the long form. */
  readonly long?: boolean;
  readonly play: (scene: Scene) => Promise<Release>;
}
