/** A wire timestamp (milliseconds, 64 bits as text) as ISO 8601 in UTC; null for 0, which means never. */
export function instantOf(millis: string): string | null {
  const value = Number(millis);
  return Number.isFinite(value) && value > 0 && value <= maxInstant ? new Date(value).toISOString() : null;
}

/** The last instant that a Date can hold. */
const maxInstant = 8_640_000_000_000_000;
