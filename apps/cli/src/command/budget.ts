import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { say, type Shell } from "../shell.ts";
import { budgetDetails, budgetTable, budgetView } from "../view/budget.ts";
import { callOptions, plainCommand, print, serverCommand, sharedOptions } from "./shared.ts";

export function budgetCommand(shell: Shell): Command {
  return plainCommand("budget", "how many nodes may be unavailable at once; `treeline apply -f` makes them", [
    "treeline budget list",
    "treeline budget show racks",
  ])
    .addCommand(listCommand(shell))
    .addCommand(showCommand(shell))
    .addCommand(removeCommand(shell));
}

function listCommand(shell: Shell): Command {
  const command = serverCommand("list", "list the fleet's budgets, each with its fullest domain", [
    "treeline budget list",
    "treeline budget list --json",
  ]);
  return command.action(async () => {
    const shared = sharedOptions(command);
    const { budgets } = await withServer(shell, shared, (clients) => clients.budgets.listBudgets({}, callOptions(shared)));
    const views = budgets.map(budgetView);
    print(shell, shared.output, views, () => budgetTable(views, shell.now()));
    if (views.length === 0) say(shell, "the fleet has no budget: only rollouts' own hold");
  });
}

function showCommand(shell: Shell): Command {
  const command = serverCommand("show", "show a budget and every domain of it: how many nodes, how many of them taken", [
    "treeline budget show racks",
    "treeline budget show racks -o yaml",
  ]).argument("<name>", "the budget");
  return command.action(async (name: string) => {
    const shared = sharedOptions(command);
    const { budgets } = await withServer(shell, shared, (clients) => clients.budgets.listBudgets({ name }, callOptions(shared)));
    const [budget] = budgets.map(budgetView);
    if (budget === undefined)
      throw new CliError(`the server's answer does not hold budget ${name}`, { code: "not-found", subject: name, exitCode: 1 });
    print(shell, shared.output, budget, () => budgetDetails(budget, shell.now()));
  });
}

function removeCommand(shell: Shell): Command {
  const command = serverCommand("remove", "remove a budget: what it held back may go at once, as far as other budgets allow", [
    'treeline budget remove racks --reason "replaced by zones"',
  ])
    .argument("<name>", "the budget")
    .option("--reason <text>", "why, for the audit log");
  return command.action(async (name: string, { reason = "" }: { readonly reason?: string }) => {
    const shared = sharedOptions(command);
    await withServer(shell, shared, (clients) => clients.budgets.removeBudget({ name, reason }, callOptions(shared)));
    if (shared.output !== "table") print(shell, shared.output, { name, removed: true, reason }, () => []);
    say(shell, `budget ${name} is removed`);
  });
}
