import { createFrontClients, type FrontClients } from "@treeline/rpc";
import { CliError, usageError } from "./cli-error.ts";
import { configFile, findContext, readConfig } from "./context.ts";
import { parseCredential, type Credential } from "./credential.ts";
import type { Shell } from "./shell.ts";
import { readSecretFile } from "./text-file.ts";

/** How the command line says which server is meant. */
export interface ServerChoice {
  readonly credential?: string;
  readonly context?: string;
}

/**
 * The credential to use. A flag beats the environment, and either beats the current context:
 * --credential or --context, TREELINE_CREDENTIAL, TREELINE_CONTEXT, then `currentContext`.
 * @throws CliError usage, not-configured, and those of reading the files
 */
export async function chooseCredential(shell: Shell, choice: ServerChoice): Promise<Credential> {
  if (choice.credential !== undefined && choice.context !== undefined)
    throw usageError("--credential and --context both name a server", { subject: "--context", remedy: "give one of them" });
  const file = choice.credential ?? (choice.context === undefined ? shell.env["TREELINE_CREDENTIAL"] || undefined : undefined);
  if (file !== undefined) return parseCredential(await readSecretFile(shell, file), file);
  const config = await readConfig(configFile(shell));
  const name = choice.context ?? (shell.env["TREELINE_CONTEXT"] || config.currentContext);
  if (name !== "") return findContext(config, name);
  throw new CliError("no server is chosen", {
    code: "not-configured",
    subject: "context",
    remedy:
      "log in with `treeline login --credential FILE`, or give --credential FILE; the server wrote the first one to DATA/operator/admin.yaml",
  });
}

/** Clients of the server that a credential names, with its authority as the only root. Connects with the first call. */
export function connect({ endpoint, ca, token }: Credential): FrontClients {
  return createFrontClients({ endpoint, caPem: ca, token });
}

/** Lends clients to `use` and closes the connection afterwards, whatever happened. */
export async function withServer<Result>(
  shell: Shell,
  choice: ServerChoice,
  use: (clients: FrontClients, credential: Credential) => Promise<Result>,
): Promise<Result> {
  const credential = await chooseCredential(shell, choice);
  const clients = connect(credential);
  try {
    return await use(clients, credential);
  } finally {
    clients.close();
  }
}
