import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type PlacedFiles, runOrThrow } from "@treeline/testkit";

export const releaseRef = "fleetos/x86_64/stable";

/** A bootable commit that differs from the others in a few files. */
export interface Release {
  readonly version: string;
  readonly checksum: string;
}

/**
 * The repository of those who build releases: one tree with an agent, and releases that put a few files over it. Making one takes a second or two, because ostree
 * takes the rest from the tree's commit unread.
 */
export class ReleaseLine {
  readonly repo: string;
  readonly #imageRef: string;

  private constructor(repo: string, imageRef: string) {
    this.repo = repo;
    this.#imageRef = imageRef;
  }

  /** @param agent a directory with the files of the agent's package, as below the root */
  static async start(options: { readonly directory: string; readonly base: { readonly repo: string; readonly ref: string }; readonly agent: string }): Promise<ReleaseLine> {
    const { directory, base, agent } = options;
    const repo = path.join(directory, "build");
    // Objects are never written to, so they may be shared with the cache.
    await runOrThrow("releases", ["cp", "-a", "--link", base.repo, repo]);
    // Configuration and refs are: these get files of their own.
    await runOrThrow("releases", ["sh", "-c", 'cd "$1" && rm -rf config refs && cp -a "$2/config" "$2/refs" .', "sh", repo, base.repo]);
    const line = new ReleaseLine(repo, "vm/image");
    await line.#commit({ branch: line.#imageRef, from: base.ref, overlay: agent, arguments: [] });
    return line;
  }

  /** Makes a release: the tree, what says which release it is, and `files` (all below usr; defaults of /etc go to usr/etc). */
  async compose(version: string, files: PlacedFiles = {}): Promise<Release> {
    const overlay = await mkdtemp(path.join(tmpdir(), "treeline-overlay-"));
    try {
      await chmod(overlay, 0o755);
      // extlinux takes the first word of a title for the label, and gives the rest to the kernel: no blank, and no two releases with one title.
      const osRelease = `ID=fleetos\nNAME=FleetOS\nVERSION_ID=${version}\nPRETTY_NAME="FleetOS-${version}"\nOSTREE_VERSION=${version}\n`;
      await placeFiles(overlay, { "usr/lib/os-release": osRelease, "usr/etc/shipped.conf": `release ${version}\n`, "usr/etc/edited.conf": `release ${version}\n`, ...files });
      const about = ["--bootable", `--add-metadata-string=version=${version}`];
      const checksum = await this.#commit({ branch: releaseRef, from: this.#imageRef, overlay, arguments: about });
      await runOrThrow("releases", ["ostree", `--repo=${this.repo}`, "summary", "--update"]);
      return { version, checksum };
    } finally {
      await rm(overlay, { recursive: true, force: true });
    }
  }

  async #commit(options: { readonly branch: string; readonly from: string; readonly overlay: string; readonly arguments: readonly string[] }): Promise<string> {
    const { branch, from, overlay, arguments: about } = options;
    const trees = [`--tree=ref=${from}`, `--tree=dir=${overlay}`];
    return (await runOrThrow("releases", ["ostree", `--repo=${this.repo}`, "commit", `--branch=${branch}`, "--subject=FleetOS", ...about, ...trees])).trim();
  }
}

/** Writes files below a directory, which may hold some already. */
export async function placeFiles(directory: string, files: PlacedFiles): Promise<void> {
  for (const [name, file] of Object.entries(files)) {
    const { content, mode = 0o644 } = typeof file === "string" || file instanceof Uint8Array ? { content: file } : file;
    const target = path.join(directory, name);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content);
    await chmod(target, mode);
  }
}
