import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { runOrThrow } from "@treeline/testkit";

/** The scripts that build, and what they put into the tree. */
export const imageDirectory = path.join(import.meta.dirname, "../image");

/** Beside Debian's essential packages. No network tools, no DNS: the machines reach one address. */
const packages = [
  ...["systemd-sysv", "udev", "dbus", "libpam-systemd", "kmod", "util-linux", "mount", "iproute2", "e2fsprogs", "procps"],
  ...["ostree", "ostree-boot", "python3-gi", "gir1.2-ostree-1.0"],
];

/** A Debian system as an OSTree commit, without an agent. */
export interface BaseTree {
  /** An archive repository. Not to be written to: it is kept from run to run. */
  readonly repo: string;
  readonly ref: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** It was there already. */
  readonly cached: boolean;
}

/**
 * Builds the tree that all releases are made from, or takes the one in the cache. The cache is keyed by the recipe alone: delete it to take in newer packages.
 * Built aside and renamed: an interrupted build leaves nothing that a later one would trust.
 */
export async function baseTree(cache: string): Promise<BaseTree> {
  const directory = path.join(cache, `base-${await recipeHash()}`);
  const tree = { repo: path.join(directory, "repo"), ref: "vm/base", kernel: path.join(directory, "vmlinuz"), initramfs: path.join(directory, "initramfs.img") };
  if ((await stat(directory).catch(() => undefined)) !== undefined) return { ...tree, cached: true };
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(path.join(cache, "building-"));
  try {
    const [root, out] = [path.join(work, "root"), path.join(work, "out")];
    await mkdir(out);
    await runOrThrow("tree", ["sh", path.join(imageDirectory, "build-tree"), root, packages.join(",")]);
    await runOrThrow("tree", ["sh", path.join(imageDirectory, "build-base"), root, path.join(imageDirectory, "overlay"), out, tree.ref]);
    for (const name of await readdir(cache)) if (name.startsWith("base-")) await rm(path.join(cache, name), { recursive: true, force: true });
    await rename(out, directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return { ...tree, cached: false };
}

/** Of everything that the tree is made of; what is done with disks later is not among it. */
async function recipeHash(): Promise<string> {
  const hash = createHash("sha256").update(packages.join(","));
  const entries = await readdir(imageDirectory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith("-disk")).map((entry) => path.join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(`\0${path.relative(imageDirectory, file)}\0`).update(await readFile(file));
  return hash.digest("hex").slice(0, 16);
}
