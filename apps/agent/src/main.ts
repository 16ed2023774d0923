import {
  ConfigurationError,
  createLogger,
  createShutdown,
  DirectoryInUseError,
  type ExitCode,
  exitCode,
  type FlagDefinitions,
  type FlagValues,
  loadConfiguration,
  lockDirectory,
  nearestName,
  parseCommandLine,
  renderedProblem,
  UsageError,
} from "@treeline/process";
import { agentConfigurationSchema, defaultConfigurationFile, type AgentConfiguration } from "./configuration.ts";
import { settingsIn } from "./upgrade/test-hold.ts";
import { agentVersion } from "./version.ts";

const program = "treeline-agent";
/** For everything that is closed at the end: one step that changes the host may still be under way. */
const shutdownMillis = 60_000;

const settingFlags = {
  "state-directory": { type: "string", description: "keys, certificate and journal (default /var/lib/treeline)", valueName: "DIR" },
  "token-file": { type: "string", description: "file with the enrollment token (default /etc/treeline/token)", valueName: "FILE" },
  "log-level": { type: "string", description: "debug, info, warn or error (default info)", valueName: "LEVEL" },
} as const satisfies FlagDefinitions;
const commonFlags = {
  config: { type: "string", short: "c", description: `configuration (default ${defaultConfigurationFile}, which may be missing)`, valueName: "FILE" },
  ...settingFlags,
} as const satisfies FlagDefinitions;

const commands = {
  run: {
    program: `${program} run`,
    summary: "keeps this host what its server says it shall be. Runs until it gets SIGTERM.",
    flags: { ...commonFlags, "check-config": { type: "boolean", description: "read the configuration, say what is wrong with it, and end" } },
    examples: [
      { command: `${program} run`, does: "as the systemd unit does" },
      { command: `${program} run --check-config -c agent.yaml`, does: "is this configuration right?" },
    ],
  },
  enroll: {
    program: `${program} enroll`,
    summary: "joins the fleet now, instead of when the agent starts. Needs the token file.",
    flags: commonFlags,
    examples: [{ command: `${program} enroll --token-file /root/token`, does: "join with a token from elsewhere" }],
  },
  status: {
    program: `${program} status`,
    summary: "shows what this host has and what was attempted on it. Changes nothing.",
    flags: { ...commonFlags, output: { type: "string", short: "o", description: "text or json (default text)", valueName: "FORMAT" } },
    examples: [{ command: `${program} status -o json`, does: "for programs" }],
  },
} as const;
type CommandName = keyof typeof commands;

const overview = `${program} ${agentVersion}: the node daemon of a Treeline fleet

Usage: ${program} [COMMAND] [flags]

Commands:
  run      ${commands.run.summary} The default.
  enroll   ${commands.enroll.summary}
  status   ${commands.status.summary}

  --version   print the version
  --help      this text; after a command: its flags

Examples:
  # run the daemon, as the systemd unit does
  ${program} run --config /etc/treeline/agent.yaml
  # is this configuration right?
  ${program} run --check-config
  # join the fleet now and say whether it worked
  ${program} enroll
  # what does this host run, and what was attempted?
  ${program} status -o json

Exit status: 0 what was asked holds, 1 it does not, 2 it could not be tried.
`;

// No top-level await: the single executable is a CommonJS script, which cannot have one.
void main(process.argv.slice(2))
  .catch(explained)
  .then((code) => (process.exitCode = code));

/** Says what went wrong, for people. */
function explained(error: unknown): ExitCode {
  const known = error instanceof UsageError || error instanceof ConfigurationError || error instanceof DirectoryInUseError || (error instanceof Error && "code" in error);
  process.stderr.write(`${known ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`);
  return error instanceof UsageError || error instanceof ConfigurationError ? exitCode.notTried : exitCode.fails;
}

async function main(args: readonly string[]): Promise<ExitCode> {
  const [first] = args;
  if (first === "--version" || first === "--help" || first === "-h") {
    process.stdout.write(first === "--version" ? `${agentVersion}\n` : overview);
    return exitCode.holds;
  }
  const command = first === undefined || first.startsWith("-") ? "run" : first;
  const rest = command === first ? args.slice(1) : args;
  if (command === "run") return run(rest);
  if (command === "enroll") return enrollNow(rest);
  if (command === "status") return showStatus(rest);
  const near = nearestName(command, Object.keys(commands));
  throw new UsageError(`${program}: there is no command ${JSON.stringify(command)}${near === undefined ? "" : `: did you mean ${near}?`} (${program} --help lists the commands)`, { subject: command });
}

async function run(args: readonly string[]): Promise<ExitCode> {
  const values = parsed("run", args);
  if (values === undefined) return exitCode.holds;
  if (values["check-config"] === true) return checkConfiguration(values);
  const { configuration, warnings } = await configurationFrom(values);
  const logger = createLogger({ name: program, level: configuration.logLevel });
  for (const warning of warnings) logger.warn(warning);
  const shutdown = createShutdown({ deadlineMs: shutdownMillis, logger });
  const { startAgent } = await import("./agent.ts");
  try {
    await startAgent({ configuration, shutdown, environment: process.env, logger });
  } catch (err) {
    logger.error(err instanceof Error ? err.message : "the agent could not start", { err });
    shutdown.begin("the agent could not start", "failed");
  }
  const code = await shutdown.finished;
  // Sockets to a server that is gone must not keep a stopped daemon alive.
  process.exit(code);
}

async function checkConfiguration(values: CommonValues): Promise<ExitCode> {
  try {
    const { warnings } = await configurationFrom(values);
    for (const warning of warnings) process.stderr.write(`${warning}\n`);
    process.stdout.write("the configuration is right\n");
    return exitCode.holds;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return exitCode.fails;
  }
}

async function enrollNow(args: readonly string[]): Promise<ExitCode> {
  const values = parsed("enroll", args);
  if (values === undefined) return exitCode.holds;
  const { configuration } = await configurationFrom(values);
  const { stateDirectory, tokenFile, logLevel } = configuration;
  const [{ readIdentity }, { enroll }] = [await import("./enrollment/identity-file.ts"), await import("./enrollment/enroll.ts")];
  const lock = await lockDirectory(stateDirectory, `${program} enroll`);
  try {
    const known = await readIdentity(stateDirectory);
    const logger = createLogger({ name: program, level: logLevel, destination: process.stderr });
    const identity = known ?? (await enroll({ stateDirectory, tokenFile, signal: new AbortController().signal, logger }));
    process.stdout.write(`${known === undefined ? "joined" : "already joined"} as node ${identity.nodeId}\n`);
    return exitCode.holds;
  } finally {
    await lock.release();
  }
}

async function showStatus(args: readonly string[]): Promise<ExitCode> {
  const values = parsed("status", args);
  if (values === undefined) return exitCode.holds;
  const { output = "text", ...rest } = values;
  if (output !== "text" && output !== "json") throw new UsageError(`${program} status: --output must be text or json, not ${JSON.stringify(output)}`, { subject: "--output" });
  const { configuration } = await configurationFrom(rest);
  const { readStatus, renderedStatus } = await import("./status.ts");
  const status = await readStatus(configuration);
  process.stdout.write(output === "json" ? `${JSON.stringify(status)}\n` : renderedStatus(status));
  return status.problems.length === 0 ? exitCode.holds : exitCode.fails;
}

/** The flags of a command; undefined when its help was asked for, and has been printed. */
function parsed<Name extends CommandName>(name: Name, args: readonly string[]): FlagValues<(typeof commands)[Name]["flags"]> | undefined {
  const line = parseCommandLine(commands[name], args);
  if (line.kind === "run") return line.values as FlagValues<(typeof commands)[Name]["flags"]>;
  process.stdout.write(line.text);
  return undefined;
}

type CommonValues = FlagValues<typeof commonFlags>;

async function configurationFrom(values: CommonValues): Promise<{ readonly configuration: AgentConfiguration; readonly warnings: readonly string[] }> {
  const { value, warnings } = await loadConfiguration({
    name: program,
    schema: agentConfigurationSchema,
    file: { path: values.config ?? defaultConfigurationFile, mustExist: values.config !== undefined },
    environment: settingsIn(process.env),
    flags: Object.fromEntries(Object.keys(settingFlags).map((flag) => [flag, values[flag as keyof typeof settingFlags]])),
  });
  return { configuration: value, warnings: warnings.map(renderedProblem) };
}
