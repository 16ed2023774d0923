/** The exit status of every Treeline program. */
export const exitCode = {
  /** What was asked holds. */
  holds: 0,
  /** It does not hold. */
  fails: 1,
  /** It could not be tried: wrong usage, missing tool. */
  notTried: 2,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The program was called in a way it does not understand: print the message and exit with `exitCode.notTried`. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
  readonly exitCode = exitCode.notTried;
  /** The argument that is wrong, as typed. */
  readonly subject: string;

  constructor(message: string, details: { readonly subject: string; readonly cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.subject = details.subject;
  }
}
