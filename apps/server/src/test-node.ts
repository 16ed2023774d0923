import { once } from "node:events";
import { randomUUID } from "node:crypto";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { noGeneration, type Deployment, type Generation, type Intent, type Observation, type OpenAttempt } from "@treeline/fleet";
import {
  agentMessageToProto,
  confirmationAnswerFromProto,
  confirmationToProto,
  createSessionClient,
  fromServiceError,
  serverMessageFromProto,
  type AgentMessage,
  type Confirmation,
  type ConfirmationAnswer,
  type RpcError,
  type ServerMessage,
  type SessionClient,
  type wire,
} from "@treeline/rpc";

/** Support for tests: a node that speaks the session protocol as a test tells it to. */

export const baseChecksum = "b".repeat(64);

interface NodeParts {
  readonly nodeId: string;
  readonly hostname: string;
  readonly endpoint: string;
  readonly tls: { readonly caPem: string; readonly certPem: string; readonly keyPem: string };
}

export class TestNode {
  readonly nodeId: string;
  readonly hostname: string;
  readonly tls: NodeParts["tls"];
  readonly client: SessionClient;
  readonly bootId: string = randomUUID();

  constructor({ nodeId, hostname, endpoint, tls }: NodeParts) {
    this.nodeId = nodeId;
    this.hostname = hostname;
    this.tls = tls;
    this.client = createSessionClient({ endpoint, ...tls });
  }

  /** Opens a stream and says nothing. */
  open(): TestStream {
    return new TestStream(this.client.agent.session());
  }

  /** Opens a stream, says hello and everything, and waits until it is acknowledged. */
  async connect(observation: Partial<Observation> = {}): Promise<TestStream> {
    const stream = this.open();
    stream.send(hello(this.bootId, observation.update?.highest));
    await stream.next("welcome");
    await this.observe(stream, observation);
    return stream;
  }

  /** Sends everything as the next observation and waits until it is acknowledged. */
  async observe(stream: TestStream, more: Partial<Observation> = {}): Promise<void> {
    const sequence = stream.nextSequence++;
    stream.send({ kind: "observation", sequence, full: true, delta: { ...this.observation(), ...more } });
    await stream.next("acknowledgement", (message) => message.sequence === sequence);
  }

  /** A healthy node that runs its base and has nothing to do. */
  observation(): Observation {
    return {
      os: { bootId: this.bootId, deployments: [deployment(baseChecksum)] },
      update: { phase: "Idle", reason: "", closed: [], denied: [], highest: noGeneration },
      health: { state: "green", bootId: this.bootId, checks: [] },
      inventory: {
        ...{ hostname: this.hostname, machineId: "", architecture: "x86_64", osName: "FleetOS", osVersion: "1", kernel: "6.1", cpuModel: "", virtualization: "" },
        ...{ cpuCores: 2, memoryBytes: 1024, disks: [], interfaces: [] },
      },
    };
  }

  /** What it says while it works on an intent: its attempt is open in this phase. */
  working(intent: Intent, phase: OpenAttempt["phase"]): Partial<Observation> {
    const open: OpenAttempt = { attempt: intent.attempt!.ref, target: intent.target, base: { checksum: baseChecksum, serial: 0 }, phase };
    return { update: { phase, reason: "", open, closed: [], denied: [], highest: intent.generation } };
  }

  /** From a rollout's first intent to the one that carries the permission. */
  async stage(stream: TestStream): Promise<Intent> {
    const first = await stream.next("intent", ({ intent }) => intent.attempt !== undefined);
    await this.observe(stream, this.working(first.intent, "Staged"));
    const granted = await stream.next("intent", ({ intent }) => intent.attempt?.permission !== undefined);
    await this.observe(stream, this.working(granted.intent, "Staged"));
    return granted.intent;
  }

  /** The question that an honest agent asks. */
  question(intent: Intent): Confirmation {
    const { ref, permission } = intent.attempt!;
    return { attempt: ref, permission: permission!, bootId: this.bootId, nonce: randomUUID(), checksum: intent.target.checksum };
  }

  async confirm(question: Confirmation): Promise<ConfirmationAnswer> {
    return confirmationAnswerFromProto(await this.client.agent.confirm(confirmationToProto(question)));
  }

  close(): void {
    this.client.close();
  }
}

export function deployment(checksum: string, more: Partial<Deployment> = {}): Deployment {
  const flags = { booted: true, pending: false, staged: false, rollback: false, pinned: false };
  return { osname: "fleetos", checksum, serial: 0, version: "1", refspec: "treeline:os/stable", kargs: "", ...flags, ...more };
}

export function hello(bootId: string, highest: Generation = noGeneration): AgentMessage {
  return { kind: "hello", hello: { agentVersion: "test", bootId, instanceNonce: randomUUID(), highest, openAttempts: [], followsKeyRotations: true } };
}

type Kind = ServerMessage["kind"];
type Message<K extends Kind> = Extract<ServerMessage, { readonly kind: K }>;

/** One session stream, with all that came over it. */
export class TestStream {
  readonly received: ServerMessage[] = [];
  readonly call: ClientDuplexStream<wire.SessionRequest, wire.SessionResponse__Output>;
  /** Resolves with why the stream ended; undefined: without an error. */
  readonly ended: Promise<RpcError | undefined>;
  nextSequence = 1;
  #taken = 0;
  #wake: () => void = () => {};

  constructor(call: TestStream["call"]) {
    this.call = call;
    const { promise, resolve } = Promise.withResolvers<RpcError | undefined>();
    this.ended = promise;
    call.on("data", (message: wire.SessionResponse__Output) => {
      this.received.push(serverMessageFromProto(message));
      this.#wake();
    });
    call.on("error", (error) => resolve(fromServiceError(error)));
    call.on("end", () => resolve(undefined));
    void promise.then(() => this.#wake());
  }

  send(message: AgentMessage): void {
    this.call.write(agentMessageToProto(message));
  }

  raw(message: wire.SessionRequest): void {
    this.call.write(message);
  }

  /** The next message of a kind that was not taken yet; those before it are passed over. Rejects when the stream ends first. */
  async next<K extends Kind>(kind: K, wanted: (message: Message<K>) => boolean = () => true): Promise<Message<K>> {
    let over = false;
    void this.ended.then(() => (over = true));
    for (;;) {
      while (this.#taken < this.received.length) {
        const message = this.received[this.#taken++]!;
        if (message.kind === kind && wanted(message as Message<K>)) return message as Message<K>;
      }
      if (over) throw (await this.ended) ?? new Error(`the stream ended before ${kind}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Whatever was sent before this has been answered when it resolves: messages keep their order. */
  async settled(): Promise<void> {
    const sequence = Math.floor(Math.random() * 1e9);
    this.send({ kind: "heartbeat", sequence });
    await this.next("heartbeat", (message) => message.sequence === sequence);
  }

  async end(): Promise<void> {
    if (this.call.readableEnded || this.call.destroyed) return;
    this.call.end();
    await Promise.race([once(this.call, "close").catch(() => {}), this.ended]);
  }
}
