import {
  noGeneration,
  type Generation,
  type Hello,
  type Intent,
  type NodeRecord,
  type Observation,
  type OpenAttempt,
} from "@treeline/fleet";
import { createRollout, type DurableChange } from "@treeline/rollout";
import type { Conversation, Party } from "./conversation.ts";
import { Conversations } from "./conversations.ts";
import type { Fleet } from "./fleet.ts";
import type { Log } from "./log.ts";
import type { ServerMessage } from "@treeline/fleet";
import { ServerRun } from "./server-run.ts";
import { TestClock } from "./test-clock.ts";
import { TestStore } from "./test-store.ts";

/** Support for tests: a server without its controller, over a store and a clock of tests, and agents that say what a test wants. */
export interface TestServer {
  readonly store: TestStore;
  readonly clock: TestClock;
  readonly fleet: Fleet;
  readonly run: ServerRun;
  readonly conversations: Conversations;
  readonly log: TestLog;
  readonly fatal: readonly unknown[];
  put(...changes: readonly DurableChange[]): Promise<void>;
  settle(): Promise<void>;
}

export interface TestServerOptions {
  readonly store?: TestStore;
  readonly clock?: TestClock;
  readonly maxUnderWay?: number;
}

export async function startTestServer({
  store = new TestStore(),
  clock = new TestClock(),
  maxUnderWay = 1_000,
}: TestServerOptions = {}): Promise<TestServer> {
  const log = new TestLog();
  const fatal: unknown[] = [];
  const { fleet, run } = await ServerRun.begin({ store, clock, log, maxUnderWay, onFatal: (error) => void fatal.push(error) });
  const conversations = new Conversations({ fleet, run, clock, log, heartbeatMillis: 1_000, leaseMillis: 4_000 });
  return {
    ...{ store, clock, fleet, run, conversations, log, fatal },
    put: (...changes) => fleet.transact(() => ({ changes, result: undefined })),
    settle: () => clock.settle(),
  };
}

export class TestLog implements Log {
  readonly lines: string[] = [];
  debug = (message: string): void => this.info(message);
  info = (message: string): void => void this.lines.push(message);
  warn = (message: string): void => this.info(message);
  error = (message: string): void => this.info(message);
}

export const baseCommit = "b".repeat(64);
export const targetCommit = "c".repeat(64);

export function node(id: string): NodeRecord {
  return { id, name: id, labels: {}, enrolledAt: 0, publicKey: id, tokenId: "t" };
}

/** A release and a rollout of it over all nodes, begun. */
export async function beginRollout(server: TestServer, name = "r"): Promise<void> {
  await server.put({
    kind: "release",
    value: { checksum: targetCommit, ref: "os/stable", version: "2", publishedAt: 0, signedBy: [], objects: 1, bytes: 1 },
  });
  await server.fleet.transact((working) => {
    const policy = { release: "2", selector: "*", waves: [{ size: { rest: true as const } }], maxUnavailable: "1", nodeSoakMillis: 0 };
    const created = createRollout(working, { name, policy, hold: false }, server.clock.now());
    if (!created.ok) throw new Error(JSON.stringify(created.refusal));
    return { changes: created.changes, result: undefined };
  });
}

/** One agent's session, as a test drives it. */
export class TestAgent {
  readonly bootId: string;
  readonly received: ServerMessage[] = [];
  /** The reasons with which its conversation ended. */
  readonly ends: unknown[] = [];
  readonly conversation: Conversation;
  readonly #server: TestServer;
  readonly #id: string;
  #sequence = 0;

  constructor(server: TestServer, id: string, party: Partial<Party> = {}) {
    this.#server = server;
    this.#id = id;
    this.bootId = `boot-of-${id}`;
    this.conversation = server.conversations.begin({
      nodeId: id,
      send: (message) => void this.received.push(message),
      onEnd: (reason) => void this.ends.push(reason),
      ...party,
    });
  }

  /** A node that is enrolled, has said hello and has shown itself. */
  static async connected(server: TestServer, id: string): Promise<TestAgent> {
    if (!server.fleet.durable.nodes.has(id)) await server.put({ kind: "node", value: node(id) });
    const agent = new TestAgent(server, id);
    await agent.hello();
    await agent.observe();
    return agent;
  }

  get kinds(): readonly string[] {
    return this.received.map(({ kind }) => kind);
  }

  get intents(): readonly Intent[] {
    return this.received.flatMap((message) => (message.kind === "intent" ? [message.intent] : []));
  }

  /** What the server shows of it. */
  get shownConnected(): boolean {
    return this.#server.fleet.durable.contacts.get(this.#id)?.connected ?? false;
  }

  hello(highest: Generation = noGeneration, { followsKeyRotations = true }: Partial<Hello> = {}): Promise<void> {
    return this.conversation.hello({
      agentVersion: "test",
      bootId: this.bootId,
      instanceNonce: "n",
      highest,
      openAttempts: [],
      followsKeyRotations,
    });
  }

  /** Says everything as the next observation. */
  observe(more: Partial<Observation> = {}): Promise<void> {
    return this.conversation.observation({ sequence: ++this.#sequence, full: true, delta: { ...this.observation(), ...more } });
  }

  /** A healthy node that runs its base and has nothing to do. */
  observation(): Observation {
    const flags = { booted: true, pending: false, staged: false, rollback: false, pinned: false };
    return {
      os: {
        bootId: this.bootId,
        deployments: [{ osname: "os", checksum: baseCommit, serial: 0, version: "1", refspec: "treeline:os/stable", kargs: "", ...flags }],
      },
      update: { phase: "Idle", reason: "", closed: [], denied: [], highest: noGeneration },
      health: { state: "green", bootId: this.bootId, checks: [] },
      inventory: {
        ...{
          hostname: this.#id,
          machineId: "",
          architecture: "x86_64",
          osName: "OS",
          osVersion: "1",
          kernel: "6",
          cpuModel: "",
          virtualization: "",
        },
        ...{ cpuCores: 1, memoryBytes: 1, disks: [], interfaces: [] },
      },
    };
  }

  /** Says that it works on the newest intent, in this phase. */
  async work(phase: OpenAttempt["phase"]): Promise<void> {
    const { attempt, target, generation } = this.intents.at(-1)!;
    const open: OpenAttempt = { attempt: attempt!.ref, target, base: { checksum: baseCommit, serial: 0 }, phase };
    await this.observe({ update: { phase, reason: "", open, closed: [], denied: [], highest: generation } });
    await this.#server.settle();
  }
}
