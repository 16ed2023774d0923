import { exitCode, jitteredBackoff } from "@treeline/process";
import type { FrontClients } from "@treeline/rpc";
import { CliError } from "./cli-error.ts";
import { followRollout } from "./follow.ts";
import { printable, serialized, type OutputFormat } from "./output/format.ts";
import { createLiveFrame } from "./output/live-frame.ts";
import { paintFor } from "./output/style.ts";
import { say, wantsColour, type Shell } from "./shell.ts";
import { hasEnded, type RolloutNodeView, type RolloutView } from "./view/rollout.ts";
import { changeLines, renderWatch, type WatchState } from "./watch-view.ts";

export interface WatchOptions {
  readonly shell: Shell;
  readonly clients: FrontClients;
  readonly rollout: string;
  readonly format: OutputFormat;
  /** Milliseconds for the whole watch; without it as long as the rollout takes. */
  readonly timeoutMillis?: number;
  /** The server has just answered a call of ours. */
  readonly reached: boolean;
  /** Only the rollout and its waves, not its nodes. */
  readonly summary?: boolean;
}

/**
 * Shows a rollout until it ends: a view redrawn in place on a terminal, one line for each change elsewhere, one document for each state
 * for machines (`json`: one per line). @throws CliError not-completed, out-of-time; RpcError
 */
export async function watchRollout({
  shell,
  clients,
  rollout,
  format,
  timeoutMillis,
  reached,
  summary = false,
}: WatchOptions): Promise<void> {
  const display = displayFor(shell, format);
  const signal = timeoutMillis === undefined ? new AbortController().signal : AbortSignal.timeout(timeoutMillis);
  let shown: RolloutView | undefined;
  let last: RolloutView | undefined;
  try {
    last = await followRollout({
      open: () => clients.watch.watch({ rollout, summary }),
      onRollout: (view, changed) => {
        shown = view;
        display.show(view, changed);
      },
      onLost: display.lost,
      backoff: jitteredBackoff({ baseMs: 500, maxMs: 5000, random: Math.random }),
      reached,
      signal,
    });
  } finally {
    display.end();
  }
  if (last === undefined) {
    const state = shown !== undefined && hasEnded(shown) ? `is ${shown.state}, but not all its slots came back` : "has not ended";
    throw new CliError(`rollout ${rollout} ${state} in the time allowed`, {
      code: "out-of-time",
      subject: rollout,
      exitCode: exitCode.fails,
      remedy: `it goes on; watch it again with \`treeline rollout watch ${rollout}\``,
    });
  }
  if (last.state !== "completed") {
    throw new CliError(`rollout ${rollout} is ${last.state}${last.reason === "" ? "" : `: ${last.reason}`}`, {
      code: "not-completed",
      subject: rollout,
      exitCode: exitCode.fails,
      remedy: `\`treeline rollout show ${rollout}\` shows every node's reason`,
    });
  }
}

interface Display {
  readonly show: (rollout: RolloutView, changed: readonly RolloutNodeView[]) => void;
  readonly lost: (reason: string) => void;
  readonly end: () => void;
}

function displayFor(shell: Shell, format: OutputFormat): Display {
  const lost = (reason: string): void => say(shell, `connection lost, trying again: ${printable(reason)}`);
  if (format === "json") return { show: (rollout) => shell.out.write(`${JSON.stringify(rollout)}\n`), lost, end: () => {} };
  if (format === "yaml") return { show: (rollout) => shell.out.write(`---\n${serialized(rollout, "yaml")}`), lost, end: () => {} };
  return shell.out.isTTY === true && shell.env["TERM"] !== "dumb" ? liveDisplay(shell) : lineDisplay(shell, lost);
}

function lineDisplay(shell: Shell, lost: Display["lost"]): Display {
  let before: RolloutView | undefined;
  const known = new Map<string, RolloutNodeView>();
  const show = (rollout: RolloutView, changed: readonly RolloutNodeView[]): void => {
    const time = new Date(shell.now()).toISOString().slice(0, 19);
    for (const line of changeLines({ before, after: rollout, changed, known }, shell.now())) shell.out.write(`${time}Z ${line}\n`);
    before = rollout;
    for (const node of changed) known.set(node.id, node);
  };
  return { show, lost, end: () => {} };
}

function liveDisplay(shell: Shell): Display {
  const frame = createLiveFrame(shell.out);
  const paint = paintFor(wantsColour(shell.out, shell.env));
  let state: WatchState | undefined;
  const draw = (): void => {
    const { columns = 80, rows = 24 } = shell.out;
    if (state !== undefined) frame.draw(renderWatch(state, { columns, rows, now: shell.now(), paint }));
  };
  // The time that has passed goes on when nothing else changes.
  const clock = setInterval(draw, 1000);
  return {
    show: (rollout) => {
      state = { rollout };
      draw();
    },
    lost: (reason) => {
      if (state === undefined) return;
      state = { ...state, lost: reason };
      draw();
    },
    end: () => clearInterval(clock),
  };
}
