import { exitCode, type ExitCode } from "@treeline/process";
import type { FieldViolation } from "@treeline/rollout";

export type CliErrorCode =
  | "usage"
  | "not-configured"
  | "config-invalid"
  | "credential-invalid"
  | "document-invalid"
  | "file-unreadable"
  | "file-unwritable"
  | "repository-unfit"
  | "not-found"
  | "unsigned"
  | "audit-broken"
  | "not-completed"
  | "out-of-time";

export interface CliErrorDetails {
  readonly code: CliErrorCode;
  /** The file, option, rollout or release it is about. Never a secret. */
  readonly subject: string;
  readonly violations?: readonly FieldViolation[];
  /** What a person does next. */
  readonly remedy?: string;
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

/** Something this program itself found wrong. What could not even be tried (the default) exits with 2, what was tried and failed with 1. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: CliErrorCode;
  readonly phase = "command";
  readonly subject: string;
  readonly violations: readonly FieldViolation[];
  readonly remedy: string;
  readonly exitCode: ExitCode;

  constructor(message: string, details: CliErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.subject = details.subject;
    this.violations = details.violations ?? [];
    this.remedy = details.remedy ?? "";
    this.exitCode = details.exitCode ?? exitCode.notTried;
  }
}

/** Wrong usage that commander cannot see by itself, such as two options that exclude each other. */
export function usageError(message: string, details: { readonly subject: string; readonly remedy?: string }): CliError {
  return new CliError(message, { code: "usage", ...details });
}
