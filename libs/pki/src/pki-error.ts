/** What went wrong, for code to decide on. */
export type PkiErrorCode =
  | "authority-damaged"
  | "authority-exposed"
  | "authority-expired"
  | "authority-unavailable"
  | "name-invalid"
  | "node-id-invalid"
  | "lifetime-invalid"
  | "request-too-large"
  | "request-malformed"
  | "request-key-refused"
  | "request-signature-invalid"
  | "certificate-malformed"
  | "token-too-large"
  | "token-malformed"
  | "token-field-invalid"
  | "pin-invalid"
  | "pin-unreachable"
  | "pin-timeout"
  | "pin-mismatch";

/** What was being done when it went wrong. */
export type PkiPhase = "open-authority" | "issue-server" | "issue-node" | "create-request" | "fingerprint" | "enrollment-token" | "pin";

export interface PkiErrorDetails {
  readonly code: PkiErrorCode;
  readonly phase: PkiPhase;
  /** The file, host, field or node the error is about. Never a secret. */
  readonly subject: string;
  readonly cause?: unknown;
}

/** Every error of this library. The message is for people: what is wrong, then what to do about it. */
export class PkiError extends Error {
  override readonly name: string = "PkiError";
  readonly code: PkiErrorCode;
  readonly phase: PkiPhase;
  readonly subject: string;

  constructor(message: string, details: PkiErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.phase = details.phase;
    this.subject = details.subject;
  }
}
