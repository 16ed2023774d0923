/**
 * A fleet of simple agents around the real `decide` and `confirm`, for tests. Delivery, faults, outcomes and time are the scenario's. Every
 * decision is judged before it is applied.
 */
import type { Slot } from "@treeline/disruption";
import { sameAttempt, type NodeId, type UpdatePhase } from "@treeline/fleet";
import type { Change } from "./change.ts";
import { abortRollout, createRollout, pauseRollout, resumeRollout } from "./command.ts";
import { confirm } from "./confirm.ts";
import { decide, type Decision } from "./decide.ts";
import type { Wave } from "./policy.ts";
import { isEnd, type AssignmentRecord, type RolloutRecord } from "./record.ts";
import { SimulatedAgent, targetCommit, type Fate } from "./simulated-agent.ts";
import { apply, applyAll, currentEpoch, emptySnapshot, type Snapshot } from "./snapshot.ts";

export const rolloutName = "r";

/** Something that decide or confirm must never do; the property fails with it. */
export class BrokenInvariant extends Error {}

export interface SimulatedFleetOptions {
  readonly nodes: number;
  readonly waves: readonly Wave[];
  readonly maxUnavailable: string;
  readonly retries: number;
  readonly soakMillis?: number;
}

/** The server and its agents. */
export class SimulatedFleet {
  readonly agents: readonly SimulatedAgent[];
  snapshot: Snapshot = emptySnapshot;
  now = 1_000_000;
  readonly decisions: Decision[] = [];
  readonly #soakMillis: number;

  constructor(options: SimulatedFleetOptions) {
    this.#soakMillis = options.soakMillis ?? 30_000;
    this.agents = Array.from({ length: options.nodes }, (_, index) => new SimulatedAgent(`node-${String(index).padStart(2, "0")}`));
    this.change({ kind: "server-run", value: { epoch: 1, startedAt: this.now, aliveAt: this.now } });
    this.change({
      kind: "release",
      value: { checksum: targetCommit, ref: "sim/stable", version: "2", publishedAt: this.now, signedBy: [], objects: 1, bytes: 1 },
    });
    for (const agent of this.agents) {
      this.change({
        kind: "node",
        value: { id: agent.id, name: agent.id, labels: {}, enrolledAt: this.now, publicKey: agent.id, tokenId: "t" },
      });
      this.connect(agent);
    }
    const { waves, maxUnavailable, retries } = options;
    const policy = { release: "2", selector: "*", waves, maxUnavailable, retries, nodeSoakMillis: this.#soakMillis };
    const created = createRollout(this.snapshot, { name: rolloutName, policy, hold: false }, this.now);
    if (!created.ok) throw new Error(JSON.stringify(created.refusal));
    for (const change of created.changes) this.change(change);
  }

  get rollout(): RolloutRecord {
    return this.snapshot.rollouts.get(rolloutName)!;
  }

  assignment(id: NodeId): AssignmentRecord {
    return this.snapshot.assignments.get(rolloutName)!.get(id)!;
  }

  change(change: Change): void {
    this.snapshot = apply(this.snapshot, change);
  }

  // ---- what happens ----

  connect(agent: SimulatedAgent): void {
    agent.connected = true;
    this.report(agent);
    this.change({ kind: "contact", nodeId: agent.id, connected: true, at: this.now });
    this.deliver(agent);
  }

  disconnect(agent: SimulatedAgent): void {
    agent.connected = false;
    this.change({ kind: "contact", nodeId: agent.id, connected: false, at: this.now });
  }

  report(agent: SimulatedAgent): void {
    if (agent.connected)
      this.change({ kind: "observation", value: { nodeId: agent.id, at: this.now, agentVersion: "1", observation: agent.observation() } });
  }

  deliver(agent: SimulatedAgent): void {
    const intent = this.snapshot.intents.get(agent.id);
    if (agent.connected && intent !== undefined) agent.receive(intent);
  }

  advance(agent: SimulatedAgent, fate: Fate): void {
    const wasConnected = agent.connected;
    agent.advance(fate, this.#soakMillis);
    if (wasConnected && !agent.connected) this.disconnect(agent);
    this.#judgeAgents();
  }

  boot(agent: SimulatedAgent, how: "power-cut" | "fall-back"): void {
    if (how === "power-cut") agent.cutPower();
    else agent.fallBack();
    if (!agent.connected) this.disconnect(agent);
    this.#judgeAgents();
  }

  confirm(agent: SimulatedAgent, answerArrives: boolean): void {
    const { permission, open } = agent;
    if (!agent.connected || permission === undefined || open === undefined || open.phase !== "Draining") return;
    const answer = confirm(
      this.snapshot,
      { nodeId: agent.id, attempt: open.ref, permission, bootId: agent.bootId, checksum: targetCommit },
      this.now,
    );
    if (!answer.granted) return;
    if (this.rollout.state !== "running") throw new BrokenInvariant(`confirmed while ${this.rollout.state}`);
    if (this.#union(this.snapshot).size > this.#maxUnavailable()) throw new BrokenInvariant("confirmed past the budget");
    this.change({ kind: "slot", value: answer.slot });
    if (answerArrives) agent.act();
    this.#judgeAgents();
  }

  restartServer(awayMillis: number): void {
    const run = this.snapshot.runs.get(currentEpoch(this.snapshot))!;
    this.change({ kind: "server-run", value: { ...run, aliveAt: this.now } });
    this.now += awayMillis;
    this.change({ kind: "server-run", value: { epoch: run.epoch + 1, startedAt: this.now, aliveAt: this.now } });
    this.snapshot = { ...this.snapshot, contacts: emptySnapshot.contacts };
    for (const agent of this.agents) agent.connected = false;
  }

  pause(paused: boolean): void {
    const result = paused ? pauseRollout(this.snapshot, rolloutName, "") : resumeRollout(this.snapshot, rolloutName);
    if (result.ok) for (const change of result.changes) this.change(change);
  }

  abort(): void {
    const result = abortRollout(this.snapshot, rolloutName, "", this.now);
    if (result.ok) for (const change of result.changes) this.change(change);
  }

  /** Decides until nothing is left to decide at this instant. Returns how many passes it took. */
  tick(): number {
    const limit = 4 * this.agents.length + 20;
    for (let pass = 0; pass < limit; pass++) {
      const decisions = decide(this.snapshot, this.now);
      if (decisions.length === 0) return pass;
      for (const decision of decisions) {
        this.#judge(decision);
        this.decisions.push(decision);
        this.snapshot = applyAll(this.snapshot, decision.changes);
      }
    }
    throw new BrokenInvariant(
      `no fixpoint after ${limit} passes: ${JSON.stringify(decide(this.snapshot, this.now).map(({ action, because }) => [action, because]))}`,
    );
  }

  /** One agent's turn: it gets its intent, does one step, confirms if it is that far, reports, and the server decides. */
  turn(agent: SimulatedAgent, fate: Fate = "good"): void {
    if (!agent.connected) this.connect(agent);
    this.deliver(agent);
    this.advance(agent, fate);
    this.confirm(agent, true);
    this.report(agent);
    this.tick();
  }

  /** Turns of one agent until it is in `phase`. */
  runTo(agent: SimulatedAgent, phase: UpdatePhase): void {
    for (let turn = 0; turn < 30; turn++) {
      if (agent.open?.phase === phase) return;
      this.turn(agent);
    }
    throw new Error(`${agent.id} never came to ${phase}`);
  }

  /** No more faults: everyone is in contact, healthy and quick. True when the rollout has settled. */
  settle(rounds = 400): boolean {
    this.pause(false);
    for (let round = 0; round < rounds && !this.rollout.settled; round++) {
      this.now += 1_000;
      for (const agent of this.agents) {
        agent.green = true;
        if (!agent.connected) this.connect(agent);
        this.deliver(agent);
        this.advance(agent, "good");
        this.confirm(agent, true);
        this.report(agent);
      }
      this.tick();
    }
    return this.rollout.settled;
  }

  // ---- what must hold ----

  #maxUnavailable(): number {
    const { maxUnavailable } = this.rollout.policy;
    if ("count" in maxUnavailable) return maxUnavailable.count;
    return Math.max(1, Math.floor((this.agents.length * maxUnavailable.percent) / 100));
  }

  #union(snapshot: Snapshot): ReadonlySet<NodeId> {
    const down = (id: NodeId): boolean =>
      snapshot.contacts.get(id)?.connected !== true || snapshot.observations.get(id)?.observation.health.state === "red";
    return new Set(this.agents.map(({ id }) => id).filter((id) => snapshot.slots.has(id) || down(id)));
  }

  /** Whoever is past its point of no return holds the slot of that very attempt. */
  #judgeAgents(): void {
    for (const { id, open } of this.agents) {
      if (open?.confirmedBootId === undefined) continue;
      const holder = this.snapshot.slots.get(id)?.holder;
      if (holder === undefined || !sameAttempt(holder, open.ref))
        throw new BrokenInvariant(`${id} is past its confirmation without a slot`);
    }
  }

  #judge(decision: Decision): void {
    const { snapshot } = this;
    for (const change of decision.changes) {
      if (change.kind === "slot") this.#judgeGrant(change.value);
      if (change.kind === "slot-released") this.#judgeRelease(decision, change.nodeId);
      if (change.kind !== "assignment") continue;
      const before = this.assignment(change.value.nodeId);
      if (isEnd(before) && change.value.phase !== before.phase) throw new BrokenInvariant(`${before.phase} became ${change.value.phase}`);
      if (decision.action === "begin-attempt") this.#judgeBegin(change.value);
      if (change.value.phase === "Updated") this.#judgeUpdated(change.value);
    }
    if (decision.changes.length === 0) throw new BrokenInvariant("a decision that changes nothing");
    if (applyAll(snapshot, decision.changes).slots.size > snapshot.slots.size + 1)
      throw new BrokenInvariant("one decision grants several slots");
  }

  #judgeGrant(slot: Slot): void {
    const { snapshot } = this;
    if (this.rollout.state !== "running") throw new BrokenInvariant(`a slot was granted while ${this.rollout.state}`);
    if (snapshot.slots.has(slot.nodeId)) throw new BrokenInvariant(`${slot.nodeId} has two slots`);
    if (slot.epoch !== currentEpoch(snapshot)) throw new BrokenInvariant("a slot of another epoch was granted");
    const union = this.#union(snapshot);
    if (!union.has(slot.nodeId) && union.size + 1 > this.#maxUnavailable())
      throw new BrokenInvariant(`a grant made ${union.size + 1} nodes unavailable`);
  }

  #judgeRelease(decision: Decision, nodeId: NodeId): void {
    const { snapshot } = this;
    const held = snapshot.slots.get(nodeId);
    const agent = this.agents.find(({ id }) => id === nodeId)!;
    if (held === undefined) throw new BrokenInvariant("a slot was released that nobody holds");
    if (agent.open !== undefined && sameAttempt(agent.open.ref, held.holder) && agent.open.confirmedBootId !== undefined)
      throw new BrokenInvariant(`the slot of ${nodeId} was released although its attempt is past the confirmation`);
    const observation = snapshot.observations.get(nodeId)!.observation;
    const [first] = observation.os.deployments;
    const commit = decision.action === "node-updated" ? targetCommit : this.assignment(nodeId).base?.checksum;
    const { open } = observation.update;
    const stillOpen = open !== undefined && sameAttempt(open.attempt, held.holder);
    if (stillOpen || first?.booted !== true || first.checksum !== commit || observation.health.state !== "green")
      throw new BrokenInvariant(`the slot of ${nodeId} was released without evidence`);
    const intent = applyAll(snapshot, decision.changes).intents.get(nodeId);
    if (intent?.attempt !== undefined)
      throw new BrokenInvariant(`the slot of ${nodeId} was released, and its permission was not revoked with it`);
  }

  #judgeBegin(assignment: AssignmentRecord): void {
    if (this.rollout.state !== "running") throw new BrokenInvariant(`an attempt began while ${this.rollout.state}`);
    const earlier = this.agents.map(({ id }) => this.assignment(id)).filter((other) => other.wave < assignment.wave);
    if (earlier.some((other) => other.phase !== "Updated"))
      throw new BrokenInvariant(`wave ${assignment.wave} began before the one before it was updated`);
    if (this.#union(this.snapshot).has(assignment.nodeId) && !this.snapshot.slots.has(assignment.nodeId))
      throw new BrokenInvariant("an attempt began on a red or silent node");
  }

  #judgeUpdated(assignment: AssignmentRecord): void {
    const observation = this.snapshot.observations.get(assignment.nodeId)!.observation;
    const [first] = observation.os.deployments;
    if (first?.booted !== true || first.checksum !== targetCommit || observation.health.state !== "green")
      throw new BrokenInvariant("Updated without evidence");
    if (assignment.proof === undefined) {
      if (assignment.reason !== "already ran it" || this.snapshot.slots.has(assignment.nodeId))
        throw new BrokenInvariant("Updated without proof");
      return;
    }
    const confirmed = this.snapshot.slots.get(assignment.nodeId)?.confirmed;
    if (confirmed === undefined || assignment.proof.previousBootId !== confirmed.bootId || assignment.proof.bootId === confirmed.bootId)
      throw new BrokenInvariant("Updated on the proof of another boot");
  }
}
