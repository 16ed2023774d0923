import type { Chance, Draws } from "../kernel/chance.ts";
import { kinds, pools, type FaultLevel } from "./fleet-plan.ts";
import type { Happening, NodeCount, OperatorAct, What, When } from "./happening.ts";

/** How often each thing happens: per node, or per run. */
interface Rates {
  readonly perNode: Readonly<Record<NodeCount | "cut" | "red" | "switched" | "forgets" | "dies", number>>;
  readonly perRun: Readonly<
    Record<"partition" | "crash" | "crashAtCommit" | "secondServer" | "clock" | "slowStore" | "operator", readonly [number, number]>
  >;
}

const rates: Readonly<Record<Exclude<FaultLevel, "none">, Rates>> = {
  default: {
    perNode: {
      step: 0.25,
      "message-up": 0.3,
      "message-down": 0.2,
      question: 0.15,
      cut: 0.05,
      red: 0.04,
      switched: 0.005,
      forgets: 0.01,
      dies: 0.004,
    },
    perRun: {
      partition: [0, 3],
      crash: [0, 2],
      crashAtCommit: [0, 3],
      secondServer: [0, 1],
      clock: [0, 1],
      slowStore: [0, 2],
      operator: [2, 6],
    },
  },
  harsh: {
    perNode: {
      step: 0.8,
      "message-up": 0.8,
      "message-down": 0.6,
      question: 0.5,
      cut: 0.15,
      red: 0.12,
      switched: 0.02,
      forgets: 0.05,
      dies: 0.015,
    },
    perRun: {
      partition: [1, 6],
      crash: [1, 5],
      crashAtCommit: [1, 8],
      secondServer: [0, 3],
      clock: [0, 3],
      slowStore: [0, 4],
      operator: [6, 18],
    },
  },
};

/** Between these two instants things go wrong; then the world is calm and every run must come to its end. */
export const stormMillis = { from: 20_000, to: 75 * 60_000 } as const;

/** What ends a rollout is rarer than what only holds it up: a run that ends at once shows nothing. */
const verbs = [
  "pause",
  "pause",
  "pause",
  "resume",
  "resume",
  "resume",
  "approve",
  "approve",
  "retry",
  "start",
  "abort",
  "rollback",
] as const;

/** Everything that will go wrong in one run, as data. Each draws from a stream of its own. */
export function planHappenings(options: {
  readonly chance: Chance;
  readonly nodeIds: readonly string[];
  readonly faults: FaultLevel;
}): readonly Happening[] {
  const { chance, nodeIds, faults } = options;
  if (faults === "none") return [];
  const { perNode, perRun } = rates[faults];
  const happenings: Happening[] = [];
  const add = (name: string, count: number, make: (draws: Draws) => { readonly when: When; readonly what: What }): void => {
    for (let index = 0; index < count; index++)
      happenings.push({ ordinal: happenings.length, ...make(chance.stream(`happening ${name} ${index}`)) });
  };
  const onNodes = (rate: number): number => Math.ceil(nodeIds.length * rate);
  const perRunCount = (name: keyof typeof perRun): number => chance.stream(`how many ${name}`).whole(...perRun[name]);
  const counted = (draws: Draws, of: NodeCount, upTo: number): When => ({ node: draws.pick(nodeIds), nth: draws.whole(1, upTo), of });
  const sometime = (draws: Draws): When => ({ at: draws.whole(stormMillis.from, stormMillis.to) });

  add("step", onNodes(perNode.step), (draws) => ({ when: counted(draws, "step", 40), what: agentCrash(draws) }));
  add("up", onNodes(perNode["message-up"]), (draws) => ({ when: counted(draws, "message-up", 25), what: messageFault(draws) }));
  add("down", onNodes(perNode["message-down"]), (draws) => ({ when: counted(draws, "message-down", 25), what: messageFault(draws) }));
  add("question", onNodes(perNode.question), (draws) => ({ when: counted(draws, "question", 3), what: questionFault(draws) }));
  add("cut", onNodes(perNode.cut), (draws) => ({
    when: counted(draws, "step", 40),
    what: { kind: "power-cut", downMillis: draws.millis(5_000, 900_000) },
  }));
  add("red", onNodes(perNode.red), (draws) => ({
    when: sometime(draws),
    what: { kind: "node-red", node: draws.pick(nodeIds), millis: draws.millis(30_000, 1_200_000) },
  }));
  add("switched", onNodes(perNode.switched), (draws) => ({ when: counted(draws, "step", 40), what: { kind: "default-switched" } }));
  add("forgets", onNodes(perNode.forgets), (draws) => ({ when: counted(draws, "step", 40), what: { kind: "journal-lost" } }));
  add("dies", onNodes(perNode.dies), (draws) => ({ when: counted(draws, "step", 40), what: { kind: "node-dies" } }));
  add("partition", perRunCount("partition"), (draws) => ({ when: sometime(draws), what: partition(draws, nodeIds) }));
  add("crash", perRunCount("crash"), (draws) => ({
    when: sometime(draws),
    what: { kind: "server-crash", point: "now", downMillis: downMillis(draws) },
  }));
  add("crashAtCommit", perRunCount("crashAtCommit"), (draws) => ({
    when: { nth: draws.whole(1, nodeIds.length * 15), of: "commit" },
    what: { kind: "server-crash", point: draws.pick(["before-commit", "after-commit"] as const), downMillis: downMillis(draws) },
  }));
  add("secondServer", perRunCount("secondServer"), (draws) => ({
    when: sometime(draws),
    what: { kind: "second-server", storeCutMillis: draws.millis(1, 120_000), share: draws.fraction() },
  }));
  add("clock", perRunCount("clock"), (draws) => ({
    when: sometime(draws),
    what: { kind: "wall-clock-step", millis: (draws.happens(0.5) ? 1 : -1) * draws.millis(1_000, 7_200_000) },
  }));
  add("slowStore", perRunCount("slowStore"), (draws) => ({
    when: sometime(draws),
    what: { kind: "store-slow", millis: draws.millis(5_000, 300_000), lagMillis: draws.millis(200, 20_000) },
  }));
  // Most of them while much is going on: commits are dense then; and at the very moment that somebody asks whether it may go on.
  add("operator", perRunCount("operator"), (draws) => operatorHappening(draws, nodeIds));
  return happenings;
}

function agentCrash(draws: Draws): What {
  return { kind: "agent-crash", upTo: draws.pick(["nothing", "journal", "all"] as const) };
}

function messageFault(draws: Draws): What {
  return draws.happens(0.5)
    ? { kind: "message-lost", silently: draws.happens(0.5) }
    : { kind: "message-late", millis: draws.millis(500, 120_000) };
}

function questionFault(draws: Draws): What {
  const kind = draws.pick(["question-lost", "answer-lost", "question-late", "answer-late", "question-repeated"] as const);
  if (kind === "question-lost" || kind === "answer-lost") return { kind };
  return { kind, millis: draws.millis(500, 900_000) };
}

function partition(draws: Draws, nodeIds: readonly string[]): What {
  const share = draws.pick([0.02, 0.1, 0.1, 0.3, 1]);
  return { kind: "partition", nodes: nodeIds.filter(() => draws.happens(share)), millis: draws.millis(5_000, 900_000) };
}

function downMillis(draws: Draws): number {
  return draws.millis(500, 600_000);
}

function operatorHappening(draws: Draws, nodeIds: readonly string[]): { readonly when: When; readonly what: What } {
  const moment = draws.pick(["sometime", "commit", "question"] as const);
  const of = (when: When, act: OperatorAct): { readonly when: When; readonly what: What } => ({ when, what: { kind: "operator", act } });
  if (moment === "sometime") return of({ at: draws.whole(stormMillis.from, stormMillis.to) }, operatorAct(draws));
  if (moment === "commit") return of({ nth: draws.whole(nodeIds.length * 2, nodeIds.length * 25), of: "commit" }, operatorAct(draws));
  // What must hold at once matters most when somebody is about to pass the point of no return.
  const node = draws.whole(0, nodeIds.length - 1);
  const when: When = { node: nodeIds[node]!, nth: 1, of: "question" };
  if (draws.happens(0.5)) return of(when, stopAct(draws));
  return of(when, draws.happens(0.5) ? { verb: "revoke", pick: node } : operatorAct(draws));
}

function stopAct(draws: Draws): OperatorAct {
  const selector = draws.pick(["*", `pool=${draws.pick(pools)}`, `kind=${draws.pick(kinds)}`]);
  return { verb: "stop-all", selector, sparesRollbacks: draws.happens(0.3) };
}

function operatorAct(draws: Draws): OperatorAct {
  const pick = draws.whole(0, 1_000_000);
  const kind = draws.whole(0, 19);
  if (kind < 10) return { verb: draws.pick(verbs), pick };
  if (kind < 12) return stopAct(draws);
  if (kind < 14) return { verb: "resume-all" };
  if (kind < 17) return { verb: draws.pick(["write-off", "clear", "write-off", "clear", "revoke"] as const), pick };
  if (kind < 19) return { verb: "relabel", pick };
  return { verb: "budget", pick };
}
