import { printable, shortDuration } from "./output/format.ts";
import type { Colour, Paint } from "./output/style.ts";
import { clipLine, tableLines } from "./output/table.ts";
import {
  hasEnded,
  isOnWayBack,
  nodeColumns,
  releaseText,
  stateColour,
  waveText,
  type RolloutNodeView,
  type RolloutView,
} from "./view/rollout.ts";
import { waveStateText, waveStatusTable, type WaveStatusView } from "./view/wave.ts";

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
 * The live view: two lines of head, what there is to say and to do, the waves, then the nodes. Pure.
 * INVARIANT: never more than `rows - 1` lines and none wider than `columns`, or it could not be redrawn in place.
 */
export function renderWatch({ rollout, lost }: WatchState, screen: Screen): readonly string[] {
  const { columns, now, paint } = screen;
  const line = (text: string, colour?: Colour): string => paint(colour, clipLine(printable(text), columns));
  const head = [
    line(headline(rollout, now), stateColour(rollout)),
    line(summary(rollout)),
    ...(rollout.reason === "" ? [] : [line(rollout.reason, stateColour(rollout))]),
    ...nextStep(rollout).map((text) => line(text, "yellow")),
    ...(lost === undefined ? [] : [line(`connection lost, trying again: ${lost}`, "yellow")]),
  ];
  const waves = waveLines(rollout.waves, screen.rows - 1 - head.length, screen);
  const room = screen.rows - 1 - head.length - waves.length;
  return [...head, ...waves, ...nodeLines(rollout.nodes, room, screen)].slice(0, Math.max(1, screen.rows - 1));
}

/** What a person could type now, where the rollout waits for one. */
export function nextStep({ name, state, waves, goingBack }: RolloutView): readonly string[] {
  const awaited = waves.find((wave) => wave.state === "awaiting-approval");
  if (awaited !== undefined && (state === "running" || state === "paused"))
    return [`wave ${awaited.name} waits for approval: treeline rollout approve ${name} --wave ${awaited.name}`];
  if (state === "paused") return [`${goingBack ? "its way back is paused" : "it is paused"}: treeline rollout resume ${name}`];
  if (state === "halted") return [`it waits for a person: treeline rollout retry ${name}, rollback ${name} or abort ${name}`];
  if (state === "rolling-back") return ["going back: every node that runs the release returns to what it ran before"];
  return [];
}

export interface Change {
  readonly before: RolloutView | undefined;
  readonly after: RolloutView;
  /** The nodes that came or changed. */
  readonly changed: readonly RolloutNodeView[];
  /** How nodes stood before, by id. */
  readonly known: ReadonlyMap<string, RolloutNodeView>;
}

/**
 * What became different, one line each, for a log. Pure; costs what changed. Pull progress is left out: it is no change of state.
 * Without `before` it says how everything stands.
 */
export function changeLines({ before, after, changed, known }: Change, now: number): readonly string[] {
  const lines: string[] = [];
  const stateChanged = before?.state !== after.state || before.reason !== after.reason || before.openWave !== after.openWave;
  if (stateChanged)
    lines.push(
      `rollout ${after.name}: ${after.state}, wave ${waveText(after)}, ${summary(after)}${after.reason === "" ? "" : `: ${after.reason}`}`,
    );
  for (const [index, wave] of after.waves.entries()) {
    const old = before?.waves[index];
    if (old?.state !== wave.state && (old !== undefined || (wave.state !== "waiting" && wave.state !== "open")))
      lines.push(`wave ${wave.name}: ${waveStateText(wave, now)}`);
  }
  const step = nextStep(after).join("");
  if (step !== "" && (before === undefined ? "" : nextStep(before).join("")) !== step) lines.push(step);
  for (const node of changed) {
    const text = nodeText(node);
    const old = known.get(node.id);
    if (old === undefined || nodeText(old) !== text) lines.push(text);
  }
  return lines.map(printable);
}

/** "5 nodes: 2 Updated, 1 Soaking, 2 Idle; 1 slot held". Without its nodes: "5 nodes: 2 updated, 1 moving, 2 waiting". */
export function summary({ nodes, counts, slotsHeld }: RolloutView): string {
  const total = nodes.length === 0 ? counts.nodes : nodes.length;
  const parts = nodes.length === 0 ? standings(counts) : phases(nodes);
  const slots = nodes.length === 0 ? slotsHeld : nodes.filter(({ holdsSlot }) => holdsSlot).length;
  const text = `${total} ${total === 1 ? "node" : "nodes"}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}`;
  return slots > 0 ? `${text}; ${slots} ${slots === 1 ? "slot" : "slots"} held` : text;
}

function phases(nodes: readonly RolloutNodeView[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { phase } of nodes) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => rank(a) - rank(b)).map(([phase, count]) => `${count} ${phase}`);
}

function standings(counts: RolloutView["counts"]): readonly string[] {
  const order = ["updated", "moving", "waiting", "failed", "ended"] as const;
  return order.filter((standing) => counts[standing] > 0).map((standing) => `${counts[standing]} ${standing}`);
}

function headline(rollout: RolloutView, now: number): string {
  const end = rollout.endedAt === null ? now : Date.parse(rollout.endedAt);
  const time =
    rollout.startedAt === null
      ? "not started"
      : `${hasEnded(rollout) ? "took" : "for"} ${shortDuration(end - Date.parse(rollout.startedAt))}`;
  return `rollout ${rollout.name}  ${rollout.state}  ${releaseText(rollout)}  wave ${waveText(rollout)}  ${time}`;
}

function nodeText(node: RolloutNodeView): string {
  const { name, id, wave, phase, class: why, reason, attempt, holdsSlot, confirmed, connected } = node;
  const marks = [
    isOnWayBack(node) ? "on its way back" : "",
    attempt > 1 ? `attempt ${attempt}` : "",
    holdsSlot ? "holds a slot" : "",
    confirmed && phase !== "Updated" ? "confirmed" : "",
    connected ? "" : "offline",
  ].filter((mark) => mark !== "");
  return `node ${name || id} (wave ${wave + 1}): ${phase}${why === "" ? "" : `(${why})`}${marks.length === 0 ? "" : `, ${marks.join(", ")}`}${reason === "" ? "" : `: ${reason}`}`;
}

/** One line for each wave, when a rollout has several; without room for all only those that are at work, or none. */
function waveLines(waves: readonly WaveStatusView[], room: number, { columns, now, paint }: Screen): readonly string[] {
  // Nodes are what most people look at: the waves get a third of what is left.
  const most = Math.floor(room / 3) - 2;
  if (waves.length < 2 || most < 1) return [];
  const atWork = waves.length <= most ? waves : waves.filter(({ state }) => state !== "waiting" && state !== "done").slice(0, most);
  return atWork.length === 0 ? [] : [...waveStatusTable(atWork, now, { width: columns, paint }), ""];
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
  if (phase === "Updated" || phase === "Reverted" || phase === "Superseded") return 4;
  if (phase === "NotEligible") return 2;
  return phase === "Idle" ? 3 : 1;
}

/** The order in which the summary names phases: as a node goes through them, backwards, the bad ends last. */
const order = [
  "Updated",
  "Reverted",
  "Superseded",
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
