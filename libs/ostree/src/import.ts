import { requireChecksum } from "./argument.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";
import { markPartial } from "./partial-mark.ts";
import { hasCommit } from "./read-commit.ts";
import { setRef } from "./ref.ts";

/**
 * Takes a commit from a scratch repository that was filled by somebody we do not trust, into our own.
 *
 * The scratch repository is an archive made by initArchive, with uploaded objects under the paths that objectFile gives. It may hold only those that
 * our repository lacks: ostree walks through the whole commit, takes each object from where it is, and fails if one is in neither.
 * `--untrusted` makes ostree compute every checksum first (measured: spoilt content, spoilt metadata and missing objects are all refused).
 *
 * Before calling this: check the signature on the scratch's commit and commitmeta (readCommit, verifyCommit), because detached metadata has no
 * checksum and replaces ours. Make no ref before this returned.
 * Afterwards: delete the scratch. ostree hard-links from it, so nobody may be able to write into its files any more when this is called.
 * A failed import leaves harmless loose objects; it may be repeated, and prune deletes them.
 * @throws OstreeError corrupt-object, missing-object
 */
export async function importFrom(
  options: {
    readonly repo: string;
    readonly scratch: string;
    readonly checksum: string;
    /** Pointed at the commit when all of it is there. */
    readonly ref?: string;
  } & Cancellable,
): Promise<void> {
  const { repo, scratch, ref, signal } = options;
  const checksum = requireChecksum(options.checksum, "import");
  // A commit that is there already would not be looked into: after this "imported" always means complete.
  if (await hasCommit(repo, checksum)) await markPartial({ repo, checksum, signal });
  await ostree({ args: ["pull-local", `--repo=${repo}`, "--untrusted", scratch, checksum], phase: "import", subject: checksum, signal });
  if (ref !== undefined) await setRef({ repo, ref, checksum, signal });
}
