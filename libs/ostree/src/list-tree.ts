import { posix } from "node:path";
import { requireChecksum } from "./argument.ts";
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
  const text = await ls(options, []);
  return text === null ? null : parseEntries(text).filter(({ path, kind }) => path !== options.path || kind !== "directory");
}

/** Links to follow before giving up, as the kernel does. */
const maxLinks = 40;

/** Where a path of a commit leads, all links followed: what is there, or nothing. `path` may lie outside of what a commit holds (/var). */
export interface Resolved {
  readonly path: string;
  readonly entry: TreeEntry | null;
}

/**
 * Follows a path through the links of a commit: /usr/local/bin/x leads to /var/usrlocal/bin/x where /usr/local is a link to it. `path`: as far as that went;
 * behind the first component that the commit does not hold, the rest as it was asked for. @throws OstreeError
 */
export async function resolveInTree(options: InCommit): Promise<Resolved> {
  const known = new Map<string, TreeEntry | null>();
  const entryAt = async (path: string): Promise<TreeEntry | null> => {
    if (!known.has(path)) {
      const text = await ls({ ...options, path }, ["--dironly"]);
      known.set(path, text === null ? null : (parseEntries(text)[0] ?? null));
    }
    return known.get(path) ?? null;
  };
  // Most paths hold no link at all: one question then.
  const direct = await entryAt(posix.normalize(options.path));
  if (direct !== null && direct.kind !== "link") return { path: direct.path, entry: direct };

  let at = "/";
  let entry = await entryAt("/");
  let links = 0;
  const rest = parts(options.path);
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    if (name === "..") {
      at = posix.dirname(at);
      entry = await entryAt(at);
      continue;
    }
    const path = posix.join(at, name);
    entry = await entryAt(path);
    if (entry === null) return { path: posix.join(path, ...rest), entry: null };
    if (entry.kind === "link") {
      if (++links > maxLinks) return { path: options.path, entry: null };
      const target = entry.target ?? "";
      rest.unshift(...parts(target));
      if (target.startsWith("/")) at = "/";
      // The rest is behind the link; a link to nothing is nothing.
      entry = null;
      continue;
    }
    at = path;
  }
  return { path: at, entry };
}

const parts = (path: string): string[] => path.split("/").filter((name) => name !== "" && name !== ".");

async function ls(options: InCommit, flags: readonly string[]): Promise<string | null> {
  const { repo, path, signal } = options;
  const checksum = requireChecksum(options.checksum, "list tree");
  try {
    const { stdout } = await ostree({
      args: ["ls", `--repo=${repo}`, "--checksum", ...flags, "--", checksum, path],
      phase: "list tree",
      subject: `${checksum} ${path}`,
      signal,
    });
    return stdout;
  } catch (error) {
    if (error instanceof OstreeError && error.code === "not-found-path") return null;
    throw error;
  }
}
