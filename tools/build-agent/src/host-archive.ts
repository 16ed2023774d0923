import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { machine, tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { PackagedFile } from "./package-contents.ts";
import { placeFiles, sourceEpoch } from "./placed-files.ts";

const run = promisify(execFile);

/**
 * Writes a tar archive to unpack in / of a host that runs, and returns its path. It holds files alone, no directories: unpacking follows a /usr/local that is a
 * link, and changes no mode of what is there.
 */
export async function writeHostArchive(options: { readonly version: string; readonly files: readonly PackagedFile[]; readonly directory: string }): Promise<string> {
  const { version, files, directory } = options;
  const tree = await mkdtemp(path.join(tmpdir(), "treeline-tar-"));
  try {
    await placeFiles(tree, files);
    const file = path.join(directory, `treeline-agent_${version}_${machine()}.tar.gz`);
    const names = files.map(({ target }) => target.slice(1)).sort();
    await run("tar", ["--create", "--gzip", `--file=${file}`, `--directory=${tree}`, "--owner=root:0", "--group=root:0", `--mtime=@${sourceEpoch()}`, "--", ...names], { env: { ...process.env, GZIP: "-n" } });
    return file;
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}
