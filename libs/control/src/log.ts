/** What goes beside a message: values for machines. An error goes under `err`. */
export type LogFields = Readonly<Record<string, unknown>>;

/** All that this library needs to know of a logger. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
