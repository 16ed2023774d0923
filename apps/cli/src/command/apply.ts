import { budgetDraftToProto, policyDraftToProto, type FrontClients } from "@treeline/rpc";
import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { readDocuments, type FileDocument } from "../document.ts";
import { say, type Shell } from "../shell.ts";
import { tableLines } from "../output/table.ts";
import { readTextFile } from "../text-file.ts";
import { budgetView, type BudgetView } from "../view/budget.ts";
import { rolloutView, type RolloutView } from "../view/rollout.ts";
import { callOptions, print, serverCommand, sharedOptions, type SharedOptions } from "./shared.ts";

export function applyCommand(shell: Shell): Command {
  const command = serverCommand(
    "apply",
    "make what a file describes: budgets first, then rollouts; a rollout that is there already stays as it is",
    ["treeline apply -f rollouts.yaml", "generate-rollouts | treeline apply -f - --hold"],
  )
    .requiredOption("-f, --file <file>", "YAML or JSON with `kind: Rollout` and `kind: Budget` documents; - for standard input")
    .option("--hold", "create rollouts without starting them");
  return command.action(async ({ file, hold }: { readonly file: string; readonly hold?: true }) => {
    const shared = sharedOptions(command);
    const documents = readDocuments(await readTextFile(shell, file), file);
    const applied: Applied[] = [];
    try {
      await withServer(shell, shared, async (clients) => {
        // A rollout of the same file must not run ahead of the budget that is to hold it back.
        for (const document of [...documents].sort((a, b) => rank(a) - rank(b))) {
          const made = await apply(clients, document, { hold: hold === true, shared });
          applied.push(made);
          say(shell, `${made.kind.toLowerCase()} ${made.name} is ${made.kind === "Rollout" ? made.state : "in force"}`);
        }
      });
    } finally {
      // Those before a refused one are there: they are shown, whatever happened after.
      if (applied.length > 0) print(shell, shared.output, applied, () => appliedTable(applied));
    }
  });
}

/** For machines: the view of the thing itself, with its kind. */
type Applied = ({ readonly kind: "Rollout" } & RolloutView) | ({ readonly kind: "Budget" } & BudgetView);

async function apply(
  clients: FrontClients,
  document: FileDocument,
  { hold, shared }: { readonly hold: boolean; readonly shared: SharedOptions },
): Promise<Applied> {
  const { name } = document;
  if (document.kind === "Budget") {
    const { budget } = await clients.budgets.putBudget({ budget: budgetDraftToProto(document.budget) }, callOptions(shared));
    if (budget === null) throw missing(`budget ${name}`);
    return { kind: "Budget", ...budgetView(budget) };
  }
  const { rollout } = await clients.rollouts.createRollout(
    { name, policy: policyDraftToProto(document.rollout.policy), hold },
    callOptions(shared),
  );
  if (rollout === null) throw missing(`rollout ${name}`);
  return { kind: "Rollout", ...rolloutView(rollout) };
}

function rank({ kind }: FileDocument): number {
  return kind === "Budget" ? 0 : 1;
}

function appliedTable(applied: readonly Applied[]): readonly string[] {
  return tableLines(
    [
      { title: "KIND", cell: ({ kind }) => kind },
      { title: "NAME", cell: ({ name }) => name },
      { title: "STATE", cell: (made) => (made.kind === "Rollout" ? made.state : "in force") },
    ],
    applied,
  );
}

function missing(subject: string): CliError {
  return new CliError(`the server's answer does not hold ${subject}`, { code: "not-found", subject, exitCode: 1 });
}
