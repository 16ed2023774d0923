import { InvalidArgumentError, type Command } from "commander";
import { CliError, usageError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { labelChanges, selectorOption } from "../option.ts";
import { printable } from "../output/format.ts";
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
    .addCommand(explainCommand(shell))
    .addCommand(clearCommand(shell))
    .addCommand(writeOffCommand(shell))
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

function explainCommand(shell: Shell): Command {
  const command = serverCommand(
    "explain",
    "say why a node is not being updated, the most important reason first, and what to do about it",
    ["treeline node explain web-1", "treeline node explain web-1 --json | jq -r '.reasons[0].code'"],
  ).argument("<node>", nodeArgument);
  return command.action(async (node: string) => {
    const shared = sharedOptions(command);
    const { nodeId, name, reasons } = await withServer(shell, shared, (clients) =>
      clients.nodes.explainNode({ node }, callOptions(shared)),
    );
    const view = { id: nodeId, name, reasons: reasons.map(({ code, reason, remedy }) => ({ code, reason, remedy })) };
    print(shell, shared.output, view, () =>
      view.reasons.flatMap(({ reason, remedy }, index) => [
        `${index + 1}. ${printable(reason)}`,
        ...(remedy === "" ? [] : [`   ${printable(remedy)}`]),
      ]),
    );
  });
}

function clearCommand(shell: Shell): Command {
  const command = serverCommand("clear", "let a node be given a commit again that it was brought back from", [
    'treeline node clear web-1 --reason "the disk is replaced"',
    'treeline node clear web-1 --commit 5e1c…90 --reason "the disk is replaced"',
  ])
    .argument("<node>", nodeArgument)
    .option("--commit <checksum>", "only this commit (default: all that it was brought back from)")
    .option("--reason <text>", "why, for the audit log");
  return command.action(async (node: string, { commit = "", reason = "" }: { readonly commit?: string; readonly reason?: string }) => {
    const shared = sharedOptions(command);
    const answer = await withServer(shell, shared, (clients) =>
      clients.nodes.clearNode({ node, checksum: commit, reason }, callOptions(shared)),
    );
    printNode(shell, command, answer.node && nodeView(answer.node), node, "row");
    say(
      shell,
      `node ${node} may be given ${commit === "" ? "every commit" : commit} again; \`treeline rollout retry\` tries it in a rollout that failed there`,
    );
  });
}

function writeOffCommand(shell: Shell): Command {
  const command = serverCommand(
    "write-off",
    "give a node up that is gone or cannot prove what it runs. Its slot is given back WITHOUT EVIDENCE, so another node may be taken down in its place; " +
      "no budget and no wave counts it any more, and what rollouts had for it has failed. It comes back into the counts by itself when it shows that it is well",
    ['treeline node write-off web-1 --reason "burnt"'],
  )
    .argument("<node>", nodeArgument)
    .requiredOption("--reason <text>", "why, for the audit log");
  return command
    .summary("give a node up: its slot is given back without evidence")
    .action(async (node: string, { reason }: { readonly reason: string }) => {
      const shared = sharedOptions(command);
      const answer = await withServer(shell, shared, (clients) => clients.nodes.writeOffNode({ node, reason }, callOptions(shared)));
      printNode(shell, command, answer.node && nodeView(answer.node), node, "row");
      say(shell, `node ${node} is written off; it counts again when it shows that it is well`);
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
