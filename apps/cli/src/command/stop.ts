import type { Command } from "commander";
import { usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { selectorOption } from "../option.ts";
import { say, type Shell } from "../shell.ts";
import { stopTable, stopView } from "../view/stop.ts";
import { callOptions, print, serverCommand, sharedOptions } from "./shared.ts";

interface StopAllOptions {
  readonly selector?: string;
  readonly reason?: string;
  readonly exceptRollbacks?: boolean;
  readonly list?: true;
}

export function stopAllCommand(shell: Shell): Command {
  const command = serverCommand(
    "stop-all",
    "pull the andon cord: when this has answered, no node in its scope begins, is granted a slot or is confirmed. What is not confirmed is called " +
      "back; nodes past their confirmation finish, and a node's own way back is never stopped",
    [
      'treeline stop-all --reason "power works in Berlin"',
      'treeline stop-all --selector site=berlin --reason "power works" --except-rollbacks',
      "treeline stop-all --list",
    ],
  )
    .option("--selector <selector>", "only nodes with these labels (default: the whole fleet)", selectorOption)
    .option("--reason <text>", "why, for the audit log and for those who wonder")
    .option("--except-rollbacks", "let rollbacks of whole rollouts go on")
    .option("--list", "show what is stopped, and stop nothing");
  return command
    .summary("pull the andon cord: begin, grant and confirm nothing more")
    .action(async ({ selector = "*", reason, exceptRollbacks = false, list }: StopAllOptions) => {
      const shared = sharedOptions(command);
      if (list === true) return showStops(shell, command);
      if (reason === undefined || reason.trim() === "")
        throw usageError("no reason is given", {
          subject: "--reason",
          remedy: "give --reason TEXT: those who find their rollouts stopped will want to know",
        });
      const { stop } = await withServer(shell, shared, (clients) =>
        clients.stops.stopAll({ selector, reason, sparesRollbacks: exceptRollbacks }, callOptions(shared)),
      );
      const views = stop === null ? [] : [stopView(stop)];
      print(shell, shared.output, views[0] ?? null, () => stopTable(views, shell.now()));
      const scope = selector === "*" ? "" : ` --selector '${selector}'`;
      const held = stop?.nodeCount ?? 0;
      if (held === 0)
        say(shell, `WARNING: no node is in this scope now: nothing is held by it; see the labels with \`treeline node list\``);
      say(
        shell,
        `stopped: ${selector === "*" ? "the whole fleet" : selector}, ${held} node${held === 1 ? "" : "s"}; go on with \`treeline resume-all${scope}\``,
      );
    });
}

export function resumeAllCommand(shell: Shell): Command {
  const command = serverCommand("resume-all", "let go of the andon cord: of one scope, or of every one", [
    "treeline resume-all",
    "treeline resume-all --selector site=berlin",
  ])
    .option("--selector <selector>", "the scope, as it was stopped (default: all that is stopped)", selectorOption)
    .option("--reason <text>", "why, for the audit log");
  return command.action(async ({ selector = "", reason = "" }: { readonly selector?: string; readonly reason?: string }) => {
    const shared = sharedOptions(command);
    const { lifted } = await withServer(shell, shared, (clients) => clients.stops.resumeAll({ selector, reason }, callOptions(shared)));
    const views = lifted.map(stopView);
    print(shell, shared.output, views, () => (views.length === 0 ? [] : stopTable(views, shell.now())));
    say(
      shell,
      views.length === 0
        ? "nothing was stopped"
        : `goes on: ${views.map((view) => (view.selector === "*" ? "the whole fleet" : view.selector)).join("; ")}`,
    );
  });
}

export function stopsCommand(shell: Shell): Command {
  const command = serverCommand("stops", "show what is stopped by the andon cord", ["treeline stops", "treeline stops --json"]);
  return command.action(() => showStops(shell, command));
}

async function showStops(shell: Shell, command: Command): Promise<void> {
  const shared = sharedOptions(command);
  const { stops } = await withServer(shell, shared, (clients) => clients.stops.listStops({}, callOptions(shared)));
  const views = stops.map(stopView);
  print(shell, shared.output, views, () => (views.length === 0 ? [] : stopTable(views, shell.now())));
  if (views.length === 0) say(shell, "nothing is stopped");
}
