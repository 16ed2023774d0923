import { hash } from "node:crypto";
import type { AuditRow, SealHead } from "./row.ts";

/** Says which form the rest has: a later one hashes to something else, whatever its fields. */
const form = "treeline-audit-1";

/** Where every chain begins. */
export const genesis: SealHead = { sequence: 0, hash: "0".repeat(64) };

/**
 * A row as it is hashed: a JSON array (RFC 8259, no white space) of all its columns in fixed order, `null` for an absent one.
 * INVARIANT: injective. The array has a fixed length, and texts, numbers and null are told apart; so two rows that differ in anything, be it only an
 * empty text in place of none, have different forms. Texts hold no lone surrogates (the store takes them out), so any JSON library writes the same.
 */
export function canonicalRow(row: AuditRow): string {
  const { sequence, at, actor, from, action, subject, outcome, because, before, after, scope } = row;
  const optional = [outcome, before, after, scope?.tenant, scope?.pool].map((value) => value ?? null);
  return JSON.stringify([form, sequence, at, actor, from ?? null, action, subject, because, ...optional]);
}

/**
 * h(n) = SHA-256(h(n-1) ‖ canonical(row n)), as lower-case hex, h(n-1) as the 64 hex characters, text as UTF-8. The linking of Haber and Stornetta,
 * "How to time-stamp a digital document" (1991).
 */
export function chainStep(previous: string, row: AuditRow): string {
  return hash("sha256", previous + canonicalRow(row), "hex");
}
