import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import path from "node:path";

/** A real Node process that runs a piece of this library. Killed at the end of its scope. */
export interface TestChild extends Disposable {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The next line it prints; rejects when it ends first. */
  nextLine(): Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/**
 * Runs an ES module text; `from("durable-file.ts")` in it is the URL of a file of this library.
 * @param uid another user to run as; only root can
 */
export function startChild(script: string, options: { readonly uid?: number } = {}): TestChild {
  const text = script.replaceAll(
    /from\("([^"]+)"\)/g,
    (_all, file: string) => `from ${JSON.stringify(path.join(import.meta.dirname, file))}`,
  );
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], {
    stdio: ["ignore", "pipe", "inherit"],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) =>
    child.once("exit", (code, signal) => resolve({ code, signal })),
  );
  return {
    process: child,
    pid: child.pid ?? -1,
    ended,
    async nextLine() {
      const line = await lines.next();
      if (line.done === true) throw new Error("the child ended");
      return line.value;
    },
    [Symbol.dispose]() {
      child.kill("SIGKILL");
    },
  };
}
