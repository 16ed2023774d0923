import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { exitCode, parseCommandLine, UsageError, type ExitCode } from "@treeline/process";
import { bundleAgent } from "./bundle.ts";
import { writeExecutable } from "./executable.ts";
import { nodeFlags } from "./node-flags.ts";

const root = path.resolve(import.meta.dirname, "../../..");
/** Relative to the checkout. */
const artifact = "dist/treeline-agent";

const command = {
  program: "npm run build:agent --",
  summary: "builds treeline-agent as one executable file for this machine's architecture.",
  flags: { json: { type: "boolean", description: "end with one JSON line on standard output" } },
  examples: [{ command: "npm run build:agent", does: `writes ${artifact}` }],
} as const;

async function main(args: readonly string[]): Promise<ExitCode> {
  const line = parseCommandLine(command, args);
  if (line.kind === "help") {
    process.stdout.write(line.text);
    return exitCode.holds;
  }
  const { json } = line.values;
  const say = (text: string): boolean => (json === true ? process.stderr : process.stdout).write(`${text}\n`);
  const { script } = await bundleAgent(root);
  const file = path.join(root, artifact);
  await mkdir(path.dirname(file), { recursive: true });
  await writeExecutable({ script, file, node: process.execPath, nodeFlags });
  const { size } = await stat(file);
  say(`${artifact}: ${(size / 1e6).toFixed(1)} MB, of which ${(script.length / 1e6).toFixed(1)} MB are the agent and ${process.version} the rest`);
  if (json === true) process.stdout.write(`${JSON.stringify({ artifact, bytes: size })}\n`);
  return exitCode.holds;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`build:agent: ${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  return error instanceof UsageError ? exitCode.notTried : exitCode.fails;
});
