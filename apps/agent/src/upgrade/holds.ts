import type { OsState } from "@treeline/fleet";
import { deleteRef, hasWholeCommit, resolveRef, setRef } from "@treeline/ostree";

/** The remote that pulls go through and that origins name: `treeline:REF`. */
export const remoteName = "treeline";

/** Local refs that keep commits from ostree's cleanup while an attempt is open: what it goes to, and what it can go back to. Hygiene lets them go. */
export const targetHold = "treeline/target";
export const baseHold = "treeline/base";
/** And where a rollback of the whole rollout would lead, for as long as the server says so. */
export const keepHold = "treeline/keep";

export async function holdBase(repo: string, checksum: string): Promise<void> {
  await setRef({ repo, ref: baseHold, checksum });
}

export async function holdTarget(repo: string, checksum: string): Promise<void> {
  await setRef({ repo, ref: targetHold, checksum });
}

/**
 * Has the keep ref hold this commit, or nothing when undefined. A server names it, and a way back to what the ref holds needs no signature: so only what this
 * host has deployed is kept, or what it ran and still holds. Anything else is not, and then nothing is.
 * @returns whether what was asked for is so
 */
export async function keepCommit(repo: string, os: OsState, checksum: string | undefined): Promise<boolean> {
  if (checksum !== undefined) {
    const kept = await resolveRef({ repo, ref: keepHold });
    if (kept === checksum) return true;
    const isOurs = os.deployments.some((deployment) => deployment.checksum === checksum) || (await resolveRef({ repo, ref: baseHold })) === checksum;
    if (isOurs && (await hasWholeCommit(repo, checksum))) {
      await setRef({ repo, ref: keepHold, checksum });
      return true;
    }
  }
  await deleteRef({ repo, ref: keepHold });
  return checksum === undefined;
}

/** Commits that refs of ours hold as something this host ran. The target's ref is none of them: a server names that. */
export async function heldCommits(repo: string): Promise<readonly string[]> {
  const found = [await resolveRef({ repo, ref: keepHold }), await resolveRef({ repo, ref: baseHold })];
  return found.filter((checksum) => checksum !== null);
}
