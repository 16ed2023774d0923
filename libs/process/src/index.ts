export { sleep } from "./abort-sleep.ts";
export { type Backoff, type BackoffOptions, jitteredBackoff } from "./backoff.ts";
export { type BootClock, createBootClock } from "./clock.ts";
export {
  type CommandLine,
  type FlagDefinition,
  type FlagDefinitions,
  type FlagValues,
  helpText,
  type ParsedCommandLine,
  parseCommandLine,
} from "./command-line.ts";
export { ConfigurationError, type ConfigurationProblem, type Origin, renderedProblem } from "./configuration-error.ts";
export { maxConfigurationBytes } from "./configuration-file.ts";
export { type Configuration, type ConfigurationSources, loadConfiguration } from "./configuration.ts";
export {
  DataDirectoryError,
  type DataDirectoryErrorCode,
  DirectoryInUseError,
  type DirectoryLock,
  lockDirectory,
} from "./data-directory.ts";
export { type DurableWriteOptions, readFileIfExists, removeLeftovers, syncDirectory, writeFileDurably } from "./durable-file.ts";
export { errnoOf } from "./errno.ts";
export { type ExitCode, exitCode, UsageError } from "./exit-code.ts";
export { type Journal, JournalError, type JournalOptions, openJournal, type SetAside } from "./journal-file.ts";
export { createLogger, type LogFields, type Logger, type LoggerOptions, type LogLevel, logLevels, silentLogger } from "./logging.ts";
export { nearestName } from "./nearest-name.ts";
export { readProblem, readRegularFile, RegularFileError } from "./regular-file.ts";
export { type Setting, settingsOf } from "./setting.ts";
export { createShutdown, type Shutdown, type ShutdownOptions } from "./shutdown.ts";
