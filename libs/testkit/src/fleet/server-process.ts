import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { type CommandResult, run } from "../command.ts";
import { TestkitError } from "../errors.ts";
import { checkoutRoot } from "../machine/create-machine.ts";
import { freePorts } from "./free-ports.ts";

export interface ServerProcessOptions {
  /** The server's `--data`. Beside it lies its log, `server.log`. */
  readonly data: string;
  /** Addresses at which machines and this process reach it. */
  readonly advertise: readonly string[];
  /** More settings, by flag or environment. */
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** How long a server may take until it serves, in milliseconds: generous, because a busy machine is slow and nobody waits longer than needed. */
const startPatienceMs = 60_000;

const serverProgram = [process.execPath, path.join(checkoutRoot, "apps/server/src/main.ts")];

/** Runs a treeline-server that is expected to end by itself, such as one that refuses to start. It gets SIGKILL (status 137) after a minute. */
export function runServer(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return run([...serverProgram, ...args], { env: { ...(process.env as Record<string, string>), ...environment }, timeoutMs: startPatienceMs });
}

/**
 * A treeline-server as a process of its own, on ports that stay the same over restarts.
 * INVARIANT: it ends when this process ends, however that happens.
 */
export class ServerProcess {
  readonly data: string;
  readonly logPath: string;
  readonly #options: ServerProcessOptions;
  readonly #ports: readonly [number, number, number];
  #child: ChildProcess | undefined;

  private constructor(options: ServerProcessOptions, ports: readonly [number, number, number]) {
    this.#options = options;
    this.#ports = ports;
    this.data = options.data;
    this.logPath = path.join(path.dirname(options.data), "server.log");
  }

  /** Starts a server and waits until it serves. */
  static async start(options: ServerProcessOptions): Promise<ServerProcess> {
    const [front, sessions, https] = await freePorts(3);
    const server = new ServerProcess(options, [front!, sessions!, https!]);
    await server.start();
    return server;
  }

  /** The administrator's credential file. */
  get credential(): string {
    return path.join(this.data, "operator/admin.yaml");
  }

  get httpsPort(): number {
    return this.#ports[2];
  }

  get frontPort(): number {
    return this.#ports[0];
  }

  get sessionsPort(): number {
    return this.#ports[1];
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it again after `kill` or `stop`, on the same ports and data. */
  async start(): Promise<void> {
    const [front, sessions, https] = this.#ports;
    const log = createWriteStream(this.logPath, { flags: "a" });
    const ports = [`--listen-front=${front}`, `--listen-sessions=${sessions}`, `--listen-https=${https}`];
    const addresses = this.#options.advertise.map((address) => `--advertise=${address}`);
    const child = spawn(
      "setpriv",
      ["--pdeathsig", "KILL", "--", ...serverProgram, `--data=${this.data}`, ...ports, ...addresses, ...(this.#options.arguments ?? [])],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...this.#options.environment } },
    );
    this.#child = child;
    child.stderr.pipe(log, { end: false });
    const lines = createInterface(child.stdout);
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new TestkitError({ code: "command-failed", phase: "server", subject: this.data, reason, remedy: `Read ${this.logPath}.` }));
      const patience = setTimeout(() => fail("it did not serve in time"), startPatienceMs);
      lines.on("line", (line) => {
        log.write(`${line}\n`);
        if (line.includes('"msg":"serving"')) {
          clearTimeout(patience);
          resolve();
        }
      });
      child.once("error", (error) => fail(error.message));
      child.once("exit", (code, signal) => {
        clearTimeout(patience);
        fail(`it ended with ${signal ?? `status ${code}`}`);
      });
    });
  }

  /** SIGKILL; returns when it is gone. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM, the orderly end. Returns its exit status; undefined when a signal ended it or it was not running. */
  stop(): Promise<number | undefined> {
    return this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<number | undefined> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
    const exited = once(child, "exit") as Promise<[number | null]>;
    child.kill(signal);
    const [status] = await exited;
    return status ?? undefined;
  }
}
