import { Server, type ServerDuplexStream } from "@grpc/grpc-js";
import type { Intent, Observation } from "@treeline/fleet";
import {
  agentMessageFromProto,
  confirmationAnswerToProto,
  confirmationFromProto,
  listenerCredentials,
  serverMessageToProto,
  services,
  unary,
  type AgentMessage,
  type Confirmation,
  type ConfirmationAnswer,
  type ServerMessage,
  type Welcome,
  type wire,
} from "@treeline/rpc";
import type { TestFleet } from "../test-fleet.ts";

/** Support for tests: the smallest server that an agent can have a session with. Real gRPC, real mutual TLS, no judgement. */

export interface TestSession {
  readonly received: AgentMessage[];
  readonly ended: () => boolean;
  send(message: ServerMessage): void;
  end(): void;
}

export interface TestServerOptions {
  readonly welcome?: Partial<Welcome>;
  /** Whether heartbeats and observations are answered. */
  readonly answers?: boolean;
  readonly port?: number;
  readonly confirm?: (question: Confirmation) => Promise<ConfirmationAnswer>;
}

export async function testServer(fleet: TestFleet, options: TestServerOptions = {}) {
  const sessions: TestSession[] = [];
  const state = { answers: options.answers ?? true };
  const server = new Server();
  server.addService(services.agent, {
    Session: (call: ServerDuplexStream<wire.SessionRequest__Output, wire.SessionResponse>) => {
      const received: AgentMessage[] = [];
      let ended = false;
      const send = (message: ServerMessage): void => void call.write(serverMessageToProto(message));
      sessions.push({ received, ended: () => ended, send, end: () => call.end() });
      call.on("data", (raw: wire.SessionRequest__Output) => {
        const message = agentMessageFromProto(raw);
        received.push(message);
        if (message.kind === "hello") send({ kind: "welcome", welcome: { epoch: 1, heartbeatMillis: 100, leaseMillis: 5000, ...options.welcome } });
        if (!state.answers) return;
        if (message.kind === "observation") send({ kind: "acknowledgement", sequence: message.sequence });
        if (message.kind === "heartbeat") send({ kind: "heartbeat", sequence: message.sequence });
      });
      call.on("end", () => {
        ended = true;
        call.end();
      });
      call.on("cancelled", () => (ended = true));
      call.on("error", () => (ended = true));
    },
    Confirm: unary(
      async (request: wire.ConfirmRequest__Output) => {
        const question = confirmationFromProto(request);
        const answer = (await options.confirm?.(question)) ?? { granted: false, ttlMillis: 0, reason: "no", nonce: question.nonce };
        return confirmationAnswerToProto(answer);
      },
      () => {},
    ),
  });
  const credentials = listenerCredentials({ ...fleet.server, clientCaPem: fleet.authority.caPem });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return {
    port,
    endpoint: `127.0.0.1:${port}`,
    sessions,
    state,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}

/** The observation that the messages of one session add up to, and the sequence numbers they had. */
export function heard(received: readonly AgentMessage[]): { readonly observation: Partial<Observation>; readonly sequences: readonly number[]; readonly full: readonly boolean[] } {
  const observations = received.filter((message) => message.kind === "observation");
  return {
    observation: Object.assign({}, ...observations.map(({ delta }) => delta)) as Partial<Observation>,
    sequences: observations.map(({ sequence }) => sequence),
    full: observations.map(({ full }) => full),
  };
}

export function intentOf(number: number, more: Partial<Intent> = {}): Intent {
  return { generation: { epoch: 1, number }, target: { checksum: "a".repeat(64), ref: "os/stable", version: String(number) }, ...more };
}
