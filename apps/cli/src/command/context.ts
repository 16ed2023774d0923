import type { Command } from "commander";
import { configFile, findContext, readConfig, writeConfig } from "../context.ts";
import { tableLines } from "../output/table.ts";
import { say, type Shell } from "../shell.ts";
import { plainCommand, print, sharedOptions, withOutputOption } from "./shared.ts";

export function contextCommand(shell: Shell): Command {
  return plainCommand("context", "the servers this operator has logged in to", ["treeline context list", "treeline context use berlin"])
    .addCommand(listCommand(shell))
    .addCommand(useCommand(shell));
}

function listCommand(shell: Shell): Command {
  const command = plainCommand("list", "list the contexts, without their tokens", [
    "treeline context list",
    "treeline context list -o json",
  ]);
  return withOutputOption(command).action(async () => {
    const { currentContext, contexts } = await readConfig(configFile(shell));
    const views = contexts.map(({ name, endpoint, contentEndpoint }) => ({
      name,
      endpoint,
      contentEndpoint,
      current: name === currentContext,
    }));
    print(shell, sharedOptions(command).output, views, () =>
      tableLines(
        [
          { title: "CURRENT", cell: (context) => (context.current ? "*" : " ") },
          { title: "NAME", cell: (context) => context.name },
          { title: "ENDPOINT", cell: (context) => context.endpoint },
        ],
        views,
      ),
    );
  });
}

function useCommand(shell: Shell): Command {
  return plainCommand("use", "make a context the current one", ["treeline context use berlin"])
    .argument("<name>", "name of the context")
    .action(async (name: string) => {
      const file = configFile(shell);
      const config = await readConfig(file);
      findContext(config, name);
      await writeConfig(file, { ...config, currentContext: name });
      say(shell, `context ${name} is now the current one`);
    });
}
