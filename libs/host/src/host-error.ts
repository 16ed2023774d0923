export type HostErrorCode = "boot-id-unreadable" | "uptime-unreadable" | "timeout";

/** Every error of this library. The message says what is wrong, then what to do about it. */
export class HostError extends Error {
  override readonly name: string = "HostError";
  readonly code: HostErrorCode;
  /** The file or the source it is about. */
  readonly subject: string;

  constructor(message: string, details: { readonly code: HostErrorCode; readonly subject: string; readonly cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.subject = details.subject;
  }
}
