import { scriptText } from "./script-text.ts";
import type { ScriptName } from "./script-text.ts";

/** Reads a script from the beginning of standard input and leaves the rest of it to the script. Modules come from Python's own directories, never from the working directory. */
const bootstrap = 'import sys; sys.path.remove(""); exec(sys.stdin.buffer.read(int(sys.argv.pop(1))))';

/** How a script of ours is run, as for `run`. The script travels on standard input, before its own input: it needs no file on the host, which may have none. */
export function python(
  name: ScriptName,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
): { readonly command: string; readonly args: readonly string[]; readonly input: Uint8Array } {
  const script = Buffer.from(scriptText(name));
  return { command: "/usr/bin/python3", args: ["-c", bootstrap, String(script.length), ...args], input: Buffer.concat([script, input]) };
}
