import { status } from "@grpc/grpc-js";
import { CommitMetaError, KeyFormatError, KeyWindowError, OstreeError, RotationError } from "@treeline/ostree";
import { exitCode, type ExitCode } from "@treeline/process";
import type { FieldViolation } from "@treeline/rollout";
import { RpcError } from "@treeline/rpc";
import { CliError } from "./cli-error.ts";
import { printable } from "./output/format.ts";

/** What a failed command tells a person, and how it exits. */
export interface Failure {
  readonly message: string;
  readonly violations: readonly FieldViolation[];
  readonly remedy: string;
  readonly exitCode: ExitCode;
}

/** Any thrown value as a failure. Never throws. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CliError) {
    const { message, violations, remedy } = error;
    return { message, violations, remedy, exitCode: error.exitCode };
  }
  if (error instanceof RpcError) {
    const { message, violations } = error;
    return { message, violations, remedy: error.remedy || remedyFor(error), exitCode: exitCode.fails };
  }
  if (error instanceof OstreeError) return ostreeFailure(error);
  if (error instanceof KeyFormatError || error instanceof KeyWindowError || error instanceof RotationError)
    return plain(error.message, exitCode.notTried);
  if (error instanceof CommitMetaError) return plain(error.message, exitCode.fails);
  return plain(error instanceof Error ? error.message : String(error), exitCode.fails);
}

/** `error: message`, one indented line for each field, `hint: remedy`. Control characters are made harmless: the text may come from a node. */
export function renderFailure({ message, violations, remedy }: Failure): string {
  const lines = [
    `error: ${message}`,
    ...violations.map(({ field, description }) => `  ${field === "" ? description : `${field}: ${description}`}`),
    ...(remedy === "" ? [] : [`hint: ${remedy}`]),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function plain(message: string, code: ExitCode): Failure {
  return { message, violations: [], remedy: "", exitCode: code };
}

function ostreeFailure(error: OstreeError): Failure {
  const { message, remedy } = error;
  const untried = error.code === "tool-missing" || error.code === "bad-input" || error.code === "not-found-sysroot";
  return {
    // Its message ends with the remedy, which has a line of its own here.
    message: message.endsWith(` ${remedy}`) ? message.slice(0, -remedy.length - 1) : message,
    violations: [],
    remedy,
    exitCode: untried ? exitCode.notTried : exitCode.fails,
  };
}

/** For failures that the server could not comment, because it was not reached or answered in plain gRPC. */
function remedyFor(error: RpcError): string {
  switch (error.status) {
    case status.UNAVAILABLE:
      return "check that treeline-server runs at the credential's endpoint and that the credential's `ca` is that server's";
    case status.DEADLINE_EXCEEDED:
      return "the server did not answer in time: try again, or allow more with --timeout";
    case status.UNAUTHENTICATED:
      return "log in again with `treeline login --credential FILE`";
    default:
      return "";
  }
}
