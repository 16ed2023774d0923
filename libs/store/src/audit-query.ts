import { InvalidRequestError } from "./errors.ts";

/** Which audit entries, the newest first. */
export interface AuditQuery {
  /** At most so many; at least 1. */
  readonly limit: number;
  readonly subject?: string;
}

/** Throws `InvalidRequestError`. */
export function checkAuditQuery({ limit }: AuditQuery): void {
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new InvalidRequestError({
      phase: "read",
      field: "limit",
      reason: `is ${limit}`,
      remedy: "ask for a whole number of entries from 1",
    });
}
