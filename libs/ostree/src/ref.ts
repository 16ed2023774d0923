import { requireChecksum, requireRef } from "./argument.ts";
import { hasCommit, missingCommit } from "./read-commit.ts";
import { OstreeError } from "./ostree-error.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

interface InRepo extends Cancellable {
  readonly repo: string;
}

/**
 * All refs by name (`remote:ref` for those of a remote) with the commit each points to. `prefix` limits them to those in that folder.
 * ostree's own refs (`ostree/0/1/0`, one per deployment) are among them. @throws OstreeError
 */
export async function listRefs(options: InRepo & { readonly prefix?: string }): Promise<ReadonlyMap<string, string>> {
  const { repo, prefix, signal } = options;
  const { stdout } = await ostree({
    args: ["refs", `--repo=${repo}`, "--list", ...(prefix === undefined ? [] : [requireRef(prefix, "list refs")])],
    phase: "list refs",
    subject: repo,
    signal,
  });
  const names = stdout.split("\n").filter((name) => name !== "");
  const refs = new Map<string, string>();
  for (const name of names) {
    const checksum = await resolveRef({ repo, ref: name, signal });
    if (checksum !== null) refs.set(name, checksum);
  }
  return refs;
}

/** The commit a ref points to, or null when there is no such ref. @throws OstreeError */
export async function resolveRef(options: InRepo & { readonly ref: string }): Promise<string | null> {
  const { repo, ref, signal } = options;
  try {
    const { stdout } = await ostree({
      args: ["rev-parse", `--repo=${repo}`, requireRef(ref, "resolve ref")],
      phase: "resolve ref",
      subject: ref,
      signal,
    });
    return requireChecksum(stdout.trim(), "resolve ref");
  } catch (error) {
    if (error instanceof OstreeError && error.code === "not-found-ref") return null;
    throw error;
  }
}

/**
 * Points `ref` (`name` or `remote:name`) at a commit that is in the repository, whether the ref was there before or not.
 * A commit that no ref and no deployment holds is deleted by the next cleanup. @throws OstreeError missing-object
 */
export async function setRef(options: InRepo & { readonly ref: string; readonly checksum: string }): Promise<void> {
  const { repo, ref, signal } = options;
  const checksum = requireChecksum(options.checksum, "set ref");
  // ostree takes any 64 digits and would leave a ref that points nowhere, on which prune and fsck then fail.
  if (!(await hasCommit(repo, checksum))) throw missingCommit({ repo, checksum, phase: "set ref" });
  await ostree({
    args: ["refs", `--repo=${repo}`, "--force", `--create=${requireRef(ref, "set ref")}`, checksum],
    phase: "set ref",
    subject: `${ref} -> ${checksum}`,
    signal,
  });
}

/**
 * Deletes one ref; nothing happens when it is not there. `ostree refs --delete` takes a prefix, so a name that is also the folder of other refs is
 * refused instead of taking them along. @throws OstreeError
 */
export async function deleteRef(options: InRepo & { readonly ref: string }): Promise<void> {
  const { repo, ref, signal } = options;
  const args = ["refs", `--repo=${repo}`, "--list", requireRef(ref, "delete ref")];
  const { stdout } = await ostree({ args, phase: "delete ref", subject: ref, signal });
  const names = stdout.split("\n").filter((name) => name !== "");
  if (names.length === 0) return;
  if (names.length !== 1 || names[0] !== ref) {
    throw new OstreeError({
      code: "bad-input",
      phase: "delete ref",
      subject: ref,
      reason: `ref: is a folder of other refs (${names.slice(0, 3).join(", ")})`,
      remedy: "Name one ref in full.",
    });
  }
  await ostree({ args: ["refs", `--repo=${repo}`, "--delete", ref], phase: "delete ref", subject: ref, signal });
}
