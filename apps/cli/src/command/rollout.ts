import { updatePhases, type FrontClients, type wire } from "@treeline/rpc";
import { InvalidArgumentError, type Command } from "commander";
import { withServer } from "../connect.ts";
import { integerOption } from "../option.ts";
import { say, type Shell } from "../shell.ts";
import { historyTable, historyView, type HistoryEntryView } from "../view/history.ts";
import { wirePhaseOf } from "../view/phase.ts";
import { rolloutDetails, rolloutNodeView, rolloutTable, rolloutView, type RolloutNodeView, type RolloutView } from "../view/rollout.ts";
import { watchRollout } from "../watch.ts";
import { createCommand, planCommand } from "./rollout-create.ts";
import { requireRollout, stepCommands, watchTimeout } from "./rollout-step.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions, type SharedOptions } from "./shared.ts";

const nodesPerPage = 2_000;
const entriesPerPage = 1_000;

export function rolloutCommand(shell: Shell): Command {
  const command = plainCommand("rollout", "bring a release to nodes, wave by wave", [
    "treeline rollout plan --release 42.1 --selector site=berlin",
    "treeline rollout create --release 42.1 --selector site=berlin --waves 1,50%,rest --max-unavailable 1 --soak 30s --watch",
    "treeline rollout list",
  ]);
  const commands = [
    ...[planCommand, createCommand, listCommand, showCommand, watchCommand].map((create) => create(shell)),
    ...stepCommands(shell),
    historyCommand(shell),
  ];
  for (const subcommand of commands) command.addCommand(subcommand);
  return command;
}

function listCommand(shell: Shell): Command {
  const command = serverCommand("list", "list rollouts, without their nodes", ["treeline rollout list", "treeline rollout list -o json"]);
  return command.action(async () => {
    const shared = sharedOptions(command);
    const views = await withServer(shell, shared, async (clients) => {
      const found: RolloutView[] = [];
      let pageToken = "";
      do {
        const page = await clients.rollouts.listRollouts({ pageToken }, callOptions(shared));
        found.push(...page.rollouts.map((rollout) => rolloutView(rollout)));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      return found;
    });
    print(shell, shared.output, views, () => rolloutTable(views, shell.now()));
  });
}

interface ShowOptions {
  readonly phase?: readonly wire.UpdatePhase__Output[];
  readonly summary?: true;
}

function showCommand(shell: Shell): Command {
  const command = serverCommand("show", "show a rollout, its waves and its nodes", [
    "treeline rollout show spring-update",
    "treeline rollout show spring-update --phase Failed,RolledBack,Lost",
    "treeline rollout show spring-update --summary -o yaml",
  ])
    .argument("<name>", "the rollout")
    .option("--phase <phases>", "only nodes in these phases, such as Failed,Lost", phasesOption)
    .option("--summary", "without its nodes");
  return command.action(async (name: string, options: ShowOptions) => {
    const shared = sharedOptions(command);
    const view = await withServer(shell, shared, async (clients) => {
      const { rollout } = await clients.rollouts.getRollout({ name }, callOptions(shared));
      const nodes = options.summary === true ? [] : await nodesOf(clients, name, options.phase ?? [], shared);
      return { ...requireRollout(rollout, name), nodes };
    });
    print(shell, shared.output, view, () => rolloutDetails(view, shell.now()));
  });
}

async function nodesOf(
  clients: FrontClients,
  name: string,
  phases: readonly wire.UpdatePhase__Output[],
  shared: SharedOptions,
): Promise<readonly RolloutNodeView[]> {
  const found: RolloutNodeView[] = [];
  let pageToken = "";
  do {
    const page = await clients.rollouts.listRolloutNodes(
      { name, phases: [...phases], pageSize: nodesPerPage, pageToken },
      callOptions(shared),
    );
    found.push(...page.nodes.map(rolloutNodeView));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

function phasesOption(text: string): readonly wire.UpdatePhase__Output[] {
  return text.split(",").map((part) => {
    const phase = wirePhaseOf(part.trim());
    if (phase === undefined)
      throw new InvalidArgumentError(`"${part.trim()}" is no phase; they are ${updatePhases.join(", ")}, Reverted, Superseded.`);
    return phase;
  });
}

function watchCommand(shell: Shell): Command {
  const command = serverCommand(
    "watch",
    "watch a rollout until it ends; exits with 0 when it completed, with 1 when it ended in another way",
    [
      "treeline rollout watch spring-update",
      "treeline rollout watch spring-update --summary   # of a large fleet: only its waves",
      "treeline rollout watch spring-update --timeout 30m -o json | jq -r .state",
    ],
  )
    .argument("<name>", "the rollout")
    .option("--summary", "without its nodes");
  describeTimeout(command, "give up watching after this long (default: never)");
  return command.action(async (name: string, { summary = false }: { readonly summary?: boolean }) => {
    const shared = sharedOptions(command);
    await withServer(shell, shared, (clients) =>
      watchRollout({ shell, clients, rollout: name, format: shared.output, reached: false, summary, ...watchTimeout(shared) }),
    );
  });
}

function historyCommand(shell: Shell): Command {
  const command = serverCommand("history", "show what was done in a rollout and to it, by whom and why; the newest first", [
    "treeline rollout history spring-update",
    "treeline rollout history spring-update --limit 20 --json",
  ])
    .argument("<name>", "the rollout")
    .option("--limit <number>", "at most so many entries (default: 100; 0 for all)", integerOption(0, 10_000_000));
  return command.action(async (name: string, { limit = 100 }: { readonly limit?: number }) => {
    const shared = sharedOptions(command);
    const most = limit === 0 ? Number.POSITIVE_INFINITY : limit;
    const entries = await withServer(shell, shared, async (clients) => {
      const found: HistoryEntryView[] = [];
      let pageToken = "";
      do {
        const pageSize = Math.min(entriesPerPage, most - found.length);
        const page = await clients.rollouts.getRolloutHistory({ name, pageSize, pageToken }, callOptions(shared));
        found.push(...page.entries.map(historyView));
        pageToken = page.nextPageToken;
      } while (pageToken !== "" && found.length < most);
      if (pageToken !== "") say(shell, `older entries are left out; see them with --limit ${found.length * 10} or --limit 0`);
      return found;
    });
    print(shell, shared.output, entries, () => historyTable(entries, shell.now()));
  });
}

function describeTimeout(command: Command, description: string): void {
  for (const option of command.options) if (option.long === "--timeout") option.description = description;
}
