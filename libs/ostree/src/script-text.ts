import { readFileSync } from "node:fs";

/** The Python scripts of this library: what only libostree can do, not the command line. */
export type ScriptName = "set-default.py" | "detached-metadata.py";

/** The text of a script, from the file beside this one. An executable that carries the scripts inside itself replaces this module (tools/build-agent). */
export function scriptText(name: ScriptName): string {
  return readFileSync(new URL(name, import.meta.url), "utf8");
}
