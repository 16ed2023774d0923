import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** A directory of its own for one test, removed at the end of its scope. */
export async function temporaryDirectory(): Promise<{ readonly dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(path.join(tmpdir(), "treeline-process-"));
  return {
    dir,
    async [Symbol.asyncDispose]() {
      await rm(dir, { recursive: true, force: true });
    },
  };
}
