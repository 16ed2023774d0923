import type { Checksum } from "@treeline/fleet";

/** How a commit behaves once it is booted. Read at every look, so that a test can change it under a running host. */
export interface CommitBehaviour {
  /** Its required checks. */
  readonly green: boolean;
  /** Its agent reaches the server. */
  readonly reachesServer: boolean;
  /** The boot loader can start it; else the previous deployment boots instead. */
  readonly boots: boolean;
  /** Its agent starts this long after the boot: until then the host is there and says nothing. In milliseconds; absent: at once. */
  readonly bootMillis?: number;
  /** The boot loader starts it, and the host is never heard of again, whatever is done to its power. */
  readonly dies?: boolean;
  /** Its required checks turn from green to red and back each time this much uptime has passed, green first. In milliseconds; absent: they stay. */
  readonly flapMillis?: number;
  /** Extended resources of the host that are not there while it runs. */
  readonly loses?: readonly string[];
  /** Whether a key that the host trusts has signed it; absent: yes. */
  readonly signed?: boolean;
}

export type CommitBehaviours = Readonly<Record<Checksum, CommitBehaviour>>;

export const wellBehaved: CommitBehaviour = { green: true, reachesServer: true, boots: true };

export function behaviourOf(behaviours: CommitBehaviours, checksum: Checksum): CommitBehaviour {
  return behaviours[checksum] ?? wellBehaved;
}

/** Whether its required checks are green after so much uptime. */
export function isGreen({ green, flapMillis }: CommitBehaviour, uptimeMillis: number): boolean {
  return green && (flapMillis === undefined || Math.floor(uptimeMillis / flapMillis) % 2 === 0);
}
