import type { AuditOutcome, AuditScope } from "@treeline/rollout";
import { InvalidRequestError, type StorePhase } from "./errors.ts";
import type { AuditRange, SealRequest } from "./store.ts";

/**
 * Which audit entries, the newest first. At most one of `subject` and `under` is given; without either, all. These two have an index; the others look at
 * each entry, so whoever asks for them bounds the look by `after` and asks again.
 */
export interface AuditQuery {
  /** At most so many; at least 1. */
  readonly limit: number;
  /** Exactly this subject. */
  readonly subject?: string;
  /** This subject and all beneath it: `rollout r1` has `rollout r1 node n1` beneath it, `rollout r12` it has not. */
  readonly under?: string;
  /** Older than the entry with this sequence: the last one of the page before. */
  readonly before?: number;
  /** Newer than the entry with this sequence. */
  readonly after?: number;
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: AuditOutcome;
  /** Not older than this instant. */
  readonly since?: number;
  /** Older than this instant. */
  readonly until?: number;
  /** Only entries whose scope has all that one of these names: what a reader of those scopes may see. */
  readonly within?: readonly AuditScope[];
}

/** Throws `InvalidRequestError`. */
export function checkAuditQuery({ limit, subject, under, before, after }: AuditQuery): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw invalid("limit", `is ${limit}`, "ask for a whole number of entries from 1");
  if (before !== undefined && (!Number.isSafeInteger(before) || before < 1))
    throw invalid("before", `is ${before}`, "pass the sequence of the last entry of the page before");
  if (after !== undefined && (!Number.isSafeInteger(after) || after < 0))
    throw invalid("after", `is ${after}`, "pass a sequence, or 0 for all there is");
  if (subject !== undefined && under !== undefined)
    throw invalid("under", "is given beside subject", "name the subject in one of the two: only under includes what is beneath it");
  if (under === "") throw invalid("under", "is empty", "leave it out to read the whole audit");
}

/**
 * The subjects beneath `under`: from `from` on and less than `to`, compared by code point. A space parts a subject from what is beneath it, and
 * "!" is the character after the space.
 */
export function rangeBeneath(under: string): { readonly from: string; readonly to: string } {
  return { from: `${under} `, to: `${under}!` };
}

/** How many rows one seal or one page of the log may have. */
const mostRows = 1_000;

/** Throws `InvalidRequestError`. */
export function checkAuditRange({ after, limit }: AuditRange): void {
  if (after !== undefined && !Number.isSafeInteger(after)) throw invalid("after", `is ${after}`, "pass the sequence of the last record");
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > mostRows)
    throw invalid("limit", `is ${limit}`, `ask for a whole number of records from 1 to ${mostRows}`);
}

/** Throws `InvalidRequestError`. */
export function checkSealRequest({ most }: SealRequest): void {
  if (!Number.isSafeInteger(most) || most < 1 || most > mostRows)
    throw invalid("most", `is ${most}`, `seal a whole number of rows from 1 to ${mostRows} at a time`, "seal");
}

function invalid(field: string, reason: string, remedy: string, phase: StorePhase = "read"): InvalidRequestError {
  return new InvalidRequestError({ phase, field, reason, remedy });
}
