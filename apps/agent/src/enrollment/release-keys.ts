import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { KeyFormatError, parsePublicKey } from "@treeline/ostree";
import { errnoOf, type Logger } from "@treeline/process";

/** Where an image (or its administrator) puts the public keys of those who sign releases: one key per line in files NAME.pub. */
export const releaseKeyDirectories: readonly string[] = ["/usr/lib/treeline/release-keys.d", "/etc/treeline/release-keys.d"];

/**
 * All public keys this host trusts for releases: those of its enrollment token and those of the key directories, without doubles. A line that is no key is
 * passed over with a warning, and so is a comment (#).
 */
export async function trustedReleaseKeys(options: {
  readonly fromToken: readonly string[];
  readonly directories?: readonly string[];
  readonly logger: Logger;
}): Promise<readonly string[]> {
  const { fromToken, directories = releaseKeyDirectories, logger } = options;
  const keys = new Set<string>();
  const add = (line: string, where: string): void => {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) return;
    try {
      keys.add(parsePublicKey(text));
    } catch (error) {
      if (!(error instanceof KeyFormatError)) throw error;
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
  return [...keys];
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return [];
    throw error;
  }
}
