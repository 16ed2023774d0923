import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, type Logger } from "@treeline/process";
import type { HookKind } from "@treeline/upgrade";
import { distrust } from "../checks/trusted-program.ts";

/** More programs than this in one kind are a mistake. */
const maxPrograms = 100;
const maxNames = 1000;
/** What package managers and editors leave behind; systemd passes over the same. */
const leftover = /^\.|~$|\.(?:rpm(?:new|save|orig)|dpkg-(?:old|new|tmp|dist|bak|backup|remove)|ucf-(?:new|old|dist)|swp|bak|old|new)$/;

/** Where programs must not be run from as they are. The message names the path, what is wrong with it and the remedy. */
export class HookError extends Error {
  override readonly name = "HookError";
  readonly code: "not-trusted" | "unreadable" | "too-many";
  readonly phase = "hooks";
  readonly subject: string;

  constructor(code: HookError["code"], subject: string, problem: string, options?: ErrorOptions) {
    super(`${subject} ${problem}`, options);
    this.code = code;
    this.subject = subject;
  }
}

/**
 * The programs of one kind, in the order of their names, by the convention of systemd's own drop-in directories: a file in a later directory replaces one of
 * the same name in an earlier one; an empty file or a link to /dev/null masks it; what is not executable does not count (and replaces nothing), nor do hidden
 * files and what package managers leave behind.
 *
 * INVARIANT: each of them is trusted: see `distrust`.
 *
 * @throws HookError
 */
export async function findHooks(options: { readonly kind: HookKind; readonly directories: readonly string[]; readonly logger: Logger }): Promise<readonly string[]> {
  const { kind, directories, logger } = options;
  const byName = new Map<string, string | undefined>();
  // The last directory wins, so it is read first.
  for (const directory of directories.map((each) => join(each, kind)).toReversed()) {
    for (const name of await namesIn(directory, logger)) {
      if (byName.has(name) || leftover.test(name)) continue;
      const path = join(directory, name);
      const file = await statOf(path);
      if (file === undefined) logger.warn("a hook is passed over, because it leads nowhere: restore or remove it; to mask one of an earlier directory link it to /dev/null", { hook: path });
      else if (isMask(file)) byName.set(name, undefined);
      else if (!file.isFile()) continue;
      else if ((file.mode & 0o111) === 0) logger.warn("a hook is passed over, because it is not executable: chmod +x it, or move it away", { hook: path });
      else byName.set(name, path);
    }
  }
  const found = [...byName].flatMap(([name, path]) => (path === undefined ? [] : [{ name, path }]));
  if (found.length > maxPrograms) throw new HookError("too-many", kind, `has ${found.length} programs, more than ${maxPrograms}: join some, or remove them from ${directories.join(", ")}`);
  for (const { path } of found) await mustBeTrusted(path);
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(({ path }) => path);
}

async function namesIn(directory: string, logger: Logger): Promise<readonly string[]> {
  try {
    const names = await readdir(directory);
    if (names.length > maxNames) throw new HookError("too-many", directory, `holds ${names.length} files, more than ${maxNames}: remove what is no hook`);
    return names;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    if (errnoOf(error) === "ENOTDIR") {
      logger.warn(`no hook is looked for in ${directory}: it is not a directory, or lies below something that is none: make it one, or correct hooks.directories`, { directory });
      return [];
    }
    if (error instanceof HookError) throw error;
    throw new HookError("unreadable", directory, `cannot be read (${errnoOf(error) ?? String(error)}): check its permissions and the disk`, { cause: error });
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw new HookError("unreadable", path, `cannot be read (${errnoOf(error) ?? String(error)}): check where it leads and the disk`, { cause: error });
  }
}

const isMask = (file: Stats): boolean => file.isCharacterDevice() || (file.isFile() && file.size === 0);

async function mustBeTrusted(path: string): Promise<void> {
  const found = await distrust(path);
  if (found !== undefined) throw new HookError(found.code, found.subject, found.problem, { cause: found.cause });
}
