import type { Instant, NodeId } from "@treeline/fleet";
import { Agenda, stagingPlace } from "./agenda.ts";
import { beginForward } from "./begin.ts";
import { candidateOf, type Candidate } from "./candidate.ts";
import { claimsOn } from "./claim.ts";
import type { Decision } from "./decision.ts";
import { lookAtJoin } from "./join.ts";
import { grantSlot } from "./grant.ts";
import { lookAtNode, proveWell } from "./node-look.ts";
import { placeOf } from "./place.ts";
import { retakeSlot } from "./retake.ts";
import { lookAtRollout } from "./rollout-look.ts";
import { apply, tallyOf, type Snapshot } from "./snapshot.ts";

export interface Situation {
  readonly snapshot: Snapshot;
  /** Told of every change so far; used up by what is decided. */
  readonly agenda: Agenda;
  readonly now: Instant;
}

export interface Decided {
  readonly decisions: readonly Decision[];
  /** The snapshot with all of them applied; the agenda knows of it. */
  readonly next: Snapshot;
  /** There may be more to decide at this very instant: the limits of one call were reached. */
  readonly more: boolean;
}

/** So much is done in one call that it never takes long: decisions, and looks that come to nothing. */
const maxDecisions = 500;
const maxLooks = 5_000;

/**
 * What to do now. The same snapshot and instant give the same decisions with any agenda that has been told of every change; each decision is made
 * as if those before it were already applied. No decision and no `more`: nothing is left to do until something changes or time passes
 * (`agenda.nextWake`).
 *
 * INVARIANT: what nodes report is taken in, and the gates are judged on it, before anything new is begun or granted.
 */
export function decide({ snapshot, agenda, now }: Situation): Decided {
  const round = new Round(snapshot, agenda, now);
  agenda.ring(now);
  while (!round.isFull && (round.lookAtNextJoin() || round.lookAtNextNode() || round.lookAtNextRollout() || round.askNextCandidate()));
  return { decisions: round.decisions, next: round.snapshot, more: round.isFull };
}

/** The same with nothing known of what changed: all decisions of this instant, until none is left. For plans and proofs; it costs the fleet. */
export function decideAll(snapshot: Snapshot, now: Instant): Pick<Decided, "decisions" | "next"> {
  const agenda = Agenda.everything(snapshot);
  const decisions: Decision[] = [];
  let next = snapshot;
  for (let more = true; more; ) {
    const decided = decide({ snapshot: next, agenda, now });
    decisions.push(...decided.decisions);
    ({ next, more } = decided);
  }
  return { decisions, next };
}

class Round {
  readonly decisions: Decision[] = [];
  readonly #agenda: Agenda;
  readonly #now: Instant;
  snapshot: Snapshot;
  #looks = 0;

  constructor(snapshot: Snapshot, agenda: Agenda, now: Instant) {
    this.snapshot = snapshot;
    this.#agenda = agenda;
    this.#now = now;
  }

  get isFull(): boolean {
    return this.decisions.length >= maxDecisions || this.#looks >= maxLooks;
  }

  /** Each of these is true when there was something to look at. */
  lookAtNextJoin(): boolean {
    const nodeId = this.#agenda.takeJoin();
    if (nodeId === undefined) return false;
    this.#looks++;
    const decision = lookAtJoin(this.snapshot, nodeId, this.#now);
    if (decision === undefined) return true;
    this.#take(decision);
    this.#agenda.joinAgain(nodeId);
    return true;
  }

  lookAtNextNode(): boolean {
    const nodeId = this.#agenda.takeNode();
    if (nodeId === undefined) return false;
    this.#looks++;
    const ofNode = proveWell(this.snapshot, nodeId) ?? retakeSlot(this.snapshot, nodeId, this.#now);
    if (ofNode !== undefined) {
      this.#take(ofNode);
      return true;
    }
    for (const { rollout, assignment } of claimsOn(this.snapshot, nodeId)) {
      const { decision, due, wants } = lookAtNode(this.snapshot, rollout, assignment, this.#now);
      if (decision !== undefined) {
        this.#take(decision);
        this.#agenda.again(nodeId);
        return true;
      }
      if (due !== undefined && due > this.#now) this.#agenda.wakeNode(nodeId, due);
      if (wants !== undefined) this.#agenda.propose(candidateOf(rollout, assignment, this.#nameOf(nodeId)));
    }
    return true;
  }

  lookAtNextRollout(): boolean {
    const name = this.#agenda.takeRollout();
    if (name === undefined) return false;
    this.#looks++;
    const rollout = this.snapshot.rollouts.get(name);
    if (rollout === undefined || rollout.settled) return true;
    const { decision, due } = lookAtRollout(this.snapshot, rollout, this.#now);
    if (decision !== undefined) this.#take(decision);
    if (due !== undefined && due > this.#now) this.#agenda.wakeRollout(name, due);
    return true;
  }

  askNextCandidate(): boolean {
    const candidate = this.#agenda.takeCandidate(this.snapshot);
    if (candidate === undefined) return false;
    this.#looks++;
    const { rollout: name, nodeId } = candidate;
    const rollout = this.snapshot.rollouts.get(name);
    const assignment = this.snapshot.assignments.get(name)?.get(nodeId);
    if (rollout === undefined || assignment === undefined || rollout.settled) return true;
    // Asked afresh: much may have changed since it was put here.
    const look = lookAtNode(this.snapshot, rollout, assignment, this.#now);
    if (look.due !== undefined && look.due > this.#now) this.#agenda.wakeNode(nodeId, look.due);
    if (look.decision !== undefined) {
      this.#take(look.decision);
      this.#agenda.again(nodeId);
    } else if (look.wants === "start") this.#start(candidate);
    else if (look.wants === "slot") this.#grant(candidate);
    return true;
  }

  #start(candidate: Candidate): void {
    const rollout = this.snapshot.rollouts.get(candidate.rollout)!;
    const assignment = this.snapshot.assignments.get(candidate.rollout)!.get(candidate.nodeId)!;
    const limit = rollout.policy.staging.nodes;
    if (limit !== undefined && tallyOf(this.snapshot, rollout.name).staging >= limit)
      return this.#agenda.park(candidate, stagingPlace(rollout.name));
    this.#take(beginForward(placeOf(this.snapshot, rollout, assignment, this.#now)));
  }

  #grant(candidate: Candidate): void {
    const rollout = this.snapshot.rollouts.get(candidate.rollout)!;
    const assignment = this.snapshot.assignments.get(candidate.rollout)!.get(candidate.nodeId)!;
    const granted = grantSlot(placeOf(this.snapshot, rollout, assignment, this.#now));
    if ("decision" in granted) this.#take(granted.decision);
    else this.#agenda.park(candidate, granted.blockedBy);
  }

  #take(decision: Decision): void {
    this.decisions.push(decision);
    for (const change of decision.changes) {
      const before = this.snapshot;
      this.snapshot = apply(before, change);
      this.#agenda.note(change, before, this.snapshot);
    }
  }

  #nameOf(nodeId: NodeId): string {
    return this.snapshot.nodes.get(nodeId)?.name ?? nodeId;
  }
}
