import { readFileSync } from "node:fs";
import { ConfigurationError, createLogger, createShutdown, exitCode, loadConfiguration, parseCommandLine, UsageError, type CommandLine, type FlagDefinitions } from "@treeline/process";
import { serverSchema } from "./configuration.ts";
import { isKnownFailure } from "./failure.ts";
import { startServer } from "./server.ts";

const flags = {
  data: { type: "string", valueName: "DIR", description: "where the server keeps everything (default /var/lib/treeline-server)" },
  config: { type: "string", valueName: "FILE", description: "YAML configuration file (default /etc/treeline/server.yaml, if it is there)" },
  advertise: { type: "strings", valueName: "HOST", description: "name or address at which agents and operators reach this server (default: its host name)" },
  "listen-address": { type: "string", valueName: "ADDRESS", description: "address to listen on (default 0.0.0.0)" },
  "listen-front": { type: "integer", valueName: "PORT", min: 0, max: 65535, description: "gRPC for enrollment and operators (default 7440)" },
  "listen-sessions": { type: "integer", valueName: "PORT", min: 0, max: 65535, description: "gRPC for enrolled nodes (default 7441)" },
  "listen-https": { type: "integer", valueName: "PORT", min: 0, max: 65535, description: "HTTPS for content, metrics and health (default 7443)" },
  "log-level": { type: "string", valueName: "LEVEL", description: "debug, info, warn or error (default info)" },
  "new-admin-credential": { type: "boolean", description: "make a new DATA/operator/admin.yaml; the old one stops working" },
  "check-config": { type: "boolean", description: "check the configuration, then exit" },
  version: { type: "boolean", description: "print the version" },
} as const satisfies FlagDefinitions;

const commandLine: CommandLine<typeof flags> = {
  program: "treeline-server",
  summary: "coordinates the upgrades of a fleet of OSTree hosts",
  flags,
  examples: [
    { command: "treeline-server --data /var/lib/treeline-server --advertise treeline.example.org", does: "start with the default ports" },
    { command: "treeline-server --config /etc/treeline/server.yaml --check-config", does: "check a configuration file" },
    { command: "TREELINE_LISTEN_HTTPS=8443 treeline-server", does: "set one thing through the environment" },
  ],
};

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(commandLine, args);
  if (parsed.kind === "help") {
    process.stdout.write(parsed.text);
    return exitCode.holds;
  }
  const { config, "check-config": checkOnly, "new-admin-credential": renew, version, ...settings } = parsed.values;
  if (version === true) {
    process.stdout.write(`treeline-server ${versionText()}\n`);
    return exitCode.holds;
  }
  const loading = loadConfiguration({
    schema: serverSchema,
    file: { path: config ?? "/etc/treeline/server.yaml", mustExist: config !== undefined },
    environment: process.env,
    flags: settings,
    name: "treeline-server",
  });
  if (checkOnly === true) return checked(loading);
  const { value: configuration, warnings } = await loading;
  const logger = createLogger({ name: "treeline-server", level: configuration.logLevel });
  for (const { path, reason, remedy } of warnings) logger.warn(`configuration: ${path || "environment"}: ${reason}`, { remedy });

  const shutdown = createShutdown({ deadlineMs: 15_000, logger });
  const server = await startServer({
    configuration,
    logger,
    now: Date.now,
    renewAdminCredential: renew === true,
    onFatal: () => shutdown.begin("the store failed", "failed"),
  });
  shutdown.onClose("server", () => server.close());
  logger.info("serving", { ...server.ports, advertise: configuration.advertise });
  process.stderr.write(welcome(configuration.data, server.endpoints.front[0] ?? "", server.credentialFile));
  return shutdown.finished;
}

/** The answer to `--check-config`: here a configuration that is wrong is a result, not a mistake in asking. */
async function checked(loading: Promise<unknown>): Promise<number> {
  try {
    await loading;
    process.stdout.write("the configuration is valid\n");
    return exitCode.holds;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.render()}\n`);
    return exitCode.fails;
  }
}

function welcome(data: string, endpoint: string, credentialFile: string | undefined): string {
  const login = credentialFile
    ? `  treeline login --credential ${credentialFile}\n`
    : `  (the administrator's credential is not in ${data}/operator any more; --new-admin-credential makes another)\n`;
  return `treeline-server ${versionText()} serves ${endpoint}\nConnect:\n${login}  treeline token create --ttl 1h        # a token with which hosts enroll\n`;
}

function versionText(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Known failures are told in a sentence; anything else is a defect and keeps its stack. */
function failed(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    return exitCode.notTried;
  }
  if (error instanceof ConfigurationError) {
    process.stderr.write(`${error.render()}\n`);
    return exitCode.notTried;
  }
  process.stderr.write(isKnownFailure(error) ? `treeline-server: ${error.message}\n` : `treeline-server: ${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCode.fails;
}

process.exit(await main(process.argv.slice(2)).catch(failed));
