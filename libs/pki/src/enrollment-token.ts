import { createHash, randomBytes } from "node:crypto";
import { PkiError, type PkiErrorCode } from "./pki-error.ts";

/** The largest token that is looked at, in characters. */
export const maxTokenLength = 16_384;

const prefix = "tlt1_";
const endpointForm = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)):([1-9][0-9]{0,4})$/i;
const maxEndpoints = 32;

/** Where an agent finds its server: `host:port`, an IPv6 address in brackets. In each list every entry leads to the same fleet. */
export interface EnrollmentEndpoints {
  /** gRPC for enrollment and recovery, no node certificate needed. At least one. */
  readonly front: readonly string[];
  /** gRPC for enrolled nodes. At least one. */
  readonly sessions: readonly string[];
  /** HTTPS for operating system content. May be empty when the content comes from elsewhere. */
  readonly content: readonly string[];
}

/** What a new host needs to join a fleet. Whoever holds it can enroll: handle it like a password. */
export interface EnrollmentToken {
  readonly endpoints: EnrollmentEndpoints;
  /** SHA-256 of the authority's DER, 64 hex digits. */
  readonly caSha256: string;
  /** Public keys of those who sign releases, as the operating system backend takes them. May be empty: the image may carry them. */
  readonly releaseKeys: readonly string[];
  /** 32 random bytes, base64url. The server stores only its hash. */
  readonly secret: string;
}

/** A token that cannot be used. `field` is a path such as `endpoints.front[0]`, or `token` for the string as a whole. */
export class EnrollmentTokenError extends PkiError {
  override readonly name = "EnrollmentTokenError";
  readonly field: string;
  readonly reason: string;
  readonly remedy: string;

  constructor(details: {
    readonly code: PkiErrorCode;
    readonly field: string;
    readonly reason: string;
    readonly remedy: string;
    readonly cause?: unknown;
  }) {
    const { code, field, reason, remedy, cause } = details;
    super(`enrollment token: ${field} ${reason}: ${remedy}`, { code, phase: "enrollment-token", subject: field, cause });
    this.field = field;
    this.reason = reason;
    this.remedy = remedy;
  }
}

/** A secret for a token: 32 random bytes as base64url (43 characters). */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * What the server stores instead of the secret: SHA-256 of its text, 64 hex digits. A plain hash is enough, because 256 random bits
 * cannot be guessed; look a token up by this hash and no comparison of secrets takes place.
 */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/**
 * The token as one string: `tlt1_` and base64url of its JSON.
 * @throws EnrollmentTokenError token-field-invalid, token-too-large
 */
export function encodeEnrollmentToken(token: EnrollmentToken): string {
  const { endpoints, caSha256, releaseKeys, secret } = checkedToken(token);
  const text = prefix + Buffer.from(JSON.stringify({ endpoints, caSha256, releaseKeys, secret })).toString("base64url");
  if (text.length > maxTokenLength) throw tooLarge(text.length, "name fewer endpoints or release keys");
  return text;
}

/**
 * The token of a string; white space around it is ignored. Messages never contain any part of the token.
 * @throws EnrollmentTokenError token-malformed, token-field-invalid, token-too-large
 */
export function parseEnrollmentToken(text: string): EnrollmentToken {
  if (text.length > maxTokenLength) throw tooLarge(text.length, "copy the token alone");
  const trimmed = text.trim();
  const copyAgain = "copy the whole token again, from tlt1_ to its last character";
  if (!trimmed.startsWith(prefix)) {
    const otherVersion = /^tlt\d+_/.test(trimmed);
    throw malformed("does not begin with tlt1_", otherVersion ? "it was made by another version of Treeline: make a new token" : copyAgain);
  }
  const body = trimmed.slice(prefix.length);
  const bytes = Buffer.from(body, "base64url");
  // Buffer skips what is not base64url and ignores spare bits; only the one spelling that encodes to itself is accepted.
  if (bytes.toString("base64url") !== body) throw malformed("contains characters that do not belong there, or was cut off", copyAgain);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // The parser's message quotes the text, secret included: it is not kept as the cause.
    throw malformed("was cut off or changed", copyAgain);
  }
  return checkedToken(value);
}

function checkedToken(value: unknown): EnrollmentToken {
  const token = checkedObject(value, "token", ["endpoints", "caSha256", "releaseKeys", "secret"]);
  const endpoints = checkedObject(token["endpoints"], "endpoints", ["front", "sessions", "content"]);
  return {
    endpoints: {
      front: checkedEndpoints(endpoints["front"], "endpoints.front", 1),
      sessions: checkedEndpoints(endpoints["sessions"], "endpoints.sessions", 1),
      content: checkedEndpoints(endpoints["content"], "endpoints.content", 0),
    },
    caSha256: checkedText(token["caSha256"], "caSha256", /^[0-9a-f]{64}$/, "must be 64 hex digits in lower case"),
    releaseKeys: checkedList(token["releaseKeys"], "releaseKeys").map((key, index) =>
      checkedText(
        key,
        `releaseKeys[${index}]`,
        /^[\x20-\x7e\n]*[\x21-\x7e][\x20-\x7e\n]*$/,
        "must be a public key in printable characters",
      ),
    ),
    secret: checkedText(token["secret"], "secret", /^[A-Za-z0-9_-]{43}$/, "must be 32 bytes in base64url (43 characters)"),
  };
}

function checkedObject(value: unknown, field: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(field, "must be an object");
  if (Object.keys(value).some((key) => !keys.includes(key))) throw invalid(field, `may hold only ${keys.join(", ")}`);
  return value as Readonly<Record<string, unknown>>;
}

function checkedList(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(field, "must be a list");
  return value;
}

function checkedEndpoints(value: unknown, field: string, atLeast: number): readonly string[] {
  const list = checkedList(value, field);
  if (list.length < atLeast || list.length > maxEndpoints) throw invalid(field, `must hold ${atLeast} to ${maxEndpoints} endpoints`);
  return list.map((entry, index) => {
    const at = `${field}[${index}]`;
    const text = checkedText(entry, at, endpointForm, "must be host:port, an IPv6 address in brackets");
    if (Number(endpointForm.exec(text)?.[3]) > 65_535) throw invalid(at, "must have a port of at most 65535");
    return text;
  });
}

function checkedText(value: unknown, field: string, form: RegExp, reason: string): string {
  if (typeof value !== "string" || !form.test(value)) throw invalid(field, reason);
  return value;
}

function invalid(field: string, reason: string): EnrollmentTokenError {
  return new EnrollmentTokenError({
    code: "token-field-invalid",
    field,
    reason,
    remedy: "make a new token on the server that the host shall join",
  });
}

function malformed(reason: string, remedy: string): EnrollmentTokenError {
  return new EnrollmentTokenError({ code: "token-malformed", field: "token", reason, remedy });
}

function tooLarge(length: number, remedy: string): EnrollmentTokenError {
  return new EnrollmentTokenError({
    code: "token-too-large",
    field: "token",
    reason: `has ${length} characters, the limit is ${maxTokenLength}`,
    remedy,
  });
}
