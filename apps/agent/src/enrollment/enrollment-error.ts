export type EnrollmentErrorCode =
  /** There is no token file, or it cannot be read. */
  | "token-missing"
  /** The file holds no usable token. */
  | "token-invalid"
  /** No endpoint could be reached. */
  | "unreachable"
  /** Who answered is not the server the token was made for. */
  | "wrong-server"
  /** The server refuses this token: expired, revoked, used up, unknown. */
  | "refused"
  /** The server's answer does not fit what was asked. */
  | "answer-invalid"
  /** What an earlier enrollment left cannot be used. */
  | "identity-damaged";

/** This host could not join its fleet. The message says what to do; no part of the token is ever in it. */
export class EnrollmentError extends Error {
  override readonly name = "EnrollmentError";
  readonly code: EnrollmentErrorCode;
  readonly phase = "enroll";
  /** The file or endpoint it is about. */
  readonly subject: string;

  constructor(message: string, details: { readonly code: EnrollmentErrorCode; readonly subject: string; readonly cause?: unknown }) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.subject = details.subject;
  }

  /** Nobody needs to do anything: trying again soon may be enough. Otherwise a person has to act first. */
  get mayPass(): boolean {
    return this.code === "unreachable";
  }
}
