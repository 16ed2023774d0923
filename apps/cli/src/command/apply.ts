import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { withServer } from "../connect.ts";
import { readRolloutDocuments } from "../document.ts";
import { policyMessage } from "../policy.ts";
import { say, type Shell } from "../shell.ts";
import { readTextFile } from "../text-file.ts";
import { rolloutTable, rolloutView, type RolloutView } from "../view/rollout.ts";
import { callOptions, print, serverCommand, sharedOptions } from "./shared.ts";

export function applyCommand(shell: Shell): Command {
  const command = serverCommand("apply", "create what a file describes; what is there already stays as it is", [
    "treeline apply -f rollouts.yaml",
    "generate-rollouts | treeline apply -f - --hold",
  ])
    .requiredOption("-f, --file <file>", "YAML or JSON with `kind: Rollout` documents; - for standard input")
    .option("--hold", "create rollouts without starting them");
  return command.action(async ({ file, hold }: { readonly file: string; readonly hold?: true }) => {
    const shared = sharedOptions(command);
    const documents = readRolloutDocuments(await readTextFile(shell, file), file);
    const requests = documents.map(({ name, policy }) => ({ name, policy: policyMessage(policy), hold: hold === true }));
    const views: RolloutView[] = [];
    try {
      await withServer(shell, shared, async (clients) => {
        for (const request of requests) {
          const { rollout } = await clients.rollouts.createRollout(request, callOptions(shared));
          if (rollout === null)
            throw new CliError(`the server's answer does not hold rollout ${request.name}`, {
              code: "not-found",
              subject: request.name,
              exitCode: 1,
            });
          views.push(rolloutView(rollout));
          say(shell, `rollout ${request.name} is ${views.at(-1)?.state ?? "unknown"}`);
        }
      });
    } finally {
      // Those before a refused one are there: they are shown, whatever happened after.
      if (views.length > 0) print(shell, shared.output, views, () => rolloutTable(views, shell.now()));
    }
  });
}
