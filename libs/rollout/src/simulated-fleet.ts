/**
 * A fleet of simple agents around the real `decide` and `confirm`, for tests. Delivery, faults, outcomes and time are the scenario's. Every
 * decision is judged before it is applied, and after every tick nothing may be left that a look at everything would find.
 */
import { sameAttempt, type Labels, type NodeId, type NodeRecord, type UpdatePhase } from "@treeline/fleet";
import { Agenda } from "./agenda.ts";
import { putBudget } from "./budget-command.ts";
import type { Change } from "./change.ts";
import * as command from "./command.ts";
import { confirm } from "./confirm.ts";
import { decide, decideAll } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { explainNode } from "./explain.ts";
import { writeOffNode } from "./node-command.ts";
import type { BudgetDraft, PolicyDraft } from "./policy-draft.ts";
import type { AssignmentRecord, RolloutRecord } from "./record.ts";
import type { Refused } from "./refusal.ts";
import { newerCommit, SimulatedAgent, targetCommit, versionOf, type Fate } from "./simulated-agent.ts";
import { BrokenInvariant, judgeAgents, judgeConfirmation, judgeDecision } from "./simulated-judge.ts";
import { derivedText, durableRecordsOf, rebuilt } from "./simulated-records.ts";
import { apply, applyAll, currentEpoch, emptySnapshot, type Snapshot } from "./snapshot.ts";

export { BrokenInvariant } from "./simulated-judge.ts";

export const rolloutName = "r";

export interface SimulatedFleetOptions {
  readonly nodes: number;
  /** Of the rollout `r`; without one there is none yet. */
  readonly policy?: Partial<PolicyDraft> | undefined;
  readonly labels?: (index: number) => Labels;
  readonly budgets?: readonly BudgetDraft[];
  readonly hold?: boolean;
}

export const quickPolicy: PolicyDraft = {
  release: "2",
  selector: "*",
  waves: [{ size: { rest: true } }],
  maxUnavailable: "1",
  retries: { limit: 2, backoffMillis: 0 },
  nodeSoakMillis: 30_000,
};

/** The server and its agents. */
export class SimulatedFleet {
  readonly agents: SimulatedAgent[] = [];
  snapshot: Snapshot = emptySnapshot;
  agenda = new Agenda();
  now = 1_000_000;
  readonly decisions: Decision[] = [];
  /** Nodes whose slots an operator has given up: what they still do is on nobody's account. */
  readonly givenUp = new Set<NodeId>();
  readonly #labels: (index: number) => Labels;

  constructor({ nodes, policy, labels = () => ({}), budgets = [], hold = false }: SimulatedFleetOptions) {
    this.#labels = labels;
    this.change({ kind: "server-run", value: { epoch: 1, startedAt: this.now, aliveAt: this.now } });
    for (const checksum of [targetCommit, newerCommit])
      this.change({
        kind: "release",
        value: { checksum, ref: "sim/stable", version: versionOf(checksum), publishedAt: this.now, signedBy: [], objects: 1, bytes: 1 },
      });
    for (let index = 0; index < nodes; index++) this.enroll();
    for (const budget of budgets) this.do(putBudget(this.snapshot, budget, this.now));
    if (policy !== undefined) this.create(rolloutName, policy, hold);
  }

  get rollout(): RolloutRecord {
    return this.rolloutOf(rolloutName);
  }

  rolloutOf(name: string): RolloutRecord {
    return this.snapshot.rollouts.get(name)!;
  }

  assignment(id: NodeId, rollout = rolloutName): AssignmentRecord {
    return this.snapshot.assignments.get(rollout)!.get(id)!;
  }

  node(id: NodeId): NodeRecord {
    return this.snapshot.nodes.get(id)!;
  }

  /** The codes of why this node is not being updated. */
  codes(id: NodeId): readonly string[] {
    return explainNode(this.snapshot, id, this.now).map(({ code }) => code);
  }

  change(change: Change): void {
    const before = this.snapshot;
    this.snapshot = apply(before, change);
    this.agenda.note(change, before, this.snapshot);
  }

  /** Carries out what a command came to; it must not have been refused. */
  do<Result extends { readonly ok: true; readonly changes: readonly Change[] }>(result: Result | Refused): void {
    if (!result.ok) throw new Error(JSON.stringify(result.refusal));
    for (const change of result.changes) this.change(change);
  }

  // ---- what happens ----

  enroll(labels?: Labels): SimulatedAgent {
    const index = this.agents.length;
    const agent = new SimulatedAgent(`node-${String(index).padStart(2, "0")}`);
    this.agents.push(agent);
    const value = {
      id: agent.id,
      name: agent.id,
      labels: labels ?? this.#labels(index),
      enrolledAt: this.now,
      publicKey: agent.id,
      tokenId: "t",
    };
    this.change({ kind: "node", value });
    this.connect(agent);
    return agent;
  }

  relabel(agent: SimulatedAgent, labels: Labels): void {
    this.change({ kind: "node", value: { ...this.node(agent.id), labels } });
  }

  revoke(agent: SimulatedAgent): void {
    this.disconnect(agent);
    this.change({ kind: "node", value: { ...this.node(agent.id), revokedAt: this.now } });
  }

  writeOff(agent: SimulatedAgent): void {
    this.givenUp.add(agent.id);
    this.do(writeOffNode(this.snapshot, agent.id, { by: "op", reason: "it is gone" }, this.now));
  }

  create(name: string, policy: Partial<PolicyDraft>, hold = false): void {
    this.do(command.createRollout(this.snapshot, { name, policy: { ...quickPolicy, ...policy }, hold }, this.now));
  }

  connect(agent: SimulatedAgent): void {
    if (this.node(agent.id).revokedAt !== undefined) return;
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
    agent.advance(fate);
    if (wasConnected && !agent.connected) this.disconnect(agent);
    judgeAgents(this);
  }

  boot(agent: SimulatedAgent, how: "power-cut" | "fall-back"): void {
    if (how === "power-cut") agent.cutPower();
    else agent.fallBack();
    if (!agent.connected) this.disconnect(agent);
    judgeAgents(this);
  }

  confirm(agent: SimulatedAgent, answerArrives: boolean): boolean {
    const { permission, open } = agent;
    if (!agent.connected || permission === undefined || open === undefined || open.phase !== "Draining") return false;
    const request = { nodeId: agent.id, attempt: open.ref, permission, bootId: agent.bootId, checksum: open.target.checksum };
    const answer = confirm(this.snapshot, request, this.now);
    if (!answer.granted) return false;
    judgeConfirmation(this, agent.id, open.ref);
    this.change({ kind: "slot", value: answer.slot });
    if (answerArrives) agent.act();
    judgeAgents(this);
    return true;
  }

  /** The server is away for a while and comes back with what its store kept: nobody is in contact, and nothing is on the agenda but everything. */
  restartServer(awayMillis: number): void {
    const run = this.snapshot.runs.get(currentEpoch(this.snapshot))!;
    this.change({ kind: "server-run", value: { ...run, aliveAt: this.now } });
    this.now += awayMillis;
    this.change({ kind: "server-run", value: { epoch: run.epoch + 1, startedAt: this.now, aliveAt: this.now } });
    this.#begin(durableRecordsOf(this.snapshot));
  }

  /** The server comes back with an older state of its store, in an epoch above all that it gave out. */
  restoreFrom(backup: Snapshot): void {
    const epoch = currentEpoch(this.snapshot) + 1;
    this.#begin([...durableRecordsOf(backup), { kind: "server-run", value: { epoch, startedAt: this.now, aliveAt: this.now } }]);
  }

  /** The server comes back with a store from before there was any rollout. */
  forgetRollouts(): void {
    const forgotten: readonly Change["kind"][] = ["rollout", "assignment", "slot", "intent"];
    this.restoreFrom(
      applyAll(
        emptySnapshot,
        durableRecordsOf(this.snapshot).filter(({ kind }) => !forgotten.includes(kind)),
      ),
    );
  }

  #begin(records: readonly Change[]): void {
    this.snapshot = applyAll(emptySnapshot, records);
    this.agenda = Agenda.everything(this.snapshot);
    for (const agent of this.agents) agent.connected = false;
  }

  pause(paused: boolean, name = rolloutName): void {
    const result = paused ? command.pauseRollout(this.snapshot, name, { reason: "" }) : command.resumeRollout(this.snapshot, name);
    if (result.ok) this.do(result);
  }

  abort(name = rolloutName): void {
    this.do(command.abortRollout(this.snapshot, name, { reason: "" }, this.now));
  }

  rollback(name = rolloutName): void {
    this.do(command.rollbackRollout(this.snapshot, name, { reason: "" }));
  }

  /** Decides until nothing is left to decide at this instant. Returns the actions. */
  tick(): readonly Decision["action"][] {
    const actions: Decision["action"][] = [];
    const limit = 200 * this.agents.length + 1_000;
    for (let more = true; more; ) {
      const decided = decide({ snapshot: this.snapshot, agenda: this.agenda, now: this.now });
      for (const decision of decided.decisions) {
        judgeDecision(this, decision);
        this.decisions.push(decision);
        actions.push(decision.action);
        this.snapshot = applyAll(this.snapshot, decision.changes);
      }
      this.snapshot = decided.next;
      ({ more } = decided);
      if (actions.length > limit) throw new BrokenInvariant(`no end of decisions: ${JSON.stringify(decided.decisions.slice(0, 6))}`);
    }
    this.#judgeRest();
    return actions;
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

  /** Turns of one agent until its open attempt is in `phase`. */
  runTo(agent: SimulatedAgent, phase: UpdatePhase): void {
    for (let turn = 0; turn < 30; turn++) {
      if (agent.open?.phase === phase) return;
      this.turn(agent);
    }
    throw new Error(`${agent.id} never came to ${phase}: ${JSON.stringify(explainNode(this.snapshot, agent.id, this.now))}`);
  }

  /** Turns of all agents until `done`, a second each; false when it never came to that. */
  runUntil(done: () => boolean, rounds = 400): boolean {
    for (let round = 0; round < rounds && !done(); round++) {
      this.now += 1_000;
      for (const agent of this.agents) {
        if (!agent.connected) this.connect(agent);
        this.deliver(agent);
        this.advance(agent, "good");
        this.confirm(agent, true);
        this.report(agent);
      }
      this.tick();
    }
    return done();
  }

  /** No more faults: everyone is in contact, healthy and quick. True when every rollout has settled. */
  settle(rounds = 400): boolean {
    for (const name of this.snapshot.rollouts.keys()) this.pause(false, name);
    for (const agent of this.agents) agent.green = true;
    return this.runUntil(() => {
      for (const agent of this.agents) agent.green = true;
      return [...this.snapshot.rollouts.values()].every(({ settled }) => settled);
    }, rounds);
  }

  // ---- what must hold at rest ----

  #judgeRest(): void {
    const missed = decideAll(this.snapshot, this.now).decisions;
    if (missed.length > 0) throw new BrokenInvariant(`the agenda missed ${JSON.stringify(missed.slice(0, 3))}`);
    const kept = derivedText(this.snapshot);
    const anew = derivedText(rebuilt(this.snapshot));
    if (kept !== anew) throw new BrokenInvariant(`rebuilt, it is another: ${kept}\n${anew}`);
    for (const agent of this.agents) {
      const moving = [...this.snapshot.assignments.values()].filter((ofRollout) => isMoving(ofRollout.get(agent.id)));
      if (moving.length > 1) throw new BrokenInvariant(`${agent.id} has attempts of two rollouts under way`);
      if (explainNode(this.snapshot, agent.id, this.now).length === 0)
        throw new BrokenInvariant(`nobody can say what ${agent.id} waits for`);
    }
  }
}

const resting: readonly string[] = ["pending", "NotEligible", "Updated", "RolledBack", "Failed", "Reverted", "Superseded"];

function isMoving(assignment: AssignmentRecord | undefined): boolean {
  return assignment !== undefined && !resting.includes(assignment.phase);
}

export function holds(fleet: SimulatedFleet, agent: SimulatedAgent): boolean {
  const holder = fleet.snapshot.slots.get(agent.id)?.holder;
  return holder?.kind === "rollout" && agent.open !== undefined && sameAttempt(holder, agent.open.ref);
}

/** A fleet whose rollout `r` has begun. */
export function fleetOf(policy: Partial<PolicyDraft> = {}, options: Partial<SimulatedFleetOptions> = {}): SimulatedFleet {
  const fleet = new SimulatedFleet({ nodes: 1, ...options, policy });
  fleet.tick();
  return fleet;
}
