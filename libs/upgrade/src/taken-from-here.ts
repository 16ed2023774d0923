import type { Checksum, OsState } from "@treeline/fleet";
import type { JournalAttempt } from "./journal.ts";

/** What the host has of an attempt's target. */
export interface LocalCommits {
  readonly os: OsState;
  /** Commits that refs of ours hold as something this host ran. */
  readonly held: readonly Checksum[];
  /** Every object of the target is in the repository. */
  readonly complete: boolean;
}

/**
 * Whether an attempt's target is taken as it lies on this host: no download, and no signature asked for. Only for a way back, and only to a commit that is
 * whole and that this host demonstrably runs or ran: it is deployed, or a ref of ours holds it as such. Anything else a server names as a way back is pulled
 * and verified like any new commit, so that no server can have a commit booted that nobody signed.
 */
export function isTakenFromHere({ back, target }: Pick<JournalAttempt, "back" | "target">, here: LocalCommits): boolean {
  if (back !== true || !here.complete) return false;
  return here.os.deployments.some(({ checksum }) => checksum === target.checksum) || here.held.includes(target.checksum);
}
