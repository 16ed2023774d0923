import type { Checksum, Deployment, OsState } from "@treeline/fleet";
import type { Journal } from "./journal.ts";

/**
 * Deployments that wait for their boot and that no attempt of ours made, the next one to boot first: an operator's, or another program's (one of the commit that
 * runs, with new kernel arguments, say). They are never overwritten; who made them boots them, or takes them back.
 *
 * Ours are those of the open attempt's target, and of what an attempt deployed on this very boot and left when it ended. One that ended before this boot has nothing
 * left that waits: who deploys its commit again does so for reasons of their own.
 */
export function foreignDeployments(os: OsState, { open, closed }: Pick<Journal, "open" | "closed">): readonly Deployment[] {
  // An attempt that was never confirmed has deployed nothing.
  const left = closed.filter(({ confirmedBootId }) => confirmedBootId === os.bootId);
  const ours: readonly Checksum[] = [...(open === undefined ? [] : [open]), ...left].map(({ target }) => target.checksum);
  return os.deployments.filter(({ booted, pending, staged, checksum }) => !booted && (pending || staged) && !ours.includes(checksum));
}
