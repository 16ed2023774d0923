import { spawn } from "node:child_process";
import type { DemoFleet } from "@treeline/testkit";

/** Where the demo speaks to people: standard error when standard output is kept for the JSON line, else standard output. */
export class Stage {
  readonly #out: NodeJS.WriteStream;
  readonly #signal: AbortSignal;
  readonly #begun = performance.now();

  /** @param signal aborts when the demo is interrupted: what it started must not go on without it */
  constructor(out: NodeJS.WriteStream, signal: AbortSignal) {
    this.#out = out;
    this.#signal = signal;
  }

  get seconds(): number {
    return Math.round((performance.now() - this.#begun) / 100) / 10;
  }

  title(text: string): void {
    this.#out.write(`\n${this.#bold(text)}\n`);
  }

  line(text: string): void {
    this.#out.write(`${text}\n`);
  }

  /** Says what begins, does it, and says how long it took. */
  async act<Result>(text: string, work: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    this.#out.write(`${text} ... `);
    const result = await work();
    this.#out.write(`${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
    return result;
  }

  /** Shows a block of text, indented. */
  show(heading: string, text: string): void {
    this.#out.write(`  ${heading}\n${text.trimEnd().split("\n").map((line) => `    ${line}`).join("\n")}\n`);
  }

  /** Runs a `treeline` command as a person would, its output live on this stage. A rollout that halts ends it with status 1: that is no failure here. */
  async watch(fleet: DemoFleet, args: readonly string[]): Promise<void> {
    this.line(`$ treeline ${args.join(" ")}`);
    const [program, ...rest] = fleet.operator.command(args);
    const child = spawn(program!, rest, { stdio: ["ignore", this.#out, this.#out], env: fleet.operator.environment, signal: this.#signal, killSignal: "SIGKILL" });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    if (code !== 0 && code !== 1) throw new Error(`treeline ${args[0]} ended with ${code ?? "a signal"}`);
  }

  #bold(text: string): string {
    return this.#out.isTTY && process.env["NO_COLOR"] === undefined ? `\u001b[1m${text}\u001b[0m` : text;
  }
}
