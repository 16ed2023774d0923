/** A fleet of agents that hold their slots, and the operator who pulls the cord, in one process: one clock for both. */
import { readFile } from "node:fs/promises";
import { createFrontClients, policyDraftToProto, type FrontClients } from "@treeline/rpc";
import { answerParent } from "../child-program.ts";
import type { NodeIdentities } from "../session/node-identities.ts";
import { HeldAgent } from "./held-agent.ts";

export interface HoldQuestion {
  readonly kind: "hold";
  readonly sessionsPort: number;
  readonly frontPort: number;
  /** Holds NodeIdentities as JSON; one agent for each. */
  readonly identitiesFile: string;
  /** The operator's credential, as the server writes it. */
  readonly token: string;
  readonly release: string;
}

export interface StopQuestion {
  readonly kind: "stop";
}

/** Milliseconds since the call: until it was answered, and until the last agent had its call-off. */
export interface Stopped {
  readonly answeredMillis: number;
  readonly lastMillis: number;
}

/** Counts agents up to all of them. */
class Count {
  readonly #all: number;
  readonly #resolvers = Promise.withResolvers<void>();
  #count = 0;

  constructor(all: number) {
    this.#all = all;
  }

  get whole(): Promise<void> {
    return this.#resolvers.promise;
  }

  add(): void {
    if (++this.#count === this.#all) this.#resolvers.resolve();
  }

  fail(reason: string): void {
    this.#resolvers.reject(new Error(reason));
  }
}

class HeldAgents {
  #operator: FrontClients | undefined;
  #agents = 0;
  #held = new Count(0);
  #calledOff = new Count(0);

  /** Connects the agents and lets a rollout grant every one of them its slot. */
  async hold({ sessionsPort, frontPort, identitiesFile, token, release }: HoldQuestion): Promise<void> {
    const { caPem, nodes } = JSON.parse(await readFile(identitiesFile, "utf8")) as NodeIdentities;
    this.#agents = nodes.length;
    this.#held = new Count(nodes.length);
    this.#operator = createFrontClients({ endpoint: `127.0.0.1:${frontPort}`, caPem, token });
    const onEnd = (reason: string): void => [this.#held, this.#calledOff].forEach((count) => count.fail(reason));
    for (const identity of nodes)
      new HeldAgent({
        ...{ port: sessionsPort, caPem, identity, onEnd },
        onHeld: () => this.#held.add(),
        onCalledOff: () => this.#calledOff.add(),
      });
    const policy = { release, selector: "*", waves: [{ size: { rest: true as const } }], maxUnavailable: "100%" };
    await this.#operator.rollouts.createRollout({ name: "stopped", policy: policyDraftToProto(policy), hold: false });
    await this.#held.whole;
  }

  /** Pulls the cord over the whole fleet, waits for every agent to hear of it, lets go, and waits until every slot is held again. */
  async stop(): Promise<Stopped> {
    const operator = this.#operator;
    if (operator === undefined) throw new Error("no agent holds a slot yet");
    this.#calledOff = new Count(this.#agents);
    const began = performance.now();
    const since = (): number => performance.now() - began;
    const [answeredMillis, lastMillis] = await Promise.all([
      operator.stops.stopAll({ selector: "*", reason: "benchmark", sparesRollbacks: false }).then(since),
      this.#calledOff.whole.then(since),
    ]);
    this.#held = new Count(this.#agents);
    await operator.stops.resumeAll({ selector: "", reason: "benchmark" });
    await this.#held.whole;
    return { answeredMillis, lastMillis };
  }
}

const agents = new HeldAgents();
answerParent(
  async (question: HoldQuestion | StopQuestion): Promise<void | Stopped> =>
    question.kind === "hold" ? agents.hold(question) : agents.stop(),
);
