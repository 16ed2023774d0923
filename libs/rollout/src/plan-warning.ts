import type { NodeRecord } from "@treeline/fleet";
import { judgeGate } from "./gate.ts";
import type { PlannedBudget } from "./plan-budget.ts";
import type { RefusedNode } from "./plan-node.ts";
import type { RolloutRecord } from "./record.ts";
import type { Snapshot } from "./snapshot.ts";
import { stopOn } from "./stop.ts";

export interface Planned {
  readonly rollout: RolloutRecord;
  readonly nodes: readonly NodeRecord[];
  readonly budgets: readonly PlannedBudget[];
  readonly refused: readonly RefusedNode[];
  readonly already: number;
  /** Nodes under a budget without any room. */
  readonly stuck: number;
}

/** What a person should know before creating the rollout, one sentence each. */
export function warningsOf(snapshot: Snapshot, planned: Planned): readonly string[] {
  return [
    ...existing(snapshot, planned),
    ...stops(snapshot, planned),
    ...earlierRollbacks(snapshot, planned),
    ...denials(planned),
    ...budgetWarnings(planned),
    ...unfit(planned),
    ...(planned.already === planned.nodes.length ? ["every node runs the release already: nothing would be done"] : []),
  ];
}

function existing(snapshot: Snapshot, { rollout: { name } }: Planned): readonly string[] {
  const state = snapshot.rollouts.get(name)?.state;
  return state === undefined ? [] : [`rollout ${name} exists with this very policy and is ${state}: creating it again changes nothing`];
}

function stops(snapshot: Snapshot, { nodes }: Planned): readonly string[] {
  if (snapshot.stopped.length === 0) return [];
  const held = new Map<string, number>();
  for (const { id } of nodes) {
    const stop = stopOn(snapshot, id, "forward");
    if (stop !== undefined) held.set(stop.id, (held.get(stop.id) ?? 0) + 1);
  }
  return [...held].map(([id, nodes]) => {
    const { by, reason } = snapshot.stops.get(id)!;
    return `a stop over "${id}" (by ${by}: ${reason}) holds ${count(nodes)}: nothing begins there before \`treeline resume-all --selector '${id}'\``;
  });
}

function earlierRollbacks(snapshot: Snapshot, { rollout: { target, name } }: Planned): readonly string[] {
  return [...snapshot.rollouts.values()]
    .filter((other) => other.name !== name && other.way === "back" && other.target.checksum === target.checksum)
    .map((other) => `release ${target.version} was rolled back in rollout ${other.name}${other.reason === "" ? "" : `: ${other.reason}`}`);
}

/** A node that denies the release fails as soon as its wave opens, and the gates count it. */
function denials({ rollout: { policy }, refused, nodes, already }: Planned): readonly string[] {
  const denied = refused.filter(({ code }) => code === "denied").length;
  if (denied === 0) return [];
  const verdict = judgeGate(policy.gate, { ended: denied + already, failed: denied }, denied + already === nodes.length);
  const then = verdict.closed ? `the rollout's gate would close on them alone (${verdict.reason})` : "the gates count them";
  return [
    `${count(denied)} came back from this release before and deny it: each fails as soon as its wave opens, and ${then}; exclude them or allow it with \`treeline node clear\``,
  ];
}

function budgetWarnings({ budgets, stuck }: Planned): readonly string[] {
  const frozen = budgets.filter(({ limit }) => limit === 0);
  const full = budgets.filter(({ limit, taken }) => limit > 0 && limit - taken <= 0);
  return [
    ...byName(frozen).map((ids) => `${ids} lets no node be unavailable: its nodes are frozen`),
    ...byName(full).map((ids) => `${ids} has no room now: its nodes wait until others are back`),
    ...(stuck > 0 ? [`${count(stuck)} cannot go for want of room in a budget; the expected duration leaves them out`] : []),
  ];
}

/** The instances of each budget in a few words: there may be thousands. */
function byName(budgets: readonly PlannedBudget[]): readonly string[] {
  const instances = Map.groupBy(budgets, ({ id }) => id.split("/")[0]!);
  return [...instances.values()].map((of) => {
    const some = of.slice(0, 3).map(({ id }) => id);
    return `budget ${some.join(", ")}${of.length > some.length ? ` and ${of.length - some.length} more domains of it` : ""}`;
  });
}

/** Nodes that wait keep their wave open. */
function unfit({ rollout: { policy }, refused }: Planned): readonly string[] {
  const waiting = refused.filter(({ code }) => code !== "denied" && code !== "superseded").length;
  if (waiting === 0) return [];
  return policy.timeouts.eligibleMillis === undefined
    ? [
        `${count(waiting)} could not begin now, and a wave stays open until its last node has ended; set spec.timeouts.eligible to give such nodes up, or exclude them`,
      ]
    : [
        `${count(waiting)} could not begin now and are given up when spec.timeouts.eligible has passed; the expected duration does not wait for them`,
      ];
}

function count(nodes: number): string {
  return nodes === 1 ? "1 node" : `${nodes} nodes`;
}
