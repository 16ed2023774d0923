import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { entriesOf, followLinks, readTreeFile, type EntryAt, type Resolved, type TreeEntry } from "@treeline/ostree";

/** A file tree, as it is or as it will be. Paths as on the host. */
export interface HostTree {
  /** Where a path leads, all links followed. */
  resolve(path: string): Promise<Resolved>;
  /** What a directory holds under this name, a link not followed; the directory's own links are. */
  entry(path: string): Promise<TreeEntry | null>;
  /** Names in a directory, links to it followed; none where there is no such directory. */
  names(directory: string): Promise<readonly string[]>;
  /** The content of a file; empty where there is none. */
  text(path: string): Promise<string>;
}

/** This host as it is now. `root`: for tests. */
export function hostToday(root = "/"): HostTree {
  const resolve = (path: string): Promise<Resolved> => followLinks(path, hereAt(root));
  return {
    resolve,
    entry: (path) => entryBehind(path, resolve, hereAt(root)),
    names: async (directory) => namesHere(join(root, (await resolve(directory)).path)),
    text: async (path) => textHere(join(root, (await resolve(path)).path)),
  };
}

/**
 * This host as it will be after the boot into a commit.
 *
 * - /etc is merged, file by file, as ostree does: what was changed or deleted here stays so, everything else is as the commit has it, and goes with it.
 * - /var stays, and so does what is mounted here by somebody else than ostree (anything but /, /usr and /etc): an /opt of its own, say.
 * - Everything else is the commit's.
 *
 * Links are followed as they will be: where the commit's /usr/local leads to /var, that is where a file must be.
 */
export async function hostAfterBoot(options: {
  readonly repo: string;
  readonly checksum: string;
  readonly root?: string | undefined;
  /** For tests; default: what is mounted here. */
  readonly mounted?: readonly string[] | undefined;
  readonly signal: AbortSignal;
}): Promise<HostTree> {
  const { root = "/" } = options;
  const here = hereAt(root);
  const commit = entriesOf(options);
  const staying = ["/var", ...(await othersMounts(options))];
  const of = (path: string): "here" | "etc" | "commit" =>
    staying.some((mount) => isWithin(path, mount)) ? "here" : isWithin(path, "/etc") ? "etc" : "commit";
  const shipped = async (path: string): Promise<TreeEntry | null> => (await commit.at(`/usr${path}`)) ?? (await commit.at(path));
  /** What stays of /etc as it is here; null: it is as the commit has it. */
  const kept = async (path: string): Promise<{ readonly entry: TreeEntry | null } | null> => {
    const entry = await here(path);
    if (entry === null) return (await here(`/usr${path}`)) === null ? null : { entry };
    // Of a directory, each file is judged by itself.
    return entry.kind === "directory" || (await isChanged(path, root)) ? { entry } : null;
  };
  const entryAt: EntryAt = async (path) => {
    if (of(path) === "here") return await here(path);
    if (of(path) === "commit") return await commit.at(path);
    const mine = await kept(path);
    return mine === null ? await shipped(path) : mine.entry;
  };
  const resolve = async (path: string): Promise<Resolved> => {
    const normal = posix.normalize(path);
    // Most paths hold no link at all: one question then.
    const direct = of(normal) === "commit" ? await commit.at(normal) : null;
    return direct === null || direct.kind === "link" ? await followLinks(normal, entryAt) : { path: normal, entry: direct };
  };
  return {
    resolve,
    entry: (path) => entryBehind(path, resolve, entryAt),
    names: async (directory) => {
      const { path } = await resolve(directory);
      if (of(path) === "commit") return await commit.names(path);
      if (of(path) === "here") return await namesHere(join(root, path));
      const names = new Set([...(await namesHere(join(root, path))), ...(await commit.names(`/usr${path}`))]);
      const entries = await Promise.all([...names].map((name) => entryAt(posix.join(path, name))));
      return [...names].filter((_, index) => entries[index] !== null);
    },
    text: async (file) => {
      const { path, entry } = await resolve(file);
      if (entry?.kind !== "file") return "";
      const fromCommit = of(path) === "commit" ? entry : of(path) === "etc" && (await kept(path)) === null ? await shipped(path) : null;
      return fromCommit === null ? await textHere(join(root, path)) : await readTreeFile({ ...options, path: fromCommit.path });
    },
  };
}

const isWithin = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`);

/** What others than ostree have mounted, beside /etc, which is merged wherever it lies. */
async function othersMounts({ root = "/", mounted }: { readonly root?: string | undefined; readonly mounted?: readonly string[] | undefined }): Promise<readonly string[]> {
  if (mounted !== undefined) return mounted;
  if (root !== "/") return [];
  const { mountPoints } = await import("@treeline/host");
  return (await mountPoints()).filter((path) => !["/", "/usr", "/etc"].includes(path));
}

async function entryBehind(path: string, resolve: HostTree["resolve"], entryAt: EntryAt): Promise<TreeEntry | null> {
  const directory = await resolve(posix.dirname(path));
  return directory.entry?.kind === "directory" ? await entryAt(posix.join(directory.path, posix.basename(path))) : null;
}

const hereAt =
  (root: string): EntryAt =>
  async (path) => {
    const at = join(root, path);
    const found = await lstat(at).catch(() => null);
    const kind = found?.isFile() ? "file" : found?.isDirectory() ? "directory" : found?.isSymbolicLink() ? "link" : null;
    if (found === null || kind === null) return null;
    return { kind, path, mode: found.mode & 0o7777, size: found.size, ...(kind === "link" ? { target: await readlink(at) } : {}) };
  };

const namesHere = (directory: string): Promise<readonly string[]> => readdir(directory).catch(() => []);
const textHere = (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");

/** Whether a file in /etc is somebody's own: not as the deployment that runs had it. */
const isChanged = async (path: string, root: string): Promise<boolean> => (await contentOf(join(root, path))) !== (await contentOf(join(root, "usr", path)));

/** Larger than any unit or program text in /etc; above it a file counts as changed. */
const mostCompared = 1024 * 1024;

async function contentOf(path: string): Promise<string | null> {
  try {
    const file = await lstat(path);
    if (file.isSymbolicLink()) return `link ${await readlink(path)}`;
    const owned = `${file.mode} ${file.uid}:${file.gid}`;
    return file.size > mostCompared ? `${path} ${file.size}` : `file ${owned} ${await readFile(path, "latin1")}`;
  } catch {
    return null;
  }
}
