import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { KeyFormatError, KeyWindowError, parseTrustedKey, type TrustedKey } from "@treeline/ostree";
import { errnoOf, type Logger } from "@treeline/process";
import { releaseKeyDirectories } from "./key-directories.ts";

/** The largest key file that is read, in bytes: room for a thousand keys. */
const maxBytes = 65_536;

/**
 * The keys that this host was given: those of its enrollment token and those of the key directories, each with its window. A line that is no key is passed
 * over with a warning, and so is a file that is no file of keys (a directory, a link to nothing, one that is too large): it must not take the other keys
 * away. What rotations made of them is not in it.
 */
export async function baseKeys(options: {
  readonly fromToken: readonly string[];
  readonly directories?: readonly string[];
  readonly logger: Logger;
}): Promise<readonly TrustedKey[]> {
  const { fromToken, directories = releaseKeyDirectories, logger } = options;
  const keys: TrustedKey[] = [];
  const add = (text: string, where: string): void => {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) return;
    try {
      keys.push(parseTrustedKey(line));
    } catch (error) {
      if (!(error instanceof KeyFormatError || error instanceof KeyWindowError)) throw error;
      logger.warn("a release key is passed over", { file: where, err: error });
    }
  };
  for (const key of fromToken) for (const line of key.split("\n")) add(line, "enrollment token");
  for (const directory of directories) {
    for (const name of await namesIn(directory)) {
      if (!name.endsWith(".pub")) continue;
      const path = join(directory, name);
      const unfit = await unfitness(path);
      if (unfit !== undefined) {
        logger.warn("a file of release keys is passed over", { file: path, reason: unfit });
        continue;
      }
      for (const line of (await readFile(path, "utf8")).split("\n")) add(line, path);
    }
  }
  return keys;
}

/** Why a file is not read: a pipe would never end, and a large file is none of keys. */
async function unfitness(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return "it is no regular file; put keys into a file, one in a line";
    return found.size > maxBytes ? `it has ${found.size} bytes, and at most ${maxBytes} are read; keep public keys alone in it, one in a line` : undefined;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return "it leads to nothing; remove the link, or put the file where it leads";
    throw error;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}
