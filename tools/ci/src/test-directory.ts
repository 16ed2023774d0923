import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A temporary directory with files in it, gone when disposed of. For tests. */
export async function testDirectory(files: Readonly<Record<string, string>> = {}): Promise<AsyncDisposable & { readonly path: string }> {
  const directory = await mkdtemp(path.join(tmpdir(), "treeline-ci-"));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
  return { path: directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}
