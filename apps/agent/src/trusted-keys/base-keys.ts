import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { KeyFormatError, KeyWindowError, parseTrustedKey, type TrustedKey } from "@treeline/ostree";
import { errnoOf, type Logger } from "@treeline/process";
import { releaseKeyDirectories } from "./key-directories.ts";

/**
 * The keys that this host was given: those of its enrollment token and those of the key directories, each with its window. A line that is no key is passed
 * over with a warning, and so is a comment (#). What rotations made of them is not in it.
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
      for (const line of (await readFile(path, "utf8")).split("\n")) add(line, path);
    }
  }
  return keys;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}
