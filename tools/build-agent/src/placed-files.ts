import { chmod, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PackagedFile } from "./package-contents.ts";

/** Writes the files of a package below a directory. */
export async function placeFiles(tree: string, files: readonly PackagedFile[]): Promise<void> {
  for (const { target, mode, content } of files) {
    const file = path.join(tree, target);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o755 });
    await writeFile(file, content);
    await chmod(file, mode);
  }
}

/** The time that files in a package carry, in seconds: the same sources make the same package (reproducible-builds.org/specs/source-date-epoch). */
export function sourceEpoch(): string {
  // 1980: some tools warn of 1970.
  return process.env["SOURCE_DATE_EPOCH"] ?? "315532800";
}
