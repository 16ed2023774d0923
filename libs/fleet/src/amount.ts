/** "2" or "10%": how many of a set. */
export type Amount = { readonly count: number } | { readonly percent: number };

export type ParsedAmount = { readonly ok: true; readonly amount: Amount } | { readonly ok: false; readonly problem: string };

/** Parses a whole count (0 or more) or a percentage from 0 to 100. */
export function parseAmount(text: string): ParsedAmount {
  const match = /^(\d{1,9})(\.\d{1,6})?(%)?$/.exec(text.trim());
  if (!match) return { ok: false, problem: `"${text}" is neither a count such as "2" nor a percentage such as "10%"` };
  const number = Number(`${match[1]}${match[2] ?? ""}`);
  if (match[3]) {
    if (number > 100) return { ok: false, problem: `${text} is more than 100%` };
    return { ok: true, amount: { percent: number } };
  }
  if (match[2]) return { ok: false, problem: `"${text}" is not a whole number of nodes` };
  return { ok: true, amount: { count: number } };
}

export function formatAmount(amount: Amount): string {
  return "count" in amount ? String(amount.count) : `${amount.percent}%`;
}

/** maxUnavailable of a set of `size`: percentages round down, at least 1 unless 0 is written. */
export function maxUnavailableOf(amount: Amount, size: number): number {
  if ("count" in amount) return amount.count;
  if (amount.percent === 0) return 0;
  return Math.max(1, Math.floor((size * amount.percent) / 100));
}

/** minAvailable of a set of `size`: percentages round up. */
export function minAvailableOf(amount: Amount, size: number): number {
  return "count" in amount ? amount.count : Math.ceil((size * amount.percent) / 100);
}
