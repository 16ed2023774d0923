import { lstat, readFile, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { objectPath } from "./argument.ts";
import { maxMetadataSize } from "./gvariant.ts";
import { readElements, readTuple, type Member } from "./gvariant-tuple.ts";
import type { TreeEntry } from "./list-tree.ts";
import { OstreeError } from "./ostree-error.ts";
import { readCommit } from "./read-commit.ts";

/**
 * The tree of a commit, read from the objects of a `bare` repository as every OSTree host has it: what `ostree ls` and `ostree cat` say, without a process for
 * each question. Source: ostree-core.h, OSTREE_COMMIT_GVARIANT_FORMAT `(a{sv}aya(say)sstayay)`, OSTREE_TREE_GVARIANT_FORMAT `(a(say)a(sayay))`,
 * OSTREE_DIRMETA_GVARIANT_FORMAT `(uuua(ayay))`, whose numbers are big-endian. A file's object is the file, its owner and mode included.
 */

interface InBare {
  readonly repo: string;
  readonly checksum: string;
  readonly path: string;
}

interface Directory {
  readonly tree: string;
  readonly meta: string;
}

const variable: Member = { align: 1 };
const commitMembers: readonly Member[] = [{ align: 8 }, variable, variable, variable, variable, { align: 8, size: 8 }, variable, variable];

/** Whether a repository keeps files as they are. */
export async function isBare(repo: string): Promise<boolean> {
  const text = await readFile(join(repo, "config"), "utf8").catch(() => "");
  return /^mode\s*=\s*bare\s*$/m.test(text);
}

/** A directory and what it holds, in the order of the names; of a file, itself; null when there is no such path (or one of its parents is a link). @throws OstreeError */
export async function listBare({ repo, checksum, path }: InBare): Promise<readonly TreeEntry[] | null> {
  let directory = await rootOf(repo, checksum);
  const names = path.split("/").filter((name) => name !== "");
  for (const [index, name] of names.entries()) {
    const { files, directories } = await readTree(repo, directory.tree);
    const file = files.get(name);
    if (file !== undefined) return index === names.length - 1 ? [await fileEntry(repo, file, path)] : null;
    const next = directories.get(name);
    if (next === undefined) return null;
    directory = next;
  }
  const { files, directories } = await readTree(repo, directory.tree);
  const held = await Promise.all([
    ...[...files].map(([name, file]) => fileEntry(repo, file, posix.join(path, name))),
    ...[...directories].map(([name, { meta }]) => directoryEntry(repo, meta, posix.join(path, name))),
  ]);
  return [await directoryEntry(repo, directory.meta, path), ...held];
}

/** The bytes of a file; null when there is none. @throws OstreeError, unexpected-output when it has more than `limit` bytes */
export async function readBareFile({ limit, ...options }: InBare & { readonly limit: number }): Promise<Buffer | null> {
  const [entry, ...others] = (await listBare(options)) ?? [];
  if (entry?.kind !== "file" || entry.checksum === undefined || others.length > 0) return null;
  if (entry.size > limit) throw tooLarge(options, entry.size, limit);
  return await readFile(join(options.repo, objectPath(entry.checksum, "file")));
}

async function rootOf(repo: string, checksum: string): Promise<Directory> {
  const { commit } = await readCommit({ repo, checksum });
  const [tree, meta] = readTuple(commit, commitMembers)?.slice(-2) ?? [];
  if (tree?.length !== 32 || meta?.length !== 32) throw corrupt(checksum, "commit");
  return { tree: tree.toString("hex"), meta: meta.toString("hex") };
}

async function readTree(
  repo: string,
  checksum: string,
): Promise<{ readonly files: ReadonlyMap<string, string>; readonly directories: ReadonlyMap<string, Directory> }> {
  const [fileBytes, directoryBytes] = readTuple(await readMetadata(repo, checksum, "dirtree"), [variable, variable]) ?? [];
  const files = elements(fileBytes, 1);
  const directories = elements(directoryBytes, 2);
  if (files === null || directories === null) throw corrupt(checksum, "dirtree");
  return {
    files: new Map(files.map(([name, file = ""]) => [name, file])),
    directories: new Map(directories.map(([name, tree = "", meta = ""]) => [name, { tree, meta }])),
  };
}

/** Names, each with so many checksums. */
function elements(bytes: Buffer | undefined, checksums: 1 | 2): readonly (readonly [string, ...string[]])[] | null {
  const found = bytes === undefined ? null : readElements(bytes, 1);
  if (found === null) return null;
  const read: (readonly [string, ...string[]])[] = [];
  for (const element of found) {
    const [name, ...sums] = readTuple(element, [variable, ...Array.from({ length: checksums }, () => variable)]) ?? [];
    if (name === undefined || name.at(-1) !== 0 || sums.some(({ length }) => length !== 32)) return null;
    read.push([name.subarray(0, -1).toString("utf8"), ...sums.map((sum) => sum.toString("hex"))]);
  }
  return read;
}

async function fileEntry(repo: string, checksum: string, path: string): Promise<TreeEntry> {
  const object = join(repo, objectPath(checksum, "file"));
  const found = await lstat(object).catch((cause: unknown) => {
    throw missing(checksum, "file", cause);
  });
  const common = { path, mode: found.mode & 0o7777, checksum };
  return found.isSymbolicLink()
    ? { ...common, kind: "link", size: 0, target: await readlink(object) }
    : { ...common, kind: "file", size: found.size };
}

async function directoryEntry(repo: string, meta: string, path: string): Promise<TreeEntry> {
  const bytes = await readMetadata(repo, meta, "dirmeta");
  if (bytes.length < 12) throw corrupt(meta, "dirmeta");
  return { kind: "directory", path, mode: bytes.readUInt32BE(8) & 0o7777, size: 0 };
}

async function readMetadata(repo: string, checksum: string, kind: "dirtree" | "dirmeta"): Promise<Buffer> {
  const object = join(repo, objectPath(checksum, kind));
  const bytes = await readFile(object).catch((cause: unknown) => {
    throw missing(checksum, kind, cause);
  });
  if (bytes.length > maxMetadataSize) throw corrupt(checksum, kind);
  return bytes;
}

const tooLarge = ({ checksum, path }: InBare, size: number, limit: number): OstreeError =>
  new OstreeError({
    code: "unexpected-output",
    phase: "read file",
    subject: `${checksum} ${path}`,
    reason: `it has ${size} bytes, and at most ${limit} are read`,
    remedy: "Compose the release with a smaller file there.",
  });

const corrupt = (checksum: string, kind: string): OstreeError =>
  new OstreeError({
    code: "corrupt-object",
    phase: "list tree",
    subject: `${checksum}.${kind}`,
    reason: `the object is no ${kind}`,
    remedy: "Run `ostree fsck` on this repository.",
  });

const missing = (checksum: string, kind: string, cause: unknown): OstreeError =>
  new OstreeError({
    code: "missing-object",
    phase: "list tree",
    subject: `${checksum}.${kind}`,
    reason: "the object is not in the repository, or cannot be read",
    remedy: "It is fetched again with the next try; where it stays so, run `ostree fsck` on this repository.",
    retryable: true,
    cause,
  });
