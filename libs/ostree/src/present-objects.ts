import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * Which of these objects a repository has, by name alone. `unfinished`: those count too that a pull which did not end has left, and which the next one uses.
 * One look per folder and not per object: a system has a hundred thousand of them.
 */
export async function presentObjects(options: {
  readonly repo: string;
  readonly checksums: Iterable<string>;
  readonly unfinished?: boolean;
}): Promise<ReadonlySet<string>> {
  const roots = [join(options.repo, "objects"), ...(options.unfinished === true ? await stagingDirectories(options.repo) : [])];
  const byFolder = Map.groupBy(options.checksums, (checksum) => checksum.slice(0, 2));
  const present = new Set<string>();
  for (const [folder, wanted] of byFolder) {
    const names = new Set<string>();
    for (const root of roots) for (const name of await entries(join(root, folder))) names.add(folder + name.slice(0, 62));
    for (const checksum of wanted) if (names.has(checksum)) present.add(checksum);
  }
  return present;
}

const stagingDirectories = async (repo: string): Promise<readonly string[]> =>
  (await entries(join(repo, "tmp")))
    .filter((name) => name.startsWith("staging-") && !name.endsWith("-lock"))
    .map((name) => join(repo, "tmp", name));

async function entries(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
}
