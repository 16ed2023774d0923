import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Support for this program's tests: the real launcher as a child process, in a home of its own. */

const launcher = fileURLToPath(new URL("../bin/treeline.mjs", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LaunchOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Called with all of standard output so far, whenever there is more. */
  readonly onStdout?: (text: string) => void;
}

export interface Workplace extends AsyncDisposable {
  readonly directory: string;
  /** Writes a file (mode 0600) into the directory; returns its path. */
  write(name: string, content: string): Promise<string>;
  /** Runs `treeline ARGS` in the directory. Its environment holds nothing of ours but PATH, and HOME is the directory. */
  treeline(args: readonly string[], options?: LaunchOptions): Promise<Ended>;
}

export async function createWorkplace(): Promise<Workplace> {
  const directory = await mkdtemp(join(tmpdir(), "treeline-cli-"));
  return {
    directory,
    async write(name, content) {
      const file = join(directory, name);
      await writeFile(file, content, { mode: 0o600 });
      return file;
    },
    treeline: (args, { env = {}, stdin = "", onStdout } = {}) => {
      const { promise, resolve, reject } = Promise.withResolvers<Ended>();
      const child = spawn(process.execPath, [launcher, ...args], {
        cwd: directory,
        env: { PATH: process.env["PATH"] ?? "", HOME: directory, ...env },
      });
      const output = { stdout: "", stderr: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output.stdout += text;
        onStdout?.(output.stdout);
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => void (output.stderr += text));
      // A command that does not read its input closes the pipe.
      child.stdin.on("error", () => {});
      child.stdin.end(stdin);
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, ...output }));
      return promise;
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
