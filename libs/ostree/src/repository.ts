import { requireRef } from "./argument.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/** The archive repository of a server or of a person who publishes: made, summed up, checked and thinned out. */
interface InRepo extends Cancellable {
  readonly repo: string;
}

/** Makes an archive repository in `repo` (the directory that holds it must exist); one that is there stays as it is. @throws OstreeError */
export async function initArchive(options: InRepo): Promise<void> {
  await ostree({
    args: ["init", `--repo=${options.repo}`, "--mode=archive"],
    phase: "init",
    subject: options.repo,
    signal: options.signal,
  });
}

/**
 * Commits a directory tree to a ref; returns the checksum. All files become root's, so that it needs no root. @throws OstreeError
 */
export async function commitTree(
  options: InRepo & {
    readonly ref: string;
    readonly tree: string;
    readonly version: string;
    readonly subject?: string;
    readonly bootable?: boolean;
  },
): Promise<string> {
  const ref = requireRef(options.ref, "commit");
  const { stdout } = await ostree({
    args: [
      "commit",
      `--repo=${options.repo}`,
      `--branch=${ref}`,
      `--tree=dir=${options.tree}`,
      "--owner-uid=0",
      "--owner-gid=0",
      ...(options.bootable === false ? [] : ["--bootable"]),
      `--add-metadata-string=version=${options.version}`,
      ...(options.subject === undefined ? [] : [`--subject=${options.subject}`]),
    ],
    phase: "commit",
    subject: ref,
    signal: options.signal,
  });
  return stdout.trim();
}

/** Writes the `summary`: refs and static deltas by name. Clients believe it, so it is due after every change of a ref or a delta. @throws OstreeError */
export async function updateSummary(options: InRepo): Promise<void> {
  await ostree({
    args: ["summary", `--repo=${options.repo}`, "--update"],
    phase: "update summary",
    subject: options.repo,
    signal: options.signal,
  });
}

/**
 * Deletes every object that no ref reaches, and the static deltas to deleted commits; those from a deleted commit stay, as hosts may still run it.
 * A commit is kept by a ref to it (setRef): its parents are not kept along, so that keeping is always on purpose. Returns ostree's account of it.
 * @throws OstreeError
 */
export async function prune(options: InRepo): Promise<string> {
  const { stdout } = await ostree({
    args: ["prune", `--repo=${options.repo}`, "--refs-only", "--depth=0"],
    phase: "prune",
    subject: options.repo,
    signal: options.signal,
  });
  return stdout.trim();
}

/** Reads every object of every commit and checks its checksum. Takes as long as reading the disk. @throws OstreeError corrupt-object, missing-object */
export async function fsck(options: InRepo): Promise<void> {
  await ostree({ args: ["fsck", `--repo=${options.repo}`, "--quiet"], phase: "fsck", subject: options.repo, signal: options.signal });
}
