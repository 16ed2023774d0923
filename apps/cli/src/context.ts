import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readFileIfExists, writeFileDurably } from "@treeline/process";
import type { FieldViolation } from "@treeline/rollout";
import { stringify } from "yaml";
import { CliError } from "./cli-error.ts";
import { readCredentialFields, secretYaml, type Credential } from "./credential.ts";
import type { Shell } from "./shell.ts";
import { reasonOf } from "./text-file.ts";

/** The servers an operator has logged in to, as kubectl keeps its clusters: named contexts, one of them current. */
export interface Config {
  readonly currentContext: string;
  readonly contexts: readonly Credential[];
}

export const emptyConfig: Config = { currentContext: "", contexts: [] };

/** `$TREELINE_CONFIG`, else `$XDG_CONFIG_HOME/treeline/config.yaml`, else `~/.config/treeline/config.yaml`. */
export function configFile({ env, home }: Pick<Shell, "env" | "home">): string {
  return env["TREELINE_CONFIG"] || join(env["XDG_CONFIG_HOME"] || join(home, ".config"), "treeline", "config.yaml");
}

/** The configuration, empty when there is no file yet. @throws CliError config-invalid, file-unreadable */
export async function readConfig(file: string): Promise<Config> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readFileIfExists(file);
  } catch (cause) {
    throw new CliError(`cannot read ${file}: ${reasonOf(cause)}`, { code: "file-unreadable", subject: file, cause });
  }
  return bytes === undefined ? emptyConfig : parseConfig(bytes.toString("utf8"), file);
}

/** @throws CliError config-invalid, with every field that is wrong; no value of the file is in its messages */
export function parseConfig(text: string, file: string): Config {
  const fields = secretYaml(text, file, "config-invalid");
  const violations: FieldViolation[] = [];
  const { currentContext = "", contexts = [] } = fields;
  if (fields["apiVersion"] !== "treeline/v1") violations.push({ field: "apiVersion", description: "must be treeline/v1" });
  if (fields["kind"] !== "Config") violations.push({ field: "kind", description: "must be Config" });
  if (typeof currentContext !== "string") violations.push({ field: "currentContext", description: "must be the name of a context" });
  if (!Array.isArray(contexts)) violations.push({ field: "contexts", description: "must be a list" });
  const read = (Array.isArray(contexts) ? contexts : []).map((context: unknown, index) => {
    const isMapping = typeof context === "object" && context !== null && !Array.isArray(context);
    return readCredentialFields(isMapping ? (context as Record<string, unknown>) : {}, `contexts[${index}].`, violations);
  });
  for (const [index, { name }] of read.entries()) {
    if (read.findIndex((other) => other.name === name) < index)
      violations.push({ field: `contexts[${index}].name`, description: "is the name of an earlier context, too" });
  }
  if (violations.length === 0) return { currentContext: String(currentContext), contexts: read };
  const remedy = "correct the fields named, or remove the file and run `treeline login` again";
  throw new CliError(`${file} is not a configuration`, { code: "config-invalid", subject: file, violations, remedy });
}

/** Replaces the file, readable by its owner alone. @throws CliError file-unwritable */
export async function writeConfig(file: string, { currentContext, contexts }: Config): Promise<void> {
  const text = stringify({ apiVersion: "treeline/v1", kind: "Config", currentContext, contexts }, { lineWidth: 0 });
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFileDurably(file, text, { mode: 0o600 });
  } catch (cause) {
    throw new CliError(`cannot write ${file}: ${reasonOf(cause)}`, { code: "file-unwritable", subject: file, cause });
  }
}

/** The configuration with this context in it, in place of one of the same name, and current. */
export function withContext(config: Config, context: Credential): Config {
  const known = config.contexts.some(({ name }) => name === context.name);
  const contexts = known ? config.contexts.map((old) => (old.name === context.name ? context : old)) : [...config.contexts, context];
  return { currentContext: context.name, contexts };
}

/** @throws CliError not-configured */
export function findContext(config: Config, name: string): Credential {
  const found = config.contexts.find((context) => context.name === name);
  if (found !== undefined) return found;
  const known = config.contexts.map((context) => context.name).join(", ");
  throw new CliError(`there is no context ${name}`, {
    code: "not-configured",
    subject: name,
    remedy: known === "" ? "log in with `treeline login --credential FILE`" : `known are ${known}; \`treeline context list\` shows them`,
  });
}
