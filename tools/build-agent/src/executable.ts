import { execFile } from "node:child_process";
import { chmod, copyFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const postject = createRequire(import.meta.url).resolve("postject/dist/cli.js");

/** Where Node looks whether a script was put inside it (nodejs.org/api/single-executable-applications.html). */
const resource = "NODE_SEA_BLOB";
const fuse = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

export interface ExecutableOptions {
  readonly script: Uint8Array;
  /** The executable to write. What is there is replaced at once: nobody sees half of it. */
  readonly file: string;
  /** The Node to put the script into: the one that runs this, whose blob format it must be. */
  readonly node: string;
  /** Flags of Node's own that the executable always runs with. */
  readonly nodeFlags: readonly string[];
}

/** Writes one executable: Node with a script inside (a "single executable application"). @throws Error of the tool that failed */
export async function writeExecutable({ script, file, node, nodeFlags }: ExecutableOptions): Promise<void> {
  const work = await mkdtemp(path.join(tmpdir(), "treeline-build-"));
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    const blob = await seaBlob({ script, node, nodeFlags, work });
    await copyFile(node, unfinished);
    await chmod(unfinished, 0o755);
    // Before the script goes in: strip would not know what to do with it.
    await run("strip", [unfinished]);
    // As a process of its own, because it complains of every section that strip took, and nobody needs to read that.
    await run(node, [postject, unfinished, resource, blob, "--sentinel-fuse", fuse]);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
    await rm(work, { recursive: true, force: true });
  }
}

/** Returns the blob's file. */
async function seaBlob({ script, node, nodeFlags, work }: Omit<ExecutableOptions, "file"> & { readonly work: string }): Promise<string> {
  // Relative names: absolute ones would be written into the blob, and differ from build to build.
  await writeFile(path.join(work, "treeline-agent.cjs"), script);
  const configuration = {
    main: "treeline-agent.cjs",
    output: "treeline-agent.blob",
    disableExperimentalSEAWarning: true,
    // Neither a snapshot nor a code cache: see README.
    useSnapshot: false,
    useCodeCache: false,
    execArgv: nodeFlags,
    // NODE_OPTIONS in the environment does not change what a host's agent is.
    execArgvExtension: "none",
  };
  await writeFile(path.join(work, "sea.json"), JSON.stringify(configuration));
  await run(node, ["--experimental-sea-config", "sea.json"], { cwd: work });
  return path.join(work, "treeline-agent.blob");
}
