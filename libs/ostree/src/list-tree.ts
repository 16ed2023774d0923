import { posix } from "node:path";
import { requireChecksum } from "./argument.ts";
import { isBare, listBare, readBareFile } from "./bare-tree.ts";
import { OstreeError } from "./ostree-error.ts";
import { ostree } from "./ostree.ts";
import type { Cancellable } from "./ostree.ts";

/** One thing in the tree of a commit. */
export interface TreeEntry {
  readonly kind: "file" | "directory" | "link";
  /** Permission bits. */
  readonly mode: number;
  /** Of a file, in bytes. */
  readonly size: number;
  readonly path: string;
  /** Where a link leads. */
  readonly target?: string;
  /** Of a file or link: checksum of its object, which covers content, owner and mode. */
  readonly checksum?: string;
}

interface InCommit extends Cancellable {
  readonly repo: string;
  readonly checksum: string;
  /** Absolute, as in the tree. */
  readonly path: string;
}

const kinds = { "-": "file", d: "directory", l: "link" } as const;
const line = /^([-dl])([0-7]{5}) +\d+ +\d+ +(\d+)((?: [0-9a-f]{64}){0,2}) (\/[^\n]*)$/;

/** Reads the text of `ostree ls --checksum`. Pure. Names with a line break in them are passed over. */
export function parseEntries(text: string): readonly TreeEntry[] {
  return text.split("\n").flatMap((raw) => {
    const [, kind, mode = "", size = "", sums = "", name = ""] = line.exec(raw) ?? [];
    if (kind === undefined) return [];
    const [path = "", target] = kind === "l" ? name.split(" -> ", 2) : [name];
    const checksum = kind === "d" ? undefined : sums.trim().split(" ")[0];
    return [
      {
        kind: kinds[kind as keyof typeof kinds],
        mode: Number.parseInt(mode, 8),
        size: Number(size),
        path,
        ...(target === undefined ? {} : { target }),
        ...(checksum === undefined || checksum === "" ? {} : { checksum }),
      },
    ];
  });
}

/** What a directory of a commit holds; of a file, itself; null when there is no such path (or one of its parents is a link). @throws OstreeError */
export async function listTree(options: InCommit): Promise<readonly TreeEntry[] | null> {
  const entries = await listing(options);
  return entries?.filter(({ path, kind }) => path !== options.path || kind !== "directory") ?? null;
}

/** What is at a path, its last component not followed: an entry, or nothing. */
export type EntryAt = (path: string) => Promise<TreeEntry | null>;

/** The tree of a commit. No link is followed, so a path that leads through one is not there: see `followLinks`. */
export interface CommitEntries {
  readonly at: EntryAt;
  /** Names in a directory; none where there is no such directory. */
  names(directory: string): Promise<readonly string[]>;
}

/** Reads the tree of a commit, directory by directory, and remembers it. @throws OstreeError */
export function entriesOf(commit: Omit<InCommit, "path">): CommitEntries {
  const directories = new Map<string, Promise<ReadonlyMap<string, TreeEntry> | null>>();
  const list = (directory: string): Promise<ReadonlyMap<string, TreeEntry> | null> => {
    const known = directories.get(directory) ?? read(directory);
    directories.set(directory, known);
    return known;
  };
  const read = async (directory: string): Promise<ReadonlyMap<string, TreeEntry> | null> => {
    // What is in no directory that was read need not be asked for.
    for (let below = directory; below.startsWith("/") && below !== "/"; below = posix.dirname(below)) {
      const above = await directories.get(posix.dirname(below));
      if (above === null || (above !== undefined && above.get(below)?.kind !== "directory")) return null;
      if (above !== undefined) break;
    }
    const entries = await listing({ ...commit, path: directory });
    return entries && new Map(entries.map((entry) => [entry.path, entry]));
  };
  return {
    at: async (path) => (await list(path === "/" ? path : posix.dirname(path)))?.get(path) ?? null,
    names: async (directory) => {
      const entries = (await list(directory)) ?? new Map<string, TreeEntry>();
      return [...entries.keys()].filter((path) => path !== directory).map((path) => posix.basename(path));
    },
  };
}

/** Links to follow before giving up, as the kernel does. */
const maxLinks = 40;

/** Where a path leads, all links followed: what is there, or nothing. */
export interface Resolved {
  readonly path: string;
  readonly entry: TreeEntry | null;
}

/**
 * Follows a path through links: /usr/local/bin/x leads to /var/usrlocal/bin/x where /usr/local is a link to it. `path` of the answer: as far as that went;
 * behind the first component that is not there, the rest as it was asked for.
 */
export async function followLinks(path: string, entryAt: EntryAt): Promise<Resolved> {
  let at = "/";
  let entry = await entryAt("/");
  let links = 0;
  const rest = parts(path);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === "..") {
      at = posix.dirname(at);
      entry = await entryAt(at);
      continue;
    }
    const next = posix.join(at, name);
    entry = await entryAt(next);
    if (entry === null) return { path: posix.join(next, ...rest), entry: null };
    if (entry.kind === "link") {
      if (++links > maxLinks) return { path, entry: null };
      const target = entry.target ?? "";
      rest.unshift(...parts(target));
      if (target.startsWith("/")) at = "/";
      // The rest is behind the link; a link to nothing is nothing.
      entry = null;
      continue;
    }
    at = next;
  }
  return { path: at, entry };
}

const parts = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");

/** As much as is read of a file, in bytes. */
const mostText = 16 * 1024 * 1024;

/** The text of a file of a commit, links in its path not followed; at most 16 MiB. @throws OstreeError */
export async function readTreeFile(options: InCommit): Promise<string> {
  const { repo, path, signal } = options;
  const checksum = requireChecksum(options.checksum, "read file");
  const bytes = (await isBare(repo)) ? await readBareFile({ repo, checksum, path, limit: mostText }) : null;
  if (bytes !== null) return bytes.toString("utf8");
  // Also where there is none: ostree says so.
  const args = ["cat", `--repo=${repo}`, "--", checksum, path];
  return (await ostree({ args, phase: "read file", subject: `${checksum} ${path}`, signal })).stdout;
}

/** A directory and what it holds; of a file, itself. From the objects where that can be; else one `ostree ls` each. */
async function listing({ repo, path, signal, ...options }: InCommit): Promise<readonly TreeEntry[] | null> {
  const checksum = requireChecksum(options.checksum, "list tree");
  if (await isBare(repo)) return await listBare({ repo, checksum, path });
  try {
    const { stdout } = await ostree({
      args: ["ls", `--repo=${repo}`, "--checksum", "--", checksum, path],
      phase: "list tree",
      subject: `${checksum} ${path}`,
      signal,
    });
    return parseEntries(stdout);
  } catch (error) {
    if (error instanceof OstreeError && error.code === "not-found-path") return null;
    throw error;
  }
}
