import { readFileSync } from "node:fs";
import { Command } from "commander";
import { applyCommand } from "./command/apply.ts";
import { auditCommand } from "./command/audit.ts";
import { budgetCommand } from "./command/budget.ts";
import { contextCommand } from "./command/context.ts";
import { loginCommand } from "./command/login.ts";
import { nodeCommand } from "./command/node.ts";
import { releaseCommand } from "./command/release.ts";
import { rolloutCommand } from "./command/rollout.ts";
import { withOutputOption, withServerOptions } from "./command/shared.ts";
import { resumeAllCommand, stopAllCommand, stopsCommand } from "./command/stop.ts";
import { tokenCommand } from "./command/token.ts";
import type { Shell } from "./shell.ts";

/** The whole command line. Options that all commands share may stand before the noun or behind the verb. */
export function createProgram(shell: Shell): Command {
  const program = new Command("treeline")
    .description("Treeline: fleets of immutable OSTree hosts, upgraded in waves")
    .version(packageVersion(), "-V, --version", "print the version")
    // `release publish --version V` has a --version of its own: the program looks only at what stands before the noun.
    .enablePositionalOptions()
    .configureOutput({ writeOut: (text) => void shell.out.write(text), writeErr: (text) => void shell.err.write(text) })
    .exitOverride()
    .showSuggestionAfterError();
  const nouns = [loginCommand, contextCommand, nodeCommand, tokenCommand, releaseCommand, rolloutCommand, budgetCommand, auditCommand];
  const commands = [...nouns, applyCommand, stopAllCommand, resumeAllCommand, stopsCommand];
  for (const create of commands) program.addCommand(create(shell));
  inherit(program);
  program.addHelpText(
    "after",
    `
Examples:
  $ treeline login --credential admin.yaml
  $ treeline release publish --repo repo --ref os/stable
  $ treeline rollout plan --release 42.1 --selector site=berlin
  $ treeline rollout create --release 42.1 --selector site=berlin --watch
  $ treeline stop-all --reason "something is wrong"

Exit status: 0 what was asked holds, 1 it does not, 2 it could not be tried (wrong usage, no server chosen, missing tool).
Environment: TREELINE_CONFIG (configuration file), TREELINE_CONTEXT, TREELINE_CREDENTIAL, NO_COLOR.`,
  );
  return withServerOptions(withOutputOption(program));
}

/** Commander hands its settings only to commands that it makes itself. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string };
  return version;
}
