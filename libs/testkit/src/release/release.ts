import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runOrThrow } from "../command.ts";
import { composeTree, type TreeOptions } from "./tree.ts";

/** A bootable commit in an archive repository. */
export interface Release {
  readonly repo: string;
  readonly ref: string;
  readonly version: string;
  /** The commit: 64 hexadecimal digits. */
  readonly checksum: string;
}

export interface ReleaseOptions extends TreeOptions {
  /** Repository directory; made as an archive (what HTTP servers serve) when it is missing. */
  readonly repo: string;
  /** Branch the commit goes to, e.g. `fleetos/x86_64/stable`. */
  readonly ref: string;
}

async function ensureRepo(repo: string): Promise<void> {
  if (existsSync(path.join(repo, "config"))) {
    return;
  }
  await mkdir(repo, { recursive: true });
  await runOrThrow("compose", ["ostree", `--repo=${repo}`, "init", "--mode=archive"]);
  // The repository is thrown away with the test: surviving a power cut of the host is not worth 10 times the commit time.
  await runOrThrow("compose", ["ostree", `--repo=${repo}`, "config", "set", "core.fsync", "false"]);
}

/**
 * Composes a tree, commits it with `ostree` and refreshes the repository's summary. The same options give the same content (the commit
 * itself carries the time). Commits to one repository must follow one another.
 */
export async function composeRelease(options: ReleaseOptions): Promise<Release> {
  const { repo, ref, version } = options;
  const scratch = await mkdtemp(path.join(tmpdir(), "treeline-tree-"));
  try {
    const tree = path.join(scratch, "tree");
    await composeTree(tree, options);
    await ensureRepo(repo);
    const repoFlag = `--repo=${repo}`;
    const owners = ["--owner-uid=0", "--owner-gid=0", "--no-xattrs"];
    const metadata = [`--subject=FleetOS ${version}`, `--add-metadata-string=version=${version}`];
    const commit = ["ostree", repoFlag, "commit", `--branch=${ref}`, "--bootable", ...owners, ...metadata, `--tree=dir=${tree}`];
    const checksum = (await runOrThrow("compose", commit)).trim();
    await runOrThrow("compose", ["ostree", repoFlag, "summary", "--update"]);
    return { repo, ref, version, checksum };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
