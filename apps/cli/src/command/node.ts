import { InvalidArgumentError, type Command } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { labelChanges, selectorOption } from "../option.ts";
import { say, type Shell } from "../shell.ts";
import { nodeDetails, nodeTable, nodeView, type NodeView } from "../view/node.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions } from "./shared.ts";

/** Nodes of one answer: with their whole observation they must stay below the limit of a message. */
const pageSize = 100;
const nodeArgument = "node id, or host name where only one node has it";

export function nodeCommand(shell: Shell): Command {
  return plainCommand("node", "the hosts of the fleet", ["treeline node list", "treeline node show web-1"])
    .addCommand(listCommand(shell))
    .addCommand(showCommand(shell))
    .addCommand(labelCommand(shell))
    .addCommand(revokeCommand(shell));
}

function listCommand(shell: Shell): Command {
  const command = serverCommand("list", "list nodes", [
    "treeline node list",
    "treeline node list --selector 'site=berlin,!canary' --show-labels",
    "treeline node list -o json",
  ])
    .option("--selector <selector>", "only nodes with these labels", selectorOption)
    .option("--show-labels", "show the labels, too");
  return command.action(async (options: { readonly selector?: string; readonly showLabels?: boolean }) => {
    const shared = sharedOptions(command);
    const nodes = await withServer(shell, shared, async (clients) => {
      const found: NodeView[] = [];
      let pageToken = "";
      do {
        const page = await clients.nodes.listNodes({ selector: options.selector ?? "", pageSize, pageToken }, callOptions(shared));
        found.push(...page.nodes.map(nodeView));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      return found;
    });
    print(shell, shared.output, nodes, () => nodeTable(nodes, { now: shell.now(), labels: options.showLabels === true }));
    if (nodes.length === 0) say(shell, options.selector === undefined ? "no node has enrolled yet" : `no node matches ${options.selector}`);
  });
}

function showCommand(shell: Shell): Command {
  const command = serverCommand("show", "show one node: deployments, checks, attempts", [
    "treeline node show web-1",
    "treeline node show web-1 -o yaml",
  ]).argument("<node>", nodeArgument);
  return command.action(async (node: string) => {
    const shared = sharedOptions(command);
    const answer = await withServer(shell, shared, (clients) => clients.nodes.getNode({ node }, callOptions(shared)));
    printNode(shell, command, answer.node && nodeView(answer.node), node);
  });
}

function labelCommand(shell: Shell): Command {
  const command = serverCommand("label", "set labels (key=value) and remove them (key-)", [
    "treeline node label web-1 site=berlin treeline.dev/rack=7",
    "treeline node label web-1 canary-",
  ])
    .argument("<node>", nodeArgument)
    .argument("<label...>", "key=value, or key- to remove");
  return command.action(async (node: string, labels: readonly string[]) => {
    const shared = sharedOptions(command);
    const { set, remove } = changesOf(labels);
    const answer = await withServer(shell, shared, (clients) =>
      clients.nodes.labelNode({ node, set, remove: [...remove] }, callOptions(shared)),
    );
    printNode(shell, command, answer.node && nodeView(answer.node), node, "row");
  });
}

function revokeCommand(shell: Shell): Command {
  const command = serverCommand("revoke", "refuse a node's certificate from now on and end its sessions", [
    'treeline node revoke web-1 --reason "stolen"',
  ])
    .argument("<node>", nodeArgument)
    .option("--reason <text>", "why, for the audit log");
  return command.action(async (node: string, options: { readonly reason?: string }) => {
    const shared = sharedOptions(command);
    const { reason = "" } = options;
    await withServer(shell, shared, (clients) => clients.nodes.revokeNode({ node, reason }, callOptions(shared)));
    if (shared.output !== "table") print(shell, shared.output, { node, revoked: true, reason }, () => []);
    say(shell, `node ${node} is revoked; to come back it must enroll again`);
  });
}

function changesOf(labels: readonly string[]): ReturnType<typeof labelChanges> {
  try {
    return labelChanges(labels);
  } catch (error) {
    // Commander gives only options and single arguments to a parser; these belong together.
    if (error instanceof InvalidArgumentError)
      throw usageError(error.message, { subject: "label", remedy: "write key=value to set a label, key- to remove it" });
    throw error;
  }
}

function printNode(shell: Shell, command: Command, node: NodeView | null, asked: string, form: "row" | "details" = "details"): void {
  if (node === null)
    throw new CliError(`the server's answer does not hold node ${asked}`, { code: "not-found", subject: asked, exitCode: 1 });
  const now = shell.now();
  print(shell, sharedOptions(command).output, node, () =>
    form === "row" ? nodeTable([node], { now, labels: true }) : nodeDetails(node, now),
  );
}
