import { printable, shortDuration } from "./output/format.ts";
import type { Colour, Paint } from "./output/style.ts";
import { clipLine, tableLines } from "./output/table.ts";
import { hasEnded, nodeColumns, releaseText, waveText, type RolloutNodeView, type RolloutView } from "./view/rollout.ts";

/** All that the live view shows. */
export interface WatchState {
  readonly rollout: RolloutView;
  /** Why the stream is broken; undefined while it is not. */
  readonly lost?: string;
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly paint: Paint;
}

/**
 * The live view: two lines of head, what there is to say, then the nodes. Pure.
 * INVARIANT: never more than `rows - 1` lines and none wider than `columns`, or it could not be redrawn in place.
 */
export function renderWatch({ rollout, lost }: WatchState, screen: Screen): readonly string[] {
  const { columns, now, paint } = screen;
  const line = (text: string, colour?: Colour): string => paint(colour, clipLine(printable(text), columns));
  const head = [
    line(headline(rollout, now), stateColour(rollout)),
    line(summary(rollout)),
    ...(rollout.reason === "" ? [] : [line(rollout.reason, stateColour(rollout))]),
    ...(lost === undefined ? [] : [line(`connection lost, trying again: ${lost}`, "yellow")]),
  ];
  const room = screen.rows - 1 - head.length;
  return [...head, ...nodeLines(rollout.nodes, room, screen)].slice(0, Math.max(1, screen.rows - 1));
}

/**
 * What became different, one line each, for a log. Pure. Pull progress is left out: it is no change of state.
 * Without `before` it says how everything stands.
 */
export function changeLines(before: RolloutView | undefined, after: RolloutView): readonly string[] {
  const lines: string[] = [];
  const stateChanged = before?.state !== after.state || before.reason !== after.reason || before.openWave !== after.openWave;
  if (stateChanged)
    lines.push(
      `rollout ${after.name}: ${after.state}, wave ${waveText(after)}, ${summary(after)}${after.reason === "" ? "" : `: ${after.reason}`}`,
    );
  const known = new Map(before?.nodes.map((node) => [node.id, node]));
  for (const node of after.nodes) {
    const text = nodeText(node);
    const old = known.get(node.id);
    if (old === undefined || nodeText(old) !== text) lines.push(text);
  }
  return lines.map(printable);
}

/** "5 nodes: 2 Updated, 1 Soaking, 2 Idle; 1 slot held". */
export function summary({ nodes }: RolloutView): string {
  const counts = new Map<string, number>();
  for (const { phase } of nodes) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  const phases = [...counts].sort(([a], [b]) => rank(a) - rank(b)).map(([phase, count]) => `${count} ${phase}`);
  const slots = nodes.filter(({ holdsSlot }) => holdsSlot).length;
  const parts = [`${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}${phases.length === 0 ? "" : `: ${phases.join(", ")}`}`];
  if (slots > 0) parts.push(`${slots} ${slots === 1 ? "slot" : "slots"} held`);
  return parts.join("; ");
}

function headline(rollout: RolloutView, now: number): string {
  const end = rollout.endedAt === null ? now : Date.parse(rollout.endedAt);
  const time =
    rollout.startedAt === null
      ? "not started"
      : `${hasEnded(rollout) ? "took" : "for"} ${shortDuration(end - Date.parse(rollout.startedAt))}`;
  return `rollout ${rollout.name}  ${rollout.state}  ${releaseText(rollout)}  wave ${waveText(rollout)}  ${time}`;
}

function stateColour({ state }: RolloutView): Colour | undefined {
  return state === "completed" ? "green" : state === "halted" ? "red" : state === "running" ? "bold" : "yellow";
}

function nodeText({ name, id, wave, phase, class: why, reason, attempt, holdsSlot, confirmed, connected }: RolloutNodeView): string {
  const marks = [
    attempt > 1 ? `attempt ${attempt}` : "",
    holdsSlot ? "holds a slot" : "",
    confirmed && phase !== "Updated" ? "confirmed" : "",
    connected ? "" : "offline",
  ].filter((mark) => mark !== "");
  return `node ${name || id} (wave ${wave + 1}): ${phase}${why === "" ? "" : `(${why})`}${marks.length === 0 ? "" : `, ${marks.join(", ")}`}${reason === "" ? "" : `: ${reason}`}`;
}

/** When there is no room for all: first those that fail or move, then those that wait, then those that arrived; the rest is counted. */
function nodeLines(nodes: readonly RolloutNodeView[], room: number, { columns, paint }: Screen): readonly string[] {
  if (nodes.length === 0 || room < 2) return [];
  const limits = { width: columns, paint };
  if (nodes.length + 1 <= room) return tableLines(nodeColumns, nodes, limits);
  const shown = new Set([...nodes].sort((a, b) => interest(a) - interest(b) || a.wave - b.wave).slice(0, Math.max(0, room - 2)));
  const lines =
    shown.size === 0
      ? []
      : tableLines(
          nodeColumns,
          nodes.filter((node) => shown.has(node)),
          limits,
        );
  return [...lines, clipLine(`… and ${nodes.length - shown.size} more`, columns)];
}

function interest({ phase }: RolloutNodeView): number {
  if (phase === "RolledBack" || phase === "Failed" || phase === "Lost") return 0;
  if (phase === "Updated") return 4;
  if (phase === "NotEligible") return 2;
  return phase === "Idle" ? 3 : 1;
}

/** The order in which the summary names phases: as a node goes through them, backwards, the bad ends last. */
const order = [
  "Updated",
  "Soaking",
  "Verifying",
  "Rebooting",
  "Finalizing",
  "Draining",
  "Staged",
  "Staging",
  "Idle",
  "NotEligible",
  "RolledBack",
  "Failed",
  "Lost",
];

function rank(phase: string): number {
  const index = order.indexOf(phase);
  return index < 0 ? order.length : index;
}
