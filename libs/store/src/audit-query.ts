import { InvalidRequestError } from "./errors.ts";

/** Which audit entries, the newest first. At most one of `subject` and `under` is given; without either, all. */
export interface AuditQuery {
  /** At most so many; at least 1. */
  readonly limit: number;
  /** Exactly this subject. */
  readonly subject?: string;
  /** This subject and all beneath it: `rollout r1` has `rollout r1 node n1` beneath it, `rollout r12` it has not. */
  readonly under?: string;
  /** Older than the entry with this sequence: the last one of the page before. */
  readonly before?: number;
}

/** Throws `InvalidRequestError`. */
export function checkAuditQuery({ limit, subject, under, before }: AuditQuery): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw invalid("limit", `is ${limit}`, "ask for a whole number of entries from 1");
  if (before !== undefined && (!Number.isSafeInteger(before) || before < 1))
    throw invalid("before", `is ${before}`, "pass the sequence of the last entry of the page before");
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

function invalid(field: string, reason: string, remedy: string): InvalidRequestError {
  return new InvalidRequestError({ phase: "read", field, reason, remedy });
}
