/** What went wrong with a machine, for code that has to react to it. */
export type VmErrorCode =
  /** It rebooted, or was switched off, before it answered. */
  | "interrupted"
  /** It is off. */
  | "off"
  /** What was asked of it ended with a status other than 0. */
  | "command-failed"
  /** Nothing moved for too long, or there is no time left. */
  | "gave-up"
  /** What the run needs is not there: it cannot be tried. */
  | "not-tried";

/** The one error type of this tool. React to `code`; the message is for people. */
export class VmError extends Error {
  override readonly name = "VmError";
  readonly code: VmErrorCode;
  readonly phase: string;
  readonly subject: string;

  constructor(options: { readonly code: VmErrorCode; readonly phase: string; readonly subject: string; readonly reason: string; readonly cause?: unknown }) {
    super(`${options.phase}: ${options.subject}: ${options.reason}`, "cause" in options ? { cause: options.cause } : undefined);
    this.code = options.code;
    this.phase = options.phase;
    this.subject = options.subject;
  }
}
