import { shortChecksum } from "@treeline/fleet";
import { formatDuration, type RolloutState } from "@treeline/rollout";
import { safeInteger, type PlacePhase, type wire } from "@treeline/rpc";
import { formatBytes, formatSince } from "../output/format.ts";
import { fieldLines, tableLines, type Column } from "../output/table.ts";
import type { Colour } from "../output/style.ts";
import { instantOf } from "./instant.ts";
import { phaseColour, phaseOf } from "./phase.ts";
import { formatBudgets, formatGate, formatRetries, formatWaves, policyView, type PolicyView } from "./policy.ts";
import { countsOf, waveStatusTable, waveStatusView, type Counts, type WaveStatusView } from "./wave.ts";

/** One node's place in a rollout. `wave` counts from 0. */
export interface RolloutNodeView {
  readonly id: string;
  readonly name: string;
  readonly wave: number;
  /** `Idle` while no attempt is under way. */
  readonly phase: PlacePhase;
  readonly class: string;
  readonly reason: string;
  readonly attempt: number;
  readonly holdsSlot: boolean;
  readonly bytesPulled: number;
  /** All there is to pull, in bytes; 0 while that is not known. */
  readonly bytesToPull: number;
  readonly confirmed: boolean;
  readonly connected: boolean;
  /** The evidence that it runs the target is recorded. */
  readonly proved: boolean;
  /** Its newest attempt leads back to what it ran before the rollout. */
  readonly goingBack: boolean;
}

/** A rollout as machines read it. Waves count from 0; `openWave` is -1 before the first is open. */
export interface RolloutView {
  readonly name: string;
  readonly state: RolloutState | "unknown";
  readonly reason: string;
  readonly target: { readonly checksum: string; readonly ref: string; readonly version: string } | null;
  readonly policy: PolicyView | null;
  readonly createdAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly openWave: number;
  readonly waves: readonly WaveStatusView[];
  readonly counts: Counts;
  readonly slotsHeld: number;
  readonly goingBack: boolean;
  readonly settled: boolean;
  /** Empty where only the rollout itself was asked for. */
  readonly nodes: readonly RolloutNodeView[];
}

const states = {
  ROLLOUT_STATE_UNSPECIFIED: "unknown",
  ROLLOUT_STATE_HELD: "held",
  ROLLOUT_STATE_RUNNING: "running",
  ROLLOUT_STATE_PAUSED: "paused",
  ROLLOUT_STATE_HALTED: "halted",
  ROLLOUT_STATE_COMPLETED: "completed",
  ROLLOUT_STATE_ROLLING_BACK: "rolling-back",
  ROLLOUT_STATE_ABORTED: "aborted",
  ROLLOUT_STATE_ROLLED_BACK: "rolled-back",
} as const satisfies Record<wire.RolloutState__Output, RolloutState | "unknown">;

/** @throws RpcError when the server's answer is not what the protocol allows */
export function rolloutView(rollout: wire.Rollout__Output, nodes: readonly RolloutNodeView[] = []): RolloutView {
  const { name, reason, target, policy, openWave, slotsHeld, goingBack, settled } = rollout;
  return {
    name,
    state: states[rollout.state] ?? "unknown",
    reason,
    target: target && { checksum: target.checksum, ref: target.ref, version: target.version },
    policy: policy && policyView(policy),
    createdAt: instantOf(rollout.createdAtMillis),
    startedAt: instantOf(rollout.startedAtMillis),
    endedAt: instantOf(rollout.endedAtMillis),
    openWave,
    waves: rollout.waves.map(waveStatusView),
    counts: countsOf(rollout.nodesByStanding),
    slotsHeld,
    goingBack,
    settled,
    nodes,
  };
}

/** Whether nothing more begins in it by itself. */
export function hasEnded({ state }: RolloutView): boolean {
  return state === "completed" || state === "halted" || state === "aborted" || state === "rolled-back";
}

export function rolloutTable(rollouts: readonly RolloutView[], now: number): readonly string[] {
  return tableLines(
    [
      { title: "NAME", cell: (rollout) => rollout.name },
      { title: "STATE", cell: (rollout) => rollout.state, colour: stateColour },
      { title: "RELEASE", cell: releaseText },
      { title: "WAVE", cell: waveText },
      { title: "UPDATED", cell: ({ counts }) => (counts.nodes === 0 ? "" : `${counts.updated}/${counts.nodes}`), align: "right" },
      { title: "FAILED", cell: ({ counts }) => (counts.failed === 0 ? "" : String(counts.failed)), align: "right" },
      { title: "AGE", cell: (rollout) => formatSince(rollout.createdAt, now) },
      { title: "REASON", cell: (rollout) => rollout.reason },
    ],
    rollouts,
  );
}

export function rolloutDetails(rollout: RolloutView, now: number): readonly string[] {
  const { policy, target } = rollout;
  return [
    ...fieldLines([
      ["Name", rollout.name],
      ["State", rollout.state],
      ["Reason", rollout.reason],
      ["Release", target === null ? "" : `${target.version} (${target.checksum}, ${target.ref})`],
      ...(policy === null ? [] : policyFields(policy)),
      ["Open wave", waveText(rollout)],
      ["Created", ago(rollout.createdAt, now)],
      ["Started", ago(rollout.startedAt, now)],
      ["Ended", ago(rollout.endedAt, now)],
    ]),
    ...(rollout.waves.length === 0 ? [] : ["", ...waveStatusTable(rollout.waves, now)]),
    ...(rollout.nodes.length === 0 ? [] : ["", ...tableLines(nodeColumns, rollout.nodes)]),
  ];
}

/** What an operator wrote; what nobody writes every day only where it was written. */
function policyFields(policy: PolicyView): readonly (readonly [string, string])[] {
  const { exclude, staging } = policy;
  const excluded = [exclude.selector ?? "", ...exclude.nodes].filter((part) => part !== "").join(", ");
  const optional: readonly (readonly [string, string])[] = [
    ["Channel", policy.channel ?? ""],
    ["Nodes", policy.nodes.join(", ")],
    ["Excluded", excluded],
    ["Priority", policy.priority === 0 ? "" : String(policy.priority)],
    ["Cure", policy.cure ? "nodes with red checks, too" : ""],
    [
      "Staging",
      staging.nodes === undefined
        ? ""
        : `${staging.nodes} nodes at once${staging.bytesPerSecond === undefined ? "" : `, ${formatBytes(staging.bytesPerSecond)}/s together`}`,
    ],
  ];
  return [
    ["Selector", policy.selector ?? ""],
    ["Waves", formatWaves(policy.waves)],
    ["Unavailable", formatBudgets(policy)],
    ["Node soak", formatDuration(policy.nodeSoakMillis)],
    ["Gate closes at", formatGate(policy.gate)],
    ["On failure", policy.onFailure ?? ""],
    ["Retries", formatRetries(policy)],
    ...optional.filter(([, value]) => value !== ""),
  ];
}

export const nodeColumns: readonly Column<RolloutNodeView>[] = [
  { title: "WAVE", cell: (node) => String(node.wave + 1), align: "right" },
  { title: "NODE", cell: (node) => node.name || node.id },
  {
    title: "PHASE",
    cell: (node) => `${node.phase}${node.class === "" ? "" : `(${node.class})`}${isOnWayBack(node) ? " (way back)" : ""}`,
    colour: (node): Colour | undefined => phaseColour(node.phase),
  },
  { title: "SLOT", cell: (node) => (node.holdsSlot ? "held" : "") },
  { title: "PULLED", cell: pulledText, align: "right" },
  { title: "ATTEMPT", cell: (node) => (node.attempt === 0 ? "" : String(node.attempt)), align: "right" },
  {
    title: "SESSION",
    cell: (node) => (node.connected ? "connected" : "offline"),
    colour: (node): Colour | undefined => (node.connected ? undefined : "red"),
  },
  { title: "REASON", cell: (node) => node.reason },
];

function pulledText({ bytesPulled, bytesToPull }: RolloutNodeView): string {
  if (bytesPulled === 0) return "";
  return bytesToPull > bytesPulled ? `${formatBytes(bytesPulled)} of ${formatBytes(bytesToPull)}` : formatBytes(bytesPulled);
}

export function isOnWayBack({ goingBack, phase }: RolloutNodeView): boolean {
  return goingBack && phase !== "Idle" && phase !== "Reverted";
}

export function stateColour({ state }: RolloutView): Colour | undefined {
  switch (state) {
    case "completed":
      return "green";
    case "halted":
    case "aborted":
    case "rolled-back":
      return "red";
    case "running":
      return "bold";
    default:
      return "yellow";
  }
}

/** "2 of 3"; people count from 1. */
export function waveText({ openWave, policy }: RolloutView): string {
  const waves = policy?.waves.length ?? 0;
  return waves === 0 ? "" : `${Math.min(Math.max(openWave, 0) + 1, waves)} of ${waves}`;
}

export function releaseText({ target, policy }: RolloutView): string {
  if (target === null) return policy?.release ?? policy?.channel ?? "";
  return target.version === "" ? shortChecksum(target.checksum) : `${target.version} (${shortChecksum(target.checksum)})`;
}

export function rolloutNodeView(node: wire.RolloutNode__Output): RolloutNodeView {
  const { name, wave, reason, attempt, holdsSlot, confirmed, connected, proved, goingBack } = node;
  return {
    id: node.nodeId,
    name,
    wave,
    phase: phaseOf(node.phase, "Idle"),
    class: node.class,
    reason,
    attempt,
    holdsSlot,
    bytesPulled: safeInteger("rollout.nodes.bytesPulled", node.bytesPulled),
    bytesToPull: safeInteger("rollout.nodes.bytesToPull", node.bytesToPull),
    confirmed,
    connected,
    proved,
    goingBack,
  };
}

function ago(iso: string | null, now: number): string {
  return iso === null ? "" : `${formatSince(iso, now)} ago (${iso})`;
}
