import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errnoOf } from "./errno.ts";

// The lock is SQLite's: an open `BEGIN EXCLUSIVE` on DIR/lock.db holds a POSIX (fcntl) lock, which the kernel drops when the process
// ends, however it ends. So there is no stale lock to clean up and no pid to mistake for another process. Two things follow:
// 1. Nobody in this process may open lock.db by other means: closing ANY descriptor of that file would drop the POSIX lock.
// 2. DIR must not be on a network file system without working locks.
// `lock.pid` is for people only; nothing decides by it.

const lockFile = "lock.db";
const pidFile = "lock.pid";
const sqliteBusy = 5;

export interface DirectoryLock {
  readonly dir: string;
  /** Gives the directory up. A second call does nothing. */
  release(): Promise<void>;
}

/** Another process works on this directory. */
export class DirectoryInUseError extends Error {
  override readonly name = "DirectoryInUseError";
  readonly code = "directory-in-use";
  readonly phase = "lock";
  /** The directory. */
  readonly subject: string;
  /** The holder as it wrote itself down; undefined when it has not yet. */
  readonly holder: { readonly pid: number; readonly owner: string } | undefined;

  constructor(dir: string, holder: DirectoryInUseError["holder"], cause: unknown) {
    const who = holder === undefined ? "another process" : `${holder.owner} (pid ${holder.pid})`;
    super(`${dir} is in use by ${who}: stop it first, or give this one a directory of its own`, { cause });
    this.subject = dir;
    this.holder = holder;
  }
}

export type DataDirectoryErrorCode = "not-a-directory" | "permission-denied" | "read-only" | "no-space" | "io";

/** The directory cannot be used at all. */
export class DataDirectoryError extends Error {
  override readonly name = "DataDirectoryError";
  readonly code: DataDirectoryErrorCode;
  readonly phase: "create" | "probe" | "lock";
  /** The directory. */
  readonly subject: string;

  constructor(
    message: string,
    details: {
      readonly code: DataDirectoryErrorCode;
      readonly phase: DataDirectoryError["phase"];
      readonly subject: string;
      readonly cause: unknown;
    },
  ) {
    super(message, { cause: details.cause });
    this.code = details.code;
    this.phase = details.phase;
    this.subject = details.subject;
  }
}

/**
 * Takes a data directory for this process alone, creating it (0700) when it is missing, after checking that it can be written.
 * @param owner what to call the holder to people, such as `treeline-server`
 * @throws DirectoryInUseError, DataDirectoryError
 */
export async function lockDirectory(dir: string, owner: string): Promise<DirectoryLock> {
  await attempt(dir, "create", () => createDirectory(dir));
  await attempt(dir, "probe", () => probeWriting(dir));
  const database = await attempt(dir, "lock", () => takeLock(dir));
  const pidPath = path.join(dir, pidFile);
  try {
    await attempt(dir, "lock", () => writeFile(pidPath, `${process.pid} ${owner.replaceAll(/\s+/g, " ")}\n`));
  } catch (error) {
    database.close();
    throw error;
  }
  let held = true;
  return {
    dir,
    async release() {
      if (!held) return;
      held = false;
      // Before the lock goes: afterwards it might be the next holder's file.
      await rm(pidPath, { force: true });
      database.close();
    },
  };
}

/**
 * Makes the directory and those above it. Not with Node's recursive mkdir: below /proc, which says that a path under an existing directory does not
 * exist, it goes round for ever (Node 24.21), and on a read-only file system it hides the reason.
 */
async function createDirectory(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    const code = errnoOf(error);
    const parent = path.dirname(dir);
    if (code === "ENOENT" && parent !== dir && !(await exists(parent))) {
      await createDirectory(parent);
      await mkdir(dir, { mode: 0o700 });
    } else if (code !== "EEXIST") {
      throw error;
    }
  }
  if (!(await stat(dir)).isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Writes and syncs one block: a full or read-only disk is found here, with its name, and not in the middle of the work. */
async function probeWriting(dir: string): Promise<void> {
  const probe = path.join(dir, `.probe-${randomBytes(6).toString("hex")}`);
  const handle = await open(probe, "wx", 0o600);
  try {
    await handle.writeFile(Buffer.alloc(4096));
    await handle.sync();
  } finally {
    await handle.close();
    await unlink(probe);
  }
}

async function takeLock(dir: string): Promise<DatabaseSync> {
  const database = new DatabaseSync(path.join(dir, lockFile), { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (cause) {
    database.close();
    if ((cause as { readonly errcode?: number }).errcode === sqliteBusy) throw new DirectoryInUseError(dir, await holderOf(dir), cause);
    throw cause;
  }
}

async function holderOf(dir: string): Promise<DirectoryInUseError["holder"]> {
  const text = await readFile(path.join(dir, pidFile), "utf8").catch(() => "");
  const [, pid, owner] = /^(\d+) (.+)\n$/.exec(text) ?? [];
  return pid === undefined || owner === undefined ? undefined : { pid: Number(pid), owner };
}

async function attempt<T>(dir: string, phase: DataDirectoryError["phase"], step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (cause instanceof DirectoryInUseError) throw cause;
    throw directoryError(dir, phase, cause);
  }
}

function directoryError(dir: string, phase: DataDirectoryError["phase"], cause: unknown): DataDirectoryError {
  const make = (code: DataDirectoryErrorCode, message: string): DataDirectoryError =>
    new DataDirectoryError(`the data directory ${dir} ${message}`, { code, phase, subject: dir, cause });
  switch (errnoOf(cause)) {
    case "ENOTDIR":
    case "EEXIST":
      return make("not-a-directory", "is not a directory, or lies below a file: name another path or move the file away");
    case "EACCES":
    case "EPERM":
      return make("permission-denied", `may not be written by user ${process.getuid?.() ?? "?"}: chown it, or run as its owner`);
    case "EROFS":
      return make("read-only", "is on a read-only file system: mount it writable or name another path");
    case "ENOSPC":
    case "EDQUOT":
      return make("no-space", "is on a full file system, or its quota is used up: free some space");
    default:
      return make(
        "io",
        `cannot be used (${errnoOf(cause) ?? ""} ${cause instanceof Error ? cause.message : String(cause)}): check the disk and the system log`,
      );
  }
}
