import type { Command } from "commander";
import { usageError } from "../cli-error.ts";
import { connect } from "../connect.ts";
import { configFile, readConfig, withContext, writeConfig } from "../context.ts";
import { parseCredential } from "../credential.ts";
import { say, type Shell } from "../shell.ts";
import { readSecretFile } from "../text-file.ts";
import { callOptions, plainCommand, sharedOptions, withServerOptions } from "./shared.ts";

export function loginCommand(shell: Shell): Command {
  const command = plainCommand("login", "check a credential with its server and keep it as the current context", [
    "treeline login --credential admin.yaml",
    "ssh server cat /var/lib/treeline-server/operator/admin.yaml | treeline login --credential - --name berlin",
  ]).option("--name <name>", "name of the context (default: the credential's)");
  return withServerOptions(command).action(async (options: { readonly name?: string }) => {
    const shared = sharedOptions(command);
    const file = shared.credential ?? (shell.env["TREELINE_CREDENTIAL"] || undefined);
    const remedy = "give --credential FILE; the server wrote the first one to DATA/operator/admin.yaml";
    if (file === undefined) throw usageError("no credential is given", { subject: "--credential", remedy });
    if (shared.context !== undefined)
      throw usageError("--context names a context that is there already", { subject: "--context", remedy: "name the new one with --name" });
    if (options.name === "") throw usageError("--name is empty", { subject: "--name" });

    const credential = parseCredential(await readSecretFile(shell, file), file);
    const clients = connect(credential);
    try {
      // Any call would do: it proves the address, the server's certificate and the token.
      await clients.nodes.listNodes({ pageSize: 1 }, callOptions(shared));
    } finally {
      clients.close();
    }
    const path = configFile(shell);
    const context = { ...credential, name: options.name ?? credential.name };
    await writeConfig(path, withContext(await readConfig(path), context));
    say(shell, `logged in to ${context.endpoint}; context ${context.name} is now the current one in ${path}`);
  });
}
