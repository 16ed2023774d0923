import type { AttemptRef } from "@treeline/fleet";
import type { Agent } from "../world/agent.ts";

/** One boot of a host, as it was, whatever anybody reported. */
export interface TrueBoot {
  readonly bootId: string;
  readonly checksum: string;
  readonly at: number;
}

/** What really happened on the hosts. */
export class Truth {
  readonly #boots = new Map<string, TrueBoot>();
  readonly #agents = new Map<string, Agent>();
  readonly #deploys = new Set<string>();

  /** A host's first boot, or a further one. */
  booted(agent: Agent, at: number): void {
    const { bootId, booted } = agent.host;
    this.#agents.set(agent.id, agent);
    this.#boots.set(`${agent.id} ${bootId}`, { bootId, checksum: booted, at });
  }

  deployed(agent: Agent, attempt: AttemptRef): void {
    this.#deploys.add(`${agent.id} ${attempt.rollout}/${attempt.number}`);
  }

  boot(nodeId: string, bootId: string): TrueBoot | undefined {
    return this.#boots.get(`${nodeId} ${bootId}`);
  }

  hasDeployed(nodeId: string, attempt: AttemptRef): boolean {
    return this.#deploys.has(`${nodeId} ${attempt.rollout}/${attempt.number}`);
  }

  agent(nodeId: string): Agent | undefined {
    return this.#agents.get(nodeId);
  }
}
