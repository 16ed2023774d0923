import type { PlacedFiles } from "@treeline/testkit";
import type { FaultName } from "../faults/fault.ts";

/**
 * What the machine is asked to do while the fault strikes. `update-plain`: content comes as objects, not as a static delta. `mute-release`: the agent does not
 * start in it at all. `way-back`: to go back, with the whole rollout, from a good release it runs.
 */
export type Scenario = "update" | "update-plain" | "bad-release" | "mute-release" | "way-back";

/** The moment at which the fault strikes. */
export type Moment =
  /** Before the rollout is created. */
  | { readonly kind: "idle" }
  /** The agent stands at a point of its loop (see its README), with its attempt at this step of the journal. */
  | { readonly kind: "hold"; readonly point: string; readonly journal?: string }
  /**
   * A program that the agent or the shutdown runs, with these words among its arguments, stands right after its nth call of one of these system calls;
   * with a path, of those that have exactly this path as an argument. `shows`: what strace must say of that call, where it is counted blindly.
   */
  | { readonly kind: "child"; readonly program: string; readonly words: string; readonly syscalls: string; readonly nth: number; readonly path?: string; readonly shows?: string }
  /** The machine has just booted the new release, so that its boot guard and its agent are at work or about to be. */
  | { readonly kind: "new-boot" }
  /** A program of the machine's owner has made this file of /var. */
  | { readonly kind: "file"; readonly file: string }
  /** The agent's journal has come to this step; it goes on meanwhile. */
  | { readonly kind: "journal"; readonly step: string };

/** How an attempt ended: the kind of its outcome, with the class of a failure, as `failed(never-booted)`. */
export type Ending = "updated" | "rolled-back" | "abandoned" | `failed(${string})`;

export interface Expectation {
  /** How the attempts of the node end, oldest first: one of these lists. */
  readonly attempts: readonly (readonly Ending[])[];
  /** What the machine runs at the end. Default: what the last attempt says. `other`: what an operator deployed by hand. */
  readonly runs?: "old" | "new" | "other";
  /** What the reason of the last attempt must say, so that a person knows what to do. */
  readonly reason?: string;
  /** Neither the old nor the new commit runs: the slot stays until an operator writes it off. */
  readonly keepsSlot?: true;
  /** The machine's deployments at the end include one that is neither old nor new: an operator's. */
  readonly othersDeployment?: true;
}

/** One cell of the matrix. */
export interface FaultCase {
  /** Unique: the step, a slash, the fault. */
  readonly name: string;
  /** Where it strikes, for the table. */
  readonly step: string;
  readonly fault: FaultName;
  readonly scenario: Scenario;
  readonly moment: Moment;
  readonly expect: Expectation;
  /** Part of the short form. */
  readonly short: boolean;
  /** How long the node must stay healthy, in milliseconds: long enough that the fault strikes in it. Default 0. */
  readonly soakMillis?: number;
  /** More files of the machine, such as hooks. */
  readonly files?: PlacedFiles;
}

/** Before it is known which cases are in the short form. */
export type LongCase = Omit<FaultCase, "short">;
