import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** One part of a benchmark in a process of its own, so that its CPU time and memory can be told apart. */
export interface ChildProgramOptions {
  /** The program's file. */
  readonly file: string;
  /** Flags of Node's own, such as `--expose-gc`. */
  readonly nodeFlags?: readonly string[];
  /** Ends the process when it aborts. */
  readonly signal: AbortSignal;
}

type Reply = { readonly value: unknown } | { readonly error: string };

/**
 * The parent's end. Questions are asked one at a time.
 * INVARIANT: the process ends when this one ends, however that happens. Secrets go to it in messages or files, never in arguments.
 */
export class ChildProgram {
  readonly #child: ChildProcess;
  readonly #file: string;

  constructor({ file, nodeFlags = [], signal }: ChildProgramOptions) {
    this.#file = file;
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", "--", process.execPath, ...nodeFlags, file], { stdio: ["ignore", "ignore", "inherit", "ipc"], signal, killSignal: "SIGKILL" });
    // Whoever asks is told; without a listener an abort would end this process.
    this.#child.on("error", () => {});
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.#file} could not be started: is setpriv (util-linux) installed?`);
    return pid;
  }

  /** Sends a question and waits for its answer. Throws when the program answered with an error or ended. */
  async ask(question: object): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onEnd = (code: number | null, signal: string | null): void => reject(new Error(`${this.#file} ended with ${signal ?? `status ${code}`}`));
    const onReply = (reply: Reply): void => ("error" in reply ? reject(new Error(`${path.basename(this.#file)}: ${reply.error}`)) : resolve(reply.value));
    this.#child.once("exit", onEnd).once("message", onReply).once("error", reject);
    try {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) onEnd(this.#child.exitCode, this.#child.signalCode);
      else this.#child.send(question, (error) => error && reject(error));
      return await promise;
    } finally {
      this.#child.off("exit", onEnd).off("message", onReply).off("error", reject);
    }
  }

  /** SIGKILL; returns when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** The child's end: answers each question with what `answer` returns or throws. */
export function answerParent(answer: (question: never) => Promise<unknown>): void {
  process.on("message", (question) => {
    answer(question as never).then(
      (value) => process.send?.({ value: value ?? null } satisfies Reply),
      (error: unknown) => process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Reply),
    );
  });
  process.on("disconnect", () => process.exit());
}
