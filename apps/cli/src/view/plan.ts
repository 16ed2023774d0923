import { safeInteger, type wire } from "@treeline/rpc";
import { shortDuration } from "../output/format.ts";
import { fieldLines, tableLines } from "../output/table.ts";
import { budgetInstanceTable, budgetInstanceView, type BudgetInstanceView } from "./budget.ts";

/** What a rollout would do, as machines read it. Lists are cut by the server; the counts beside them are whole. */
export interface PlanView {
  readonly name: string;
  readonly target: { readonly checksum: string; readonly ref: string; readonly version: string } | null;
  readonly nodeCount: number;
  /** Nodes that run the release already. */
  readonly alreadyCount: number;
  readonly expectedMillis: number;
  readonly waves: readonly PlannedWaveView[];
  readonly budgets: readonly BudgetInstanceView[];
  readonly budgetCount: number;
  readonly steps: readonly { readonly wave: number; readonly atMillis: number; readonly unavailable: number; readonly available: number }[];
  readonly stepCount: number;
  readonly refused: readonly { readonly nodeId: string; readonly name: string; readonly code: string; readonly reason: string }[];
  readonly refusedCount: number;
  readonly conflicts: readonly { readonly rollout: string; readonly nodes: number; readonly reason: string }[];
  readonly warnings: readonly string[];
  readonly rollback: { readonly etcKept: number; readonly etcMerged: number; readonly unknown: number };
}

export interface PlannedWaveView {
  readonly name: string;
  readonly nodeCount: number;
  readonly selector: string | null;
  readonly approval: boolean;
  readonly bakeMillis: number;
  readonly expectedMillis: number;
  readonly firstNodes: readonly string[];
}

/** @throws RpcError when the server's answer is not what the protocol allows */
export function planView(name: string, plan: wire.RolloutPlan__Output): PlanView {
  const { target, nodeCount, budgetCount, stepCount, refusedCount, warnings, rollback } = plan;
  return {
    name,
    target: target && { checksum: target.checksum, ref: target.ref, version: target.version },
    nodeCount,
    alreadyCount: plan.alreadyCount,
    expectedMillis: safeInteger("plan.expectedMillis", plan.expectedMillis),
    waves: plan.waves.map((wave) => ({
      ...{
        name: wave.name,
        nodeCount: wave.nodeCount,
        selector: wave.selector || null,
        approval: wave.approval,
        bakeMillis: wave.bakeMillis,
      },
      expectedMillis: safeInteger("plan.waves.expectedMillis", wave.expectedMillis),
      firstNodes: wave.firstNodes,
    })),
    budgets: plan.budgets.map(budgetInstanceView),
    budgetCount,
    steps: plan.steps.map(({ wave, atMillis, unavailable, available }) => ({
      ...{ wave, atMillis: safeInteger("plan.steps.atMillis", atMillis), unavailable, available },
    })),
    stepCount,
    refused: plan.refused.map(({ nodeId, name: node, code, reason }) => ({ nodeId, name: node, code, reason })),
    refusedCount,
    conflicts: plan.conflicts.map(({ rollout, nodes, reason }) => ({ rollout, nodes, reason })),
    warnings,
    rollback: { etcKept: rollback?.etcKept ?? 0, etcMerged: rollback?.etcMerged ?? 0, unknown: rollback?.unknown ?? 0 },
  };
}

/** Rows of one table for people; who wants all takes the document for machines. */
const mostRows = 20;

export function planDetails(plan: PlanView): readonly string[] {
  const { target } = plan;
  return [
    ...fieldLines([
      ["Release", target === null ? "" : `${target.version} (${target.checksum}, ${target.ref})`],
      ["Nodes", `${plan.nodeCount}${plan.alreadyCount === 0 ? "" : `, ${plan.alreadyCount} of them run it already`}`],
      ["Expected", `${shortDuration(plan.expectedMillis)}, without the time that people take to approve`],
      ["A rollback", rollbackText(plan)],
    ]),
    ...plan.warnings.map((warning) => `Warning: ${warning}`),
    ...waveLines(plan),
    ...section("Domains and budgets, the fullest first", plan.budgets.slice(0, mostRows), plan.budgetCount, budgetInstanceTable),
    ...stepLines(plan),
    ...section("Nodes that would not be updated now", plan.refused.slice(0, mostRows), plan.refusedCount, (rows) =>
      tableLines(
        [
          { title: "NODE", cell: ({ name, nodeId }) => name || nodeId },
          { title: "CODE", cell: ({ code }) => code },
          { title: "REASON", cell: ({ reason }) => reason },
        ],
        rows,
      ),
    ),
    ...section("Other rollouts over the same nodes", plan.conflicts.slice(0, mostRows), plan.conflicts.length, (rows) =>
      tableLines(
        [
          { title: "ROLLOUT", cell: ({ rollout }) => rollout },
          { title: "NODES", cell: ({ nodes }) => String(nodes), align: "right" },
          { title: "WHAT FOLLOWS", cell: ({ reason }) => reason },
        ],
        rows,
      ),
    ),
  ];
}

function rollbackText({ rollback: { etcKept, etcMerged, unknown } }: PlanView): string {
  const parts = [
    etcKept === 0 ? "" : `finds the old deployment with its own /etc on ${nodesText(etcKept)}`,
    etcMerged === 0 ? "" : `deploys it again on ${nodesText(etcMerged)}, with ostree's merge of the /etc of then and now`,
    unknown === 0 ? "" : `is not known for ${nodesText(unknown)} that did not report`,
  ].filter((part) => part !== "");
  return parts.join("; ");
}

function waveLines({ waves }: PlanView): readonly string[] {
  return section("Waves", waves, waves.length, (rows) =>
    tableLines(
      [
        { title: "WAVE", cell: ({ name }) => name },
        { title: "NODES", cell: ({ nodeCount }) => String(nodeCount), align: "right" },
        { title: "SELECTOR", cell: ({ selector }) => selector ?? "" },
        { title: "APPROVAL", cell: ({ approval }) => (approval ? "needed" : "") },
        { title: "BAKE", cell: ({ bakeMillis }) => (bakeMillis === 0 ? "" : shortDuration(bakeMillis)), align: "right" },
        { title: "EXPECTED", cell: ({ expectedMillis }) => shortDuration(expectedMillis), align: "right" },
        { title: "FIRST NODES", cell: ({ firstNodes, nodeCount }) => `${firstNodes.slice(0, 5).join(", ")}${nodeCount > 5 ? ", …" : ""}` },
      ],
      rows,
    ),
  );
}

function stepLines({ steps, stepCount, waves }: PlanView): readonly string[] {
  const shown = thinned(steps, mostRows);
  return section("Capacity left", shown, stepCount, (rows) =>
    tableLines(
      [
        { title: "AFTER", cell: ({ atMillis }) => shortDuration(atMillis), align: "right" },
        { title: "WAVE", cell: ({ wave }) => waves[wave]?.name ?? String(wave + 1) },
        { title: "AWAY", cell: ({ unavailable }) => String(unavailable), align: "right" },
        { title: "LEFT", cell: ({ available }) => String(available), align: "right" },
      ],
      rows,
    ),
  );
}

function section<Row>(
  title: string,
  rows: readonly Row[],
  total: number,
  table: (rows: readonly Row[]) => readonly string[],
): readonly string[] {
  if (rows.length === 0) return [];
  const heading = total > rows.length ? `${title} (${rows.length} of ${total}; all with --json):` : `${title}:`;
  return ["", heading, ...table(rows).map((line) => `  ${line}`)];
}

/** At most so many, evenly, the first and the last among them. */
function thinned<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from({ length: count }, (_, index) => items[Math.round((index * (items.length - 1)) / (count - 1))] as Item);
}

function nodesText(count: number): string {
  return count === 1 ? "1 node" : `${count} nodes`;
}
