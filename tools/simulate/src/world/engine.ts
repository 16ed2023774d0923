// The one place of the world that knows the engine's commands: what operators do, carefully or by chance.
import type { NodeRecord, ReleaseRecord } from "@treeline/fleet";
import {
  abortRollout,
  approveWave,
  awaitedApproval,
  clearNode,
  createRollout,
  pauseRollout,
  putBudget,
  resumeAll,
  resumeRollout,
  retryRollout,
  rollbackRollout,
  startRollout,
  stopAll,
  tallyOf,
  writeOffNode,
  type DurableChange,
  type PolicyDraft,
  type RolloutRecord,
  type Snapshot,
} from "@treeline/rollout";
import type { Draws } from "../kernel/chance.ts";
import { relabelled, type NodePlan } from "../plan/fleet-plan.ts";
import type { OperatorAct } from "../plan/happening.ts";
import { readPolicyDocument } from "../plan/policy-document.ts";
import type { ReleasePlan } from "../plan/release-plan.ts";
import type { RolloutPlan, RunPlan } from "../plan/run-plan.ts";
import type { Command } from "./server-life.ts";

/** What an operator wants done, decided on the snapshot of the moment. */
export type Decide = (working: Snapshot, now: number) => Command;

type Result =
  | { readonly ok: true; readonly changes: readonly DurableChange[] }
  | { readonly ok: false; readonly refusal: { readonly message: string; readonly violations?: readonly unknown[] } };

const by = "sim";
const reason = "by chance";

/** How long a helpful operator waits for a silent node before it is given up, on the server's wall clock. */
const patienceMillis = 90 * 60_000;

export function enroll(nodes: readonly NodePlan[]): Decide {
  return (_, now) => ({
    action: "enroll",
    subject: `${nodes.length} nodes`,
    changes: nodes.map((node) => ({ kind: "node" as const, value: nodeRecord(node, now) })),
  });
}

export function publish(releases: readonly ReleasePlan[]): Decide {
  return (_, now) => ({
    action: "publish",
    subject: releases.map(({ version }) => version).join(", "),
    changes: releases.map((release) => ({ kind: "release" as const, value: releaseRecord(release, now) })),
  });
}

export function putBudgets({ budgets }: RunPlan): readonly Decide[] {
  return budgets.map((budget) => (working, now) => commandOf("put-budget", budget.name, putBudget(working, budget, now)));
}

export function create(plan: RolloutPlan): Decide {
  const policy = draftOf(plan);
  return (working, now) => commandOf("create", plan.name, createRollout(working, { name: plan.name, policy, hold: plan.held }, now));
}

export function draftOf({ document, policy, release }: Pick<RolloutPlan, "document" | "policy" | "release">): PolicyDraft {
  if (document === undefined) return { ...policy, release: release.version };
  return { ...readPolicyDocument(document), release: release.version };
}

/** What an operator does who knows nothing in particular. */
export function arbitrary(act: OperatorAct, draws: Draws): Decide {
  return (working, now) => {
    switch (act.verb) {
      case "stop-all": {
        const { selector, sparesRollbacks } = act;
        return commandOf("stop-all", selector, stopAll(working, { selector, sparesRollbacks, reason, by }, now));
      }
      case "resume-all":
        return commandOf("resume-all", "every stop", resumeAll(working, {}));
      case "budget": {
        const name = pickOne([...working.budgets.keys()], act.pick);
        const draft = { name: name ?? "fleet", selector: "*", maxUnavailable: `${draws.whole(5, 60)}%` };
        return commandOf("put-budget", draft.name, putBudget(working, draft, now));
      }
      case "relabel":
      case "revoke":
      case "write-off":
      case "clear": {
        const node = pickOne(
          [...working.nodes.values()].filter(isCurrent).sort((a, b) => (a.id < b.id ? -1 : 1)),
          act.pick,
        );
        return node === undefined ? { refused: "there is no node" } : onNode(working, act.verb, node, draws, now);
      }
      default: {
        const rollout = pickOne(
          [...working.rollouts.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
          act.pick,
        );
        return rollout === undefined ? { refused: "there is no rollout" } : steer(working, act.verb, rollout, now);
      }
    }
  };
}

/** While much goes wrong operators are `busy` and let things be at times; `tired` of trying again they end what is there. */
export type Mood = "busy" | "calm" | "tired";

interface Help {
  readonly mood: Mood;
  readonly draws: Draws;
  readonly now: number;
}

/** What an operator does who wants every rollout to come to an end: all that helps now. */
export function helpful(snapshot: Snapshot, help: Help): readonly Decide[] {
  const { mood, draws, now } = help;
  const calm = mood !== "busy";
  const orders: Decide[] = [];
  if (calm && snapshot.stops.size > 0) orders.push((working) => commandOf("resume-all", "every stop", resumeAll(working, {})));
  for (const rollout of snapshot.rollouts.values()) {
    const verb = helpfulVerb(snapshot, rollout, help);
    if (verb !== undefined) orders.push((working, at) => steer(working, verb, rollout, at));
  }
  if (!calm) return orders;
  for (const [nodeId, contact] of snapshot.contacts) {
    const long = !contact.connected && now - contact.at > patienceMillis;
    const node = snapshot.nodes.get(nodeId);
    if (long && node?.writtenOff === undefined && snapshot.claims.has(nodeId) && draws.happens(0.1))
      orders.push((working, at) => commandOf("write-off", nodeId, writeOffNode(working, nodeId, { by, reason: "silent for long" }, at)));
  }
  return orders;
}

type Verb = "pause" | "resume" | "abort" | "rollback" | "retry" | "start" | "approve";

function helpfulVerb(snapshot: Snapshot, rollout: RolloutRecord, { mood, draws, now }: Help): Verb | undefined {
  if (mood === "busy" && draws.happens(0.4)) return undefined;
  switch (rollout.state) {
    case "held":
      return "start";
    case "paused":
      return mood === "tired" ? "abort" : draws.pick(["resume", "resume", "resume", "rollback", "abort"] as const);
    case "halted":
      return mood === "tired" ? "abort" : draws.pick(["retry", "rollback", "abort"] as const);
    default:
      return awaitedApproval(rollout, tallyOf(snapshot, rollout.name), now) === undefined ? undefined : "approve";
  }
}

/** Whatever changes as long as rollouts move: two equal texts, and nothing has happened in between. */
export function progress({ rollouts, assignments, slots }: Snapshot): string {
  return JSON.stringify([
    rollouts,
    slots,
    [...assignments.values()].map((nodes) => [...nodes.values()].map(({ phase, attempt, since }) => [phase, attempt, since])),
  ]);
}

/** Rollouts about which something is still to be done. */
export function unsettled(snapshot: Snapshot): readonly string[] {
  return [...snapshot.rollouts.values()].filter(({ settled }) => !settled).map(({ name }) => name);
}

function steer(working: Snapshot, verb: Verb, { name }: RolloutRecord, now: number): Command {
  return commandOf(verb, name, steering(working, verb, name, now));
}

function steering(working: Snapshot, verb: Verb, name: string, now: number): Result {
  switch (verb) {
    case "pause":
      return pauseRollout(working, name, { reason });
    case "resume":
      return resumeRollout(working, name);
    case "abort":
      return abortRollout(working, name, { reason }, now);
    case "rollback":
      return rollbackRollout(working, name, { reason });
    case "retry":
      return retryRollout(working, name, { nodes: [] }, now);
    case "start":
      return startRollout(working, name, now);
    case "approve":
      return approveWave(working, name, { by, reason }, now);
  }
}

function onNode(
  working: Snapshot,
  verb: "relabel" | "revoke" | "write-off" | "clear",
  node: NodeRecord,
  draws: Draws,
  now: number,
): Command {
  switch (verb) {
    case "relabel":
      return { action: verb, subject: node.id, changes: [{ kind: "node", value: { ...node, labels: relabelled(node.labels, draws) } }] };
    case "revoke":
      return { action: verb, subject: node.id, changes: [{ kind: "node", value: { ...node, revokedAt: now, revokedBecause: reason } }] };
    case "write-off":
      return commandOf(verb, node.id, writeOffNode(working, node.id, { by, reason }, now));
    case "clear":
      return commandOf(verb, node.id, clearNode(working, node.id, { by, reason }, now));
  }
}

function commandOf(action: string, subject: string, result: Result): Command {
  if (result.ok) return { action, subject, changes: result.changes };
  const { message, violations = [] } = result.refusal;
  return { refused: `${action} ${subject}: ${message}${violations.length === 0 ? "" : ` ${JSON.stringify(violations)}`}` };
}

function isCurrent(node: NodeRecord): boolean {
  return node.revokedAt === undefined;
}

function pickOne<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items[pick % Math.max(1, items.length)];
}

function nodeRecord({ id, labels }: NodePlan, now: number): NodeRecord {
  return { id, name: id, labels, enrolledAt: now, publicKey: id, tokenId: "simulated" };
}

function releaseRecord({ version, checksum }: ReleasePlan, now: number): ReleaseRecord {
  return { checksum, version, ref: "sim/stable", publishedAt: now, signedBy: [], objects: 1, bytes: 1_000_000 };
}
