const units = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;
const written = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?(?:(\d{1,9})ms)?$/;

/** "250ms", "30s", "10m", "1h", "2d" or larger units before smaller ones, "1h30m", in milliseconds; "0" is 0. Undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "0") return 0;
  const match = trimmed === "" ? null : written.exec(trimmed);
  if (!match) return undefined;
  return Object.values(units).reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
}

/** The text that `parseDuration` reads as the same: "1h30m", "0s". Fractions of a millisecond are rounded. */
export function formatDuration(millis: number): string {
  let left = Math.round(Math.abs(millis));
  if (left === 0) return "0s";
  const parts = Object.entries(units).map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count === 0 ? "" : `${count}${unit}`;
  });
  return `${millis < 0 ? "-" : ""}${parts.join("")}`;
}
