import type { wire } from "@treeline/rpc";
import { formatSince, shortDuration } from "../output/format.ts";
import type { Colour } from "../output/style.ts";
import { tableLines, type TableLimits } from "../output/table.ts";
import { instantOf } from "./instant.ts";
import { signedView, type SignedView } from "./signed.ts";

/** How nodes stand: the five add up to `nodes`. */
export interface Counts {
  readonly nodes: number;
  readonly waiting: number;
  readonly moving: number;
  readonly updated: number;
  /** Counted by the gates. */
  readonly failed: number;
  readonly ended: number;
}

export function countsOf(counts: wire.NodeCounts__Output | null): Counts {
  const { waiting = 0, moving = 0, updated = 0, failed = 0, ended = 0 } = counts ?? {};
  return { nodes: waiting + moving + updated + failed + ended, waiting, moving, updated, failed, ended };
}

export type WaveStateView = "waiting" | "awaiting-approval" | "open" | "baking" | "done" | "unknown";

/** How one wave stands, as machines read it. */
export interface WaveStatusView {
  readonly name: string;
  readonly state: WaveStateView;
  readonly counts: Counts;
  /** While it bakes. */
  readonly bakingSince: string | null;
  readonly bakeEndsAt: string | null;
  readonly needsApproval: boolean;
  readonly approval: SignedView | null;
}

const states = {
  WAVE_STATE_UNSPECIFIED: "unknown",
  WAVE_STATE_WAITING: "waiting",
  WAVE_STATE_AWAITING_APPROVAL: "awaiting-approval",
  WAVE_STATE_OPEN: "open",
  WAVE_STATE_BAKING: "baking",
  WAVE_STATE_DONE: "done",
} as const satisfies Record<wire.WaveState__Output, WaveStateView>;

export function waveStatusView(wave: wire.WaveStatus__Output): WaveStatusView {
  return {
    name: wave.name,
    state: states[wave.state] ?? "unknown",
    counts: countsOf(wave.nodesByStanding),
    bakingSince: instantOf(wave.bakingSinceMillis),
    bakeEndsAt: instantOf(wave.bakeEndsAtMillis),
    needsApproval: wave.needsApproval,
    approval: wave.approval && signedView(wave.approval),
  };
}

export function waveStatusTable(waves: readonly WaveStatusView[], now: number, limits?: TableLimits): readonly string[] {
  const figure = (value: number): string => (value === 0 ? "" : String(value));
  return tableLines(
    [
      { title: "WAVE", cell: ({ name }) => name },
      { title: "STATE", cell: (wave) => waveStateText(wave, now), colour: waveColour },
      { title: "NODES", cell: ({ counts }) => String(counts.nodes), align: "right" },
      { title: "UPDATED", cell: ({ counts }) => figure(counts.updated), align: "right" },
      { title: "MOVING", cell: ({ counts }) => figure(counts.moving), align: "right" },
      { title: "FAILED", cell: ({ counts }) => figure(counts.failed), align: "right" },
      { title: "WAITING", cell: ({ counts }) => figure(counts.waiting), align: "right" },
      { title: "APPROVED", cell: (wave) => approvalText(wave, now) },
    ],
    waves,
    limits,
  );
}

/** "baking, 4m 05s left". */
export function waveStateText({ state, bakeEndsAt }: WaveStatusView, now: number): string {
  if (state !== "baking" || bakeEndsAt === null) return state;
  const left = Date.parse(bakeEndsAt) - now;
  return left > 0 ? `baking, ${shortDuration(left + 999)} left` : "baking";
}

function approvalText({ needsApproval, approval }: WaveStatusView, now: number): string {
  if (approval !== null) return `by ${approval.by} ${formatSince(approval.at, now)} ago`;
  return needsApproval ? "needed" : "";
}

function waveColour({ state }: WaveStatusView): Colour | undefined {
  switch (state) {
    case "done":
      return "green";
    case "open":
      return "bold";
    case "baking":
    case "awaiting-approval":
      return "yellow";
    default:
      return "dim";
  }
}
