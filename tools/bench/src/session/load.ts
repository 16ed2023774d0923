/** The load: every agent of one side in one process, driven by the benchmark through messages. */
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { answerParent } from "../child-program.ts";
import { cpuSecondsOf } from "../process-usage.ts";
import { heartbeatFrames, openingFrames } from "./agent-messages.ts";
import { LoadAgent, type Protocol } from "./load-agent.ts";
import type { NodeIdentities, NodeIdentity } from "./node-identities.ts";

export interface ConnectQuestion {
  readonly kind: "connect";
  readonly protocol: Protocol;
  readonly port: number;
  /** Holds NodeIdentities as JSON; one agent for each. */
  readonly identitiesFile: string;
}

export interface BeatQuestion {
  readonly kind: "beat";
  /** The server's process, whose CPU time is taken at the very moments at which the heartbeats are counted. */
  readonly serverPid: number;
  readonly warmupMillis: number;
  readonly windowMillis: number;
}

/** Wall-clock seconds until every agent's session stood. */
export interface Connected {
  readonly seconds: number;
}

/** What happened within the window. */
export interface Beaten {
  /** Sent and answered. */
  readonly heartbeats: number;
  readonly serverCpuSeconds: number;
  readonly seconds: number;
}

/** Connections being opened at once: enough to keep the server busy, too few to overflow its queue of connections. */
const openingAtOnce = 32;

/** Agents that beat in a closed loop: each sends its next heartbeat when the last has come back. */
class Load {
  readonly #frames = heartbeatFrames();
  readonly #starts: (() => void)[] = [];
  #beating = false;
  #inFlight = 0;
  #answered = 0;
  #failure: Error | undefined;

  async connect(question: ConnectQuestion): Promise<Connected> {
    const { caPem, nodes } = JSON.parse(await readFile(question.identitiesFile, "utf8")) as NodeIdentities;
    const waiting = nodes.values();
    const began = performance.now();
    const worker = async (): Promise<void> => {
      for (const identity of waiting) await this.#open(question, caPem, identity);
    };
    await Promise.all(Array.from({ length: openingAtOnce }, worker));
    return { seconds: (performance.now() - began) / 1000 };
  }

  async beat({ serverPid, warmupMillis, windowMillis }: BeatQuestion): Promise<Beaten> {
    this.#beating = true;
    for (const start of this.#starts) start();
    await sleep(warmupMillis);
    const first = this.#count(serverPid);
    await sleep(windowMillis);
    const last = this.#count(serverPid);
    this.#beating = false;
    while (this.#inFlight > 0 && this.#failure === undefined) await sleep(10);
    if (this.#failure !== undefined) throw this.#failure;
    return { heartbeats: last.answered - first.answered, serverCpuSeconds: last.cpu - first.cpu, seconds: (last.at - first.at) / 1000 };
  }

  #count(serverPid: number): { readonly answered: number; readonly cpu: number; readonly at: number } {
    return { answered: this.#answered, cpu: cpuSecondsOf(serverPid), at: performance.now() };
  }

  /** Opens one agent's session; returns when it stands: on our side, when the server has stored its observation. */
  async #open({ protocol, port }: ConnectQuestion, caPem: string, identity: NodeIdentity): Promise<void> {
    const { promise: stands, resolve, reject } = Promise.withResolvers<void>();
    const opening = protocol === "treeline" ? openingFrames(identity.hostname) : undefined;
    let openingAnswers = 0;
    let sent = 0;
    let expected: Buffer | undefined;
    const fail = (reason: string): void => {
      this.#failure ??= new Error(`${identity.hostname}: ${reason}`);
      reject(this.#failure);
    };
    const send = (): void => {
      expected = this.#frames[sent++ % this.#frames.length];
      if (expected === undefined) return;
      this.#inFlight++;
      agent.send(expected);
    };
    const onFrame = (frame: Buffer): void => {
      if (expected === undefined) {
        openingAnswers++;
        if (opening === undefined || openingAnswers > 2) return fail("the server said more than it was asked");
        // First the welcome, then the acknowledgement.
        if (openingAnswers === 1) agent.send(opening.observation);
        else resolve();
        return;
      }
      if (!frame.equals(expected)) return fail("an answer is not the heartbeat that was sent");
      expected = undefined;
      this.#inFlight--;
      this.#answered++;
      resolve();
      if (this.#beating) send();
    };
    const agent = new LoadAgent({ port, caPem, identity, onFrame, onEnd: fail });
    this.#starts.push(send);
    if (opening === undefined) send();
    else agent.send(opening.hello);
    await stands;
  }
}

const load = new Load();
answerParent(async (question: ConnectQuestion | BeatQuestion): Promise<Connected | Beaten> => (question.kind === "connect" ? load.connect(question) : load.beat(question)));
