import { parseAmount, parseSelector, type Amount } from "@treeline/fleet";
import { formatDuration } from "./duration.ts";

/**
 * Notes one thing that is wrong. The checks note and go on with a value that is in bounds, so that everything wrong is named at once; what they
 * return counts only when nothing was noted.
 */
export type Wrong = (field: string, description: string) => void;

interface Bounds {
  readonly field: string;
  readonly least: number;
  readonly most: number;
  /** For a value that is absent. */
  readonly fallback: number;
}

export const day = 24 * 3_600_000;

export function checkWholeNumber(value: number | undefined, { field, least, most, fallback }: Bounds, wrong: Wrong): number {
  if (value === undefined) return fallback;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  wrong(field, `is ${value}; write a whole number from ${least} to ${most}`);
  return fallback;
}

/** Milliseconds. */
export function checkDuration(value: number | undefined, { field, least, most, fallback }: Bounds, wrong: Wrong): number {
  if (value === undefined) return fallback;
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  const lower = least === 0 ? "0" : formatDuration(least);
  wrong(
    field,
    `${Number.isFinite(value) ? `is ${formatDuration(value)}` : "is no duration"}; write one from ${lower} to ${formatDuration(most)}`,
  );
  return fallback;
}

/** The selector without the space around it. */
export function checkSelector(text: string, field: string, wrong: Wrong): string {
  const parsed = parseSelector(text);
  if (!parsed.ok) wrong(field, parsed.problem);
  if (text.length > 4096)
    wrong(field, `is ${text.length} characters long; write at most 4096, or label the nodes with one label and select that`);
  return text.trim();
}

/** Whether two well-formed selectors say the same, in whatever order and spacing. Others may still match the same nodes. */
export function sameSelector(a: string, b: string): boolean {
  const canonical = canonicalSelector(a);
  return canonical !== undefined && canonical === canonicalSelector(b);
}

function canonicalSelector(text: string): string | undefined {
  const parsed = parseSelector(text);
  if (!parsed.ok) return undefined;
  const requirements = parsed.selector.map((one) =>
    JSON.stringify("values" in one ? { ...one, values: [...new Set(one.values)].sort() } : one),
  );
  return [...new Set(requirements)].sort().join();
}

export function checkAmount(text: string, field: string, wrong: Wrong): Amount {
  const parsed = parseAmount(text);
  if (parsed.ok) return parsed.amount;
  wrong(field, parsed.problem);
  return { count: 1 };
}
