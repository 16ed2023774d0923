import { rm } from "node:fs/promises";
import path from "node:path";

/**
 * Tests and stages start our programs hundreds of times, from sources that Node strips of types and compiles each time: more than half of what a short
 * command costs. Node keeps that in this directory, by a module's path, content and Node's own version, so nothing old is ever run; testkit's machines use it too.
 */
function directoryOf(root: string): string {
  return path.join(root, ".cache/node-compile");
}

/** The environment in which Node keeps what it compiled, for the programs started in it. Benchmarks are started without: they measure what a host pays. */
export function compileCache(root: string): Readonly<Record<string, string>> {
  return { NODE_COMPILE_CACHE: directoryOf(root) };
}

/** Forgets it, at the start of a run: Node never takes anything out, and every run has modules in temporary directories. */
export async function emptyCompileCache(root: string): Promise<void> {
  await rm(directoryOf(root), { recursive: true, force: true });
}
