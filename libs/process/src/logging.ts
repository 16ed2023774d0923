import { pino } from "pino";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** What goes beside a message: values for machines. An error goes under `err`, where its stack and code are kept. */
export type LogFields = Readonly<Record<string, unknown>>;

/** All that a library needs to know of a logger. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** The program or part of it, in every line. */
  readonly name: string;
  readonly level: LogLevel;
  /** Gets each line with its newline. Default: standard output, written at once, so that nothing is lost at exit. */
  readonly destination?: { write(line: string): void };
}

/** Names of fields whose values never reach a log. A safety net: the rule is not to log secrets in the first place. */
const secretNames = [
  "secret",
  "token",
  "key",
  "keyPem",
  "privateKey",
  "password",
  "passphrase",
  "authorization",
  "Authorization",
  "cookie",
  "enrollmentToken",
];
/** How deep a field is still found: `secret`, `a.secret`, `a.b.secret`, `a.b.c.secret`. */
const redactionDepth = 4;

/** A logger that writes one JSON object per line (pino), with secrets replaced by "[redacted]" down to four levels. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redactedPaths(), censor: "[redacted]" },
  };
  return loggerOver(pino(options, destination ?? pino.destination({ fd: 1, sync: true })));
}

/** For tests and for parts that are asked to be quiet. */
export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  child: () => silentLogger,
};

function redactedPaths(): string[] {
  const prefixes = Array.from({ length: redactionDepth }, (_, depth) => "*.".repeat(depth));
  return prefixes.flatMap((prefix) => secretNames.map((name) => prefix + name));
}

function loggerOver(target: pino.Logger): Logger {
  return {
    debug: (message, fields = {}) => target.debug(fields, message),
    info: (message, fields = {}) => target.info(fields, message),
    warn: (message, fields = {}) => target.warn(fields, message),
    error: (message, fields = {}) => target.error(fields, message),
    child: (fields) => loggerOver(target.child(fields)),
  };
}
