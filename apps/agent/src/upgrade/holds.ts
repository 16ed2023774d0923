import { deleteRef, setRef } from "@treeline/ostree";

/** The remote that pulls go through and that origins name: `treeline:REF`. */
export const remoteName = "treeline";

/** Local refs that keep commits from ostree's cleanup while an attempt is open: what it goes to, and what it can go back to. */
const targetHold = "treeline/target";
const baseHold = "treeline/base";

export async function holdBase(repo: string, checksum: string): Promise<void> {
  await setRef({ repo, ref: baseHold, checksum });
}

export async function holdTarget(repo: string, checksum: string): Promise<void> {
  await setRef({ repo, ref: targetHold, checksum });
}

/** Lets both commits go. Deployments hold their commits by themselves; this frees nothing that is deployed. */
export async function releaseHolds(repo: string): Promise<void> {
  await deleteRef({ repo, ref: targetHold });
  await deleteRef({ repo, ref: baseHold });
}
