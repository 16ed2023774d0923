import { mkdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { exitCode, parseCommandLine, UsageError, type ExitCode } from "@treeline/process";
import { bundleAgent, type Bundle } from "./bundle.ts";
import { copyrightNotices } from "./copyright.ts";
import { writeDebianPackage } from "./debian-package.ts";
import { writeExecutable } from "./executable.ts";
import { writeHostArchive } from "./host-archive.ts";
import { nodeFlags } from "./node-flags.ts";
import { enabledUnits, layouts, packageContents } from "./package-contents.ts";

const root = path.resolve(import.meta.dirname, "../../..");
/** Relative to the checkout. */
const artifact = "dist/treeline-agent";

const command = {
  program: "npm run build:agent --",
  summary: "builds treeline-agent as one executable file for this machine's architecture.",
  flags: {
    json: { type: "boolean", description: "end with one JSON line on standard output" },
    packages: { type: "boolean", description: "a Debian package for images too, and an archive for hosts that run" },
  },
  examples: [
    { command: "npm run build:agent", does: `writes ${artifact}` },
    { command: "npm run build:agent -- --packages", does: "and dist/treeline-agent_*.deb, dist/treeline-agent_*.tar.gz" },
  ],
} as const;

async function main(args: readonly string[]): Promise<ExitCode> {
  const line = parseCommandLine(command, args);
  if (line.kind === "help") {
    process.stdout.write(line.text);
    return exitCode.holds;
  }
  const { json, packages } = line.values;
  const say = (text: string): boolean => (json === true ? process.stderr : process.stdout).write(`${text}\n`);
  const bundle = await bundleAgent(root);
  const { script } = bundle;
  const file = path.join(root, artifact);
  await mkdir(path.dirname(file), { recursive: true });
  await writeExecutable({ script, file, node: process.execPath, nodeFlags: await nodeFlags(root) });
  const { size } = await stat(file);
  say(`${artifact}: ${(size / 1e6).toFixed(1)} MB, of which ${(script.length / 1e6).toFixed(1)} MB are the agent and ${process.version} the rest`);
  if (packages === true) for (const written of await writePackages(file, bundle)) say(`${path.relative(root, written)}: ${((await stat(written)).size / 1e6).toFixed(1)} MB`);
  if (json === true) process.stdout.write(`${JSON.stringify({ artifact, bytes: size })}\n`);
  return exitCode.holds;
}

/** Returns what it has written. */
async function writePackages(file: string, { sources }: Bundle): Promise<readonly string[]> {
  const { version } = JSON.parse(await readFile(path.join(root, "apps/agent/package.json"), "utf8")) as { readonly version: string };
  const common = { root, executable: await readFile(file), copyright: await copyrightNotices(root, sources) };
  const directory = path.dirname(file);
  const files = await packageContents({ ...common, layout: layouts.image });
  return [
    await writeDebianPackage({ root, version, files, enabledUnits: await enabledUnits(root), directory }),
    await writeHostArchive({ version, files: await packageContents({ ...common, layout: layouts.host }), directory }),
  ];
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`build:agent: ${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  return error instanceof UsageError ? exitCode.notTried : exitCode.fails;
});
