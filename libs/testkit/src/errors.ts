/** What went wrong, for code that has to react to it. */
export type TestkitErrorCode =
  | "invalid-option"
  | "command-failed"
  | "no-boot-entry"
  | "boot-failed"
  | "machine-off"
  | "timed-out"
  | "not-main-thread"
  | "no-own-network"
  | "disk-busy"
  | "destroyed";

/** What `TestkitError` is made of; `remedy` is what the reader can do next. */
export interface TestkitErrorOptions {
  readonly code: TestkitErrorCode;
  /** What was being done, e.g. `compose`, `boot`, `exec`. */
  readonly phase: string;
  /** What it was done to: a machine, a path, an option. */
  readonly subject: string;
  readonly reason: string;
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The one error type of this library. React to `code`; the message is for people. */
export class TestkitError extends Error {
  override readonly name = "TestkitError";
  readonly code: TestkitErrorCode;
  readonly phase: string;
  readonly subject: string;

  constructor(options: TestkitErrorOptions) {
    super(
      `${options.phase}: ${options.subject}: ${options.reason}. ${options.remedy}`,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.code = options.code;
    this.phase = options.phase;
    this.subject = options.subject;
  }
}
