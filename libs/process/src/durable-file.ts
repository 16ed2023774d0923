import { randomBytes } from "node:crypto";
import { open, readdir, readFile, rename, unlink } from "node:fs/promises";
import path from "node:path";
import { errnoOf } from "./errno.ts";

const temporaryForm = /^\..+\.[0-9a-f]{12}\.treeline-tmp$/;

export interface DurableWriteOptions {
  /** Permissions of the file, whatever the umask. Default 0600. */
  readonly mode?: number;
}

/**
 * Replaces a file so that power loss or SIGKILL at any moment leaves the whole old or the whole new content, and so that the new
 * content is on the disk once the promise resolves: temporary file in the same directory, fsync, rename, fsync of the directory.
 * After a rejection either content may be there.
 *
 * A killed writer leaves its temporary file; `removeLeftovers` clears those away at the next start.
 *
 * @throws the file system's error (ENOSPC, EACCES, EROFS, ...)
 */
export async function writeFileDurably(file: string, data: string | Uint8Array, options: DurableWriteOptions = {}): Promise<void> {
  const { mode = 0o600 } = options;
  const dir = path.dirname(file);
  const temporary = path.join(dir, `.${path.basename(file)}.${randomBytes(6).toString("hex")}.treeline-tmp`);
  try {
    const handle = await open(temporary, "wx", mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncDirectory(dir);
}

/** The content of a file; undefined when there is none. @throws any other error of the file system */
export async function readFileIfExists(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes renames and removals in a directory durable. */
export async function syncDirectory(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Removes the temporary files of writers that were killed, and names them. Only for the holder of the directory's lock: it would
 * take the file from under a writer at work.
 */
export async function removeLeftovers(dir: string): Promise<readonly string[]> {
  const leftovers = (await readdir(dir)).filter((name) => temporaryForm.test(name));
  for (const name of leftovers) await unlink(path.join(dir, name));
  return leftovers;
}
