import type { FieldViolation } from "./policy.ts";

/** Why an operator's command was not carried out. Nothing was changed. */
export interface Refusal {
  readonly code: "invalid" | "not-found" | "exists" | "wrong-state" | "unmanaged" | "forbidden";
  readonly message: string;
  readonly remedy: string;
  readonly violations: readonly FieldViolation[];
}

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

export function invalid(message: string, violations: readonly FieldViolation[]): Refused {
  return { ok: false, refusal: { code: "invalid", message, remedy: "correct the fields named and try again", violations } };
}

export function refuse(code: Refusal["code"], message: string, remedy: string): Refused {
  return { ok: false, refusal: { code, message, remedy, violations: [] } };
}
