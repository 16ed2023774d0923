import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { ServerProcess } from "@treeline/testkit";
import { ChildProgram } from "../child-program.ts";
import { cpuSecondsOf, rssKibOf } from "../process-usage.ts";
import type { Protocol } from "./load-agent.ts";
import type { Beaten, BeatQuestion, Connected, ConnectQuestion } from "./load.ts";

const bareServer = path.join(import.meta.dirname, "bare-server.ts");
const loadProgram = path.join(import.meta.dirname, "load.ts");

/** Settings of our server under test. The agents here beat when they want to, and are silent while the other side is measured. */
export const serverSettings = {
  arguments: ["--listen-address=127.0.0.1"],
  environment: { TREELINE_SESSION_LEASE_MILLIS: "600000" },
} as const;

export interface Certificate {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** A server and the load that goes with it, both fresh processes. */
export class Side implements AsyncDisposable {
  readonly #protocol: Protocol;
  readonly #port: number;
  readonly #serverPid: number;
  readonly #load: ChildProgram;
  readonly #end: () => Promise<void>;

  private constructor(side: { readonly protocol: Protocol; readonly port: number; readonly serverPid: number; readonly load: ChildProgram; readonly end: () => Promise<void> }) {
    this.#protocol = side.protocol;
    this.#port = side.port;
    this.#serverPid = side.serverPid;
    this.#load = side.load;
    this.#end = side.end;
  }

  /** Our server, on a copy of a data directory in which the nodes are enrolled. */
  static async ours({ enrolled, directory, signal }: { readonly enrolled: string; readonly directory: string; readonly signal: AbortSignal }): Promise<Side> {
    const data = path.join(directory, "server");
    await mkdir(directory, { recursive: true });
    await cp(enrolled, data, { recursive: true });
    signal.throwIfAborted();
    const server = await ServerProcess.start({ data, advertise: ["127.0.0.1"], ...serverSettings });
    const { pid } = server;
    if (pid === undefined) throw new Error(`treeline-server has ended; its log is ${server.logPath}`);
    return new Side({ protocol: "treeline", port: server.sessionsPort, serverPid: pid, load: new ChildProgram({ file: loadProgram, signal }), end: () => server.kill() });
  }

  /** The bare echo server. */
  static async bare({ certificate, signal }: { readonly certificate: Certificate; readonly signal: AbortSignal }): Promise<Side> {
    const server = new ChildProgram({ file: bareServer, signal });
    const end = (): Promise<void> => server[Symbol.asyncDispose]();
    const { caPem, certPem, keyPem } = certificate;
    const { port } = (await server.ask({ certPem, keyPem, clientCaPem: caPem }).catch((error: unknown) => end().then(() => Promise.reject(error)))) as {
      readonly port: number;
    };
    return new Side({ protocol: "echo", port, serverPid: server.pid, load: new ChildProgram({ file: loadProgram, signal }), end });
  }

  /** CPU time that the server has used so far. */
  get cpuSeconds(): number {
    return cpuSecondsOf(this.#serverPid);
  }

  /** What the server's process occupies now. */
  get rssKib(): number {
    return rssKibOf(this.#serverPid);
  }

  /** Opens a session for every node in the file. */
  async connect(identitiesFile: string): Promise<Connected> {
    const question: ConnectQuestion = { kind: "connect", protocol: this.#protocol, port: this.#port, identitiesFile };
    return (await this.#load.ask(question)) as Connected;
  }

  /** Lets all agents beat as fast as the server answers, and counts over a window after a warm-up. */
  async beat(window: { readonly warmupMillis: number; readonly windowMillis: number }): Promise<Beaten> {
    const question: BeatQuestion = { kind: "beat", serverPid: this.#serverPid, ...window };
    return (await this.#load.ask(question)) as Beaten;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#load[Symbol.asyncDispose]();
    await this.#end();
  }
}
