import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { errnoOf } from "./errno.ts";

/** What was named is no file that could be read as a whole: a directory, a pipe, a device; or it is too large. */
export class RegularFileError extends Error {
  override readonly name = "RegularFileError";
  readonly code: "not-a-regular-file" | "too-large";
  readonly phase = "read";
  /** The path. */
  readonly subject: string;

  constructor(code: RegularFileError["code"], subject: string, problem: string) {
    super(`${subject} ${problem}`);
    this.code = code;
    this.subject = subject;
  }
}

/**
 * The content of a file of at most `maxBytes` bytes, links followed. A pipe or a device is not opened for reading: it might never end.
 * @throws RegularFileError, or the file system's error (ENOENT, EACCES, ...): `readProblem` has words for both
 */
export async function readRegularFile(file: string, maxBytes: number): Promise<Buffer> {
  // Without O_NONBLOCK opening a pipe waits for somebody who writes.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const found = await handle.stat();
  if (found.isDirectory()) throw new RegularFileError("not-a-regular-file", file, "is a directory");
  if (!found.isFile()) throw new RegularFileError("not-a-regular-file", file, "is a pipe or a device");
  // Read to the limit whatever its size says: in /proc that is 0.
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  for (let read = 1; read > 0 && length <= maxBytes; length += read) {
    read = (await handle.read(buffer, length, buffer.length - length)).bytesRead;
  }
  if (length > maxBytes) throw new RegularFileError("too-large", file, `is larger than ${maxBytes} bytes`);
  return buffer.subarray(0, length);
}

/** Why a file could not be read, and what to do, for people: each continues a sentence that names the file. */
export function readProblem(error: unknown): { readonly reason: string; readonly remedy: string } {
  if (error instanceof RegularFileError) return { reason: error.message.slice(error.subject.length + 1), remedy: "name a plain file" };
  const errno = errnoOf(error);
  switch (errno) {
    case "ENOENT":
      return { reason: "does not exist, or is a link that leads nowhere", remedy: "create it or name another" };
    case "ENOTDIR":
      return { reason: "lies below something that is not a directory", remedy: "correct the path" };
    case "EISDIR":
      return { reason: "is a directory", remedy: "name a plain file" };
    case "ELOOP":
      return { reason: "is a link that leads in a circle", remedy: "correct the link" };
    case "ENXIO":
      return { reason: "is a socket or a device", remedy: "name a plain file" };
    case "EACCES":
    case "EPERM":
      return { reason: `may not be read by user ${process.getuid?.() ?? "?"}`, remedy: "run as root, or as its owner" };
    default:
      return { reason: `cannot be read (${errno ?? String(error)})`, remedy: "check the disk and the kernel's log" };
  }
}
