import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { createLogger } from "@treeline/process";
import { expect } from "vitest";

/** Support for tests of what the host's owner lets the agent run. */

export async function script(path: string, text: string, mode = 0o755): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, mode);
}

/** SIGKILL is delivered at once, the end of the process a moment later. A zombie that nobody reaps is an end, too. */
export async function gone(pid: number): Promise<void> {
  await expect
    .poll(async () => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      return stat === "" || / Z /.test(stat);
    })
    .toBe(true);
}

/** A real logger, and what it wrote. */
export function recordingLogger() {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const logger = createLogger({ name: "test", level: "debug", destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) } });
  return { logger, lines, warnings: () => lines.filter(({ level }) => level === "warn") };
}

/** Runs `test` with `directory` first in PATH: programs there take the place of the host's own. */
export async function withFirstInPath<T>(directory: string, test: () => Promise<T>): Promise<T> {
  const before = process.env["PATH"];
  process.env["PATH"] = `${directory}:${before}`;
  try {
    return await test();
  } finally {
    process.env["PATH"] = before;
  }
}
