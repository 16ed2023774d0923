import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/** A program that runs by itself and is only watched. INVARIANT: it ends when this process ends. */
export class QuietProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts it and waits until a line on its output, standard or error, holds `ready`. @throws Error with the end of its output when it ends before */
  static async start(options: { readonly argv: readonly string[]; readonly ready: string; readonly cwd: string; readonly signal: AbortSignal }): Promise<QuietProcess> {
    const { argv, ready, cwd, signal } = options;
    // A small environment, the same for whoever is compared.
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...argv], { stdio: ["ignore", "pipe", "pipe"], cwd, env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" }, signal, killSignal: "SIGKILL" });
    let output = "";
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4096);
        if (output.includes(ready)) resolve();
      });
    child.on("error", reject).on("exit", (code, killed) => reject(new Error(`${argv.join(" ")} ended with ${killed ?? `status ${code}`}: ${output.trim()}`)));
    await promise;
    return new QuietProcess(child);
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error("it was never started");
    return pid;
  }

  /** SIGKILL; returns when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}
