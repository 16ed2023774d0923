import { Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { errorModel } from "./definition.ts";

/** One thing wrong with one field of a request; `description` says the reason and the remedy. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

export type ErrorStatus = Exclude<status, status.OK>;

export interface RpcErrorDetails {
  readonly status: ErrorStatus;
  /** UPPER_SNAKE_CASE, for code to decide on: nobody parses message text. */
  readonly reason: string;
  readonly violations?: readonly FieldViolation[];
  /** What a person does next. */
  readonly remedy?: string;
  /** What it is about: a node, a rollout, a release, a file. Never a secret. */
  readonly subject?: string;
  /** Stays in this process; never sent. */
  readonly cause?: unknown;
}

/** An error that may cross the wire: everything in it except `cause` is for the other side to read. */
export class RpcError extends Error {
  override readonly name: string = "RpcError";
  readonly status: ErrorStatus;
  readonly reason: string;
  readonly violations: readonly FieldViolation[];
  readonly remedy: string;
  readonly subject: string;

  constructor(message: string, details: RpcErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.reason = details.reason;
    this.violations = details.violations ?? [];
    this.remedy = details.remedy ?? "";
    this.subject = details.subject ?? "";
  }
}

export const errorDomain = "treeline.dev";
const trailer = "grpc-status-details-bin";
const typePrefix = "type.googleapis.com/google.rpc.";

/** Trailers share HTTP/2's header limit (64 KiB in Node, 8 KiB in many proxies): what does not fit is cut, never the whole error lost. */
const limits = { message: 1024, text: 256, violations: 16, details: 16, trailerBytes: 64 * 1024 } as const;

/**
 * The service error that grpc-js sends for `error`. An RpcError goes out with its details; anything else becomes INTERNAL with a generic
 * text, and the original is handed to `onUnexpected`, for the log.
 */
export function toServiceError(error: unknown, onUnexpected: (error: unknown) => void): ServiceError {
  const known = error instanceof RpcError && isErrorStatus(error.status) ? error : concealed(error, onUnexpected);
  const metadata = new Metadata();
  metadata.set(trailer, encodeDetails(known));
  const message = clip(known.message, limits.message);
  return Object.assign(new Error(message), { code: known.status, details: message, metadata });
}

/**
 * What a failed call says. Details are taken only when they are whole and ours; otherwise code and message remain, with the reason
 * `UNKNOWN`. Never throws, whatever the other side sent.
 */
export function fromServiceError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const { code, details, message, metadata } = (typeof error === "object" && error !== null ? error : {}) as Partial<ServiceError>;
  const status_ = isErrorStatus(code) ? code : status.UNKNOWN;
  const text =
    typeof details === "string" && details !== "" ? details : typeof message === "string" ? message : "the call failed without a message";
  const decoded = metadata instanceof Metadata ? decodeDetails(metadata) : undefined;
  return new RpcError(clip(text, limits.message), { reason: "UNKNOWN", ...decoded, status: status_, cause: error });
}

function concealed(error: unknown, onUnexpected: (error: unknown) => void): RpcError {
  onUnexpected(error);
  return new RpcError("the server failed while answering; its log says why", {
    status: status.INTERNAL,
    reason: "INTERNAL",
    remedy: "try again; if it stays, look into the server's log",
  });
}

function encodeDetails(error: RpcError): Buffer {
  const metadata = {
    ...(error.remedy === "" ? {} : { remedy: clip(error.remedy, limits.text) }),
    ...(error.subject === "" ? {} : { subject: clip(error.subject, limits.text) }),
  };
  const details = [
    anyOf("ErrorInfo", errorModel.ErrorInfo.serialize({ reason: clip(error.reason, limits.text), domain: errorDomain, metadata })),
  ];
  if (error.violations.length > 0) {
    const fieldViolations = error.violations
      .slice(0, limits.violations)
      .map(({ field, description }) => ({ field: clip(field, limits.text), description: clip(description, limits.text) }));
    details.push(anyOf("BadRequest", errorModel.BadRequest.serialize({ fieldViolations })));
  }
  return errorModel.Status.serialize({ code: error.status, message: clip(error.message, limits.text), details });
}

function anyOf(type: "ErrorInfo" | "BadRequest", value: Buffer): { type_url: string; value: Buffer } {
  return { type_url: typePrefix + type, value };
}

type DecodedDetails = Pick<RpcErrorDetails, "reason" | "violations" | "remedy" | "subject">;

function decodeDetails(metadata: Metadata): DecodedDetails | undefined {
  try {
    const [bytes] = metadata.get(trailer);
    if (!Buffer.isBuffer(bytes) || bytes.length > limits.trailerBytes) return undefined;
    const details = errorModel.Status.deserialize(bytes).details.slice(0, limits.details);
    const find = (type: string): Buffer | undefined => details.find((detail) => detail.type_url === typePrefix + type)?.value;
    const infoBytes = find("ErrorInfo");
    const info = infoBytes && errorModel.ErrorInfo.deserialize(infoBytes);
    if (info?.domain !== errorDomain) return undefined;
    const badRequestBytes = find("BadRequest");
    const violations = badRequestBytes ? errorModel.BadRequest.deserialize(badRequestBytes).fieldViolations : [];
    return {
      reason: clip(info.reason, limits.text),
      remedy: clip(info.metadata["remedy"] ?? "", limits.text),
      subject: clip(info.metadata["subject"] ?? "", limits.text),
      violations: violations
        .slice(0, limits.violations)
        .map(({ field, description }) => ({ field: clip(field, limits.text), description: clip(description, limits.text) })),
    };
  } catch {
    // Truncated or hostile bytes: the code and the message are still true.
    return undefined;
  }
}

function isErrorStatus(code: unknown): code is ErrorStatus {
  return typeof code === "number" && Number.isInteger(code) && code > status.OK && code <= status.UNAUTHENTICATED;
}

/** Cuts without leaving half a character behind: an unpaired surrogate cannot be sent. */
function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`.toWellFormed();
}
