import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";
import { errnoOf } from "@treeline/process";

const maxReasonBytes = 200;

/** The reason in an update-lock file: its first line, "" when it has none; undefined when there is no such file. Whatever stands at the path is a lock. */
export async function readUpdateLock(path: string): Promise<string | undefined> {
  try {
    await lstat(path);
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    return `cannot be read (${errnoOf(error) ?? String(error)})`;
  }
  try {
    // A pipe must not keep the agent waiting for a writer.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return "";
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxReasonBytes), 0, maxReasonBytes, 0);
    const [line = ""] = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    return line;
  } catch {
    return "";
  }
}
