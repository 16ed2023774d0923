import type { ClosedAttempt, DeniedCommit, OpenAttempt } from "./attempt.ts";
import type { OsState } from "./deployment.ts";
import type { Generation } from "./generation.ts";
import type { UpdatePhase } from "./phase.ts";

export interface CheckResult {
  readonly name: string;
  readonly required: boolean;
  readonly passed: boolean;
  /** The last lines of what it printed, bounded. */
  readonly output: string;
}

/** Required and wanted checks on one boot. `unknown`: not run yet on this boot. */
export interface Health {
  readonly state: "unknown" | "green" | "red";
  readonly bootId: string;
  readonly checks: readonly CheckResult[];
}

/** The agent's attempts, read with no `ostree` child of the agent alive. */
export interface UpdateState {
  readonly phase: UpdatePhase;
  readonly reason: string;
  readonly open?: OpenAttempt;
  readonly closed: readonly ClosedAttempt[];
  readonly denied: readonly DeniedCommit[];
  readonly highest: Generation;
  /** Set when the journal could not be read and was rebuilt from what ostree says. */
  readonly journalNote?: string;
}

export interface Disk {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
}

export interface NetworkInterface {
  readonly name: string;
  readonly mac: string;
  readonly addresses: readonly string[];
  readonly speedMbps: number;
}

/** A first inventory of a host. Sizes in bytes. */
export interface Inventory {
  readonly hostname: string;
  readonly machineId: string;
  readonly architecture: string;
  readonly osName: string;
  readonly osVersion: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly disks: readonly Disk[];
  readonly interfaces: readonly NetworkInterface[];
  readonly virtualization: string;
}

/** What a node is, by its own word over its authenticated session. */
export interface Observation {
  readonly os: OsState;
  readonly update: UpdateState;
  readonly health: Health;
  readonly inventory: Inventory;
  /** How much of each extended resource the node has; absent while nothing advertises any. */
  readonly extendedResources?: ExtendedResources;
  /** Absent from agents that know no key rotations. */
  readonly trust?: Trust;
}

/** Which key rotations a node has followed. */
export interface Trust {
  /** Of the newest one followed; 0: of none. */
  readonly serial: number;
  /** Why a newer one is not followed, or why nothing is trusted at all; empty: all is well. */
  readonly note: string;
}

/** Amounts by resource name, such as `vendor.com/gpu: 4`. */
export type ExtendedResources = Readonly<Record<string, number>>;

/** The sections of an observation that changed since the last one. */
export type ObservationDelta = Partial<Observation>;
