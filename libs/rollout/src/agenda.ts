import { roomIn } from "@treeline/disruption";
import type { Instant, NodeId } from "@treeline/fleet";
import TinyQueue from "tinyqueue";
import { compareCandidates, type Candidate } from "./candidate.ts";
import type { Change } from "./change.ts";
import { unconfirmedHolders } from "./excess.ts";
import { takesNodes, type RolloutRecord } from "./record.ts";
import { tallyOf, type Snapshot } from "./snapshot.ts";
import { categoryOf } from "./tally.ts";

/** Candidates in the order in which they are asked; `newest`: the entry of each that counts. */
interface Queue {
  readonly order: TinyQueue<Candidate>;
  readonly newest: Map<string, Candidate>;
}

type Timer = { readonly at: Instant } & ({ readonly nodeId: NodeId } | { readonly rollout: string });

/** Who waits to be looked at: each once, the first come first. */
class Line<Item> {
  readonly #items = new Set<Item>();
  /** Goes on where it stood: to begin anew after each item would step over the deleted ones every time. */
  #coming = this.#items.values();

  add(item: Item): void {
    this.#items.add(item);
  }

  take(): Item | undefined {
    if (this.#items.size === 0) return undefined;
    let next = this.#coming.next();
    if (next.done === true) {
      this.#coming = this.#items.values();
      next = this.#coming.next();
    }
    if (next.done !== true) this.#items.delete(next.value);
    return next.value;
  }
}

/** Where candidates wait for room: a budget's instance by its id, or a rollout's staging limit. */
export function stagingPlace(rollout: string): string {
  return `staging ${rollout}`;
}

/**
 * What there is to look at, so that a decision costs what changed. A node that must wait for room waits at the place that refused it and costs
 * nothing until that place has room.
 *
 * It is an aid, not a truth: a new one that names everything (`everything`) decides the same.
 * INVARIANT: when `decide` has nothing left to do with an agenda that was told of every change, it has nothing to do with one that names everything.
 */
export class Agenda {
  readonly #nodes = new Line<NodeId>();
  readonly #joins = new Line<NodeId>();
  readonly #rollouts = new Line<string>();
  readonly #candidates = new TinyQueue<Candidate>([], compareCandidates);
  readonly #parked = new Map<string, Queue>();
  /** Where each candidate waits by now: an entry elsewhere is out of date. */
  readonly #places = new Map<string, string>();
  /** Places that may have room again. */
  readonly #roomier = new Set<string>();
  readonly #timers = new TinyQueue<Timer>([], (a, b) => a.at - b.at);
  /** The earliest timer of each subject, so that one subject does not fill the queue. */
  readonly #timed = new Map<string, Instant>();

  /** An agenda that names all there is. Costs the fleet. */
  static everything(snapshot: Snapshot): Agenda {
    const agenda = new Agenda();
    for (const nodeId of snapshot.nodes.keys()) {
      agenda.#nodes.add(nodeId);
      agenda.#joins.add(nodeId);
    }
    for (const name of snapshot.rollouts.keys()) agenda.#rollouts.add(name);
    return agenda;
  }

  /** Must be told of every change of the snapshot it goes with. */
  note(change: Change, before: Snapshot, after: Snapshot): void {
    switch (change.kind) {
      case "node":
        this.#joins.add(change.value.id);
        return this.#touch(change.value.id, before, after);
      case "slot":
        this.#touchHolder(change.value.nodeId, before, after);
        return this.#touch(change.value.nodeId, before, after);
      case "observation":
      case "intent":
      case "denied":
        return this.#touch(change.value.nodeId, before, after);
      case "contact":
        return this.#touch(change.nodeId, before, after);
      case "slot-released":
        // Who holds a slot or has an attempt under way stays in its wave until then.
        this.#joins.add(change.nodeId);
        this.#touchHolder(change.nodeId, before, after);
        return this.#touch(change.nodeId, before, after);
      case "assignment":
        return this.#touchAssignment(change.value.rollout, change.value.nodeId, before, after);
      case "assignment-removed":
        return this.#touchAssignment(change.rollout, change.nodeId, before, after);
      case "rollout":
        return this.#touchRollout(before.rollouts.get(change.value.name), change.value, after);
      case "budget":
      case "budget-removed":
        for (const place of this.#parked.keys()) this.#roomier.add(place);
        for (const { nodeId } of unconfirmedHolders(after)) this.#nodes.add(nodeId);
        return;
      case "stop":
        for (const nodeId of after.slots.keys()) this.#nodes.add(nodeId);
        return;
      case "stop-lifted":
        for (const nodeId of after.claims.keys()) this.#nodes.add(nodeId);
        return;
      default:
        return;
    }
  }

  /** Moves what is due by now onto the list of things to look at. */
  ring(now: Instant): void {
    for (let timer = this.#timers.peek(); timer !== undefined && timer.at <= now; timer = this.#timers.peek()) {
      this.#timers.pop();
      if (this.#timed.get(keyOf(timer)) === timer.at) this.#timed.delete(keyOf(timer));
      if ("nodeId" in timer) this.#nodes.add(timer.nodeId);
      else this.#rollouts.add(timer.rollout);
    }
  }

  /** When something is due by time alone. */
  get nextWake(): Instant | undefined {
    return this.#timers.peek()?.at;
  }

  /** Entries that wait for room: bounded by the candidates and the places each has waited at, however often a node reports meanwhile. */
  get waiting(): number {
    return [...this.#parked.values()].reduce((sum, { order }) => sum + order.length, 0);
  }

  wakeNode(nodeId: NodeId, at: Instant): void {
    this.#wake({ nodeId, at });
  }

  wakeRollout(rollout: string, at: Instant): void {
    this.#wake({ rollout, at });
  }

  takeJoin(): NodeId | undefined {
    return this.#joins.take();
  }

  takeNode(): NodeId | undefined {
    return this.#nodes.take();
  }

  takeRollout(): string | undefined {
    return this.#rollouts.take();
  }

  /** Looks at the node once more before this round is over: something was decided about it. */
  again(nodeId: NodeId): void {
    this.#nodes.add(nodeId);
  }

  joinAgain(nodeId: NodeId): void {
    this.#joins.add(nodeId);
  }

  propose(candidate: Candidate): void {
    this.#places.delete(candidateKey(candidate));
    this.#candidates.push(candidate);
  }

  /** The candidate waits at the place that has no room for it. */
  park(candidate: Candidate, place: string): void {
    const key = candidateKey(candidate);
    this.#places.set(key, place);
    const queue = this.#parked.get(place) ?? {
      order: new TinyQueue<Candidate>([], compareCandidates),
      newest: new Map<string, Candidate>(),
    };
    this.#parked.set(place, queue);
    // Asked again and refused again, it still waits where it stood.
    const waits = queue.newest.get(key);
    if (waits !== undefined && compareCandidates(waits, candidate) === 0) return;
    queue.newest.set(key, candidate);
    queue.order.push(candidate);
  }

  /** Who is to be asked next: the first of the new candidates and of those that wait where there is room again. */
  takeCandidate(snapshot: Snapshot): Candidate | undefined {
    let best = this.#candidates.peek();
    let from: string | undefined;
    for (const place of this.#roomier) {
      const first = this.#firstAt(place);
      if (first === undefined || roomAt(snapshot, place) <= 0) this.#roomier.delete(place);
      else if (best === undefined || compareCandidates(first, best) < 0) {
        best = first;
        from = place;
      }
    }
    if (from === undefined || best === undefined) return this.#candidates.pop();
    this.#drop(this.#parked.get(from)!, best);
    this.#places.delete(candidateKey(best));
    return best;
  }

  #firstAt(place: string): Candidate | undefined {
    const queue = this.#parked.get(place);
    if (queue === undefined) return undefined;
    for (let first = queue.order.peek(); first !== undefined; first = queue.order.peek()) {
      const key = candidateKey(first);
      if (this.#places.get(key) === place && queue.newest.get(key) === first) return first;
      this.#drop(queue, first);
    }
    this.#parked.delete(place);
    return undefined;
  }

  #drop(queue: Queue, first: Candidate): void {
    queue.order.pop();
    if (queue.newest.get(candidateKey(first)) === first) queue.newest.delete(candidateKey(first));
  }

  #wake(timer: Timer): void {
    const key = keyOf(timer);
    const earliest = this.#timed.get(key);
    if (earliest !== undefined && earliest <= timer.at) return;
    this.#timed.set(key, timer.at);
    this.#timers.push(timer);
  }

  #touch(nodeId: NodeId, before: Snapshot, after: Snapshot): void {
    this.#nodes.add(nodeId);
    if (before.ledger === after.ledger) return;
    const old = before.ledger.standings.get(nodeId);
    const now = after.ledger.standings.get(nodeId);
    if (old === now) return;
    for (const standing of [old, now]) {
      for (const { id } of standing?.budgets ?? []) this.#noteRoom(id, before, after);
      for (const id of standing?.slot ?? []) this.#noteRoom(id, before, after);
    }
  }

  /** A rollout is settled when its last slot is back. */
  #touchHolder(nodeId: NodeId, before: Snapshot, after: Snapshot): void {
    for (const { slots } of [before, after]) {
      const holder = slots.get(nodeId)?.holder;
      if (holder?.kind === "rollout") this.#rollouts.add(holder.rollout);
    }
  }

  #noteRoom(place: string, before: Snapshot, after: Snapshot): void {
    const room = roomIn(after.ledger, place);
    if (this.#parked.has(place) && room > roomIn(before.ledger, place)) this.#roomier.add(place);
    // Too many are unavailable there: some that can still be called off must give way, others than before if one of them went down itself.
    if (room < 0) for (const { nodeId } of unconfirmedHolders(after, place)) this.#nodes.add(nodeId);
  }

  #touchAssignment(rollout: string, nodeId: NodeId, before: Snapshot, after: Snapshot): void {
    this.#rollouts.add(rollout);
    if (tallyOf(after, rollout).staging < tallyOf(before, rollout).staging) this.#roomier.add(stagingPlace(rollout));
    const assignment = after.assignments.get(rollout)?.get(nodeId);
    if (assignment !== undefined && categoryOf(assignment) === "waiting") this.#joins.add(nodeId);
    this.#touch(nodeId, before, after);
  }

  #touchRollout(before: RolloutRecord | undefined, rollout: RolloutRecord, snapshot: Snapshot): void {
    this.#rollouts.add(rollout.name);
    const sameState =
      before !== undefined && before.state === rollout.state && before.way === rollout.way && before.settled === rollout.settled;
    if (sameState && before.openWave === rollout.openWave) return;
    // A wave that opens concerns its own nodes; a change of state concerns all, and may let joiners in.
    const concerned = sameState
      ? tallyOf(snapshot, rollout.name).waves.get(rollout.openWave)?.nodes
      : snapshot.assignments.get(rollout.name)?.keys();
    for (const nodeId of concerned ?? []) this.#nodes.add(nodeId);
    if (before !== undefined && !takesNodes(before) && takesNodes(rollout))
      for (const nodeId of snapshot.nodes.keys()) this.#joins.add(nodeId);
  }
}

function keyOf(timer: Timer): string {
  return "nodeId" in timer ? `node ${timer.nodeId}` : `rollout ${timer.rollout}`;
}

function candidateKey({ rollout, nodeId }: Candidate): string {
  return `${rollout}\n${nodeId}`;
}

function roomAt(snapshot: Snapshot, place: string): number {
  if (!place.startsWith("staging ")) return roomIn(snapshot.ledger, place);
  const rollout = place.slice("staging ".length);
  const limit = snapshot.rollouts.get(rollout)?.policy.staging.nodes ?? Infinity;
  return limit - tallyOf(snapshot, rollout).staging;
}
