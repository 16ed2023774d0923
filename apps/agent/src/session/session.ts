import { randomUUID } from "node:crypto";
import { compareGenerations, type AttemptRef, type Generation, type Intent, type Observation } from "@treeline/fleet";
import { jitteredBackoff, sleep, type BootClock, type Logger } from "@treeline/process";
import { confirmationAnswerFromProto, confirmationToProto, createSessionClient, type Confirmation, type ConfirmationAnswer, type SessionClient } from "@treeline/rpc";
import { SessionStream } from "./stream.ts";

export interface SessionOptions {
  readonly agentVersion: string;
  readonly bootId: string;
  /** Read at every connect: what the journal says then. */
  readonly standing: () => { readonly highest: Generation; readonly openAttempts: readonly AttemptRef[] };
  readonly clock: BootClock;
  readonly backoff: { readonly baseMs: number; readonly maxMs: number };
  readonly welcomeMillis?: number;
  /** All key rotations that the server has: signed documents, to be believed for their signatures alone. */
  readonly onKeyRotations: (documents: readonly string[]) => void;
  /** Something the upgrade loop must look at: the session came or went, or there is a new intent. */
  readonly onChange: () => void;
  readonly logger: Logger;
}

/** A session that was up this long was a good one. */
const lastingMillis = 10_000;

/** Where the servers are, and who this node is to them. */
export interface SessionServers {
  /** `host:port`; each leads to the same fleet. At least one. */
  readonly endpoints: readonly string[];
  readonly tls: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
}

/**
 * The agent's side of its session: one stream at a time, for ever.
 *
 * INVARIANTS
 * - `intent` only ever goes to a higher generation, whatever the server sends, and outlives a lost stream.
 * - Every new stream begins with Hello and a full observation.
 */
export class Session {
  readonly #options: SessionOptions;
  /** The same for the life of this process: a new stream with it replaces its older, half-open one at the server. */
  readonly #instanceNonce = randomUUID();
  #stream: SessionStream | undefined;
  #client: SessionClient | undefined;
  #observation: Observation | undefined;
  #intent: Intent | undefined;
  #seen = false;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#stream?.up === true;
  }

  /** It has been up in the life of this process, and so on this boot. */
  get seen(): boolean {
    return this.#seen;
  }

  get intent(): Intent | undefined {
    return this.#intent;
  }

  publish(observation: Observation): void {
    this.#observation = observation;
    this.#stream?.publish(observation);
  }

  progress(attempt: AttemptRef, done: { readonly bytes: number; readonly objects: number; readonly total?: number }): void {
    this.#stream?.progress(attempt, done);
  }

  /** Asks for the point of no return, on the connection of the session that is up. @throws RpcError; Error when no session is up */
  async confirm(question: Omit<Confirmation, "nonce">, options: { readonly deadlineMillis: number; readonly signal: AbortSignal }): Promise<ConfirmationAnswer> {
    if (this.#client === undefined || !this.up) throw new Error("the session is down");
    const nonce = randomUUID();
    const answer = confirmationAnswerFromProto(await this.#client.agent.confirm(confirmationToProto({ ...question, nonce }), options));
    if (answer.nonce !== nonce) throw new Error("the server's answer belongs to another question");
    return answer;
  }

  /** Keeps a session until the signal aborts. */
  async run({ endpoints, tls }: SessionServers, signal: AbortSignal): Promise<void> {
    const { logger, backoff } = this.#options;
    const delays = jitteredBackoff({ ...backoff, random: Math.random });
    // A fleet whose agents all began with the first endpoint would lean on one server.
    for (let turn = Math.floor(Math.random() * endpoints.length); !signal.aborted; turn++) {
      const endpoint = endpoints[turn % endpoints.length] ?? "";
      const { reason, upMillis } = await this.#runStream({ endpoint, tls }, signal);
      if (signal.aborted) return;
      // Only a session that lasted counts as a success: one that is cut right after its welcome must not be repeated at full speed.
      if (upMillis > lastingMillis) delays.reset();
      // The endpoint that served us is the best guess for the next time, too.
      if (upMillis > 0) turn--;
      const delay = delays.nextDelayMs();
      logger.warn("no session", { endpoint, reason, nextTryMillis: delay });
      await sleep(delay, signal);
    }
  }

  async #runStream(
    server: { readonly endpoint: string; readonly tls: SessionServers["tls"] },
    signal: AbortSignal,
  ): Promise<{ readonly reason: string; readonly upMillis: number }> {
    const { endpoint, tls } = server;
    const { agentVersion, bootId, clock, standing, welcomeMillis = 15_000, onChange, onKeyRotations, logger } = this.#options;
    let stream: SessionStream | undefined;
    let welcomedAt: number | undefined;
    const onAbort = (): void => stream?.end("the agent is shutting down");
    try {
      this.#client = createSessionClient({ endpoint, caPem: tls.caPem, certPem: tls.certPem, keyPem: tls.keyPem });
      stream = new SessionStream(
        {
          call: this.#client.agent.session(),
          hello: { agentVersion, bootId, instanceNonce: this.#instanceNonce, followsKeyRotations: true, ...standing() },
          clock,
          welcomeMillis,
          onWelcome: ({ epoch, heartbeatMillis, leaseMillis }) => {
            this.#seen = true;
            welcomedAt = clock.uptimeMs();
            logger.info("session up", { endpoint, epoch, heartbeatMillis, leaseMillis });
            onChange();
          },
          onIntent: (intent) => this.#take(intent),
          onKeyRotations,
        },
        this.#observation,
      );
      this.#stream = stream;
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      const reason = await stream.ended;
      return { reason, upMillis: welcomedAt === undefined ? 0 : Math.max(1, clock.uptimeMs() - welcomedAt) };
    } catch (error) {
      return { reason: error instanceof Error ? error.message : String(error), upMillis: 0 };
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#stream = undefined;
      this.#client?.close();
      this.#client = undefined;
      onChange();
    }
  }

  #take(intent: Intent): void {
    const { logger, onChange } = this.#options;
    if (this.#intent !== undefined && compareGenerations(intent.generation, this.#intent.generation) <= 0) return;
    logger.info("intent", { generation: intent.generation, target: intent.target, attempt: intent.attempt?.ref, permitted: intent.attempt?.permission !== undefined });
    this.#intent = intent;
    onChange();
  }
}
