import { shortChecksum, type UpdatePhase } from "@treeline/fleet";
import type { RolloutState, Wave } from "@treeline/rollout";
import { safeInteger, type wire } from "@treeline/rpc";
import { formatBytes, formatDuration, formatSince } from "../output/format.ts";
import { fieldLines, tableLines, type Column } from "../output/table.ts";
import type { Colour } from "../output/style.ts";
import { instantOf } from "./instant.ts";
import { phaseColour, phaseOf } from "./phase.ts";

/** One node's place in a rollout. `wave` counts from 0. */
export interface RolloutNodeView {
  readonly id: string;
  readonly name: string;
  readonly wave: number;
  /** `Idle` while no attempt is under way. */
  readonly phase: UpdatePhase;
  readonly class: string;
  readonly reason: string;
  readonly attempt: number;
  readonly holdsSlot: boolean;
  readonly bytesPulled: number;
  readonly confirmed: boolean;
  readonly connected: boolean;
  /** The evidence that it runs the target is recorded. */
  readonly proved: boolean;
}

/** A rollout as machines read it. Waves count from 0. Lists of rollouts come without their nodes. */
export interface RolloutView {
  readonly name: string;
  readonly state: RolloutState | "unknown";
  readonly reason: string;
  readonly target: { readonly checksum: string; readonly ref: string; readonly version: string } | null;
  readonly policy: {
    readonly release: string;
    readonly selector: string;
    readonly waves: readonly Wave[];
    readonly maxUnavailable: string;
    readonly nodeSoakMillis: number;
    readonly retries: number | null;
  } | null;
  readonly createdAt: string | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly openWave: number;
  readonly nodes: readonly RolloutNodeView[];
}

const states = {
  ROLLOUT_STATE_UNSPECIFIED: "unknown",
  ROLLOUT_STATE_HELD: "held",
  ROLLOUT_STATE_RUNNING: "running",
  ROLLOUT_STATE_PAUSED: "paused",
  ROLLOUT_STATE_HALTED: "halted",
  ROLLOUT_STATE_COMPLETED: "completed",
} as const satisfies Record<wire.RolloutState__Output, RolloutState | "unknown">;

/** @throws RpcError when the server's answer is not what the protocol allows */
export function rolloutView(rollout: wire.Rollout__Output): RolloutView {
  const { name, reason, target, policy, openWave } = rollout;
  return {
    name,
    state: states[rollout.state] ?? "unknown",
    reason,
    target: target && { checksum: target.checksum, ref: target.ref, version: target.version },
    policy: policy && {
      release: policy.release,
      selector: policy.selector,
      waves: policy.waves.map(waveOf),
      maxUnavailable: policy.maxUnavailable,
      nodeSoakMillis: policy.nodeSoakMillis,
      retries: policy.retries ?? null,
    },
    createdAt: instantOf(rollout.createdAtMillis),
    startedAt: instantOf(rollout.startedAtMillis),
    endedAt: instantOf(rollout.endedAtMillis),
    openWave,
    nodes: rollout.nodes.map(nodeOf),
  };
}

/** Whether nothing more will begin in it. */
export function hasEnded({ state }: RolloutView): boolean {
  return state === "completed" || state === "halted";
}

export function rolloutTable(rollouts: readonly RolloutView[], now: number): readonly string[] {
  return tableLines(
    [
      { title: "NAME", cell: (rollout) => rollout.name },
      { title: "STATE", cell: (rollout) => rollout.state },
      { title: "RELEASE", cell: releaseText },
      { title: "WAVE", cell: waveText },
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
      ["Selector", policy?.selector ?? ""],
      ["Waves", policy === null ? "" : formatWaves(policy.waves)],
      ["Open wave", waveText(rollout)],
      ["Max unavailable", policy?.maxUnavailable ?? ""],
      ["Node soak", policy === null ? "" : formatDuration(policy.nodeSoakMillis)],
      ["Retries", policy?.retries === null || policy === null ? "" : String(policy.retries)],
      ["Created", ago(rollout.createdAt, now)],
      ["Started", ago(rollout.startedAt, now)],
      ["Ended", ago(rollout.endedAt, now)],
    ]),
    "",
    ...tableLines(nodeColumns, rollout.nodes),
  ];
}

export const nodeColumns: readonly Column<RolloutNodeView>[] = [
  { title: "WAVE", cell: (node) => String(node.wave + 1), align: "right" },
  { title: "NODE", cell: (node) => node.name || node.id },
  {
    title: "PHASE",
    cell: (node) => (node.class === "" ? node.phase : `${node.phase}(${node.class})`),
    colour: (node): Colour | undefined => phaseColour(node.phase),
  },
  { title: "SLOT", cell: (node) => (node.holdsSlot ? "held" : "") },
  { title: "PULLED", cell: (node) => (node.bytesPulled === 0 ? "" : formatBytes(node.bytesPulled)), align: "right" },
  { title: "ATTEMPT", cell: (node) => (node.attempt === 0 ? "" : String(node.attempt)), align: "right" },
  {
    title: "SESSION",
    cell: (node) => (node.connected ? "connected" : "offline"),
    colour: (node): Colour | undefined => (node.connected ? undefined : "red"),
  },
  { title: "REASON", cell: (node) => node.reason },
];

/** As the command line takes them: "1,50%,rest". */
export function formatWaves(waves: readonly Wave[]): string {
  return waves.map((wave) => ("count" in wave ? String(wave.count) : "percent" in wave ? `${wave.percent}%` : "rest")).join(",");
}

/** "2 of 3"; people count from 1. */
export function waveText({ openWave, policy }: RolloutView): string {
  const waves = policy?.waves.length ?? 0;
  return waves === 0 ? "" : `${Math.min(openWave + 1, waves)} of ${waves}`;
}

export function releaseText({ target, policy }: RolloutView): string {
  if (target === null) return policy?.release ?? "";
  return target.version === "" ? shortChecksum(target.checksum) : `${target.version} (${shortChecksum(target.checksum)})`;
}

function waveOf(wave: wire.Wave__Output): Wave {
  switch (wave.size) {
    case "count":
      return { count: wave.count ?? 0 };
    case "percent":
      return { percent: wave.percent ?? 0 };
    default:
      return { rest: true };
  }
}

function nodeOf(node: wire.RolloutNode__Output): RolloutNodeView {
  const { name, wave, reason, attempt, holdsSlot, confirmed, connected, proved } = node;
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
    confirmed,
    connected,
    proved,
  };
}

function ago(iso: string | null, now: number): string {
  return iso === null ? "" : `${formatSince(iso, now)} ago (${iso})`;
}
