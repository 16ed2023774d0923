import { readFile } from "node:fs/promises";
import path from "node:path";

/** What the agent's Node always runs with (apps/agent/packaging/node-flags.json). */
export async function nodeFlags(root: string): Promise<readonly string[]> {
  return JSON.parse(await readFile(path.join(root, "apps/agent/packaging/node-flags.json"), "utf8")) as readonly string[];
}
